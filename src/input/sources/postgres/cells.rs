//! The values of a row, which come as texts, as what they mean.

use postgres::SimpleQueryRow;

use super::super::stores::cell::Cell;
use super::schema::Kind;

/// The values of one row after another.
pub(super) struct Cells<'r> {
    kinds: &'r [Kind],
    has_hex: bool,
    /// Taken out of the row once: each time they are looked at to be UTF-8.
    texts: Vec<Option<&'r str>>,
    /// What texts of hexadecimal digits stand for.
    bytes: Vec<Option<Vec<u8>>>,
}

impl<'r> Cells<'r> {
    /// `kinds` are those of the values.
    pub fn of(kinds: &'r [Kind]) -> Self {
        let has_hex = kinds.iter().any(|kind| matches!(kind, Kind::Bytes | Kind::LargeObject));
        Self { kinds, has_hex, texts: Vec::with_capacity(kinds.len()), bytes: Vec::new() }
    }

    /// Goes on to another row.
    pub fn take(&mut self, row: &'r SimpleQueryRow) {
        self.texts.clear();
        self.texts.extend((0..self.kinds.len()).map(|ix| row.get(ix)));
        if self.has_hex {
            self.bytes.clear();
            self.bytes.extend(self.kinds.iter().zip(&self.texts).map(|(kind, text)| hex(*kind, *text)));
        }
    }

    /// A value as it came.
    pub fn text(&self, ix: usize) -> Option<&'r str> {
        *self.texts.get(ix)?
    }

    pub fn get(&self, ix: usize) -> Option<Cell<'_>> {
        Some(cell(*self.kinds.get(ix)?, self.text(ix), self.bytes.get(ix).and_then(Option::as_deref)))
    }
}

/// The bytes that a text of hexadecimal digits stands for.
fn hex(kind: Kind, text: Option<&str>) -> Option<Vec<u8>> {
    if !matches!(kind, Kind::Bytes | Kind::LargeObject) {
        return None;
    }
    let digits = text?.strip_prefix("\\x")?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A column's text as what it means.
fn cell<'a>(kind: Kind, text: Option<&'a str>, bytes: Option<&'a [u8]>) -> Cell<'a> {
    let Some(text) = text else { return Cell::Null };
    match kind {
        Kind::LargeObject if bytes.is_none() && is_number(text) => Cell::Number(text),
        Kind::Bytes | Kind::LargeObject => bytes.map_or(Cell::Text(text), Cell::Bytes),
        Kind::Integer | Kind::Number if is_number(text) => Cell::Number(text),
        Kind::Bool => Cell::Bool(text == "t"),
        Kind::Json | Kind::Array => Cell::Json(text),
        _ => Cell::Text(text),
    }
}

/// `NaN` and `Infinity` are no numbers in JSON.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_they_mean() {
        let said = |kind, text: &str| {
            let bytes = hex(kind, Some(text));
            format!("{:?}", cell(kind, Some(text), bytes.as_deref()))
        };
        for (kind, text, expected) in [
            (Kind::Integer, "-7", "Number(\"-7\")"),
            (Kind::Number, "1.50", "Number(\"1.50\")"),
            (Kind::Number, "NaN", "Text(\"NaN\")"),
            (Kind::Bool, "t", "Bool(true)"),
            (Kind::Bytes, "\\x00ff", "Bytes([0, 255])"),
            (Kind::Bytes, "\\xzz", r#"Text("\\xzz")"#),
            (Kind::LargeObject, "\\x00", "Bytes([0])"),
            (Kind::LargeObject, "16401", "Number(\"16401\")"),
            (Kind::Text, "a", "Text(\"a\")"),
        ] {
            assert_eq!(said(kind, text), expected);
        }
    }
}
