//! NDJSON: one object a line. The walk itself finds a line's end, so no byte is looked at twice;
//! only a line that is broken is searched for its newline.

use std::sync::Arc;

use super::issues::issue;
use super::record::Records;
use super::scan::{Fail, Why, space};
use crate::input::decoders::RecordReader;
use crate::input::decoders::plan::{Program, Rows};
use crate::model::ids::ByteOffset;
use crate::model::row::{RowSink, Span};

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

#[derive(Debug)]
pub struct Lines {
    program: Arc<Program>,
    records: Records,
    rows: Rows,
}

impl Lines {
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self { records: Records::new(&program), rows: Rows::new(&program), program }
    }

    /// The line from `start`: where the next one begins, or `None` where its end is not in sight.
    #[inline]
    fn line(&mut self, buf: &[u8], start: usize, at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> Option<usize> {
        let fail = if buf.get(start) == Some(&b'{') {
            match self.records.object::<true>(&self.program, buf, start) {
                Ok(end) => {
                    let next = line_end(buf, end, last);
                    if let Some(next) = next {
                        self.rows.gather(&self.program, self.records.captures(), buf, span(at, start, end), sink);
                        return Some(next);
                    }
                    let at = space::<true>(buf, end);
                    Fail { at, why: if at == buf.len() { Why::End } else { Why::Broken } }
                }
                Err(fail) => fail,
            }
        } else {
            Fail { at: start, why: Why::Broken }
        };
        // The walk stops at newlines, so when it came to the end of the bytes, there is none.
        let newline = if fail.why == Why::End { None } else { memchr::memchr(b'\n', buf.get(start..)?) };
        let end = match newline {
            Some(newline) => start + newline,
            None if last => buf.len(),
            None => return None,
        };
        let line = buf.get(start..end)?;
        let record = line.trim_ascii_end();
        if !record.is_empty() {
            self.rows.flush(&self.program, self.records.captures(), buf, sink);
            let within = Fail { at: fail.at.saturating_sub(start), ..fail };
            let open_end = newline.is_none() && last;
            sink.undecodable(span(at, start, start + record.len()), issue(record, Some(within), open_end));
        }
        Some((end + usize::from(newline.is_some())).min(buf.len()))
    }
}

impl RecordReader for Lines {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        let mut p = if at.0 == 0 && buf.starts_with(BOM) { BOM.len() } else { 0 };
        self.records.buffer(buf);
        loop {
            // Blank lines, and spaces before a record.
            p = space::<false>(buf, p);
            if p >= buf.len() {
                break;
            }
            match self.line(buf, p, at, last, sink) {
                Some(next) => p = next,
                None => break,
            }
        }
        self.rows.flush(&self.program, self.records.captures(), buf, sink);
        p
    }
}

/// The next line's start behind a record that ends at `end`; `None` where something else follows.
#[inline]
fn line_end(buf: &[u8], end: usize, last: bool) -> Option<usize> {
    if buf.get(end) == Some(&b'\n') {
        return Some(end + 1);
    }
    let end = space::<true>(buf, end);
    match buf.get(end) {
        Some(b'\n') => Some(end + 1),
        None if last => Some(end),
        _ => None,
    }
}

#[inline]
pub(super) fn span(at: ByteOffset, start: usize, end: usize) -> Span {
    let len = u32::try_from(end - start).unwrap_or(u32::MAX);
    Span { offset: ByteOffset(at.0 + start as u64), len }
}
