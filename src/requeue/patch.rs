//! JSON Patch (RFC 6902) over values of messages. Numbers keep the text that they have: what a 64-bit float does
//! not hold is carried through as a text and put back.

use json_patch::{Patch, patch_unsafe};
use serde_json::Value;

use crate::model::error::{Error, Place, Result};

/// Before a number that is carried as a text, as JSON writes it. A value that holds these very characters is
/// refused.
const MARK: &str = "\\u0000#";

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct JsonPatch(Patch);

impl JsonPatch {
    /// # Errors
    /// Where the text is no list of operations.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |column: usize, cause: &str| {
            let next_step = "Write it like [{\"op\":\"replace\",\"path\":\"/total\",\"value\":59.98}]";
            Error::new("The JSON patch cannot be read", Place::Text { column }, next_step).because(cause)
        };
        // The text itself, so that a mistake is told with its place there.
        serde_json::from_str::<Patch>(text).map_err(|cause| {
            let whole: usize = text.lines().take(cause.line().saturating_sub(1)).map(|line| line.len() + 1).sum();
            wrong(whole + cause.column().saturating_sub(1), &cause.to_string())
        })?;
        let carried = carried(text.as_bytes()).map_err(|why| wrong(0, why))?;
        serde_json::from_str(&carried).map(Self).map_err(|cause| wrong(0, &cause.to_string()))
    }

    /// The value with all operations applied, on one line.
    ///
    /// # Errors
    /// Why the patch does not fit the value, in words.
    pub fn apply(&self, value: &[u8]) -> std::result::Result<Vec<u8>, String> {
        let carried = carried(value)?;
        let mut value: Value = serde_json::from_str(&carried).map_err(|_| "its value is no JSON")?;
        patch_unsafe(&mut value, &self.0).map_err(|failed| {
            let n = failed.operation + 1;
            let at = if failed.path.as_str().is_empty() { String::new() } else { format!(" at {}", failed.path) };
            format!("step {n} of the patch{at}: {}", words(&failed.kind.to_string()))
        })?;
        Ok(put_back(&value.to_string()).into_bytes())
    }
}

/// The library's words, where ours are plainer.
fn words(kind: &str) -> String {
    match kind {
        "value did not match" => "the value there is another one".to_owned(),
        "path is invalid" => "there is no such place".to_owned(),
        other => other.to_owned(),
    }
}

/// JSON with each number as a text that would change when it is read and written.
fn carried(json: &[u8]) -> std::result::Result<String, &'static str> {
    let text = std::str::from_utf8(json).map_err(|_| "its value is no UTF-8")?;
    if text.contains(MARK) {
        return Err("its value holds a text that begins like our mark of numbers");
    }
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut in_text) = (text, false);
    while let Some(first) = rest.chars().next() {
        let len = if in_text {
            // An escape takes its next character along.
            if first == '\\' {
                1 + rest.get(1..).and_then(|next| next.chars().next()).map_or(0, char::len_utf8)
            } else {
                first.len_utf8()
            }
        } else if first == '-' || first.is_ascii_digit() {
            rest.find(|char: char| !matches!(char, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (part, after) = rest.split_at(len);
        if first == '"' {
            in_text = !in_text;
        }
        if in_text || !(first == '-' || first.is_ascii_digit()) || is_kept(part) {
            out.push_str(part);
        } else {
            out.push('"');
            out.push_str(MARK);
            out.push_str(part);
            out.push('"');
        }
        rest = after;
    }
    Ok(out)
}

/// Whether a number is written as it was read.
fn is_kept(number: &str) -> bool {
    // What is no number at all is left for the parser to refuse.
    serde_json::from_str::<serde_json::Number>(number).map_or(true, |read| read.to_string() == number)
}

/// The reverse of [`carried`].
fn put_back(json: &str) -> String {
    let marked = format!("\"{MARK}");
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once(&marked) {
        out.push_str(before);
        let (number, after) = after.split_once('"').unwrap_or((after, ""));
        out.push_str(number);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(patch: &str, value: &str) -> std::result::Result<String, String> {
        let patch = JsonPatch::parse(patch).expect("a patch");
        patch.apply(value.as_bytes()).map(|value| String::from_utf8(value).expect("text"))
    }

    #[test]
    fn operations_of_the_rfc() {
        for (patch, value, expected) in [
            (
                r#"[{"op":"replace","path":"/total","value":59.98}]"#,
                r#"{"total":-1,"id":"a"}"#,
                r#"{"total":59.98,"id":"a"}"#,
            ),
            (
                r#"[{"op":"add","path":"/items/-","value":{"sku":"b"}}]"#,
                r#"{"items":[1]}"#,
                r#"{"items":[1,{"sku":"b"}]}"#,
            ),
            (r#"[{"op":"remove","path":"/a~1b"}]"#, r#"{"a/b":1,"c":2}"#, r#"{"c":2}"#),
            (r#"[{"op":"move","from":"/a","path":"/b"}]"#, r#"{"a":1}"#, r#"{"b":1}"#),
            (r#"[{"op":"copy","from":"/a","path":"/b"}]"#, r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
            (
                r#"[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":2}]"#,
                r#"{"a":1}"#,
                r#"{"a":2}"#,
            ),
        ] {
            assert_eq!(patched(patch, value).as_deref(), Ok(expected), "{patch}");
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        let value = r#"{"id":12345678901234567890123,"n":1.10,"e":1E5,"s":"say \"1.10\", -0 \\","m":-0,"x":0}"#;
        let expected = value.replace(r#""x":0"#, r#""x":3.00"#);
        assert_eq!(patched(r#"[{"op":"replace","path":"/x","value":3.00}]"#, value), Ok(expected));
    }

    #[test]
    fn what_does_not_fit_says_why() {
        for (patch, value, why) in [
            (r#"[{"op":"replace","path":"/total","value":1}]"#, "{}", "step 1 of the patch at /total"),
            (r#"[{"op":"test","path":"/a","value":2}]"#, r#"{"a":1}"#, "another one"),
            ("[]", "no JSON", "no JSON"),
            ("[]", "{\"a\":\"\\u0000#1\"}", "our mark"),
        ] {
            let told = patched(patch, value).expect_err(value);
            assert!(told.contains(why), "{told}");
        }
        let error = JsonPatch::parse("[{\"op\":\"replace\",\n\"path\":\"total\"}]").expect_err("no pointer");
        assert!(matches!(error.place, Place::Text { column } if column > 0), "{error:?}");
        assert!(JsonPatch::parse("{}").is_err());
    }
}
