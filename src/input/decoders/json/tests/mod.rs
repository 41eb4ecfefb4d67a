//! The three readers against facts, against a plain implementation, and against cuts anywhere.

mod damage;
mod decode;
mod document;
mod law;
mod naive;
mod rows;

use super::JsonFormat;
use crate::input::decoders::Format;
use crate::input::decoders::plan::Plan;
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::mapping::Mapping;
use crate::model::row::{Row, RowSink, Span};

/// A row as owned text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub span: (u64, u32),
    pub time: Option<i64>,
    pub type_name: String,
    pub service: Option<String>,
    pub id: Option<String>,
    pub version: Option<u32>,
    pub entities: Vec<String>,
    pub correlations: Vec<String>,
    pub causes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    Event(Event),
    Not(Span, Issue),
}

#[derive(Default)]
pub struct Collect(pub Vec<Out>);

impl RowSink for Collect {
    fn event(&mut self, row: &Row<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.0.push(Out::Event(Event {
            span: (row.span.offset.0, row.span.len),
            time: row.time.map(|t| t.0),
            type_name: text(row.type_name),
            service: row.service.map(text),
            id: row.id.map(text),
            version: row.version,
            entities: row.entities.iter().map(|(kind, id)| format!("{}:{}", text(kind), text(id))).collect(),
            correlations: row.correlations.iter().map(|c| text(c)).collect(),
            causes: row.causes.iter().map(|c| text(c)).collect(),
        }));
    }

    fn undecodable(&mut self, span: Span, issue: Issue) {
        self.0.push(Out::Not(span, issue));
    }
}

/// Reads `bytes` as ingest does, in pieces of the given sizes, the last one again and again.
pub fn read(format: &JsonFormat, bytes: &[u8], pieces: &[usize]) -> Vec<Out> {
    let mut sink = Collect::default();
    let mut reader = format.reader();
    let (mut start, mut end) = (0, 0);
    let mut pieces = pieces.iter().chain(std::iter::repeat(pieces.last().expect("a size")));
    loop {
        end = bytes.len().min(end + pieces.next().expect("endless"));
        let last = end == bytes.len();
        let used = reader.read(&bytes[start..end], ByteOffset(start as u64), last, &mut sink);
        assert!(used <= end - start, "no more is used up than there is");
        start += used;
        if last {
            assert_eq!(start, end, "at the end everything is used up");
            return sink.0;
        }
    }
}

pub fn whole(format: &JsonFormat, bytes: &[u8]) -> Vec<Out> {
    read(format, bytes, &[bytes.len().max(1)])
}

pub fn mapping(json: &str) -> Mapping {
    serde_json::from_str(json).expect("a mapping")
}

pub fn plan(json: &str) -> Plan {
    Plan::compile(mapping(json), "file.json", None).expect("a plan")
}

pub fn events(outs: &[Out]) -> Vec<&Event> {
    outs.iter().filter_map(|out| if let Out::Event(event) = out { Some(event) } else { None }).collect()
}

/// `offset+len code@at` of each undecodable row.
pub fn damage(outs: &[Out]) -> Vec<(u64, u32, IssueCode, Option<u32>)> {
    let one = |out: &Out| match out {
        Out::Not(span, issue) => Some((span.offset.0, span.len, issue.code, issue.at)),
        Out::Event(_) => None,
    };
    outs.iter().filter_map(one).collect()
}

pub const SHOP: &str = r#"{
    "type": ["/eventType"], "id": ["/eventId"], "version": ["/version"], "service": ["/service"],
    "time": [{"field": "/timestamp"}],
    "entities": [
        {"kind": "order", "id": "/data/orderId"},
        {"kind": "{/entityType}", "id": "/aggregateId", "stream": true},
        {"kind": "product", "id": "/data/items/*/productId"}
    ],
    "correlation": ["/correlationId"], "causation": ["/causationId"], "key": ["/key"],
    "headers": "/headers", "data": ["/data"]
}"#;
