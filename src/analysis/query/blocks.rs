//! Records' bytes for a search: in blocks of many where most are wanted, else one by one with as much
//! read ahead as pays off. One buffer for each thread.

use crate::base::cancel::Cancel;
use crate::model::ids::ByteOffset;
use crate::model::source::{ReadAt, SourceInfo};
use crate::store::segment::Segment;

use super::super::rows::Bits;
use super::text::Spans;

/// Small enough to stay in the cache between reading and searching, large enough to make calls rare.
const BLOCK_BYTES: u64 = 256 << 10;

#[derive(Default)]
pub(in crate::analysis) struct Reader {
    buf: Vec<u8>,
    /// Where the bytes in `buf` come from, while single records are read.
    held: Option<(usize, u64)>,
}

/// The rows of a segment that lie in one block.
pub(in crate::analysis) struct BlockRows<'a> {
    segment: &'a Segment,
    first: u32,
    len: u32,
    starts_at: u64,
    bytes: usize,
}

impl BlockRows<'_> {
    pub fn row(&self, i: usize) -> u16 {
        (self.first as usize + i) as u16
    }
}

impl Spans for BlockRows<'_> {
    fn len(&self) -> usize {
        self.len as usize
    }

    fn span(&self, i: usize) -> (usize, usize) {
        let span = self.segment.span(self.row(i));
        let start = usize::try_from(span.offset.0.saturating_sub(self.starts_at)).unwrap_or(usize::MAX);
        let start = start.min(self.bytes);
        (start, start.saturating_add(span.len as usize).min(self.bytes))
    }
}

impl Reader {
    /// Gives all records of a segment to `search`, block by block. Returns the rows that could be read;
    /// `None` when cancelled.
    pub fn each_block(
        &mut self,
        segment: &Segment,
        source: &SourceInfo,
        cancel: &Cancel,
        search: &mut dyn FnMut(&[u8], &BlockRows<'_>),
    ) -> Option<Bits> {
        self.held = None;
        let mut first = 0;
        let mut readable_rows = Bits::all(segment.len());
        while first < segment.len() {
            if cancel.is_cancelled() {
                return None;
            }
            let starts_at = segment.span(first as u16).offset.0;
            let next = first_row_beyond(segment, first, starts_at + BLOCK_BYTES);
            let end = end_of(segment, next - 1);
            let wanted = usize::try_from(end.saturating_sub(starts_at)).unwrap_or(usize::MAX);
            let bytes = self.fill(source.bytes.as_ref(), starts_at, wanted);
            let readable =
                if bytes < wanted { first_row_beyond(segment, first, starts_at + bytes as u64) } else { next };
            // The first row of a block is always in it, also where it was cut short.
            let whole = if end_of(segment, first) > starts_at + bytes as u64 { first } else { readable };
            (whole..next).for_each(|row| readable_rows.remove(row as u16));
            let rows = BlockRows { segment, first, len: whole - first, starts_at, bytes };
            if rows.len > 0 {
                search(self.buf.get(..bytes).unwrap_or_default(), &rows);
            }
            first = next;
        }
        Some(readable_rows)
    }

    /// Whether the source's records are JSON text, as its first one here shows.
    pub fn is_json(&mut self, segment: &Segment, source: &SourceInfo) -> bool {
        let first = self.record(segment, source, 0, 1).unwrap_or_default();
        first.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok()
    }

    /// One record without the newline at its end. `wanted` of the segment's rows are to be read, in
    /// ascending order: the more there are, the more is read ahead.
    pub fn record(&mut self, segment: &Segment, source: &SourceInfo, row: u16, wanted: u32) -> Option<&[u8]> {
        let span = segment.span(row);
        let key = std::sync::Arc::as_ptr(&source.bytes).cast::<u8>() as usize;
        let len = span.len as usize;
        let held = match self.held {
            Some((source, at)) if source == key && at <= span.offset.0 => usize::try_from(span.offset.0 - at).ok(),
            _ => None,
        };
        let held = held.filter(|start| start.saturating_add(len) <= self.buf.len());
        let start = if let Some(start) = held {
            start
        } else {
            let ahead = if wanted >= segment.len() / 16 { BLOCK_BYTES as usize } else { 0 };
            let bytes = self.fill(source.bytes.as_ref(), span.offset.0, len.max(ahead));
            self.buf.truncate(bytes);
            self.held = Some((key, span.offset.0));
            0
        };
        let record = self.buf.get(start..start.checked_add(len)?)?;
        Some(trim_newline(record))
    }

    /// Reads up to `wanted` bytes into the buffer and returns how many there were.
    fn fill(&mut self, bytes: &dyn ReadAt, at: u64, wanted: usize) -> usize {
        self.buf.resize(wanted, 0);
        let mut filled = 0;
        while filled < wanted {
            let Some(rest) = self.buf.get_mut(filled..) else { break };
            match bytes.read_at(rest, ByteOffset(at + filled as u64)) {
                Ok(0) => break,
                Ok(n) => filled += n.min(wanted - filled),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        filled
    }
}

fn end_of(segment: &Segment, row: u32) -> u64 {
    let span = segment.span(row as u16);
    span.offset.0 + u64::from(span.len)
}

/// The first row after `first` that ends beyond `limit`.
fn first_row_beyond(segment: &Segment, first: u32, limit: u64) -> u32 {
    let (mut low, mut high) = (first + 1, segment.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if end_of(segment, middle) <= limit {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn trim_newline(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}
