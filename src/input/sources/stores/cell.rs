//! One value of a table as JSON. Payloads are opened: JSON in text or bytes becomes part of the record
//! byte for byte; what is compressed, MessagePack or CBOR is opened and the record says so.

use crate::base::json;
use crate::input::codecs::{self, Content, Stored, decode_as, open_stored};

/// A value as a database gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// A number as JSON writes it, kept to the digit.
    Number(&'a str),
    Bool(bool),
    /// A column of the database's own JSON type.
    Json(&'a str),
    Text(&'a str),
    /// Text that is meant to be UTF-8.
    RawText(&'a [u8]),
    Bytes(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// Its text, where it is one.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Json(text) | Self::Text(text) => Some(text),
            Self::RawText(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

/// Appends the value; says how it was written, if it was not JSON.
pub(in super::super) fn write(out: &mut Vec<u8>, column: &str, value: Cell<'_>) -> Option<String> {
    match value {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Integer(number) => json::integer(out, number),
        Cell::Real(number) => json::real(out, number),
        Cell::Number(text) => out.extend_from_slice(text.as_bytes()),
        Cell::Bool(yes) => out.extend_from_slice(if yes { b"true" } else { b"false" }),
        Cell::Json(text) => write_json(out, text),
        Cell::Text(text) => write_text(out, text),
        Cell::RawText(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => write_text(out, text),
            Err(_) => json::base64(out, bytes),
        },
        Cell::Bytes(bytes) => return write_bytes(out, column, bytes),
    }
    None
}

/// JSON that may be a single value.
fn write_json(out: &mut Vec<u8>, text: &str) {
    if json::document(out, text) {
        return;
    }
    let alone = text.trim();
    if json::is_json(alone) { out.extend_from_slice(alone.as_bytes()) } else { json::string(out, text) }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    if !json::document(out, text) {
        json::string(out, text);
    }
}

/// The same for a payload that its store writes by this codec, or as JSON where it was told to.
pub(in super::super) fn write_by(codec: &str, out: &mut Vec<u8>, column: &str, value: Cell<'_>) -> Option<String> {
    let bytes = match value {
        Cell::Text(text) => text.as_bytes(),
        Cell::RawText(bytes) | Cell::Bytes(bytes) => bytes,
        _ => return write(out, column, value),
    };
    let is_json = std::str::from_utf8(bytes).is_ok_and(json::is_json);
    let codec = codecs::by_option(codec).filter(|_| !is_json);
    let Some((codec, read)) = codec.and_then(|codec| Some((codec, decode_as(codec, bytes).ok()?))) else {
        return write(out, column, value);
    };
    out.extend_from_slice(&read);
    Some(codec.name().to_owned())
}

fn write_bytes(out: &mut Vec<u8>, column: &str, bytes: &[u8]) -> Option<String> {
    if let Some(Stored { content, how }) = open_stored(bytes) {
        match content {
            Content::Text(text) => write_text(out, &text),
            Content::Json(value) => out.extend_from_slice(&value),
        }
        return Some(how);
    }
    match std::str::from_utf8(bytes) {
        // Bytes that happen to be text but hold control characters are bytes.
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => write_text(out, text),
        _ => match <&[u8; 16]>::try_from(bytes) {
            Ok(id) if is_id(column) => write_uuid(out, id),
            _ => json::base64(out, bytes),
        },
    }
    None
}

fn is_id(column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    ["id", "uuid", "guid", "identifier"].iter().any(|ending| column.ends_with(ending))
}

fn write_uuid(out: &mut Vec<u8>, id: &[u8; 16]) {
    let mut text = String::with_capacity(36);
    for (ix, byte) in id.iter().enumerate() {
        if matches!(ix, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    json::string(out, &text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn check(value: Cell<'_>, expected: &str, packing: Option<&str>) {
        let mut out = Vec::new();
        assert_eq!(write(&mut out, "event_id", value).as_deref(), packing);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn values_become_json() {
        check(Cell::Null, "null", None);
        check(Cell::Integer(i64::MIN), "-9223372036854775808", None);
        check(Cell::Real(f64::NEG_INFINITY), "\"-inf\"", None);
        check(Cell::Text("a\"b"), "\"a\\\"b\"", None);
        check(Cell::Text("{\"a\": 1.0}"), "{\"a\": 1.0}", None);
        check(Cell::RawText(b"{broken"), "\"{broken\"", None);
        check(Cell::RawText(b"\xFF"), "{\"$base64\":\"/w==\"}", None);
        check(Cell::Bytes(b"{\"a\":1}"), "{\"a\":1}", None);
        check(Cell::Bytes(b"<xml/>"), "\"<xml/>\"", None);
        check(Cell::Bytes(&[0xA1, 0x61, 0x61, 0x01]), "{\"a\":1}", Some("CBOR"));
        check(Cell::Bytes(&[0x81, 0xA1, 0x61, 0x01]), "{\"a\":1}", Some("MessagePack"));
        check(Cell::Bytes(&[0xA1, 0x61, 0x61]), "{\"$base64\":\"oWFh\"}", None);
        check(Cell::Bytes(&[7; 16]), "\"07070707-0707-0707-0707-070707070707\"", None);
    }

    #[test]
    fn packed_json_is_opened() {
        let json = b"{\"amount\":\"10.25\"}";
        let text = std::str::from_utf8(json).expect("UTF-8");
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(json).expect("memory");
        check(Cell::Bytes(&zlib.finish().expect("memory")), text, Some("zlib"));
        check(Cell::Bytes(&zstd::encode_all(&json[..], 1).expect("memory")), text, Some("zstd"));
        let cbor = zstd::encode_all(&[0xA1, 0x61, 0x61, 0x18, 0xFF][..], 1).expect("memory");
        check(Cell::Bytes(&cbor), "{\"a\":255}", Some("CBOR in zstd"));
        check(Cell::Bytes(&[0x78, 0x9C, 1, 2, 3]), "{\"$base64\":\"eJwBAgM=\"}", None);
    }
}
