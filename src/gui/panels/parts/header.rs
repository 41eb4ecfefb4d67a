//! A message's header on one line: text as it is, other bytes in hex with the number they stand for.

use egui::{RichText, Ui};

use super::preview::one_line;
use crate::gui::theme::{SMALL, Theme, mono};
use crate::model::message::{HeaderValue, Numeral, number, shown_bytes};
use crate::model::time::TimeNs;

/// Longest text of a value, in characters.
const MOST: usize = 400;

/// A header ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    pub name: String,
    pub value: String,
    /// What the value means where its form does not say: `3`, `2026-02-16T15:56:42.487Z`.
    pub note: Option<String>,
    /// There is no text in it: null, bytes, a typed value.
    pub special: bool,
}

impl HeaderLine {
    #[must_use]
    pub fn new(name: &str, value: &HeaderValue) -> Self {
        let (text, note, special) = match value {
            HeaderValue::Bytes(bytes) | HeaderValue::ByteArray(bytes) => match value.text() {
                Some(text) if value.as_text() == text => (one_line(text, MOST), None, false),
                _ => (shown_bytes(bytes), meaning(name, bytes), true),
            },
            HeaderValue::Time(seconds) => {
                (seconds.to_string(), i64::try_from(*seconds).ok().and_then(|s| time(s.checked_mul(1_000)?)), true)
            }
            HeaderValue::Int { bits, .. } => (value.as_text().into_owned(), Some(format!("{bits} bits")), true),
            _ => (one_line(&value.as_text(), MOST), None, true),
        };
        Self { name: one_line(name, 60), value: text, note, special }
    }
}

/// The value, with what it means behind it.
pub fn header_ui(ui: &mut Ui, theme: &Theme, header: &HeaderLine) {
    ui.horizontal(|ui| {
        let color = if header.special { theme.muted } else { theme.text };
        if let Some(note) = &header.note {
            ui.label(RichText::new(note).font(mono(12.0)).color(theme.text));
        }
        let size = if header.note.is_some() { SMALL } else { 12.0 };
        let text = RichText::new(&header.value).font(mono(size)).color(color);
        // What is cut off is shown under the pointer.
        ui.add(egui::Label::new(text).truncate());
    });
}

/// The number behind bytes, where it is sure enough.
fn meaning(name: &str, bytes: &[u8]) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let numeral = if name.ends_with("timestamp") {
        Numeral::Time
    } else if name.contains("attempt") || name.contains("count") {
        Numeral::Count
    } else {
        Numeral::Place
    };
    let number = number(bytes, numeral)?;
    Some(if numeral == Numeral::Time { time(number)? } else { number.to_string() })
}

fn time(ms: i64) -> Option<String> {
    Some(TimeNs(ms.checked_mul(1_000_000)?).to_rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_their_bytes_mean() {
        for (name, value, shown, note) in [
            ("a", HeaderValue::from("x\ny"), "x y", None),
            ("a", HeaderValue::from("x\u{202e}y"), "x\\u{202E}y", None),
            ("nul", HeaderValue::Bytes(b"a\0b".to_vec()), "61 00 62", None),
            ("a", HeaderValue::Null, "null", None),
            ("a", HeaderValue::Bytes(Vec::new()), "", None),
            ("kafka_dlt-original-partition", HeaderValue::Bytes(vec![0, 0, 0, 3]), "00 00 00 03", Some("3")),
            ("retry_topic-attempts", HeaderValue::Bytes(vec![3]), "03", Some("3")),
            (
                "kafka_dlt-original-timestamp",
                HeaderValue::Bytes(1_771_257_402_487_i64.to_be_bytes().to_vec()),
                "00 00 01 9c 67 2b 14 77",
                Some("2026-02-16T15:56:42.487Z"),
            ),
            (
                "kafka_correlationId",
                HeaderValue::Bytes(vec![0xfe; 16]),
                "fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe",
                None,
            ),
            ("n", HeaderValue::Int { value: 5, bits: 64 }, "5", Some("64 bits")),
            ("t", HeaderValue::Time(1_771_257_402), "1771257402", Some("2026-02-16T15:56:42Z")),
        ] {
            let line = HeaderLine::new(name, &value);
            assert_eq!((line.value.as_str(), line.note.as_deref()), (shown, note), "{name}");
        }
        assert_eq!(HeaderLine::new("a\0b\u{200b}", &HeaderValue::Null).name, "a\\u{0000}b\\u{200B}");
    }
}
