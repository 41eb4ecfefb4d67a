//! Bytes that a store keeps for a payload, without a word about what they are: text in a packing, MessagePack or
//! CBOR, packed or not.

use super::schemas::{Framed, Schemas};
use super::{CODECS, Input, MAX_BODY_BYTES, Tree, packing};
use crate::model::issue::MAX_RECORD_BYTES;

/// What was found in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub content: Content,
    /// As shown: `zlib`, `CBOR`, `MessagePack in gzip`.
    pub how: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It was packed.
    Text(String),
    /// One JSON value on one line.
    Json(Vec<u8>),
}

/// None where nothing is recognised for certain.
#[must_use]
pub fn open_stored(bytes: &[u8]) -> Option<Stored> {
    let zlib = packing::may_be_zlib(bytes).then_some("zlib");
    let unpacked = packing::unpack(bytes, zlib, MAX_RECORD_BYTES).ok()?;
    let packings = unpacked.packings.iter().rev().copied().collect::<Vec<_>>().join(" in ");
    match String::from_utf8(unpacked.bytes) {
        Ok(text) => (!packings.is_empty()).then_some(Stored { content: Content::Text(text), how: packings }),
        Err(binary) => {
            let (json, codec) = recognised(binary.as_bytes())?;
            let how = if packings.is_empty() { codec.to_owned() } else { format!("{codec} in {packings}") };
            Some(Stored { content: Content::Json(json), how })
        }
    }
}

fn recognised(bytes: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    if bytes.len() > MAX_BODY_BYTES {
        return None;
    }
    let schemas = Schemas::default();
    let framed = Framed::of(bytes, &schemas);
    let input = Input { bytes, asked: false, schemas: &schemas, framed: &framed };
    CODECS.iter().find_map(|codec| {
        let mut tree = Tree::for_body(bytes.len());
        codec.decode(&input, &mut tree).ok()?;
        Some((tree.finish().ok()?, codec.name()))
    })
}
