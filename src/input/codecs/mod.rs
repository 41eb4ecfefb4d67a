//! What a message's body is written in, when it is not plain JSON. ★ A codec is a [`Codec`] in its own file and
//! a line in [`CODECS`]; copy `msgpack.rs` to add one.
//!
//! A codec makes JSON text of bytes, beside the bytes and never in their place: what is shown as hex, copied or
//! put back is the original. Foreign bytes and foreign schemas are bounded in size, depth and what they grow to.

pub mod avro;
pub mod bodies;
mod cbor;
mod json;
mod msgpack;
mod packing;
mod part;
mod protobuf;
mod registry;
mod schemas;
pub mod settings;
mod stored;
mod text;
mod tree;
pub(super) mod xml;
mod yaml;

#[cfg(test)]
mod tests;

use bigdecimal::num_bigint::BigInt;
use serde_json::value::RawValue;

pub use schemas::JsonSchema;
use schemas::{Framed, Schemas};
pub use stored::{Content, Stored, open_stored};
pub use tree::Tree;

use crate::model::message::SchemaName;

/// A way of writing values as bytes.
pub trait Codec: Send + Sync {
    /// As shown: `MessagePack`.
    fn name(&self) -> &'static str;

    /// As the value of the option `value=` of an address: `msgpack`.
    fn option(&self) -> &'static str;

    /// What a header may call it, without parameters.
    fn content_types(&self) -> &'static [&'static str];

    /// Writes the body's value. Where nobody asked for this codec, it takes only what can hardly be anything else.
    ///
    /// # Errors
    /// Why it is not written in it.
    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why>;

    /// The bytes of a new value in place of the body's own, which this codec reads: by the same schema, in the same
    /// frame. `json` is what [`Codec::decode`] writes, edited.
    ///
    /// # Errors
    /// What does not fit, and where: `at /total: a text where a number belongs`.
    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why>;
}

/// Why a codec refuses a body: a few words, without a full stop.
pub type Why = String;

/// All of them, the most recognisable first.
pub const CODECS: &[&dyn Codec] = &[
    &json::Json,
    &avro::Avro,
    &protobuf::Protobuf,
    &msgpack::MessagePack,
    &cbor::Cbor,
    &xml::Xml,
    &yaml::Yaml,
    &text::Text,
];

/// Longest body that is looked into, packed or not.
pub const MAX_BODY_BYTES: usize = 8 << 20;

/// A body after it was unpacked.
pub struct Input<'a> {
    pub bytes: &'a [u8],
    /// The person or the message itself names this codec.
    pub asked: bool,
    schemas: &'a Schemas,
    framed: &'a Framed<'a>,
}

/// What else is known of a decoded body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub schema: Option<SchemaName>,
    /// What is doubtful: `2 fields are not in the schema`.
    pub note: Option<String>,
}

/// One body with one codec that is asked for, for stores that say how their payloads are written. Packed bodies
/// are unpacked first.
///
/// # Errors
/// Why it cannot be read so.
pub fn decode_as(codec: &dyn Codec, bytes: &[u8]) -> Result<Vec<u8>, Why> {
    let schemas = Schemas::default();
    let unpacked = packing::unpack(bytes, None, MAX_BODY_BYTES)?;
    let framed = Framed::of(&unpacked.bytes, &schemas);
    let mut tree = Tree::for_body(bytes.len());
    codec.decode(&Input { bytes: &unpacked.bytes, asked: true, schemas: &schemas, framed: &framed }, &mut tree)?;
    tree.finish()
}

/// The codec with this value of the option `value=`.
#[must_use]
pub fn by_option(option: &str) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| codec.option() == option)
}

fn left_over(bytes: usize) -> Why {
    format!("{} left over", crate::base::text::plural(bytes as u64, "byte is", "bytes are"))
}

/// `2026-02-16T10:30:00.5Z`; without the `Z` where no zone is meant. None where the calendar has no such time.
fn instant(seconds: i64, nanos: u32, utc: bool) -> Option<String> {
    let time = chrono::DateTime::from_timestamp(seconds, nanos)?;
    let zone = if utc { "Z" } else { "" };
    Some(format!("{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.f")))
}

/// Seven bits a byte, the lowest first.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7F {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (ix, byte) in bytes.iter().enumerate() {
        if matches!(ix, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The reverse of [`uuid`].
fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let dashed = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    if !dashed || digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(&digits).ok()?;
    u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
}

/// Longest number that is written out: making digits of it takes the square of its length.
const MAX_NUMBER_BYTES: usize = 1024;

/// Most zeros that an exponent may stand for.
const MAX_SCALE: i64 = 4096;

fn unsigned(bytes: &[u8]) -> Result<BigInt, Why> {
    if bytes.len() > MAX_NUMBER_BYTES {
        return Err(format!("a number of {} bytes", bytes.len()));
    }
    Ok(BigInt::from_bytes_be(bigdecimal::num_bigint::Sign::Plus, bytes))
}

/// Two's complement, as Avro and Java have it.
fn signed(bytes: &[u8]) -> Result<BigInt, Why> {
    if bytes.len() > MAX_NUMBER_BYTES {
        return Err(format!("a number of {} bytes", bytes.len()));
    }
    Ok(BigInt::from_signed_bytes_be(bytes))
}

/// `1025` and 2 → `10.25`
fn decimal(digits: BigInt, scale: i64) -> Result<String, Why> {
    if scale.abs() > MAX_SCALE {
        return Err(format!("a decimal of scale {scale}"));
    }
    Ok(bigdecimal::BigDecimal::new(digits, scale).to_plain_string())
}
