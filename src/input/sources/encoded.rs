//! Text in another encoding, turned into UTF-8: UTF-16 by its mark or its zeros, XML by what it declares,
//! any other where a person names it.
//!
//! The work goes in small pieces that begin and end with whole characters, and where each began in the
//! file is noted: a position in the spool is found in the file again by decoding its piece up to there.
//! What is no character becomes U+FFFD, which is said once.

use std::io::Read;
use std::sync::Arc;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::marks::Marks;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage, StageReader};
use crate::model::charset::Charset;
use crate::model::error::{Error, Result};
use crate::model::ids::ByteOffset;
use crate::model::row::Span;
use crate::model::source::{Origin, ReadAt};

/// Decoded at once, and most that is decoded again to find a place.
const PIECE_BYTES: usize = 4 << 10;
/// Longer without a place to cut is no text; it is cut anywhere.
const LONGEST_PIECE: usize = 1 << 20;

/// The encoding of a text that is not UTF-8, as far as its beginning tells.
pub(super) fn recognised(head: &[u8]) -> Option<Charset> {
    let marked = match head {
        // UTF-32, which nobody writes.
        [0xFF, 0xFE, 0, 0, ..] => return None,
        _ => Charset::by_mark(head).map(|(charset, _)| charset),
    };
    marked.or_else(|| by_zeros(head)).or_else(|| declared(head)).filter(|charset| charset.encoding() != UTF_8)
}

/// UTF-16 by where its zeros are: text of these logs is mostly Latin.
fn by_zeros(head: &[u8]) -> Option<Charset> {
    let units: Vec<&[u8]> = head.chunks_exact(2).take(256).collect();
    if units.len() < 4 {
        return None;
    }
    let zeros = |half: usize| units.iter().filter(|unit| unit.get(half) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    let many = |count: usize| count * 10 >= units.len() * 7;
    let few = |count: usize| count * 20 <= units.len();
    match () {
        () if many(first) && few(second) => Charset::named("UTF-16BE"),
        () if many(second) && few(first) => Charset::named("UTF-16LE"),
        () => None,
    }
}

/// `<?xml version="1.0" encoding="ISO-8859-1"?>`; UTF-16 cannot be declared in single bytes.
fn declared(head: &[u8]) -> Option<Charset> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..memchr::memchr(b'>', declaration)?)?;
    let value = declaration.get(memchr::memmem::find(declaration, b"encoding")?..)?;
    let mut parts = value.split(|byte| matches!(byte, b'"' | b'\''));
    let label = std::str::from_utf8(parts.nth(1)?).ok()?;
    Charset::named(label).filter(|charset| ![UTF_16LE, UTF_16BE].contains(&charset.encoding()))
}

/// Starts decoding.
pub(super) fn decode(stage: Stage, charset: Charset, context: &Context) -> Result<Stage> {
    let encoding = charset.encoding();
    let (head, _) = stage.head(super::HEAD_BYTES, &context.cancel)?;
    let mark = Charset::by_mark(&head).filter(|(marked, _)| *marked == charset).map_or(0, |(_, len)| len);
    let marks = Marks::create(context)?;
    let mut next = stage.clone();
    let places = Arc::clone(&marks);
    let reader = stage.reader(&context.cancel);
    let encoded = Arc::clone(&stage.bytes);
    let address = stage.address.clone();
    let bytes = pump(charset.name(), &address, context, move |out| {
        Pieces { stage, reader, encoding, taken: 0, rest: Vec::new(), warned: false }.all(mark, &places, out)
    })?;
    next.origin = Some(Arc::new(EncodedOrigin { encoded, encoding, marks, under: next.origin.take() }));
    next.charset = Some(charset);
    Ok(next.through(bytes, charset.name()))
}

/// Bytes that come as they come, cut where a character ends.
struct Pieces {
    stage: Stage,
    reader: StageReader,
    encoding: &'static Encoding,
    /// Bytes of the file before `rest`.
    taken: u64,
    /// Read and not yet decoded.
    rest: Vec<u8>,
    warned: bool,
}

impl Pieces {
    fn all(mut self, mark: usize, places: &Marks, out: &mut SpoolWriter) -> Result<()> {
        let mut buf = vec![0; 64 << 10];
        let mut mark = mark;
        loop {
            let n = self.reader.read(&mut buf).map_err(|cause| {
                let place = self.stage.place(Some(self.taken + self.rest.len() as u64));
                Error::new("Cannot read on", place, "Check the disk").because(cause)
            })?;
            let mut fresh = buf.get(..n).unwrap_or_default();
            if mark > 0 {
                let skipped = mark.min(fresh.len());
                fresh = fresh.get(skipped..).unwrap_or_default();
                self.taken += skipped as u64;
                mark -= skipped;
            }
            self.rest.extend_from_slice(fresh);
            let rest = std::mem::take(&mut self.rest);
            let mut at = 0;
            while let Some(piece) = next_piece(self.encoding, rest.get(at..).unwrap_or_default(), n == 0) {
                self.piece(piece, places, out)?;
                at += piece.len();
            }
            self.rest.extend_from_slice(rest.get(at..).unwrap_or_default());
            if n == 0 {
                return Ok(());
            }
        }
    }

    fn piece(&mut self, piece: &[u8], places: &Marks, out: &mut SpoolWriter) -> Result<()> {
        places.add(out.position(), self.taken)?;
        let (text, damaged) = self.encoding.decode_without_bom_handling(piece);
        if damaged && !std::mem::replace(&mut self.warned, true) {
            let place = self.stage.place(Some(self.taken + first_damage(self.encoding, piece) as u64));
            let summary = format!("Not all of it is {}", self.encoding.name());
            let next_step = "What is no character is shown as �; another encoding can be chosen in the mapping panel or with --encoding";
            out.warn(Error::new(summary, place, next_step));
        }
        self.taken += piece.len() as u64;
        out.write(text.as_bytes())
    }
}

/// The first bytes of `rest` that are whole characters, about a piece; none while more has to come.
fn next_piece<'a>(encoding: &'static Encoding, rest: &'a [u8], complete: bool) -> Option<&'a [u8]> {
    let most = rest.get(..PIECE_BYTES.min(rest.len()))?;
    let behind = || (most.len() + 1..=rest.len()).find(|&end| last_cut(encoding, &rest[end - 1..end]).is_some());
    let all = || (complete || rest.len() >= LONGEST_PIECE).then_some(rest.len());
    let cut = last_cut(encoding, most).or_else(behind).or_else(all).filter(|cut| *cut > 0)?;
    rest.get(..cut)
}

/// The last place in these bytes that is surely between two characters.
fn last_cut(encoding: &'static Encoding, bytes: &[u8]) -> Option<usize> {
    let cut = if encoding.is_single_byte() {
        bytes.len()
    } else if encoding == UTF_16LE || encoding == UTF_16BE {
        let whole = bytes.len() & !1;
        let high = if encoding == UTF_16LE { whole.checked_sub(1) } else { whole.checked_sub(2) };
        // The first half of a pair goes with its second one.
        let is_pair = high.and_then(|at| bytes.get(at)).is_some_and(|high| (0xD8..=0xDB).contains(high));
        if is_pair { whole - 2 } else { whole }
    } else {
        // In none of the others does a character of several bytes have one of these behind its first.
        bytes.iter().rposition(|byte| *byte < 0x30).map_or(0, |at| at + 1)
    };
    (cut > 0).then_some(cut)
}

/// Where the first byte is that belongs to no character.
fn first_damage(encoding: &'static Encoding, piece: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = vec![0; piece.len() * 3 + 16];
    match decoder.decode_to_utf8_without_replacement(piece, &mut text, true) {
        (DecoderResult::Malformed(bad, after), read, _) => read - usize::from(bad) - usize::from(after),
        _ => 0,
    }
}

#[derive(Debug)]
struct EncodedOrigin {
    encoded: Arc<dyn ReadAt>,
    encoding: &'static Encoding,
    marks: Arc<Marks>,
    under: Option<Arc<dyn Origin>>,
}

impl EncodedOrigin {
    /// Decodes byte by byte until the text is as long as it has to be.
    fn original(&self, at: u64) -> u64 {
        let Some((from, origin)) = self.marks.find(at) else { return at };
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
        let (mut left, mut taken) = (at - from, 0);
        let mut piece = [0; PIECE_BYTES];
        while left > 0 {
            let read = self.encoded.read_at(&mut piece, ByteOffset(origin + taken)).unwrap_or(0);
            if read == 0 {
                break;
            }
            for byte in piece.get(..read).unwrap_or_default() {
                let (.., written, _) = decoder.decode_to_utf8(&[*byte], &mut [0; 16], false);
                taken += 1;
                left = left.saturating_sub(written as u64);
                if left == 0 {
                    break;
                }
            }
        }
        origin + taken
    }
}

impl Origin for EncodedOrigin {
    fn place(&self, span: Span) -> String {
        let offset = ByteOffset(self.original(span.offset.0));
        match &self.under {
            Some(under) => under.place(Span { offset, len: span.len }),
            None => format!("byte {}", offset.0),
        }
    }
}
