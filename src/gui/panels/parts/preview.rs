//! Foreign text on one short line: cut before it is laid out, unusual characters made visible.
//!
//! Laying out a megabyte of payload to show its first hundred letters would cost a frame.

use std::fmt::Write as _;

use crate::base::unusual::is_unusual;

/// Names differ at their ends more often than in between, so the middle gives way.
#[must_use]
pub fn middle_cut(name: &str, fits: usize) -> String {
    let n = name.chars().count();
    if n <= fits || fits < 5 {
        return name.to_owned();
    }
    let head = fits / 2;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(n + head + 1 - fits).collect();
    format!("{start}…{end}")
}

/// A name as a person can see it: an empty one says that it is.
#[must_use]
pub fn named(name: &str) -> String {
    if name.trim().is_empty() { "(empty)".to_owned() } else { name.to_owned() }
}

/// At most `most` characters of `bytes` on one line. Runs of white space become one space; control,
/// bidirectional and zero-width characters become `\u{…}`; bytes that are not UTF-8 become `\xNN`.
#[must_use]
pub fn preview(bytes: &[u8], most: usize) -> String {
    let mut out = Line { text: String::with_capacity(most.min(bytes.len()) + 4), chars: 0, most };
    let mut space = false;
    let head = head(bytes, most.saturating_mul(16));
    for chunk in head.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_whitespace() {
                space = out.chars > 0;
                continue;
            }
            if std::mem::take(&mut space) && !out.push(' ') {
                return out.text;
            }
            let fits =
                if is_unusual(c) { out.escape(format_args!("\\u{{{:04X}}}", u32::from(c))) } else { out.push(c) };
            if !fits {
                return out.text;
            }
        }
        for byte in chunk.invalid() {
            if !out.escape(format_args!("\\x{byte:02x}")) {
                return out.text;
            }
        }
    }
    if head.len() < bytes.len() {
        out.text.push('…');
    }
    out.text
}

/// The same for text that is known to be UTF-8.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    preview(text.as_bytes(), most)
}

/// The first bytes, enough for a preview even if half of them are indentation, cut between characters.
fn head(bytes: &[u8], most: usize) -> &[u8] {
    if bytes.len() <= most {
        return bytes;
    }
    let continues = |at: usize| bytes.get(at).is_some_and(|b| b & 0xC0 == 0x80);
    let end = (most.saturating_sub(3)..=most).rev().find(|&at| !continues(at)).unwrap_or(most);
    bytes.get(..end).unwrap_or(bytes)
}

struct Line {
    text: String,
    chars: usize,
    most: usize,
}

impl Line {
    /// Whether there was room; the first that has none becomes an ellipsis.
    fn push(&mut self, c: char) -> bool {
        if self.chars >= self.most {
            self.text.push('…');
            return false;
        }
        self.chars += 1;
        self.text.push(c);
        true
    }

    fn escape(&mut self, escaped: std::fmt::Arguments<'_>) -> bool {
        if self.chars >= self.most {
            self.text.push('…');
            return false;
        }
        let before = self.text.len();
        write!(self.text, "{escaped}").expect("writing to a String cannot fail");
        self.chars += self.text.len() - before;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_lose_their_middle() {
        for (id, fits, expected) in [
            ("order-456", 12, "order-456"),
            ("0195a7c2-6d1e-7f3a-9b2c-3d4e5f607182", 13, "0195a7…607182"),
            ("日本語の注文番号", 6, "日本語…番号"),
            ("abcdef", 3, "abcdef"),
        ] {
            assert_eq!(middle_cut(id, fits), expected);
        }
    }

    #[test]
    fn a_preview_is_one_short_visible_line() {
        for (bytes, most, expected) in [
            (&b"{\"a\": 1}"[..], 20, "{\"a\": 1}"),
            (b"{\n    \"a\":\t1\n}\n", 20, "{ \"a\": 1 }"),
            (b"abcdef", 3, "abc…"),
            (b"abc", 3, "abc"),
            ("pay\u{202e}lo\u{0}d".as_bytes(), 40, "pay\\u{202E}lo\\u{0000}d"),
            (b"caf\xe9!", 40, "caf\\xe9!"),
            ("naïve café 日本".as_bytes(), 40, "naïve café 日本"),
            (b"", 5, ""),
        ] {
            assert_eq!(preview(bytes, most), expected);
        }
    }

    #[test]
    fn a_character_cut_by_the_window_is_not_shown_as_damage() {
        let text = "é".repeat(100);
        let cut = preview(text.as_bytes(), 5);
        assert_eq!(cut, "ééééé…");
        let spaces = format!("a{}é", " ".repeat(14));
        assert_eq!(preview(spaces.as_bytes(), 1), "a…");
    }
}
