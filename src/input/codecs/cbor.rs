//! CBOR (RFC 8949), by ciborium.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use ciborium::Value;
use ciborium::value::Integer;
use serde_json::value::RawValue;

use super::part::{Fault, Part};
use super::tree::MAX_DEPTH;
use super::{Codec, Found, Input, Tree, Why, uuid_bytes};
use crate::base::json::squeezed;

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

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        let before: Value = ciborium::de::from_reader_with_recursion_limit(body.bytes, MAX_DEPTH).map_err(why)?;
        let mut bytes = Vec::new();
        let value = anew(Some(&before), json, 0)?;
        ciborium::ser::into_writer(&value, &mut bytes).map_err(|cause| cause.to_string())?;
        Ok(bytes)
    }
}

/// A new value in place of the one before. What is the same stays as it was written: names that are no text and tags
/// look like something else in JSON.
fn anew(before: Option<&Value>, json: &RawValue, depth: usize) -> Result<Value, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    if let Some(before) =
        before.filter(|before| shown(before).is_some_and(|text| text == squeezed(json.get().as_bytes())))
    {
        return Ok(before.clone());
    }
    if let Some(Value::Tag(tag, inner)) = before {
        return tagged_anew(*tag, inner, json, depth);
    }
    let part = Part::of(json)?;
    Ok(match (&part, before) {
        (Part::Null, _) => Value::Null,
        (Part::Bool(flag), _) => Value::Bool(*flag),
        (_, Some(Value::Float(_))) if part.real().is_some() => Value::Float(part.real().unwrap_or_default()),
        (Part::Number(digits), _) => number(digits, &part)?,
        (Part::Text(text), _) => Value::Text(text.clone()),
        (Part::Array(items), before) => {
            let old = match before {
                Some(Value::Array(items)) => items.as_slice(),
                _ => &[],
            };
            let each = items.iter().enumerate();
            let items = each.map(|(at, item)| anew(old.get(at), item, depth + 1).map_err(|fault| fault.inside(at)));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        (Part::Object(members), before) => {
            if let Some(bytes) = part.bytes() {
                return Ok(Value::Bytes(bytes));
            }
            let old = match before {
                Some(Value::Map(members)) => members.as_slice(),
                _ => &[],
            };
            let each = members.iter().map(|(name, json)| {
                let known = old.iter().find(|(key, _)| name_of(key) == *name);
                let value = anew(known.map(|(_, value)| value), json, depth + 1).map_err(|fault| fault.inside(name))?;
                Ok((known.map_or_else(|| Value::Text(name.clone()), |(key, _)| key.clone()), value))
            });
            Value::Map(each.collect::<Result<_, Fault>>()?)
        }
    })
}

/// The tag stays, and says how the new value is written.
fn tagged_anew(tag: u64, before: &Value, json: &RawValue, depth: usize) -> Result<Value, Fault> {
    let part = Part::of(json)?;
    let inner = match (tag, &part, before) {
        (1, Part::Text(text), Value::Integer(_)) => {
            let time = chrono::DateTime::parse_from_rfc3339(text);
            let time = time.ok().filter(|time| time.timestamp_subsec_nanos() == 0);
            let time = time.ok_or_else(|| Fault::new("no time in whole seconds like 2026-02-16T10:30:00Z"))?;
            Value::Integer(time.timestamp().into())
        }
        (2 | 3, Part::Number(digits), _) => return number(digits, &part),
        (4, Part::Number(digits), _) => {
            let number: BigDecimal = digits.parse().map_err(|_| Fault::new("no number"))?;
            let (digits, scale) = number.into_bigint_and_exponent();
            let digits = Integer::try_from(i128::try_from(&digits).map_err(|_| Fault::new("too large a number"))?);
            let digits = digits.map_err(|_| Fault::new("too large a number"))?;
            Value::Array(vec![Value::Integer((-scale).into()), Value::Integer(digits)])
        }
        (37, Part::Text(text), _) => Value::Bytes(uuid_bytes(text).ok_or_else(|| Fault::new("no UUID"))?.to_vec()),
        (1 | 2 | 3 | 4 | 37, _, _) => return Err(part.is_no("what its tag says")),
        _ => anew(Some(before), json, depth + 1)?,
    };
    Ok(Value::Tag(tag, Box::new(inner)))
}

/// Beyond 64 bits as the bytes of RFC 8949, 3.4.3.
fn number(digits: &str, part: &Part<'_>) -> Result<Value, Fault> {
    if digits.contains(['.', 'e', 'E']) {
        return part.real().map(Value::Float).ok_or_else(|| part.is_no("a double"));
    }
    let number: BigInt = digits.parse().map_err(|_| part.is_no("a number"))?;
    if let Some(small) = i128::try_from(&number).ok().and_then(|number| Integer::try_from(number).ok()) {
        return Ok(Value::Integer(small));
    }
    let (tag, size) = if number.sign() == Sign::Minus { (3, -number - 1) } else { (2, number) };
    Ok(Value::Tag(tag, Box::new(Value::Bytes(size.magnitude().to_bytes_be()))))
}

/// As it stands in the JSON that is edited.
fn shown(value: &Value) -> Option<Vec<u8>> {
    let mut tree = Tree::unbounded();
    write(value, &mut tree).ok()?;
    tree.finish().ok()
}

fn name_of(key: &Value) -> String {
    match key {
        Value::Text(name) => name.clone(),
        Value::Integer(number) => i128::from(*number).to_string(),
        other => format!("{other:?}"),
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
                tree.key(&name_of(name))?;
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
