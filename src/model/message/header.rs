//! A header's value as its broker has it: bytes on Kafka, typed values on AMQP.
//!
//! In JSON, text is text and null is null; what JSON cannot tell apart is an object with one telling
//! member: `{"base64":"AAAAAw=="}`, `{"int":5,"bits":64}`, `{"time":1771237800}`, `{"list":[…]}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Types are those of AMQP 0-9-1 tables (<https://www.rabbitmq.com/amqp-0-9-1-errata#section_3>). Text is
/// [`HeaderValue::Bytes`], since brokers do not promise that it is UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    Null,
    Bytes(Vec<u8>),
    Bool(bool),
    Int {
        value: i64,
        bits: u8,
    },
    Unsigned {
        value: u64,
        bits: u8,
    },
    /// The bits of an IEEE number of 32 or 64 bits, so that every NaN stays itself.
    Real {
        bits_of: u64,
        bits: u8,
    },
    /// `value` with its last `scale` digits behind the point.
    Decimal {
        value: i32,
        scale: u8,
    },
    /// Seconds since 1970.
    Time(u64),
    /// AMQP's byte array, which is not its long string.
    ByteArray(Vec<u8>),
    List(Vec<HeaderValue>),
    Table(Vec<(String, HeaderValue)>),
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for HeaderValue {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl HeaderValue {
    /// The value where it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) | Self::ByteArray(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A whole number of a type that says that it is one.
    #[must_use]
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Int { value, .. } => Some(*value),
            Self::Unsigned { value, .. } | Self::Time(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    #[must_use]
    pub fn list(&self) -> &[HeaderValue] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A table's value by its name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&HeaderValue> {
        match self {
            Self::Table(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// For filters and scripts, on one line: text as it is, other bytes as `0x…`.
    #[must_use]
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed("null"),
            Self::Bytes(bytes) | Self::ByteArray(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if is_printable(text) => Cow::Borrowed(text),
                _ => Cow::Owned(hex(bytes)),
            },
            Self::Bool(value) => Cow::Owned(value.to_string()),
            Self::Int { value, .. } => Cow::Owned(value.to_string()),
            Self::Unsigned { value, .. } | Self::Time(value) => Cow::Owned(value.to_string()),
            Self::Real { bits_of, bits } => Cow::Owned(real_text(*bits_of, *bits)),
            Self::Decimal { value, scale } => Cow::Owned(decimal_text(*value, *scale)),
            Self::List(_) | Self::Table(_) => Cow::Owned(self.to_json().to_string()),
        }
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            // Four bytes of a number are text by chance: in base64 they look like what they are.
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if is_printable(text) => json!(text),
                _ => json!({"base64": STANDARD.encode(bytes)}),
            },
            Self::Bool(value) => json!(value),
            Self::Int { value, bits } => json!({"int": value, "bits": bits}),
            Self::Unsigned { value, bits } => json!({"unsigned": value, "bits": bits}),
            Self::Real { bits_of, bits } => json!({"real": real_text(*bits_of, *bits), "bits": bits}),
            Self::Decimal { value, scale } => json!({"decimal": decimal_text(*value, *scale)}),
            Self::Time(seconds) => json!({"time": seconds}),
            Self::ByteArray(bytes) => json!({"bytes": STANDARD.encode(bytes)}),
            Self::List(items) => json!({"list": items.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Table(members) => {
                json!({"table": members.iter().map(|(name, value)| json!([name, value.to_json()])).collect::<Vec<_>>()})
            }
        }
    }

    /// The opposite of [`Self::to_json`]; `None` for anything else.
    #[must_use]
    pub fn from_json(json: &Value) -> Option<Self> {
        let members = match json {
            Value::Null => return Some(Self::Null),
            Value::String(text) => return Some(text.as_str().into()),
            Value::Bool(value) => return Some(Self::Bool(*value)),
            Value::Object(members) => members,
            Value::Number(_) | Value::Array(_) => return None,
        };
        let bits = || members.get("bits").and_then(Value::as_u64).and_then(|bits| u8::try_from(bits).ok());
        let (form, value) = members.iter().find(|(name, _)| *name != "bits")?;
        let expected = if matches!(form.as_str(), "int" | "unsigned" | "real") { 2 } else { 1 };
        if members.len() != expected {
            return None;
        }
        Some(match form.as_str() {
            "base64" => Self::Bytes(STANDARD.decode(value.as_str()?).ok()?),
            "bytes" => Self::ByteArray(STANDARD.decode(value.as_str()?).ok()?),
            "int" => Self::Int { value: value.as_i64()?, bits: bits()? },
            "unsigned" => Self::Unsigned { value: value.as_u64()?, bits: bits()? },
            "real" => real_from(value.as_str()?, bits()?)?,
            "decimal" => decimal_from(value.as_str()?)?,
            "time" => Self::Time(value.as_u64()?),
            "list" => Self::List(value.as_array()?.iter().map(Self::from_json).collect::<Option<_>>()?),
            "table" => Self::Table(value.as_array()?.iter().map(pair_from).collect::<Option<_>>()?),
            _ => return None,
        })
    }
}

/// `["name", value]`
pub(super) fn pair_from(json: &Value) -> Option<(String, HeaderValue)> {
    match json.as_array()?.as_slice() {
        [Value::String(name), value] => Some((name.clone(), HeaderValue::from_json(value)?)),
        _ => None,
    }
}

/// Bytes for people: `00 00 00 03`, the first few of many.
#[must_use]
pub fn shown_bytes(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let mut text = String::new();
    for (i, byte) in bytes.iter().take(SHOWN).enumerate() {
        let gap = if i == 0 { "" } else { " " };
        write!(text, "{gap}{byte:02x}").expect("a String takes everything");
    }
    if bytes.len() > SHOWN {
        write!(text, " … {} bytes", bytes.len()).expect("a String takes everything");
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

pub(super) fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Digits that read back as the same number; what has none (infinities, NaN) as its bits.
fn real_text(bits_of: u64, bits: u8) -> String {
    let (text, finite) = if bits == 32 {
        let number = f32::from_bits(bits_of as u32);
        (number.to_string(), number.is_finite())
    } else {
        let number = f64::from_bits(bits_of);
        (number.to_string(), number.is_finite())
    };
    if finite { text } else { format!("0x{bits_of:x}") }
}

fn real_from(text: &str, bits: u8) -> Option<HeaderValue> {
    let bits_of = match (text.strip_prefix("0x"), bits) {
        (Some(hex), 32 | 64) => u64::from_str_radix(hex, 16).ok()?,
        (None, 32) => u64::from(text.parse::<f32>().ok()?.to_bits()),
        (None, 64) => text.parse::<f64>().ok()?.to_bits(),
        _ => return None,
    };
    Some(HeaderValue::Real { bits_of, bits })
}

fn decimal_text(value: i32, scale: u8) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if value < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn decimal_from(text: &str) -> Option<HeaderValue> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let value = format!("{whole}{part}").parse().ok()?;
    Some(HeaderValue::Decimal { value, scale: u8::try_from(part.len()).ok()? })
}
