//! Finds the members of one object or array in JSON text without building values, so that numbers
//! keep their literal text, repeated names stay, and nesting costs no stack.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    Text,
    Number,
    /// true, false, null.
    Word,
    /// Not JSON; shown as it is.
    Other,
}

/// A member: its name with quotes (nothing in an array) and its value, as places in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: Option<Range<usize>>,
    pub value: Range<usize>,
}

#[must_use]
pub fn kind(text: &str, value: &Range<usize>) -> Kind {
    match text.as_bytes().get(value.start) {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::Text,
        Some(b'-' | b'0'..=b'9') => Kind::Number,
        Some(b't' | b'f' | b'n') => Kind::Word,
        _ => Kind::Other,
    }
}

/// The whole text without blanks around it.
#[must_use]
pub fn root(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start.max(text.trim_end().len())
}

/// Members of the object or array at `value`, at most `limit`; where the text breaks off or is not
/// JSON, what was found until there.
#[must_use]
pub fn members(text: &str, value: &Range<usize>, limit: usize) -> Vec<Member> {
    let bytes = text.as_bytes().get(..value.end).unwrap_or_default();
    let object = bytes.get(value.start) == Some(&b'{');
    let mut found = Vec::new();
    let mut at = value.start + 1;
    while found.len() < limit {
        at = skip_blanks(bytes, at);
        match bytes.get(at) {
            None | Some(b'}' | b']') => break,
            Some(b',') => {
                at += 1;
                continue;
            }
            Some(_) => {}
        }
        let mut name = None;
        if object {
            let end = value_end(bytes, at);
            if bytes.get(at) != Some(&b'"') || end == at {
                break;
            }
            name = Some(at..end);
            at = skip_blanks(bytes, end);
            if bytes.get(at) != Some(&b':') {
                break;
            }
            at = skip_blanks(bytes, at + 1);
        }
        let end = value_end(bytes, at);
        if end == at {
            break;
        }
        found.push(Member { name, value: at..end });
        at = end;
    }
    found
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// Just behind the value that starts at `at`.
fn value_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        None => at,
        Some(b'"') => string_end(bytes, at),
        Some(b'{' | b'[') => {
            let mut depth = 0_usize;
            let mut i = at;
            while let Some(&byte) = bytes.get(i) {
                match byte {
                    b'"' => {
                        i = string_end(bytes, i);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return i + 1;
                        }
                    }
                    _ => {}
                }
                i += 1;
            }
            bytes.len()
        }
        Some(_) => {
            let stops = |b: &u8| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            let rest = bytes.get(at..).unwrap_or_default();
            at + rest.iter().position(stops).unwrap_or(rest.len())
        }
    }
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while let Some(offset) = bytes.get(i..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        i += offset;
        if bytes.get(i) == Some(&b'"') {
            return i + 1;
        }
        i += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = members(text, &root(text), usize::MAX);
        let found: Vec<_> =
            found.iter().map(|m| (m.name.clone().map_or("", |n| &text[n]), &text[m.value.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn members_are_found_with_their_literal_text() {
        check(
            r#" {"a":1.0e5,"b":[1,{"c":"]"}],"a":"x\"}"} "#,
            &[("\"a\"", "1.0e5"), ("\"b\"", r#"[1,{"c":"]"}]"#), ("\"a\"", r#""x\"}""#)],
        );
        check("[ 1 , null,  \"ä\" ]", &[("", "1"), ("", "null"), ("", "\"ä\"")]);
        check("{}", &[]);
        check("[]", &[]);
    }

    #[test]
    fn broken_text_gives_what_came_before() {
        check(r#"{"a":1,"b"#, &[("\"a\"", "1")]);
        check(r#"{"a":{"b":1"#, &[("\"a\"", r#"{"b":1"#)]);
        check("{oops}", &[]);
        check("[1,,2", &[("", "1"), ("", "2")]);
        check("{\"a\\", &[]);
    }

    #[test]
    fn a_million_brackets_need_no_stack() {
        let text = format!("[{}1{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(members(&text, &root(&text), 9).len(), 1);
    }

    #[test]
    fn no_prefix_and_no_damage_breaks_it() {
        let text = r#"{"a":[1,2,{"b":"c\\\"\u0041"}],"d":{"e":null},"ä":true}"#;
        for end in (0..=text.len()).filter(|&i| text.is_char_boundary(i)) {
            let cut = &text[..end];
            for m in members(cut, &root(cut), 99) {
                assert!(cut.get(m.value).is_some());
            }
        }
    }
}
