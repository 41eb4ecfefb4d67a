//! Protobuf: framed with the id of a schema in a registry and the message's place in it, or bare by a `.proto` or
//! a descriptor set that the person names. Sources are read by protox, messages by prost-reflect.
//!
//! Written by the names of the schema, with the values that an absent field stands for, and with 64-bit numbers as
//! numbers: JSON of ours keeps their digits.

mod encode;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, MessageDescriptor, SerializeOptions, Value};
use protox::Compiler;
use protox::file::{File, FileResolver, GoogleFileResolver};
use serde_json::value::RawValue;

use super::avro::zigzag;
use super::{Codec, Found, Input, SchemaName, Tree, Why};
use crate::base::sync::caught;

pub(super) struct Protobuf;

impl Codec for Protobuf {
    fn name(&self) -> &'static str {
        "Protobuf"
    }

    fn option(&self) -> &'static str {
        "protobuf"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        let way = Way::of(body)?;
        let note = write(way.message, way.bytes, tree)?;
        Ok(Found { schema: Some(way.name), note })
    }

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        let way = Way::of(body)?;
        if let Some(note) = write(way.message.clone(), way.bytes, &mut Tree::for_body(way.bytes.len()))? {
            return Err(format!("{note} and would be lost"));
        }
        let frame = body.bytes.len() - way.bytes.len();
        let mut bytes = body.bytes.get(..frame).unwrap_or_default().to_vec();
        bytes.extend(encode::message(&way.message, json, 0)?);
        Ok(bytes)
    }
}

/// The message that a body is, and its bytes behind the frame.
struct Way<'b> {
    message: MessageDescriptor,
    bytes: &'b [u8],
    name: SchemaName,
}

impl<'b> Way<'b> {
    fn of(body: &'b Input<'_>) -> Result<Self, Why> {
        match body.framed.schema() {
            Some(Ok(schema)) => {
                let (message, bytes) = schema.protobuf()?.framed(body.framed.rest())?;
                let name = SchemaName { name: message.full_name().to_owned(), ..schema.name.clone() };
                return Ok(Self { message, bytes, name });
            }
            Some(Err(why)) if body.schemas.protobuf().is_none() => return Err(why.to_owned()),
            Some(Err(_)) | None => {}
        }
        let Some(schema) = body.schemas.protobuf() else {
            return Err("no frame with a schema's id; a bare body needs schema=FILE".to_owned());
        };
        if !body.asked {
            return Err("only where it is asked for".to_owned());
        }
        let message = schema.message(body.schemas.message())?;
        let name = SchemaName { name: message.full_name().to_owned(), ..SchemaName::default() };
        // A frame whose registry is not there is no part of the message.
        match body.bytes {
            [0, _, _, _, _, rest @ ..] => {
                let (message, bytes) = schema.framed(rest)?;
                Ok(Self { message, bytes, name })
            }
            whole => Ok(Self { message, bytes: whole, name }),
        }
    }
}

/// Files of a schema, ready for reading.
#[derive(Debug)]
pub(super) struct ProtoSchema {
    pool: DescriptorPool,
    /// The file whose messages are meant.
    main: String,
}

/// Longest source, and deepest nesting of its brackets: protox reads by recursion.
const MAX_SOURCE_BYTES: usize = 4 << 20;
const MAX_NESTING: usize = 64;

impl ProtoSchema {
    /// Of sources by the names under which they import each other.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(main: &str, sources: BTreeMap<String, String>) -> Result<Self, Why> {
        for (name, source) in &sources {
            check(source).map_err(|why| format!("{name}: {why}"))?;
        }
        let compiled = caught(|| {
            let mut compiler = Compiler::with_file_resolver(Sources(sources));
            compiler.include_imports(true).open_file(main).map(|compiler| compiler.descriptor_pool())
        });
        let pool = compiled.map_err(|_| "the schema cannot be read".to_owned())?;
        let pool = pool.map_err(|cause| format!("the schema cannot be read: {cause}"))?;
        Ok(Self { pool, main: main.to_owned() })
    }

    /// Of a `FileDescriptorSet` (`protoc --include_imports --descriptor_set_out=FILE`); the last file is the one
    /// that is meant.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_descriptors(bytes: &[u8]) -> Result<Self, Why> {
        let pool =
            caught(|| DescriptorPool::decode(bytes)).map_err(|_| "the descriptor set cannot be read".to_owned())?;
        let pool = pool.map_err(|cause| format!("the descriptor set cannot be read: {cause}"))?;
        let main = pool.files().last().map(|file| file.name().to_owned()).ok_or("the descriptor set is empty")?;
        Ok(Self { pool, main })
    }

    /// The schema's own name: its first message, or its file.
    pub fn name(&self) -> String {
        self.pool
            .get_file_by_name(&self.main)
            .and_then(|file| file.messages().next())
            .map_or_else(|| self.main.clone(), |message| message.full_name().to_owned())
    }

    /// By its full name; without one the only message there is.
    fn message(&self, name: Option<&str>) -> Result<MessageDescriptor, Why> {
        if let Some(name) = name {
            return self.pool.get_message_by_name(name).ok_or_else(|| format!("the schema has no message {name}"));
        }
        let file = self.pool.get_file_by_name(&self.main).ok_or("the schema has no messages")?;
        let mut messages = file.messages();
        match (messages.next(), messages.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err("the schema has several messages: name one with message=".to_owned()),
            (None, _) => Err("the schema has no messages".to_owned()),
        }
    }

    /// The message named by the places before it: how many, then each within the one before. A single 0 is the
    /// first message of the file.
    /// <https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format>
    fn framed<'b>(&self, bytes: &'b [u8]) -> Result<(MessageDescriptor, &'b [u8]), Why> {
        let missing = |path: &[i64]| format!("the schema has no message at {path:?}");
        let file = self.pool.get_file_by_name(&self.main).ok_or("the schema has no messages")?;
        let (count, mut rest) = zigzag(bytes)?;
        if !(0..=MAX_NESTING as i64).contains(&count) {
            return Err(format!("a path of {count} messages"));
        }
        let mut path = Vec::new();
        for _ in 0..count {
            let (ix, after) = zigzag(rest)?;
            path.push(ix);
            rest = after;
        }
        if path.is_empty() {
            path.push(0);
        }
        let mut found: Option<MessageDescriptor> = None;
        for ix in &path {
            let at = usize::try_from(*ix).map_err(|_| missing(&path))?;
            let next = match &found {
                None => file.messages().nth(at),
                Some(outer) => outer.child_messages().nth(at),
            };
            found = Some(next.ok_or_else(|| missing(&path))?);
        }
        Ok((found.ok_or_else(|| missing(&path))?, rest))
    }
}

fn check(source: &str) -> Result<(), Why> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err("longer than 4 MiB".to_owned());
    }
    let mut depth = 0_usize;
    for byte in source.bytes() {
        match byte {
            b'{' | b'[' | b'<' | b'(' => depth += 1,
            b'}' | b']' | b'>' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(format!("nested deeper than {MAX_NESTING} levels"));
        }
    }
    Ok(())
}

/// Sources in memory, descriptors among them, and Google's own.
struct Sources(BTreeMap<String, String>);

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let Some(source) = self.0.get(name) else { return GoogleFileResolver::new().open_file(name) };
        match descriptor(source) {
            // Its own name may be another than that by which it is imported.
            Some(file) => {
                Ok(File::from_file_descriptor_proto(FileDescriptorProto { name: Some(name.to_owned()), ..file }))
            }
            None => File::from_source(name, source),
        }
    }
}

/// What is not in the schema is told.
fn write(message: MessageDescriptor, bytes: &[u8], tree: &mut Tree) -> Result<Option<String>, Why> {
    let message = DynamicMessage::decode(message, bytes).map_err(|cause| cause.to_string())?;
    let mut unknown = 0;
    write_message(&message, tree, &mut unknown)?;
    let words = || crate::base::text::plural(unknown, "field is", "fields are");
    Ok((unknown > 0).then(|| format!("{} not in the schema", words())))
}

fn write_message(message: &DynamicMessage, tree: &mut Tree, unknown: &mut u64) -> Result<(), Why> {
    use prost_reflect::ReflectMessage as _;
    let of = message.descriptor();
    if of.full_name().starts_with("google.protobuf.") {
        return well_known(message, tree);
    }
    *unknown += message.unknown_fields().count() as u64;
    tree.object(|tree| {
        for field in of.fields().filter(|field| !field.supports_presence() || message.has_field(field)) {
            tree.key(field.name())?;
            write_value(&message.get_field(&field), &field.kind(), tree, unknown)?;
        }
        for (extension, value) in message.extensions() {
            tree.key(extension.full_name())?;
            write_value(value, &extension.kind(), tree, unknown)?;
        }
        Ok(())
    })
}

/// Times, durations, wrappers, free structures: as the JSON mapping of Protobuf has them.
fn well_known(message: &DynamicMessage, tree: &mut Tree) -> Result<(), Why> {
    let options = SerializeOptions::new().stringify_64_bit_integers(false).use_proto_field_name(true);
    let mut json = message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(|cause| format!("{}: {cause}", prost_reflect::ReflectMessage::descriptor(message).full_name()))?;
    // Their maps have no order of their own.
    json.sort_all_objects();
    tree.raw(json.to_string().as_bytes())
}

fn write_value(value: &Value, kind: &Kind, tree: &mut Tree, unknown: &mut u64) -> Result<(), Why> {
    match value {
        Value::Bool(flag) => tree.bool(*flag),
        Value::I32(number) => tree.integer(*number),
        Value::I64(number) => tree.integer(*number),
        Value::U32(number) => tree.integer(*number),
        Value::U64(number) => tree.integer(*number),
        Value::F32(number) => tree.real32(*number),
        Value::F64(number) => tree.real(*number),
        Value::String(text) => tree.text(text),
        Value::Bytes(bytes) => tree.bytes(bytes),
        Value::EnumNumber(number) => match kind {
            Kind::Enum(of) => match of.get_value(*number) {
                Some(symbol) => tree.text(symbol.name()),
                None => tree.integer(*number),
            },
            _ => tree.integer(*number),
        },
        Value::Message(message) => write_message(message, tree, unknown),
        Value::List(items) => tree.array(|tree| {
            items.iter().try_for_each(|item| {
                tree.item();
                write_value(item, kind, tree, unknown)
            })
        }),
        Value::Map(entries) => {
            let value_kind = match kind {
                Kind::Message(entry) if entry.is_map_entry() => entry.map_entry_value_field().kind(),
                other => other.clone(),
            };
            // In an order of ours: they are kept in none.
            let mut sorted: Vec<(&MapKey, &Value)> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            tree.object(|tree| {
                sorted.iter().try_for_each(|(key, value)| {
                    tree.key(&name(key))?;
                    write_value(value, &value_kind, tree, unknown)
                })
            })
        }
    }
}

fn name(key: &MapKey) -> String {
    match key {
        MapKey::Bool(flag) => flag.to_string(),
        MapKey::I32(number) => number.to_string(),
        MapKey::I64(number) => number.to_string(),
        MapKey::U32(number) => number.to_string(),
        MapKey::U64(number) => number.to_string(),
        MapKey::String(text) => text.clone(),
    }
}

/// Registries keep what they are given: a source, or a descriptor in base64, as Confluent's clients in C and Python
/// register them.
fn descriptor(source: &str) -> Option<FileDescriptorProto> {
    let bytes = (!source.contains(['{', ';'])).then(|| STANDARD.decode(source.trim()).ok())??;
    FileDescriptorProto::decode(&*bytes).ok()
}
