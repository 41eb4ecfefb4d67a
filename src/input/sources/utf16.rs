//! UTF-16, little or big endian, with or without a byte-order mark, turned into UTF-8.
//!
//! What is no character (half a pair, an odd last byte) becomes U+FFFD, which is one unit long as the
//! damage was: so a position in the spool is found in the file again by counting units.

use std::io::Read;
use std::sync::Arc;

use super::Layer;
use super::marks::Marks;
use super::stage::{Context, SpoolWriter, Stage, pump};
use crate::model::error::{Error, Result};
use crate::model::ids::ByteOffset;
use crate::model::row::Span;
use crate::model::source::{Origin, ReadAt};

pub(super) struct Utf16;

impl Layer for Utf16 {
    fn name(&self) -> &'static str {
        "UTF-16"
    }

    fn fits(&self, head: &[u8]) -> bool {
        Encoding::of(head).is_some()
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        let (head, _) = stage.head(super::HEAD_BYTES, &context.cancel)?;
        let encoding = Encoding::of(&head).unwrap_or(Encoding { big_endian: false, mark: false });
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        let places = Arc::clone(&marks);
        let mut reader = stage.reader(&context.cancel);
        let address = stage.address.clone();
        let bytes = pump("UTF-16", &address, context, move |out| {
            let mut decoder = Utf16Decoder::new(encoding);
            let mut buf = vec![0; 64 << 10];
            loop {
                let n = reader.read(&mut buf).map_err(|cause| {
                    Error::new("Cannot read on", stage.place(Some(decoder.taken)), "Check the disk").because(cause)
                })?;
                if n == 0 {
                    return decoder.finish(&stage, out);
                }
                places.add(out.position(), decoder.whole_units())?;
                decoder.feed(buf.get(..n).unwrap_or_default(), out)?;
            }
        })?;
        let text = Arc::clone(&bytes) as Arc<dyn ReadAt>;
        next.origin = Some(Arc::new(Utf16Origin { text, marks, under: next.origin.take() }));
        Ok(next.through(bytes, encoding.name()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Encoding {
    big_endian: bool,
    /// There is a byte-order mark.
    mark: bool,
}

impl Encoding {
    /// By the mark, else by where the zeros are: text of these logs is mostly Latin.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xFF, 0xFE, 0, 0, ..] => return None,
            [0xFF, 0xFE, ..] => return Some(Self { big_endian: false, mark: true }),
            [0xFE, 0xFF, ..] => return Some(Self { big_endian: true, mark: true }),
            _ => {}
        }
        let units: Vec<&[u8]> = head.chunks_exact(2).take(256).collect();
        if units.len() < 4 {
            return None;
        }
        let zeros = |half: usize| units.iter().filter(|unit| unit.get(half) == Some(&0)).count();
        let (first, second) = (zeros(0), zeros(1));
        let many = |count: usize| count * 10 >= units.len() * 7;
        let few = |count: usize| count * 20 <= units.len();
        let big_endian = many(first) && few(second);
        (big_endian || many(second) && few(first)).then_some(Self { big_endian, mark: false })
    }

    fn name(self) -> &'static str {
        if self.big_endian { "UTF-16BE" } else { "UTF-16LE" }
    }
}

/// Turns bytes that come in pieces into text.
struct Utf16Decoder {
    encoding: Encoding,
    /// Bytes taken in.
    taken: u64,
    /// Half a unit.
    odd: Option<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    skip_mark: bool,
    text: String,
}

impl Utf16Decoder {
    fn new(encoding: Encoding) -> Self {
        Self { encoding, taken: 0, odd: None, high: None, skip_mark: encoding.mark, text: String::new() }
    }

    /// Bytes whose characters were written.
    fn whole_units(&self) -> u64 {
        let mark = if self.taken == 0 && self.encoding.mark { 2 } else { 0 };
        self.taken + mark - u64::from(self.odd.is_some()) - if self.high.is_some() { 2 } else { 0 }
    }

    fn feed(&mut self, bytes: &[u8], out: &mut SpoolWriter) -> Result<()> {
        self.text.clear();
        for &byte in bytes {
            self.taken += 1;
            match self.odd.take() {
                None => self.odd = Some(byte),
                Some(first) if self.encoding.big_endian => self.unit(u16::from_be_bytes([first, byte])),
                Some(first) => self.unit(u16::from_le_bytes([first, byte])),
            }
        }
        out.write(self.text.as_bytes())
    }

    fn unit(&mut self, unit: u16) {
        if std::mem::take(&mut self.skip_mark) {
            return;
        }
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                return self.text.push(c);
            }
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            unit => self.text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn finish(&mut self, stage: &Stage, out: &mut SpoolWriter) -> Result<()> {
        self.text.clear();
        if self.high.is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        if self.odd.is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
            let place = stage.place(Some(self.taken - 1));
            out.warn(Error::new("The UTF-16 text ends within a character", place, "Its last byte is shown as �"));
        }
        out.write(self.text.as_bytes())
    }
}

/// Counts units from the last mark.
#[derive(Debug)]
struct Utf16Origin {
    text: Arc<dyn ReadAt>,
    marks: Arc<Marks>,
    under: Option<Arc<dyn Origin>>,
}

impl Utf16Origin {
    fn original(&self, at: u64) -> u64 {
        let Some((from, origin)) = self.marks.find(at) else { return at };
        let mut text = vec![0; usize::try_from(at - from).unwrap_or(0)];
        let read = self.text.read_at(&mut text, ByteOffset(from)).unwrap_or(0);
        text.truncate(read);
        // Lead bytes say how many units a character had: two from four bytes on.
        let units: u64 = text
            .iter()
            .map(|byte| match byte {
                0x80..=0xBF => 0,
                0xF0..=0xFF => 2,
                _ => 1,
            })
            .sum();
        origin + units * 2
    }
}

impl Origin for Utf16Origin {
    fn place(&self, span: Span) -> String {
        let offset = ByteOffset(self.original(span.offset.0));
        match &self.under {
            Some(under) => under.place(Span { offset, len: span.len }),
            None => format!("byte {}", offset.0),
        }
    }
}
