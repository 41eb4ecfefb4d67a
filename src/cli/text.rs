//! Text for terminals: nothing from a log reaches them that a terminal would obey or hide.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::unusual::is_unusual;

/// Control characters as `\n`, `\t` or `\u{1b}`, and those that reorder or hide text (bidi marks, zero
/// width, tags, line separators) as `\u{202e}`.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unusual) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unusual(c) => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("writing to a String cannot fail"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The same characters as JSON's `\u` escapes: inside strings, the only place where a line of JSON can
/// hold them, they mean the same.
#[must_use]
pub fn json_escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_unusual) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if is_unusual(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a String cannot fail");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// At most `width` characters, the last of them `…` where something was cut.
#[must_use]
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.char_indices().nth(width).is_none() {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    Cow::Owned(kept + "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_or_hide_is_shown() {
        for (text, shown) in [
            ("plain — größe 山", "plain — größe 山"),
            ("\u{1b}]0;owned\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("a\tb\r\n\0", "a\\tb\\r\\n\\u{0}"),
            ("adm\u{202e}in\u{200b}", "adm\\u{202e}in\\u{200b}"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        for (text, width, shown) in [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("äöü", 2, "ä…"), ("", 0, "")] {
            assert_eq!(cut(text, width), shown);
        }
    }
}
