//! JSON text → value. Numbers keep their literal; invalid UTF-8 becomes replacement characters.

use std::hash::BuildHasherDefault;
use std::sync::Arc;

use hifijson::num::{Lex as _, LexWrite as _};
use hifijson::str::{Lex as _, LexAlloc as _};
use hifijson::token::Lex as _;
use hifijson::{Error, Expect, SliceLexer};
use memchr::memchr;

use super::{Elements, Members, Number, Value};
use crate::base::scan::space;
use crate::base::skip::{self, MOST_LEVELS};

/// Deeper nesting is refused: each level is a call.
pub const MAX_DEPTH: usize = 256;

/// Exactly one JSON value, blanks around it allowed.
///
/// # Errors
/// In words: what was expected, or that it is nested too deeply.
pub fn parse(json: &[u8]) -> Result<Value, String> {
    let mut lexer = SliceLexer::new(json);
    lexer.exactly_one(SliceLexer::ws_peek, |next, lexer| value(MAX_DEPTH, next, lexer)).map_err(in_words)
}

/// Like [`parse`], but of an object only these members: the others are passed over and nothing is made
/// of them. What is no object comes whole. The memory of what `value` held before is used again.
///
/// # Errors
/// As [`parse`]; `value` is then null.
pub fn parse_members(json: &[u8], names: &[Arc<str>], value: &mut Value) -> Result<(), String> {
    let mut members = match std::mem::take(value) {
        Value::Object(members) if Arc::strong_count(&members) == 1 => members,
        _ => Arc::new(Members::with_capacity_and_hasher(names.len(), BuildHasherDefault::default())),
    };
    if let Some(own) = Arc::get_mut(&mut members) {
        own.clear();
        if plain_members(json, names, own).is_some() {
            *value = Value::Object(members);
            return Ok(());
        }
    }
    *value = exact_members(json, names)?;
    Ok(())
}

fn exact_members(json: &[u8], names: &[Arc<str>]) -> Result<Value, String> {
    let mut lexer = SliceLexer::new(json);
    lexer.exactly_one(SliceLexer::ws_peek, |next, lexer| some_members(names, next, lexer)).map_err(in_words)
}

fn in_words(error: Error) -> String {
    match error {
        Error::Depth => format!("nested deeper than {MAX_DEPTH} levels"),
        error => error.to_string(),
    }
}

/// [`parse_members`] of a plain object, which most payloads are: no escapes in names, not nested deeply, nothing
/// wrong with it. None leaves it, and what is to be said of it, to the exact way.
fn plain_members(json: &[u8], names: &[Arc<str>], members: &mut Members) -> Option<()> {
    let mut p = space::<false>(json, 0);
    if json.get(p) != Some(&b'{') {
        return None;
    }
    p = space::<false>(json, p + 1);
    while json.get(p)? != &b'}' {
        let key = skip::key::<false>(json, p).ok()?;
        let end = skip::skip::<false>(json, key.value, MOST_LEVELS).ok()?;
        if key.escaped {
            return None;
        }
        let name = std::str::from_utf8(key.name).ok()?;
        if let Some(name) = names.iter().find(|wanted| ***wanted == *name) {
            members.insert(Arc::clone(name), checked(json.get(key.value..end)?)?);
        }
        p = space::<false>(json, end);
        match json.get(p)? {
            b'}' => {}
            b',' => {
                p = space::<false>(json, p + 1);
                // A member has to follow.
                (json.get(p)? == &b'"').then_some(())?;
            }
            _ => return None,
        }
    }
    (space::<false>(json, p + 1) == json.len()).then_some(())
}

/// A value that was walked over, so that of simple ones only the end of the work is left.
fn checked(json: &[u8]) -> Option<Value> {
    match json {
        [b'"', text @ .., b'"'] if memchr(b'\\', text).is_none() => Some(Value::text(std::str::from_utf8(text).ok()?)),
        [b'-' | b'0'..=b'9', ..] => Number::parse(std::str::from_utf8(json).ok()?).map(Value::Number),
        _ => parse(json).ok(),
    }
}

fn some_members(names: &[Arc<str>], next: u8, lexer: &mut SliceLexer<'_>) -> Result<Value, Error> {
    if next != b'{' {
        return value(MAX_DEPTH, next, lexer);
    }
    let depth = MAX_DEPTH - 1;
    let mut members = Members::default();
    lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
        lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
        let name = lexer.str_string().map_err(Error::Str)?;
        let wanted = names.iter().find(|wanted| ***wanted == *name);
        lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
        let next = lexer.ws_peek().ok_or(Expect::Value)?;
        match wanted {
            Some(name) => _ = members.insert(Arc::clone(name), value(depth, next, lexer)?),
            None => pass_over(depth, next, lexer)?,
        }
        Ok::<_, Error>(())
    })?;
    Ok(Value::Object(Arc::new(members)))
}

/// Reads over a value, as strict as [`value`]; `hifijson::ignore` knows no limit of depth.
fn pass_over(depth: usize, next: u8, lexer: &mut SliceLexer<'_>) -> Result<(), Error> {
    let depth = depth.checked_sub(1).ok_or(Error::Depth)?;
    match next {
        b'a'..=b'z' => Ok(lexer.null_or_bool().map(drop).ok_or(Expect::Value)?),
        b'0'..=b'9' | b'-' => Ok(lexer.num_ignore().validate().map(drop)?),
        b'"' => Ok(lexer.discarded().str_ignore()?),
        b'[' => lexer.discarded().seq(b']', SliceLexer::ws_peek, |next, lexer| pass_over(depth, next, lexer)),
        b'{' => lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
            lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
            lexer.str_ignore().map_err(Error::Str)?;
            lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
            pass_over(depth, lexer.ws_peek().ok_or(Expect::Value)?, lexer)
        }),
        _ => Err(Expect::Value)?,
    }
}

fn value(depth: usize, next: u8, lexer: &mut SliceLexer<'_>) -> Result<Value, Error> {
    let depth = depth.checked_sub(1).ok_or(Error::Depth)?;
    match next {
        b'a'..=b'z' => Ok(lexer.null_or_bool().ok_or(Expect::Value)?.map_or(Value::Null, Value::Bool)),
        b'0'..=b'9' | b'-' => {
            let (literal, _) = lexer.num_string().validated()?;
            Ok(Number::parse(literal).map_or(Value::Null, Value::Number))
        }
        b'"' => Ok(Value::Text(Arc::from(&*lexer.discarded().str_string()?))),
        b'[' => {
            let mut elements = Elements::new_sync();
            lexer.discarded().seq(b']', SliceLexer::ws_peek, |next, lexer| {
                elements.push_back_mut(value(depth, next, lexer)?);
                Ok::<_, Error>(())
            })?;
            Ok(Value::List(elements))
        }
        b'{' => {
            let mut members = Members::default();
            lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
                lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
                let name = Arc::from(&*lexer.str_string().map_err(Error::Str)?);
                lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
                let next = lexer.ws_peek().ok_or(Expect::Value)?;
                members.insert(name, value(depth, next, lexer)?);
                Ok::<_, Error>(())
            })?;
            Ok(Value::Object(Arc::new(members)))
        }
        _ => Err(Expect::Value)?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &[u8], names: &[Arc<str>]) -> Result<Value, String> {
        // What was there before must not be seen any more.
        let mut value = parse(br#"{"a":"before","z":[1]}"#).expect("an object");
        parse_members(json, names, &mut value).map(|()| value)
    }

    #[test]
    fn text_survives() {
        for json in [
            r#"{"b":1,"a":[0.10,-3e7,"x\ny",null,true,{}],"ü":"\u0000"}"#,
            "[]",
            r#""""#,
            "123456789012345678901234567890",
        ] {
            assert_eq!(parse(json.as_bytes()).expect(json).to_string(), json);
        }
        assert_eq!(parse(b" {\"a\":1,\"a\":2} ").expect("an object").to_string(), r#"{"a":2}"#);
    }

    #[test]
    fn members_that_nobody_asked_for_are_passed_over() {
        let names = ["a", "ü"].map(Arc::from);
        for (json, expected) in [
            (
                r#" {"x":[1,{"a":2}],"a":{"b":1.50,"a":[]},"y":"\"","ü":null,"z":true} "#,
                r#"{"a":{"b":1.50,"a":[]},"ü":null}"#,
            ),
            (r#"{"a":1,"\u00fc":2,"b":-0.5e3,"a":3}"#, r#"{"a":3,"ü":2}"#),
            (r#"{"b":1}"#, "{}"),
            (r#"[{"b":1}]"#, r#"[{"b":1}]"#),
            ("7", "7"),
        ] {
            assert_eq!(members(json.as_bytes(), &names).expect(json).to_string(), expected);
        }
    }

    /// Every byte of an object changed once: where the plain way answers, the exact one says the same.
    #[test]
    fn the_plain_way_takes_nothing_that_the_exact_one_refuses() {
        let names = ["a", "ü"].map(Arc::from);
        let text = r#" {"x":[1,{"a":2},true], "a":-1.5e3 ,"y":"\u00e9","ü":null,"a":{"b":[]}} "#;
        let mut plain = 0;
        for at in 0..text.len() {
            for byte in 0..=0xFF {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = byte;
                let mut members = Members::default();
                if plain_members(&changed, &names, &mut members).is_some() {
                    plain += 1;
                    let exact = exact_members(&changed, &names).map(|value| value.to_string());
                    assert_eq!(
                        Ok(Value::Object(Arc::new(members)).to_string()),
                        exact,
                        "{}",
                        String::from_utf8_lossy(&changed)
                    );
                }
            }
        }
        assert!(plain > 1_000, "{plain}");
        for wrong in [r#"{"a":1 "b":2}"#, r#"{"a":1,}"#, r#"{,"a":1}"#, r#"{"a":1}}"#, r#"{"a":1,,"b":2}"#] {
            assert!(members(wrong.as_bytes(), &names).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_in_words() {
        for json in ["", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\\x\"", "01"] {
            assert!(parse(json.as_bytes()).is_err(), "{json}");
            assert!(members(json.as_bytes(), &[]).is_err(), "{json}");
            let inside = format!("{{\"x\":{json}}}");
            assert!(members(inside.as_bytes(), &[]).is_err(), "{inside}");
        }
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert!(parse(deep.as_bytes()).is_err_and(|error| error.contains("deep")));
        assert!(parse(&deep.as_bytes()[1..deep.len() - 1]).is_ok());
        let inside = format!("{{\"x\":{}}}", &deep[1..deep.len() - 1]);
        assert!(members(inside.as_bytes(), &[]).is_err_and(|error| error.contains("deep")));
        assert!(members(inside.replacen('[', "", 1).replacen(']', "", 1).as_bytes(), &[]).is_ok());
    }
}
