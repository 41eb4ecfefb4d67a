//! JSON strings → their text. Half surrogates become U+FFFD: the text is for people and for keys, the
//! bytes themselves stay in the record.

/// Appends the text of a string's inside (without its quotes), whose escapes were checked before.
pub fn unescape(inside: &[u8], out: &mut Vec<u8>) {
    let mut rest = inside;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let (text, used) = one(escape);
        out.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
        rest = escape.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The character of an escape at the start of `text`, and the escape's length.
fn one(text: &[u8]) -> (char, usize) {
    let simple = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        Some(&other) => char::from(other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (simple, 2)
}

fn unicode(text: &[u8]) -> (char, usize) {
    let first = hex(text, 2);
    if let 0xD800..0xDC00 = first
        && text.get(6..8) == Some(b"\\u")
        && let second @ 0xDC00..0xE000 = hex(text, 8)
    {
        let both = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

fn hex(text: &[u8], at: usize) -> u32 {
    let digits = text.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_the_standard() {
        for (inside, expected) in [
            ("", ""),
            ("plain ü", "plain ü"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\u00e9\u0000x", "é\0x"),
            (r"a\ud83d\ude00b", "a😀b"),
            (r"\ud83dx\ude00", "\u{fffd}x\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
        ] {
            let mut out = Vec::new();
            unescape(inside.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{inside}");
        }
    }
}
