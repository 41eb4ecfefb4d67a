//! Writes the JSON that this codec makes of a message back into bytes, field by field in the order of their numbers
//! (<https://protobuf.dev/programming-guides/encoding/>): the library keeps maps without an order, and the same
//! message must give the same bytes.

use prost_reflect::prost::Message as _;
use prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::value::RawValue;

use super::super::part::{Fault, Part};
use super::super::tree::MAX_DEPTH;
use super::super::varint;

const VARINT: u32 = 0;
const BITS_64: u32 = 1;
const LENGTH: u32 = 2;
const GROUP_START: u32 = 3;
const GROUP_END: u32 = 4;
const BITS_32: u32 = 5;

/// One message.
///
/// # Errors
/// What does not fit, and where.
pub(super) fn message(of: &MessageDescriptor, json: &RawValue, depth: usize) -> Result<Vec<u8>, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    match of.full_name() {
        "google.protobuf.Struct" => return free_object(json, depth),
        "google.protobuf.Value" => return free_value(json, depth),
        "google.protobuf.ListValue" => return free_list(json, depth),
        name if name.starts_with("google.protobuf.") => return well_known(of, json),
        _ => {}
    }
    let part = Part::of(json)?;
    let Part::Object(members) = &part else { return Err(part.is_no(of.full_name())) };
    if let Some((name, _)) = members.iter().find(|(name, _)| of.get_field_by_name(name).is_none()) {
        let extension = of.extensions().any(|extension| extension.full_name() == name);
        let why = if extension { "extensions are not written" } else { "the schema has no such field" };
        return Err(Fault::new(why).inside(name));
    }
    let mut out = Vec::new();
    let mut taken: Vec<(String, String)> = Vec::new();
    for field in of.fields() {
        let given = members.iter().find(|(name, _)| name == field.name()).map(|(_, json)| *json);
        let is_null = |json: &&RawValue| json.get() == "null" && !takes_null(&field);
        let Some(json) = given.filter(|json| !is_null(json)) else {
            if field.cardinality() == Cardinality::Required {
                return Err(Fault::new("the schema wants it").inside(field.name()));
            }
            continue;
        };
        if let Some(choice) = field.containing_oneof() {
            let choice = choice.name().to_owned();
            if let Some((_, other)) = taken.iter().find(|(known, _)| *known == choice) {
                let why = format!("of {choice} only one can be there, and {other} is");
                return Err(Fault::new(why).inside(field.name()));
            }
            taken.push((choice, field.name().to_owned()));
        }
        write_field(&mut out, &field, json, depth).map_err(|fault| fault.inside(field.name()))?;
    }
    Ok(out)
}

fn takes_null(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(of) => of.full_name() == "google.protobuf.Value",
        Kind::Enum(of) => of.full_name() == "google.protobuf.NullValue",
        _ => false,
    }
}

fn write_field(out: &mut Vec<u8>, field: &FieldDescriptor, json: &RawValue, depth: usize) -> Result<(), Fault> {
    let number = field.number();
    if field.is_map() {
        return write_map(out, field, json, depth);
    }
    if !field.is_list() {
        let value = scalar(&field.kind(), json, depth)?;
        // What an absent field stands for is not written, as long as nobody can tell the two apart.
        if field.supports_presence() || value.bytes.iter().any(|byte| *byte != 0) {
            value.write(out, number, field.is_group());
        }
        return Ok(());
    }
    let part = Part::of(json)?;
    let Part::Array(items) = &part else { return Err(part.is_no("an array")) };
    let mut packed = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let value = scalar(&field.kind(), item, depth).map_err(|fault| fault.inside(at))?;
        if field.is_packed() {
            packed.extend_from_slice(&value.bytes);
        } else {
            value.write(out, number, field.is_group());
        }
    }
    if !packed.is_empty() {
        tag(out, number, LENGTH);
        varint(out, packed.len() as u64);
        out.extend_from_slice(&packed);
    }
    Ok(())
}

fn write_map(out: &mut Vec<u8>, field: &FieldDescriptor, json: &RawValue, depth: usize) -> Result<(), Fault> {
    let Kind::Message(entry) = field.kind() else { return Err(Fault::new("its schema is no map's")) };
    let (key_field, value_field) = (entry.map_entry_key_field(), entry.map_entry_value_field());
    let part = Part::of(json)?;
    let Part::Object(members) = &part else { return Err(part.is_no("an object")) };
    for (name, value) in members {
        let written = || -> Result<Vec<u8>, Fault> {
            let mut bytes = Vec::new();
            let quoted = || RawValue::from_string(serde_json::Value::from(name.as_str()).to_string());
            let plain = || RawValue::from_string(name.clone());
            // Keys of all kinds are names in JSON.
            let key = if key_field.kind() == Kind::String { quoted() } else { plain() };
            let key = key.map_err(|_| Fault::new("the name is none of such a map"))?;
            scalar(&key_field.kind(), &key, depth)?.write(&mut bytes, key_field.number(), false);
            scalar(&value_field.kind(), value, depth)?.write(&mut bytes, value_field.number(), false);
            Ok(bytes)
        };
        let bytes = written().map_err(|fault| fault.inside(name))?;
        Encoded { wire: LENGTH, bytes: with_length(bytes) }.write(out, field.number(), false);
    }
    Ok(())
}

/// A value without the field's number.
struct Encoded {
    wire: u32,
    bytes: Vec<u8>,
}

impl Encoded {
    fn write(self, out: &mut Vec<u8>, number: u32, group: bool) {
        if group {
            tag(out, number, GROUP_START);
            // Between its marks a group needs no length.
            let (_, inner) = length_of(&self.bytes);
            out.extend_from_slice(inner);
            tag(out, number, GROUP_END);
        } else {
            tag(out, number, self.wire);
            out.extend_from_slice(&self.bytes);
        }
    }
}

fn tag(out: &mut Vec<u8>, number: u32, wire: u32) {
    varint(out, u64::from(number << 3 | wire));
}

fn with_length(bytes: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 5);
    varint(&mut out, bytes.len() as u64);
    out.extend(bytes);
    out
}

/// The reverse of [`with_length`].
fn length_of(bytes: &[u8]) -> (usize, &[u8]) {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).map_or(bytes.len(), |at| at + 1);
    (end, bytes.get(end..).unwrap_or_default())
}

fn scalar(kind: &Kind, json: &RawValue, depth: usize) -> Result<Encoded, Fault> {
    if let Kind::Message(of) = kind {
        return message(of, json, depth + 1).map(|bytes| Encoded { wire: LENGTH, bytes: with_length(bytes) });
    }
    let part = Part::of(json)?;
    // 64-bit numbers may be texts, as the JSON mapping of Protobuf writes them.
    let digits = match &part {
        Part::Number(digits) => digits,
        Part::Text(text) => text.as_str(),
        _ => "",
    };
    let signed = |wanted: &str, bits: u32| match digits.parse::<i64>() {
        Ok(number) if bits == 64 || i32::try_from(number).is_ok() => Ok(number),
        _ => Err(out_of(&part, digits, wanted)),
    };
    let unsigned = |wanted: &str, bits: u32| match digits.parse::<u64>() {
        Ok(number) if bits == 64 || u32::try_from(number).is_ok() => Ok(number),
        _ => Err(out_of(&part, digits, wanted)),
    };
    let zigzag = |number: i64| ((number << 1) ^ (number >> 63)) as u64;
    let var = |number: u64| {
        let mut bytes = Vec::new();
        varint(&mut bytes, number);
        Encoded { wire: VARINT, bytes }
    };
    let four = |bytes: [u8; 4]| Encoded { wire: BITS_32, bytes: bytes.to_vec() };
    let eight = |bytes: [u8; 8]| Encoded { wire: BITS_64, bytes: bytes.to_vec() };
    Ok(match kind {
        Kind::Double => eight(part.real().ok_or_else(|| part.is_no("a double"))?.to_le_bytes()),
        Kind::Float => {
            let number = part.real().filter(|number| !number.is_finite() || (*number as f32).is_finite());
            four((number.ok_or_else(|| part.is_no("a float"))? as f32).to_le_bytes())
        }
        Kind::Int32 => var(signed("an int32", 32)? as u64),
        Kind::Int64 => var(signed("an int64", 64)? as u64),
        Kind::Uint32 => var(unsigned("a uint32", 32)?),
        Kind::Uint64 => var(unsigned("a uint64", 64)?),
        Kind::Sint32 => var(zigzag(signed("a sint32", 32)?)),
        Kind::Sint64 => var(zigzag(signed("a sint64", 64)?)),
        Kind::Fixed32 => four((unsigned("a fixed32", 32)? as u32).to_le_bytes()),
        Kind::Fixed64 => eight(unsigned("a fixed64", 64)?.to_le_bytes()),
        Kind::Sfixed32 => four((signed("an sfixed32", 32)? as i32).to_le_bytes()),
        Kind::Sfixed64 => eight(signed("an sfixed64", 64)?.to_le_bytes()),
        Kind::Bool => match &part {
            Part::Bool(flag) => var(u64::from(*flag)),
            _ => return Err(part.is_no("a boolean")),
        },
        Kind::String => match &part {
            Part::Text(text) => Encoded { wire: LENGTH, bytes: with_length(text.clone().into_bytes()) },
            _ => return Err(part.is_no("a text")),
        },
        Kind::Bytes => match part.bytes() {
            Some(bytes) => Encoded { wire: LENGTH, bytes: with_length(bytes) },
            None => return Err(part.is_no("{\"$base64\":…}")),
        },
        Kind::Enum(of) => match &part {
            Part::Null if of.full_name() == "google.protobuf.NullValue" => var(0),
            Part::Text(name) => match of.get_value_by_name(name) {
                Some(value) => var(i64::from(value.number()) as u64),
                None => return Err(Fault::new(format!("{name} is none of {}", of.full_name()))),
            },
            Part::Number(_) => var(signed("a number of the enum", 32)? as u64),
            _ => return Err(part.is_no(of.full_name())),
        },
        Kind::Message(_) => return Err(Fault::new("no message")),
    })
}

fn out_of(part: &Part<'_>, digits: &str, wanted: &str) -> Fault {
    if digits.is_empty() { part.is_no(wanted) } else { Fault::new(format!("{digits} where {wanted} belongs")) }
}

/// Times, durations, wrappers: by the JSON mapping of Protobuf.
fn well_known(of: &MessageDescriptor, json: &RawValue) -> Result<Vec<u8>, Fault> {
    let mut input = serde_json::Deserializer::from_str(json.get());
    let read = DynamicMessage::deserialize(of.clone(), &mut input);
    let read = read.map_err(|cause| Fault::new(format!("no {}: {cause}", of.full_name())))?;
    Ok(read.encode_to_vec())
}

/// `google.protobuf.Struct`: any object, as entries of a map (field 1).
fn free_object(json: &RawValue, depth: usize) -> Result<Vec<u8>, Fault> {
    let part = Part::of(json)?;
    let Part::Object(members) = &part else { return Err(part.is_no("an object")) };
    let mut out = Vec::new();
    for (name, value) in members {
        let mut entry = Vec::new();
        Encoded { wire: LENGTH, bytes: with_length(name.clone().into_bytes()) }.write(&mut entry, 1, false);
        let value = free_value(value, depth + 1).map_err(|fault| fault.inside(name))?;
        Encoded { wire: LENGTH, bytes: with_length(value) }.write(&mut entry, 2, false);
        Encoded { wire: LENGTH, bytes: with_length(entry) }.write(&mut out, 1, false);
    }
    Ok(out)
}

/// `google.protobuf.ListValue`: any array (field 1).
fn free_list(json: &RawValue, depth: usize) -> Result<Vec<u8>, Fault> {
    let part = Part::of(json)?;
    let Part::Array(items) = &part else { return Err(part.is_no("an array")) };
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let value = free_value(item, depth + 1).map_err(|fault| fault.inside(at))?;
        Encoded { wire: LENGTH, bytes: with_length(value) }.write(&mut out, 1, false);
    }
    Ok(out)
}

/// `google.protobuf.Value`: one of six kinds.
fn free_value(json: &RawValue, depth: usize) -> Result<Vec<u8>, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    let part = Part::of(json)?;
    let (number, wire, bytes) = match &part {
        Part::Null => (1, VARINT, vec![0]),
        Part::Number(_) => (2, BITS_64, part.real().ok_or_else(|| part.is_no("a double"))?.to_le_bytes().to_vec()),
        Part::Text(text) => (3, LENGTH, with_length(text.clone().into_bytes())),
        Part::Bool(flag) => (4, VARINT, vec![u8::from(*flag)]),
        Part::Object(_) => (5, LENGTH, with_length(free_object(json, depth)?)),
        Part::Array(_) => (6, LENGTH, with_length(free_list(json, depth)?)),
    };
    let mut out = Vec::new();
    Encoded { wire, bytes }.write(&mut out, number, false);
    Ok(out)
}
