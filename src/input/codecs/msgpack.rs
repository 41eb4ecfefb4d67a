//! MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>), by rmpv.

use rmpv::decode::read_value_ref_with_max_depth;
use rmpv::{Value, ValueRef};
use serde_json::value::RawValue;

use super::part::{Fault, Part};
use super::tree::MAX_DEPTH;
use super::{Codec, Found, Input, Tree, Why};
use crate::base::json::squeezed;

pub(super) struct MessagePack;

/// Seconds, and nanoseconds where there are any: the extension that the specification names.
const TIMESTAMP: i8 = -1;

impl Codec for MessagePack {
    fn name(&self) -> &'static str {
        "MessagePack"
    }

    fn option(&self) -> &'static str {
        "msgpack"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/msgpack", "application/x-msgpack", "application/vnd.msgpack"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        let mut rest = body.bytes;
        // Almost any first byte begins some value; only an object is worth a guess.
        if !body.asked && !matches!(rest.first(), Some(0x81..=0x8F | 0x91..=0x9F | 0xDC..=0xDF)) {
            return Err("it begins with neither an object nor an array".to_owned());
        }
        // Each level of depth is counted twice there.
        let value = read_value_ref_with_max_depth(&mut rest, 2 * MAX_DEPTH).map_err(|cause| cause.to_string())?;
        if !rest.is_empty() {
            return Err(super::left_over(rest.len()));
        }
        if !body.asked && !is_object(&value) {
            return Err("it holds no object whose names are text".to_owned());
        }
        write(&value, tree)?;
        Ok(Found::default())
    }

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        let before =
            read_value_ref_with_max_depth(&mut &*body.bytes, 2 * MAX_DEPTH).map_err(|cause| cause.to_string())?;
        let mut bytes = Vec::new();
        let value = anew(Some(&before), json, 0)?;
        rmpv::encode::write_value(&mut bytes, &value).map_err(|cause| cause.to_string())?;
        Ok(bytes)
    }
}

/// A new value in place of the one before. What is the same stays as it was written: names that are no text, times,
/// numbers of 32 bits and extensions look like something else in JSON.
fn anew(before: Option<&ValueRef<'_>>, json: &RawValue, depth: usize) -> Result<Value, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    if let Some(before) =
        before.filter(|before| shown(before).is_some_and(|text| text == squeezed(json.get().as_bytes())))
    {
        return Ok(before.to_owned());
    }
    let part = Part::of(json)?;
    Ok(match (&part, before) {
        (Part::Null, _) => Value::Nil,
        (Part::Bool(flag), _) => Value::Boolean(*flag),
        (_, Some(ValueRef::F32(_))) if part.real().is_some() => Value::F32(part.real().unwrap_or_default() as f32),
        (_, Some(ValueRef::F64(_))) if part.real().is_some() => Value::F64(part.real().unwrap_or_default()),
        (Part::Number(digits), _) => match (digits.parse::<i64>(), digits.parse::<u64>()) {
            (Ok(number), _) => Value::from(number),
            (_, Ok(number)) => Value::from(number),
            _ if digits.contains(['.', 'e', 'E']) => Value::F64(part.real().ok_or_else(|| part.is_no("a double"))?),
            _ => return Err(Fault::new(format!("{digits} is more than 64 bits hold"))),
        },
        (Part::Text(text), Some(ValueRef::Ext(TIMESTAMP, _))) => match chrono::DateTime::parse_from_rfc3339(text) {
            Ok(time) => Value::Ext(TIMESTAMP, timestamp_bytes(time.timestamp(), time.timestamp_subsec_nanos())),
            Err(_) => return Err(Fault::new("no time like 2026-02-16T10:30:00Z")),
        },
        (Part::Text(text), _) => Value::from(text.as_str()),
        (Part::Array(items), before) => {
            let old = match before {
                Some(ValueRef::Array(items)) => items.as_slice(),
                _ => &[],
            };
            let each = items.iter().enumerate();
            let items = each.map(|(at, item)| anew(old.get(at), item, depth + 1).map_err(|fault| fault.inside(at)));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        (Part::Object(members), before) => {
            if let Some(bytes) = part.bytes() {
                return Ok(Value::Binary(bytes));
            }
            if let [(kind, number), (data, bytes)] = members.as_slice()
                && (kind.as_str(), data.as_str()) == ("$extension", "data")
                && let (Ok(number), Some(bytes)) = (number.get().parse(), Part::of(bytes)?.bytes())
            {
                return Ok(Value::Ext(number, bytes));
            }
            let old = match before {
                Some(ValueRef::Map(members)) => members.as_slice(),
                _ => &[],
            };
            let each = members.iter().map(|(name, json)| {
                let known = old.iter().find(|(key, _)| name_of(key) == *name);
                let value = anew(known.map(|(_, value)| value), json, depth + 1).map_err(|fault| fault.inside(name))?;
                Ok((known.map_or_else(|| Value::from(name.as_str()), |(key, _)| key.to_owned()), value))
            });
            Value::Map(each.collect::<Result<_, Fault>>()?)
        }
    })
}

/// As it stands in the JSON that is edited.
fn shown(value: &ValueRef<'_>) -> Option<Vec<u8>> {
    let mut tree = Tree::unbounded();
    write(value, &mut tree).ok()?;
    tree.finish().ok()
}

fn name_of(key: &ValueRef<'_>) -> String {
    match key {
        ValueRef::String(name) if name.is_str() => name.as_str().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

fn is_object(value: &ValueRef<'_>) -> bool {
    match value {
        ValueRef::Map(members) => {
            members.iter().all(|(name, _)| matches!(name, ValueRef::String(name) if name.is_str()))
        }
        ValueRef::Array(items) => items.iter().all(|item| matches!(item, ValueRef::Map(_)) && is_object(item)),
        _ => false,
    }
}

fn write(value: &ValueRef<'_>, tree: &mut Tree) -> Result<(), Why> {
    match value {
        ValueRef::Nil => tree.null(),
        ValueRef::Boolean(flag) => tree.bool(*flag),
        ValueRef::Integer(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => tree.integer(number),
            (None, Some(number)) => tree.integer(number),
            (None, None) => tree.number(&number.to_string()),
        },
        ValueRef::F32(number) => tree.real32(*number),
        ValueRef::F64(number) => tree.real(*number),
        // Old writers put bytes into strings.
        ValueRef::String(text) => match text.as_str() {
            Some(text) => tree.text(text),
            None => tree.bytes(text.as_bytes()),
        },
        ValueRef::Binary(bytes) => tree.bytes(bytes),
        ValueRef::Array(items) => tree.array(|tree| {
            items.iter().try_for_each(|item| {
                tree.item();
                write(item, tree)
            })
        }),
        ValueRef::Map(members) => tree.object(|tree| {
            members.iter().try_for_each(|(name, value)| {
                tree.key(&name_of(name))?;
                write(value, tree)
            })
        }),
        ValueRef::Ext(TIMESTAMP, bytes) => match timestamp(bytes) {
            Some(text) => tree.text(&text),
            None => extension(TIMESTAMP, bytes, tree),
        },
        ValueRef::Ext(kind, bytes) => extension(*kind, bytes, tree),
    }
}

fn extension(kind: i8, bytes: &[u8], tree: &mut Tree) -> Result<(), Why> {
    tree.object(|tree| {
        tree.key("$extension")?;
        tree.integer(kind)?;
        tree.key("data")?;
        tree.bytes(bytes)
    })
}

fn timestamp(bytes: &[u8]) -> Option<String> {
    let (seconds, nanos) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            ((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32)
        }
        12 => {
            let (nanos, seconds) = bytes.split_at(4);
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(nanos.try_into().ok()?))
        }
        _ => return None,
    };
    super::instant(seconds, nanos, true)
}

/// In as few bytes as the time needs.
fn timestamp_bytes(seconds: i64, nanos: u32) -> Vec<u8> {
    match (u32::try_from(seconds), u64::try_from(seconds)) {
        (Ok(seconds), _) if nanos == 0 => seconds.to_be_bytes().to_vec(),
        (_, Ok(seconds)) if seconds < 1 << 34 => (u64::from(nanos) << 34 | seconds).to_be_bytes().to_vec(),
        _ => [&nanos.to_be_bytes()[..], &seconds.to_be_bytes()].concat(),
    }
}
