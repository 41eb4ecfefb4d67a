//! One value of a table as JSON. Payloads are opened: JSON in text or bytes becomes part of the record
//! byte for byte; what is compressed, MessagePack or CBOR is opened and the record says so.

use rusqlite::types::ValueRef;

use super::super::json;
use crate::input::codecs::{self, Content, Stored, decode_as, open_stored};

/// Appends the value; says how it was written, if it was not JSON.
pub(super) fn write(out: &mut Vec<u8>, column: &str, value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Integer(number) => json::integer(out, number),
        ValueRef::Real(number) => json::real(out, number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => write_text(out, text),
            Err(_) => json::base64(out, bytes),
        },
        ValueRef::Blob(bytes) => return write_bytes(out, column, bytes),
    }
    None
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    if !json::document(out, text) {
        json::string(out, text);
    }
}

/// The same for a payload that its store writes as YAML, or as JSON where it was told to.
pub(super) fn write_yaml(out: &mut Vec<u8>, column: &str, value: ValueRef<'_>) -> Option<String> {
    let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { return write(out, column, value) };
    let is_json = std::str::from_utf8(bytes).is_ok_and(json::is_json);
    let yaml = codecs::by_option("yaml").filter(|_| !is_json);
    let Some((yaml, read)) = yaml.and_then(|yaml| Some((yaml, decode_as(yaml, bytes).ok()?))) else {
        return write(out, column, value);
    };
    out.extend_from_slice(&read);
    Some(yaml.name().to_owned())
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

    fn check(value: ValueRef<'_>, expected: &str, packing: Option<&str>) {
        let mut out = Vec::new();
        assert_eq!(write(&mut out, "event_id", value).as_deref(), packing);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn values_become_json() {
        check(ValueRef::Null, "null", None);
        check(ValueRef::Integer(i64::MIN), "-9223372036854775808", None);
        check(ValueRef::Real(f64::NEG_INFINITY), "\"-inf\"", None);
        check(ValueRef::Text(b"a\"b"), "\"a\\\"b\"", None);
        check(ValueRef::Text(b"{\"a\": 1.0}"), "{\"a\": 1.0}", None);
        check(ValueRef::Text(b"{broken"), "\"{broken\"", None);
        check(ValueRef::Text(b"\xFF"), "{\"$base64\":\"/w==\"}", None);
        check(ValueRef::Blob(b"{\"a\":1}"), "{\"a\":1}", None);
        check(ValueRef::Blob(b"<xml/>"), "\"<xml/>\"", None);
        check(ValueRef::Blob(&[0xA1, 0x61, 0x61, 0x01]), "{\"a\":1}", Some("CBOR"));
        check(ValueRef::Blob(&[0x81, 0xA1, 0x61, 0x01]), "{\"a\":1}", Some("MessagePack"));
        check(ValueRef::Blob(&[0xA1, 0x61, 0x61]), "{\"$base64\":\"oWFh\"}", None);
        check(ValueRef::Blob(&[7; 16]), "\"07070707-0707-0707-0707-070707070707\"", None);
    }

    #[test]
    fn packed_json_is_opened() {
        let json = b"{\"amount\":\"10.25\"}";
        let text = std::str::from_utf8(json).expect("UTF-8");
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(json).expect("memory");
        check(ValueRef::Blob(&zlib.finish().expect("memory")), text, Some("zlib"));
        check(ValueRef::Blob(&zstd::encode_all(&json[..], 1).expect("memory")), text, Some("zstd"));
        let cbor = zstd::encode_all(&[0xA1, 0x61, 0x61, 0x18, 0xFF][..], 1).expect("memory");
        check(ValueRef::Blob(&cbor), "{\"a\":255}", Some("CBOR in zstd"));
        check(ValueRef::Blob(&[0x78, 0x9C, 1, 2, 3]), "{\"$base64\":\"eJwBAgM=\"}", None);
    }
}
