//! JSON text → value. Numbers keep their literal; invalid UTF-8 becomes replacement characters.

use std::sync::Arc;

use hifijson::num::LexWrite as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex as _;
use hifijson::{Error, Expect, SliceLexer};

use super::{Elements, Members, Number, Value};

/// Deeper nesting is refused: each level is a call.
pub const MAX_DEPTH: usize = 256;

/// Exactly one JSON value, blanks around it allowed.
///
/// # Errors
/// In words: what was expected, or that it is nested too deeply.
pub fn parse(json: &[u8]) -> Result<Value, String> {
    let mut lexer = SliceLexer::new(json);
    lexer.exactly_one(SliceLexer::ws_peek, |next, lexer| value(MAX_DEPTH, next, lexer)).map_err(|error| match error {
        Error::Depth => format!("nested deeper than {MAX_DEPTH} levels"),
        error => error.to_string(),
    })
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
    fn what_is_no_json_is_refused_in_words() {
        for json in ["", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\\x\"", "01"] {
            assert!(parse(json.as_bytes()).is_err(), "{json}");
        }
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert!(parse(deep.as_bytes()).is_err_and(|error| error.contains("deep")));
        assert!(parse(&deep.as_bytes()[1..deep.len() - 1]).is_ok());
    }
}
