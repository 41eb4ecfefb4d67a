//! CBOR (RFC 8949), by ciborium.

use ciborium::Value;

use super::tree::MAX_DEPTH;
use super::{Codec, Found, Input, Tree, Why};

pub(super) struct Cbor;

/// Before everything else, to say that what follows is CBOR.
const SELF_DESCRIBED: &[u8] = &[0xD9, 0xD9, 0xF7];

impl Codec for Cbor {
    fn name(&self) -> &'static str {
        "CBOR"
    }

    fn option(&self) -> &'static str {
        "cbor"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/cbor"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        let mut rest = body.bytes;
        let certain = body.asked || rest.starts_with(SELF_DESCRIBED);
        if !certain && !matches!(rest.first(), Some(0xA1..=0xBB | 0xBF)) {
            return Err("it does not begin with an object".to_owned());
        }
        let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(why)?;
        if !rest.is_empty() {
            return Err(super::left_over(rest.len()));
        }
        if !certain && !matches!(&value, Value::Map(members) if members.iter().all(|(name, _)| name.is_text())) {
            return Err("it holds no object whose names are text".to_owned());
        }
        write(&value, tree)?;
        Ok(Found::default())
    }
}

fn why(cause: ciborium::de::Error<std::io::Error>) -> Why {
    use ciborium::de::Error;
    match cause {
        Error::Io(_) => "it breaks off".to_owned(),
        Error::Syntax(at) => format!("wrong at byte {at}"),
        Error::Semantic(Some(at), what) => format!("wrong at byte {at}: {what}"),
        Error::Semantic(None, what) => what,
        Error::RecursionLimitExceeded => format!("nested deeper than {MAX_DEPTH} levels"),
    }
}

fn write(value: &Value, tree: &mut Tree) -> Result<(), Why> {
    match value {
        Value::Null => tree.null(),
        Value::Bool(flag) => tree.bool(*flag),
        Value::Integer(number) => tree.integer(i128::from(*number)),
        Value::Float(number) => tree.real(*number),
        Value::Text(text) => tree.text(text),
        Value::Bytes(bytes) => tree.bytes(bytes),
        Value::Array(items) => tree.array(|tree| {
            items.iter().try_for_each(|item| {
                tree.item();
                write(item, tree)
            })
        }),
        Value::Map(members) => tree.object(|tree| {
            members.iter().try_for_each(|(name, value)| {
                match name {
                    Value::Text(name) => tree.key(name)?,
                    Value::Integer(number) => tree.key(&i128::from(*number).to_string())?,
                    other => tree.key(&format!("{other:?}"))?,
                }
                write(value, tree)
            })
        }),
        Value::Tag(tag, inner) => tagged(*tag, inner, tree),
        _ => Err("a kind of value that is not known".to_owned()),
    }
}

/// Tags of RFC 8949, 3.4, that say how a value is meant; of others the value alone is shown.
fn tagged(tag: u64, inner: &Value, tree: &mut Tree) -> Result<(), Why> {
    match (tag, inner) {
        // Seconds since 1970.
        (1, Value::Integer(seconds)) => {
            let seconds = i128::from(*seconds);
            match i64::try_from(seconds).ok().and_then(|seconds| super::instant(seconds, 0, true)) {
                Some(text) => tree.text(&text),
                None => tree.integer(seconds),
            }
        }
        // Integers beyond 64 bits.
        (2 | 3, Value::Bytes(bytes)) => {
            let size = super::unsigned(bytes)?;
            tree.number(&if tag == 2 { size } else { -size - 1 }.to_string())
        }
        // An exponent of ten and an integer.
        (4, Value::Array(pair)) => match pair.as_slice() {
            [Value::Integer(exponent), Value::Integer(digits)] => {
                let exponent = i64::try_from(i128::from(*exponent)).map_err(|_| "a decimal out of bounds")?;
                tree.number(&super::decimal(i128::from(*digits).into(), -exponent)?)
            }
            _ => write(inner, tree),
        },
        (37, Value::Bytes(bytes)) if bytes.len() == 16 => tree.text(&super::uuid(bytes)),
        _ => write(inner, tree),
    }
}
