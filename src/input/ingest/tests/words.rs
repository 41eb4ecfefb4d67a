//! A format for tests: `time type id stream,entity,… correlation cause` a line, `-` for none.

use std::sync::Arc;

use crate::input::decoders::{Format, Framing, RecordReader};
use crate::input::open::Opened;
use crate::model::envelope::Envelope;
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::mapping::Mapping;
use crate::model::row::{Row, RowSink, Span};
use crate::model::source::{Decode, ReadAt, SourceInfo};
use crate::model::time::TimeNs;

/// A line that breaks the reader down.
pub const DEFECT: &[u8] = b"defect";

#[derive(Clone, Debug)]
pub struct Words(pub Framing);

impl Format for Words {
    fn framing(&self) -> Framing {
        self.0
    }

    fn mapping(&self) -> Arc<Mapping> {
        Arc::new(Mapping::default())
    }

    fn describe(&self) -> String {
        "words".to_owned()
    }

    fn reader(&self) -> Box<dyn RecordReader> {
        Box::new(Words(self.0))
    }

    fn decode(&self) -> Arc<dyn Decode> {
        Arc::new(Words(self.0))
    }

    /// Damage that reading does not see.
    fn defers(&self) -> bool {
        true
    }

    fn validate(&self, record: &[u8]) -> Option<Issue> {
        memchr::memmem::find(record, b"rotten").map(|at| Issue { code: IssueCode::BrokenJson, at: Some(at as u32) })
    }
}

impl Decode for Words {
    fn envelope(&self, _record: &[u8]) -> Envelope {
        Envelope::default()
    }

    fn json(&self, _record: &[u8]) -> Option<serde_json::Value> {
        None
    }

    fn data_json(&self, _record: &[u8]) -> Option<String> {
        None
    }
}

impl RecordReader for Words {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        let mut used = 0;
        while used < buf.len() {
            let newline = memchr::memchr(b'\n', &buf[used..]);
            if newline.is_none() && !last {
                break;
            }
            let end = newline.map_or(buf.len(), |n| used + n);
            let line = &buf[used..end];
            let span = Span { offset: ByteOffset(at.0 + used as u64), len: line.len() as u32 };
            if !line.is_empty() {
                row(line, span, newline.is_some(), sink);
            }
            used = newline.map_or(buf.len(), |n| used + n + 1);
        }
        used
    }
}

fn row(line: &[u8], span: Span, complete: bool, sink: &mut dyn RowSink) {
    assert!(line != DEFECT, "a defect of ours");
    let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
    let [time, type_name, id, entities, correlation, cause, ..] = words[..] else {
        let code = if complete { IssueCode::NotJson } else { IssueCode::Incomplete };
        return sink.undecodable(span, Issue { code, at: None });
    };
    let given = |word| Some(word).filter(|w: &&[u8]| **w != *b"-");
    let entities: Vec<(&[u8], &[u8])> = given(entities)
        .map(|list| list.split(|b| *b == b',').collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entity| entity.split_at_checked(1))
        .collect();
    let correlations: Vec<&[u8]> = given(correlation).into_iter().collect();
    let causes: Vec<&[u8]> = given(cause).into_iter().collect();
    sink.event(&Row {
        span,
        time: std::str::from_utf8(time).ok().and_then(|t| t.parse().ok()).map(TimeNs),
        type_name,
        service: None,
        id: given(id),
        version: None,
        entities: &entities,
        correlations: &correlations,
        causes: &causes,
    });
}

/// Many lines that differ, some of them damaged.
pub fn text(lines: u64) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut out = String::new();
    for n in 0..lines {
        let written = match n % 97 {
            13 => writeln!(out, "not an event {n}"),
            14 => writeln!(out),
            _ => writeln!(
                out,
                "{} Type{} id{} o{},c{} k{} id{} {}",
                (n ^ 3) * 1_000_000,
                n * n % 7,
                n % 1000,
                n / 5,
                n * n % 31,
                n / 7,
                n.saturating_sub(3),
                "x".repeat((n % 50 + 1) as usize)
            ),
        };
        written.expect("writing to a String cannot fail");
    }
    out.into_bytes()
}

pub fn opened(bytes: Arc<dyn ReadAt>, framing: Framing) -> Opened {
    let info = SourceInfo {
        name: "words".to_owned(),
        address: "words".to_owned(),
        format: "words".to_owned(),
        charset: None,
        mapping: Arc::new(Mapping::default()),
        bytes,
        decode: Arc::new(Words(framing)),
        origin: None,
    };
    Opened { info, format: Arc::new(Words(framing)), growth: None, identity: None, warnings: Vec::new(), reopen: None }
}
