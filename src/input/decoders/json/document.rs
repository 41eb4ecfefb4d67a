//! One JSON document with events inside it: an array of them, or an object whose members are events
//! (their names are `/@key`). The document is never held as a whole: what lies around the events is
//! passed over byte by byte, and an event is all that must fit into a buffer.
//!
//! Lenient about what is between values, so that damage costs the events that it touches and no more.

use std::sync::Arc;

use super::issues::issue;
use super::lines::{BOM, span};
use super::pass::Pass;
use super::scan::{Fail, Why, space};
use super::skip::{key, skip};
use super::unescape::unescape;
use super::walk::Walker;
use crate::input::decoders::RecordReader;
use crate::input::decoders::plan::template::Segment;
use crate::input::decoders::plan::{Program, Rows};
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode, MAX_RECORD_BYTES};
use crate::model::row::{RowSink, Span};

#[derive(Debug)]
pub struct Document {
    program: Arc<Program>,
    walker: Walker,
    rows: Rows,
    /// Where the events are.
    path: Arc<[Segment]>,
    open: Vec<Container>,
    passing: Option<Passing>,
    key: Vec<u8>,
}

/// A container on the way to the events, or the one that holds them.
#[derive(Clone, Copy, Debug)]
struct Container {
    object: bool,
    /// Segments of the path that led here.
    matched: usize,
    /// Elements begun so far.
    place: u64,
}

/// A value that is passed over, and what to say of it at its end.
#[derive(Clone, Copy, Debug)]
struct Passing {
    pass: Pass,
    report: Option<(u64, Issue)>,
}

/// The bytes at hand: the first lies at `at`, and with `last` nothing follows.
#[derive(Clone, Copy)]
struct Piece<'a> {
    buf: &'a [u8],
    at: ByteOffset,
    last: bool,
}

/// Behind what was used up, or the place from which on more bytes are needed.
type Step = Result<usize, usize>;

impl Document {
    #[must_use]
    pub fn new(program: Arc<Program>, path: Arc<[Segment]>) -> Self {
        Self {
            walker: Walker::new(&program),
            rows: Rows::new(&program),
            program,
            path,
            open: Vec::new(),
            passing: None,
            key: Vec::new(),
        }
    }

    /// Whatever stands at `p`, where a value, a key or a closing bracket may stand.
    fn step(&mut self, piece: Piece<'_>, p: usize, sink: &mut dyn RowSink) -> Step {
        let Piece { buf, at, last } = piece;
        let Some(container) = self.open.last().copied() else {
            return self.value(piece, p, p, Some(0), sink);
        };
        if let Some(b'}' | b']') = buf.get(p) {
            self.open.pop();
            return Ok(p + 1);
        }
        let events = container.matched == self.path.len();
        if !container.object {
            let place = container.place;
            if let Some(container) = self.open.last_mut() {
                container.place += 1;
            }
            let matched = self.path.get(container.matched).is_some_and(|segment| match segment {
                Segment::Any => true,
                Segment::Key(key) => **key == *place.to_string().as_bytes(),
                Segment::Inside | Segment::Named(_) => false,
            });
            let next = if events {
                self.event(piece, p, p, sink)?
            } else {
                self.value(piece, p, p, matched.then_some(container.matched + 1), sink)?
            };
            return Ok(next);
        }
        let key = match key::<false>(buf, p) {
            Ok(key) if key.value < buf.len() => key,
            Ok(_) | Err(Fail { why: Why::End, .. }) if !last => return Err(p),
            Ok(_) | Err(Fail { why: Why::End, .. }) => {
                if events {
                    say(buf, p, buf.len(), IssueCode::Incomplete, at, sink);
                }
                return Ok(buf.len());
            }
            Err(_) => return Ok(self.garbage(buf, p, at, sink)),
        };
        self.key.clear();
        unescape(key.name, &mut self.key);
        if events {
            return self.event(piece, p, key.value, sink);
        }
        let matched = self.path.get(container.matched).is_some_and(|segment| match segment {
            Segment::Any => true,
            Segment::Key(key) => **key == *self.key,
            Segment::Inside | Segment::Named(_) => false,
        });
        self.value(piece, p, key.value, matched.then_some(container.matched + 1), sink)
    }

    /// A value outside the events; `matched` segments of the path lead to it.
    fn value(
        &mut self,
        piece: Piece<'_>,
        from: usize,
        value: usize,
        matched: Option<usize>,
        sink: &mut dyn RowSink,
    ) -> Step {
        let Piece { buf, at, last } = piece;
        let first = buf.get(value).copied().unwrap_or_default();
        if let (Some(matched), b'{' | b'[') = (matched, first)
            && matched <= self.path.len()
        {
            self.open.push(Container { object: first == b'{', matched, place: 0 });
            return Ok(value + 1);
        }
        match skip::<false>(buf, value, 0) {
            Ok(end) if end < buf.len() || last => Ok(end),
            _ if matches!(first, b'{' | b'[' | b'"') => Ok(self.pass(buf, value, None, at, sink)),
            Ok(_) | Err(Fail { why: Why::End, .. }) if !last => Err(from),
            Ok(_) | Err(Fail { why: Why::End, .. }) => Ok(buf.len()),
            Err(_) => Ok(self.garbage(buf, from, at, sink)),
        }
    }

    /// An event: its record starts at `from` (its key, where it has one), its object at `value`.
    fn event(&mut self, piece: Piece<'_>, from: usize, value: usize, sink: &mut dyn RowSink) -> Step {
        let Piece { buf, at, last } = piece;
        let first = buf.get(value).copied().unwrap_or_default();
        let walked = if first == b'{' {
            self.walker.begin();
            if from < value
                && let Some(slot) = self.program.key_slot()
            {
                let key = self.walker.captures.keep(&self.key);
                self.walker.captures.set(slot, key);
            }
            self.walker.object::<false>(&self.program, buf, value, 0)
        } else {
            skip::<false>(buf, value, 0)
        };
        let bracket = matches!(first, b'{' | b'[' | b'"');
        match walked {
            Ok(end) if first == b'{' => {
                self.rows.emit(&self.program, &mut self.walker.captures, buf, span(at, from, end), sink);
                Ok(end)
            }
            Ok(end) if end < buf.len() || last => {
                say(buf, from, end, IssueCode::NotAnObject, at, sink);
                Ok(end)
            }
            Ok(_) | Err(Fail { why: Why::End, .. }) if !last && buf.len() - from < MAX_RECORD_BYTES => Err(from),
            Ok(_) | Err(Fail { why: Why::End, .. }) if !last && bracket => {
                let long = Issue { code: IssueCode::TooLong, at: None };
                Ok(self.pass(buf, value, Some((at.0 + from as u64, long)), at, sink))
            }
            Ok(_) | Err(Fail { why: Why::End, .. }) => {
                say(buf, from, buf.len(), IssueCode::Incomplete, at, sink);
                Ok(buf.len())
            }
            Err(fail) if bracket => {
                let within = Fail { at: fail.at.saturating_sub(from), ..fail };
                let code = issue(buf.get(value..).unwrap_or_default(), Some(within), false).code;
                let issue = Issue { code, at: u32::try_from(within.at).ok() };
                Ok(self.pass(buf, value, Some((at.0 + from as u64, issue)), at, sink))
            }
            Err(_) => Ok(self.garbage(buf, from, at, sink)),
        }
    }

    /// Begins to pass over a string or container.
    fn pass(
        &mut self,
        buf: &[u8],
        value: usize,
        report: Option<(u64, Issue)>,
        at: ByteOffset,
        sink: &mut dyn RowSink,
    ) -> usize {
        self.passing = Some(Passing { pass: Pass::default(), report });
        self.go_on_passing(buf, value, at, sink)
    }

    fn go_on_passing(&mut self, buf: &[u8], p: usize, at: ByteOffset, sink: &mut dyn RowSink) -> usize {
        let Some(mut passing) = self.passing.take() else { return p };
        let end = passing.pass.end(buf, p);
        match (end, passing.report) {
            (None, _) => self.passing = Some(passing),
            (Some(end), Some(report)) => tell(report, at.0 + end as u64, sink),
            (Some(_), None) => {}
        }
        end.unwrap_or(buf.len())
    }

    /// Bytes that belong nowhere: up to the next opening brace or the end of the line.
    fn garbage(&mut self, buf: &[u8], p: usize, at: ByteOffset, sink: &mut dyn RowSink) -> usize {
        let rest = buf.get(p + 1..).unwrap_or_default();
        let end = memchr::memchr2(b'\n', b'{', rest).map_or(buf.len(), |n| p + 1 + n);
        let code = if self.open.is_empty() { IssueCode::NotJson } else { IssueCode::BrokenJson };
        say(buf, p, end, code, at, sink);
        end
    }
}

fn say(buf: &[u8], start: usize, end: usize, code: IssueCode, at: ByteOffset, sink: &mut dyn RowSink) {
    let len = buf.get(start..end).unwrap_or_default().trim_ascii_end().len();
    sink.undecodable(span(at, start, start + len), Issue { code, at: Some(0) });
}

fn tell((start, issue): (u64, Issue), end: u64, sink: &mut dyn RowSink) {
    let len = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
    sink.undecodable(Span { offset: ByteOffset(start), len }, issue);
}

impl RecordReader for Document {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        let mut p = if at.0 == 0 && buf.starts_with(BOM) { BOM.len() } else { 0 };
        p = self.go_on_passing(buf, p, at, sink);
        while self.passing.is_none() {
            p = space::<false>(buf, p);
            match buf.get(p) {
                None => return buf.len(),
                Some(b',' | 0x1E) => p += 1,
                Some(_) => match self.step(Piece { buf, at, last }, p, sink) {
                    Ok(next) => p = next,
                    Err(from) => return from,
                },
            }
        }
        if last && let Some(Passing { report: Some(report), .. }) = self.passing.take() {
            tell(report, at.0 + buf.len() as u64, sink);
        }
        buf.len()
    }
}
