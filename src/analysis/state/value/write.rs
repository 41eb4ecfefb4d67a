//! Value → JSON text.

use std::fmt::{self, Write};

use super::Value;

pub(super) fn compact(value: &Value, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(bool) => write!(out, "{bool}"),
        Value::Number(number) => write!(out, "{number}"),
        Value::Text(text) => quoted(text, out),
        Value::List(elements) => {
            out.write_char('[')?;
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.write_char(',')?;
                }
                compact(element, out)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            for (i, (name, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.write_char(',')?;
                }
                quoted(name, out)?;
                out.write_char(':')?;
                compact(member, out)?;
            }
            out.write_char('}')
        }
    }
}

fn quoted(text: &str, out: &mut dyn Write) -> fmt::Result {
    out.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}
