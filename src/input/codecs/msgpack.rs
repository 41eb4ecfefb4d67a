//! MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>), by rmpv.

use rmpv::ValueRef;
use rmpv::decode::read_value_ref_with_max_depth;

use super::tree::MAX_DEPTH;
use super::{Codec, Found, Input, Tree, Why};

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
                match name {
                    ValueRef::String(name) if name.is_str() => tree.key(name.as_str().unwrap_or_default())?,
                    other => tree.key(&other.to_string())?,
                }
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
