//! The JSON text of a new value, taken apart level by level: numbers keep their digits, members their order, and
//! what does not fit is told with its place (`at /items/0/price: …`).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Why;

/// One level of a value.
#[derive(Debug)]
pub(super) enum Part<'j> {
    Null,
    Bool(bool),
    /// Its digits.
    Number(&'j str),
    Text(String),
    Array(Vec<&'j RawValue>),
    Object(Vec<(String, &'j RawValue)>),
}

impl<'j> Part<'j> {
    /// # Errors
    /// Where an object has two members of one name, which nothing else can hold.
    pub fn of(value: &'j RawValue) -> Result<Self, Fault> {
        let text = value.get().trim();
        let broken = |_| Fault::new("no JSON");
        Ok(match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(broken)?),
            Some(b'[') => Self::Array(serde_json::from_str(text).map_err(broken)?),
            Some(b'{') => {
                let members = serde_json::Deserializer::from_str(text).deserialize_map(Members).map_err(broken)?;
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
                    return Err(Fault::new(format!("{twice} is there twice")));
                }
                Self::Object(members)
            }
            _ => Self::Number(text),
        })
    }

    /// As people call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// What `{"$base64":"…"}` stands for.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Object(members) => match members.as_slice() {
                [(name, text)] if name == "$base64" => {
                    STANDARD.decode(serde_json::from_str::<String>(text.get()).ok()?).ok()
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A floating-point number; the texts that stand for those which JSON has not, too.
    pub fn real(&self) -> Option<f64> {
        match self {
            Self::Number(digits) => digits.parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Text(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        }
    }

    /// That something else is here than what is wanted.
    pub fn is_no(&self, wanted: &str) -> Fault {
        Fault::new(format!("{} where {wanted} belongs", self.kind()))
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// What does not fit, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Innermost first.
    path: Vec<String>,
    why: Why,
}

impl Fault {
    pub fn new(why: impl Into<Why>) -> Self {
        Self { path: Vec::new(), why: why.into() }
    }

    /// As seen from one level further out.
    pub fn inside(mut self, name: impl fmt::Display) -> Self {
        self.path.push(name.to_string().replace('~', "~0").replace('/', "~1"));
        self
    }
}

impl From<Why> for Fault {
    fn from(why: Why) -> Self {
        Self::new(why)
    }
}

impl From<Fault> for Why {
    fn from(fault: Fault) -> Self {
        if fault.path.is_empty() {
            return fault.why;
        }
        let path = fault.path.iter().rev().map(String::as_str).collect::<Vec<_>>().join("/");
        format!("at /{path}: {}", fault.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn values_are_taken_apart_and_keep_their_digits() {
        let value = raw(r#"{"b":1.50,"a":[12345678901234567890123,"x\u00e9"],"c":{"$base64":"AP8="}}"#);
        let Ok(Part::Object(members)) = Part::of(&value) else { panic!("an object") };
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert!(matches!(Part::of(members[0].1), Ok(Part::Number("1.50"))));
        assert_eq!(Part::of(members[2].1).expect("right").bytes(), Some(vec![0, 0xFF]));
        assert!(Part::of(&raw(r#"{"a":1,"b":2,"a":3}"#)).is_err());
        assert!(Part::of(&raw("\"NaN\"")).expect("right").real().is_some_and(f64::is_nan));
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let fault = Fault::new("a text where a number belongs").inside("a/b").inside(0).inside("items");
        assert_eq!(Why::from(fault), "at /items/0/a~1b: a text where a number belongs");
        assert_eq!(Why::from(Fault::new("no JSON")), "no JSON");
    }
}
