//! Which kind of JSON the bytes are: a record a line, values one after another, or one document.
//!
//! The surprise: a first line that is whole decides for lines even in a file with one line, unless
//! that line is a document with events inside; and a licence comment above the lines is no reason
//! to refuse them.

use serde::de::IgnoredAny;

use super::Sample;
use super::sample::without_bom;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonShape {
    /// One value a line.
    Lines,
    /// Values one after another, each over several lines or several on a line.
    Values,
    /// One value; its events, if any, are inside.
    Document,
}

const LINES_LOOKED_AT: usize = 400;

/// # Errors
/// Why the sample is no JSON.
pub fn json_shape(sample: &Sample<'_>) -> Result<JsonShape, String> {
    let text = without_bom(sample.head);
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or("there is nothing in it")?;
    let text = &text[start..];
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return by_lines(text);
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {
            let (value, rest) = text.split_at(values.byte_offset().min(text.len()));
            Ok(after_first(value, rest, sample.complete))
        }
        Some(Err(error)) if error.is_eof() => Ok(unfinished(text, sample.complete)),
        Some(Err(error)) => {
            let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
            match by_lines(text) {
                Ok(shape) if error.line() == 1 || mostly_objects(text) => Ok(shape),
                _ if error.line() > 1 => Ok(JsonShape::Document),
                // A single line that is too deep or damaged is still a line to show.
                _ if first_line.first() == Some(&b'{') => Ok(JsonShape::Lines),
                _ => Err(format!("its JSON is malformed: {error}")),
            }
        }
        None => Err("there is nothing in it".to_owned()),
    }
}

fn after_first(value: &[u8], rest: &[u8], complete: bool) -> JsonShape {
    let one_line = !value.contains(&b'\n');
    let next = rest.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(next) = next else {
        return if complete || !one_line { JsonShape::Document } else { JsonShape::Lines };
    };
    let (gap, rest) = rest.split_at(next);
    let own_line = gap.contains(&b'\n');
    match (one_line, rest.first()) {
        (true, Some(b'{' | b'[')) if !own_line => JsonShape::Values,
        (true, _) => JsonShape::Lines,
        (false, _) => JsonShape::Values,
    }
}

/// The first value does not end within the sample.
fn unfinished(text: &[u8], complete: bool) -> JsonShape {
    match text.first() {
        Some(b'{') if complete && !text.contains(&b'\n') => JsonShape::Lines,
        _ => JsonShape::Document,
    }
}

fn by_lines(text: &[u8]) -> Result<JsonShape, String> {
    let (objects, lines) = count_objects(text);
    if objects > 0 && objects * 20 >= lines {
        return Ok(JsonShape::Lines);
    }
    Err(format!("{objects} of its first {lines} lines are JSON objects"))
}

fn mostly_objects(text: &[u8]) -> bool {
    let (objects, lines) = count_objects(text);
    objects * 2 >= lines
}

fn count_objects(text: &[u8]) -> (usize, usize) {
    let (mut objects, mut lines) = (0, 0);
    for line in text.split(|byte| *byte == b'\n').take(LINES_LOOKED_AT) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        lines += 1;
        objects += usize::from(line.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(line).is_ok());
    }
    (objects, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        use JsonShape::{Document, Lines, Values};
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", Some(Lines)),
            ("\u{feff}{\"a\":1}\r\n{\"a\":2}", Some(Lines)),
            ("{\"a\":1}{\"a\":2}", Some(Values)),
            ("{\"a\":1}\n", Some(Document)),
            ("{\n \"a\":1\n}\n{\n \"a\":2\n}", Some(Values)),
            ("{\n \"a\":1\n}\n", Some(Document)),
            ("[\n{\"a\":1},\n{\"a\":2}\n]", Some(Document)),
            ("[{\"a\":1},{\"a\":2}]", Some(Document)),
            ("{\"a\":1}\nnoise\n{\"a\":2}", Some(Lines)),
            ("{\"a\":\n{\"a\":2}\n{\"a\":3}\n{\"a\":3}\n", Some(Lines)),
            ("/*\n * licence\n */\n{\"a\":1}\n", Some(Lines)),
            ("[\n{\"a\":1},\n{\"a\"", Some(Document)),
            ("{\"a\":", Some(Lines)),
            ("{\n\"a\": x,\n\"b\": {}}\n", Some(Document)),
            ("plain text\nmore", None),
            ("  \n", None),
            ("a,b\n1,2\n", None),
        ] {
            let sample = Sample { name: "x", head: text.as_bytes(), complete: true };
            assert_eq!(json_shape(&sample).ok(), expected, "{text:?}");
        }
    }
}
