//! JSON objects one after another, over as many lines as they like (pretty-printed, concatenated, RFC
//! 7464 text sequences). Damage ends at the next line that starts with an opening brace.

use std::sync::Arc;

use super::issues::issue;
use super::lines::{BOM, span};
use super::record::Records;
use super::scan::{Fail, Why, space};
use super::skip::skip;
use crate::input::decoders::RecordReader;
use crate::input::decoders::plan::{Program, Rows};
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode, MAX_RECORD_BYTES};
use crate::model::row::RowSink;

#[derive(Debug)]
pub struct Values {
    program: Arc<Program>,
    records: Records,
    rows: Rows,
    /// A record that is too long was reported; its bytes are passed over up to the next start.
    passing: bool,
}

/// What became of the bytes at a place.
enum Step {
    Next(usize),
    More,
}

impl Values {
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self { records: Records::new(&program), rows: Rows::new(&program), program, passing: false }
    }

    fn value(&mut self, buf: &[u8], start: usize, at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> Step {
        let object = buf.get(start) == Some(&b'{');
        let walked =
            if object { self.records.object::<false>(&self.program, buf, start) } else { skip::<false>(buf, start, 0) };
        match walked {
            Ok(end) if object => {
                self.rows.emit(&self.program, self.records.captures(), buf, span(at, start, end), sink);
                Step::Next(end)
            }
            // `12` may go on as `123`.
            Ok(end) if end < buf.len() || last => {
                sink.undecodable(span(at, start, end), Issue { code: IssueCode::NotAnObject, at: Some(0) });
                Step::Next(end)
            }
            Ok(_) => self.more(buf, start, at, sink),
            Err(Fail { why: Why::End, .. }) if !last => self.more(buf, start, at, sink),
            Err(fail) => self.damaged(buf, start, fail, at, last, sink),
        }
    }

    /// The value goes on behind the buffer: longer than any record may be, or worth waiting for.
    fn more(&mut self, buf: &[u8], start: usize, at: ByteOffset, sink: &mut dyn RowSink) -> Step {
        if buf.len() - start < MAX_RECORD_BYTES {
            return Step::More;
        }
        sink.undecodable(span(at, start, buf.len()), Issue { code: IssueCode::TooLong, at: None });
        self.passing = true;
        Step::Next(buf.len())
    }

    fn damaged(
        &mut self,
        buf: &[u8],
        start: usize,
        fail: Fail,
        at: ByteOffset,
        last: bool,
        sink: &mut dyn RowSink,
    ) -> Step {
        let object = buf.get(start) == Some(&b'{');
        let rest = buf.get(start..).unwrap_or_default();
        let next = if object { memchr::memmem::find(rest, b"\n{") } else { memchr::memchr(b'\n', rest) };
        let end = match next {
            Some(next) => start + next,
            None if last => buf.len(),
            None => return self.more(buf, start, at, sink),
        };
        let record = buf.get(start..end).unwrap_or_default().trim_ascii_end();
        let within = Fail { at: fail.at.saturating_sub(start), ..fail };
        let open_end = next.is_none() && fail.why == Why::End;
        sink.undecodable(span(at, start, start + record.len()), issue(record, Some(within), open_end));
        Step::Next(end)
    }
}

impl RecordReader for Values {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        let mut p = if at.0 == 0 && buf.starts_with(BOM) { BOM.len() } else { 0 };
        self.records.buffer(buf);
        if self.passing {
            match memchr::memmem::find(buf, b"\n{") {
                Some(next) => {
                    self.passing = false;
                    p = next;
                }
                None if last => return buf.len(),
                // The newline may be the last byte here and the brace the first of what follows.
                None => return buf.len().saturating_sub(1),
            }
        }
        loop {
            p = space::<false>(buf, p);
            match buf.get(p) {
                None => return buf.len(),
                Some(b',' | 0x1E) => p += 1,
                Some(_) => match self.value(buf, p, at, last, sink) {
                    Step::Next(next) => p = next,
                    Step::More => return p,
                },
            }
        }
    }
}
