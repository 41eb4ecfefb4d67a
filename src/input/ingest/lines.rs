//! Blocks of a file whose records are lines. A block owns the lines that start in it: its reader skips
//! to the first newline and reads past the end to finish the last line, so blocks need no agreement.

use std::io;

use crate::base::cancel::Cancel;
use crate::input::decoders::RecordReader;
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode, MAX_RECORD_BYTES};
use crate::model::row::{RowSink, Span};
use crate::model::source::ReadAt;

/// Bytes read at once: few enough to stay in the cache until they are decoded.
pub(super) const CHUNK_BYTES: usize = 256 << 10;

/// Read past a block's end, which is mostly enough for its last line.
const PAST_END_BYTES: u64 = 4 << 10;

/// What one thread reads with, kept from block to block.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Where `bytes` starts in the source.
    at: u64,
    filled: usize,
    /// The source ended with what is filled.
    ended: bool,
}

impl Window {
    pub fn start(&mut self, at: u64) {
        self.at = at;
        self.filled = 0;
        self.ended = false;
    }

    pub fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or(&[])
    }

    pub fn at(&self) -> u64 {
        self.at
    }

    /// Where the filled bytes end in the source.
    pub fn end(&self) -> u64 {
        self.at + self.filled as u64
    }

    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Gives up the first `n` bytes.
    pub fn take(&mut self, n: usize) {
        let n = n.min(self.filled);
        self.bytes.copy_within(n..self.filled, 0);
        self.filled -= n;
        self.at += n as u64;
    }

    /// Reads on, no further than `to`. Twice as far each time while a record is not complete, so
    /// that a long one is not looked at again and again.
    pub fn fill(&mut self, bytes: &dyn ReadAt, to: u64) -> io::Result<()> {
        let left = usize::try_from(to.saturating_sub(self.end())).unwrap_or(usize::MAX);
        // One byte more than a record may have shows that it is too long.
        let most = (MAX_RECORD_BYTES + 1).saturating_sub(self.filled).max(1);
        let want = CHUNK_BYTES.max(self.filled).min(most).min(left);
        if self.bytes.len() < self.filled + want {
            self.bytes.resize((self.filled + want).max(CHUNK_BYTES * 2), 0);
        }
        let buf = &mut self.bytes[self.filled..self.filled + want];
        let got = bytes.read_at(buf, ByteOffset(self.at + self.filled as u64))?.min(want);
        self.filled += got;
        self.ended = got < want;
        Ok(())
    }

    /// Long records leave no large buffer behind.
    pub fn shrink(&mut self) {
        if self.bytes.len() > CHUNK_BYTES * 8 {
            self.bytes = Vec::new();
            self.filled = 0;
        }
    }
}

/// One block and how its end is to be seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub from: u64,
    pub to: u64,
    /// A last line without its newline is left alone: its writer may still be at it.
    pub hold_back: bool,
}

/// Reads a block's lines into `sink`; gives the place after the last line that was read, none where no line starts in
/// the block: then the line that goes through it is the business of the block that it starts in.
pub(super) fn read_block(
    bytes: &dyn ReadAt,
    reader: &mut dyn RecordReader,
    block: Block,
    window: &mut Window,
    sink: &mut dyn RowSink,
    cancel: &Cancel,
) -> io::Result<Option<u64>> {
    let Block { from, to, hold_back } = block;
    if !find_start(bytes, from, to, window)? {
        return Ok(None);
    }
    let mut searched = window.at();
    while window.at() < to && !cancel.is_cancelled() {
        // The last line of the block ends at the first newline from its last byte on.
        searched = searched.max(to - 1).max(window.at());
        let from = usize::try_from(searched - window.at()).unwrap_or(usize::MAX);
        let newline = window.filled().get(from..).and_then(|rest| memchr::memchr(b'\n', rest));
        if let Some(newline) = newline {
            let end = from + newline + 1;
            let used = reader.read(&window.filled()[..end], ByteOffset(window.at()), false, sink);
            if used < end {
                reader.read(&window.filled()[used..end], ByteOffset(window.at() + used as u64), true, sink);
            }
            window.take(end);
            return Ok(Some(window.at()));
        }
        searched = searched.max(window.end());
        if window.ended() {
            return Ok(Some(finish(reader, hold_back, window, sink)));
        }
        let used = reader.read(window.filled(), ByteOffset(window.at()), false, sink);
        window.take(used);
        if used == 0 && window.filled().len() > MAX_RECORD_BYTES {
            skip_line(bytes, window, sink, cancel)?;
            continue;
        }
        // Past the end only a little, unless the last line is long.
        let limit = if window.end() < to { to + PAST_END_BYTES } else { u64::MAX };
        window.fill(bytes, limit)?;
    }
    Ok(Some(window.at()))
}

/// Puts the window at the first line that starts in the block; false where none does.
fn find_start(bytes: &dyn ReadAt, from: u64, to: u64, window: &mut Window) -> io::Result<bool> {
    window.start(from.saturating_sub(1));
    window.fill(bytes, to + PAST_END_BYTES)?;
    if from == 0 {
        return Ok(from < to && !window.filled().is_empty());
    }
    loop {
        if let Some(newline) = memchr::memchr(b'\n', window.filled()) {
            window.take(newline + 1);
            return Ok(window.at() < to && !(window.filled().is_empty() && window.ended()));
        }
        if window.end() >= to || window.ended() {
            return Ok(false);
        }
        let all = window.filled().len();
        window.take(all);
        window.fill(bytes, to + PAST_END_BYTES)?;
    }
}

/// The source's last bytes, without a newline at their end.
fn finish(reader: &mut dyn RecordReader, hold_back: bool, window: &mut Window, sink: &mut dyn RowSink) -> u64 {
    let end = if hold_back {
        memchr::memrchr(b'\n', window.filled()).map_or(0, |newline| newline + 1)
    } else {
        window.filled().len()
    };
    if end > 0 {
        reader.read(&window.filled()[..end], ByteOffset(window.at()), !hold_back, sink);
        window.take(end);
    }
    window.at()
}

/// The line at the window's start is longer than any record may be: it becomes one row, and the
/// window stands after it. Holds one chunk of it at a time.
pub(super) fn skip_line(
    bytes: &dyn ReadAt,
    window: &mut Window,
    sink: &mut dyn RowSink,
    cancel: &Cancel,
) -> io::Result<()> {
    let start = window.at();
    loop {
        if let Some(newline) = memchr::memchr(b'\n', window.filled()) {
            too_long(start, window.at() + newline as u64, sink);
            window.take(newline + 1);
            return Ok(());
        }
        let all = window.filled().len();
        window.take(all);
        if window.ended() || cancel.is_cancelled() {
            too_long(start, window.at(), sink);
            return Ok(());
        }
        window.shrink();
        window.fill(bytes, u64::MAX)?;
    }
}

pub(super) fn too_long(start: u64, end: u64, sink: &mut dyn RowSink) {
    let len = u32::try_from(end - start).unwrap_or(u32::MAX);
    sink.undecodable(Span { offset: ByteOffset(start), len }, Issue { code: IssueCode::TooLong, at: None });
}
