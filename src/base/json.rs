//! Writing JSON text piece by piece, for records and decoded bodies.

use std::io::Write as _;

use super::scan::{is_plain, space};
use super::skip::skip;

/// `"text"`, escaped.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    serde_json::to_writer(out, text).expect("text goes into memory");
}

/// `"key":`, with a comma before it unless an object has just begun.
pub(crate) fn key(out: &mut Vec<u8>, key: &str) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
    string(out, key);
    out.push(b':');
}

/// A comma, unless an array has just begun.
pub(crate) fn next(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// The number's own text where JSON can hold it, else as text.
pub(crate) fn number_text(out: &mut Vec<u8>, text: &str) {
    let text = text.trim();
    let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if is_number && is_json(text) { out.extend_from_slice(text.as_bytes()) } else { string(out, text) }
}

pub(crate) fn integer(out: &mut Vec<u8>, number: i64) {
    write!(out, "{number}").expect("memory takes it");
}

/// Infinities, which JSON has not, as text.
pub(crate) fn real(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        serde_json::to_writer(out, &number).expect("a finite number");
    } else {
        string(out, &number.to_string());
    }
}

/// One JSON value, blanks around it allowed. Nested deeper than `serde_json` reads it is none.
pub(crate) fn is_json(text: &str) -> bool {
    let bytes = text.as_bytes();
    let end = skip::<false>(bytes, space::<false>(bytes, 0), MAX_LEVELS);
    end.is_ok_and(|end| space::<false>(bytes, end) == bytes.len())
}

/// The same with nothing around it, on one line, and no deeper than `levels`.
pub(crate) fn is_one_line(bytes: &[u8], levels: usize) -> bool {
    skip::<true>(bytes, 0, levels) == Ok(bytes.len()) && memchr::memchr(b'\r', bytes).is_none()
}

/// Containers within each other that `serde_json` reads.
const MAX_LEVELS: usize = 127;

/// An object or array as it stands, byte for byte. Only line breaks between its parts become spaces,
/// since a record is one line; inside strings JSON has none. Says whether it was one.
pub(crate) fn document(out: &mut Vec<u8>, text: &str) -> bool {
    let trimmed = text.trim_ascii();
    if !matches!(trimmed.as_bytes().first(), Some(b'{' | b'[')) || !is_json(trimmed) {
        return false;
    }
    let from = out.len();
    out.extend_from_slice(trimmed.as_bytes());
    let mut rest = out.get_mut(from..).unwrap_or_default();
    while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
        rest[at] = b' ';
        rest = &mut rest[at..];
    }
    true
}

/// JSON without the spaces between its parts.
pub(crate) fn squeezed(json: &[u8]) -> Vec<u8> {
    let (mut out, mut in_text, mut escaped) = (Vec::with_capacity(json.len()), false, false);
    for &byte in json {
        if in_text || !byte.is_ascii_whitespace() {
            out.push(byte);
        }
        in_text = if in_text { escaped || byte != b'"' } else { byte == b'"' };
        escaped = in_text && byte == b'\\' && !escaped;
    }
    out
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `{"$base64":"…"}`
pub(crate) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"{\"$base64\":\"");
    for group in bytes.chunks(3) {
        let at = |ix: usize| u32::from(group.get(ix).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = BASE64.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if place <= group.len() { digit } else { b'=' });
        }
    }
    out.extend_from_slice(b"\"}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn values_are_written_as_json() {
        check(|out| number_text(out, "1.50"), "1.50");
        check(|out| number_text(out, "007"), "\"007\"");
        check(|out| number_text(out, "NaN"), "\"NaN\"");
        check(|out| number_text(out, "9007199254740993"), "9007199254740993");
        check(|out| real(out, 0.1), "0.1");
        check(|out| real(out, f64::INFINITY), "\"inf\"");
        check(|out| string(out, "a\"\u{1}\n"), "\"a\\\"\\u0001\\n\"");
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            check(|out| base64(out, bytes.as_bytes()), &format!("{{\"$base64\":\"{text}\"}}"));
        }
    }

    /// The crate that reads records in the end is asked, with every byte of each text changed once.
    #[test]
    fn json_is_what_serde_json_takes() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let texts = [
            r#" {"a":[1,-2.50e+3,{"b":null},[],{}],"c":"x\"\u00e9\n ü","d":[true,false]} "#.to_owned(),
            "[[1,2],[]]".to_owned(),
            "\"text\"".to_owned(),
            "0".to_owned(),
            deep(127),
            deep(128),
        ];
        let values = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        for text in texts {
            assert_eq!(is_json(&text), values(&text), "{text}");
            for at in 0..text.len().min(80) {
                for byte in 0..=0x7F {
                    let mut bytes = text.clone().into_bytes();
                    bytes[at] = byte;
                    let Ok(changed) = String::from_utf8(bytes) else { continue };
                    assert_eq!(is_json(&changed), values(&changed), "{changed}");
                    let bare = changed.trim() == changed && !changed.contains(['\n', '\r']);
                    assert_eq!(is_one_line(changed.as_bytes(), 127), bare && values(&changed), "{changed}");
                }
            }
        }
        assert!(is_one_line(deep(3).as_bytes(), 3) && !is_one_line(deep(4).as_bytes(), 3));
    }

    #[test]
    fn documents_stay_as_they_are_but_on_one_line() {
        let mut out = Vec::new();
        assert!(document(&mut out, "{\n \"a\": 1.00,\r\n \"b\": \"\\n\"\n}\n"));
        assert_eq!(out, b"{  \"a\": 1.00,   \"b\": \"\\n\" }");
        for not in ["", "1", "\"a\"", "{", "{} {}", "[1,]"] {
            assert!(!document(&mut Vec::new(), not), "{not}");
        }
    }
}
