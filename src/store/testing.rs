//! A log from rows given one by one, for tests of whatever reads snapshots.

use std::io;
use std::sync::Arc;

use super::batch::Batch;
use super::contents::Contents;
use super::snapshot::Snapshot;
use super::writer::{Sealed, Sealer, Writer};
use crate::model::charset::Charset;
use crate::model::envelope::{EntityRef, Envelope, NamedId};
use crate::model::ids::{ByteOffset, SourceIx};
use crate::model::issue::{Issue, IssueCode};
use crate::model::mapping::Mapping;
use crate::model::row::{Row, RowSink, Span};
use crate::model::source::{Decode, ReadAt, SourceInfo};
use crate::model::time::TimeNs;

/// Bytes in memory as a source.
#[derive(Debug)]
pub struct Memory(pub Vec<u8>);

impl ReadAt for Memory {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        let start = usize::try_from(offset.0).unwrap_or(usize::MAX).min(self.0.len());
        let len = buf.len().min(self.0.len() - start);
        buf[..len].copy_from_slice(&self.0[start..start + len]);
        Ok(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// One event of a test. Empty texts mean "none".
#[derive(Clone, Debug, Default)]
pub struct TestEvent {
    pub time: Option<i64>,
    pub type_name: String,
    pub service: String,
    pub id: String,
    pub version: Option<u32>,
    /// `order:1`, the stream first.
    pub entities: Vec<String>,
    pub correlations: Vec<String>,
    pub causes: Vec<String>,
    /// JSON text; `{}` where empty.
    pub data: String,
    /// More members of the record, as JSON: `"key":"a","partition":3`.
    pub extra: String,
    pub undecodable: bool,
}

/// Collects events, then makes a snapshot whose records are JSON lines with these fields.
#[derive(Debug, Default)]
pub struct Builder {
    sources: Vec<Vec<TestEvent>>,
    batch_rows: Option<usize>,
}

impl Builder {
    #[must_use]
    pub fn new() -> Self {
        Self { sources: vec![Vec::new()], batch_rows: None }
    }

    /// Rows per batch, for tests that want many segments.
    #[must_use]
    pub fn batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = Some(rows.max(1));
        self
    }

    #[must_use]
    pub fn event(mut self, event: TestEvent) -> Self {
        self.push(event);
        self
    }

    /// A short event: `time` in nanoseconds, entities as `kind:id`.
    #[must_use]
    pub fn simple(self, time: i64, type_name: &str, entities: &[&str]) -> Self {
        let entities = entities.iter().map(|&e| e.to_owned()).collect();
        self.event(TestEvent { time: Some(time), type_name: type_name.to_owned(), entities, ..TestEvent::default() })
    }

    pub fn push(&mut self, event: TestEvent) {
        if let Some(source) = self.sources.last_mut() {
            source.push(event);
        }
    }

    /// Events from here on belong to another source.
    #[must_use]
    pub fn next_source(mut self) -> Self {
        self.sources.push(Vec::new());
        self
    }

    #[must_use]
    pub fn build(&self) -> Arc<Snapshot> {
        let mut writer = Writer::default();
        let mut contents = Contents::new(&writer);
        for (i, events) in self.sources.iter().enumerate() {
            let mut text = Vec::new();
            let mut spans = Vec::new();
            for event in events {
                let line = line(event);
                spans.push(Span { offset: ByteOffset(text.len() as u64), len: line.len() as u32 });
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
            let info = SourceInfo {
                name: format!("test-{i}.ndjson"),
                address: format!("test-{i}.ndjson"),
                format: "NDJSON".to_owned(),
                charset: Some(Charset::UTF_8),
                mapping: Arc::new(Mapping {
                    data: vec!["/data".into()],
                    key: vec!["/key".into()],
                    ..Mapping::default()
                }),
                bytes: Arc::new(Memory(text)),
                decode: Arc::new(TestDecode),
                origin: None,
            };
            let source = contents.add_source(Arc::new(info)).expect("tests have few sources");
            let rows: Vec<(&TestEvent, Span)> = events.iter().zip(spans).collect();
            for part in rows.chunks(self.batch_rows.unwrap_or(usize::MAX)) {
                commit(&mut writer, &mut contents, source, part);
            }
        }
        Arc::new(contents.snapshot())
    }
}

fn commit(writer: &mut Writer, contents: &mut Contents, source: SourceIx, rows: &[(&TestEvent, Span)]) {
    let mut batch = Batch::new(source, true);
    for (event, span) in rows {
        if event.undecodable {
            batch.undecodable(*span, Issue { code: IssueCode::NotJson, at: None });
        } else {
            with_row(event, *span, |row| batch.event(row));
        }
    }
    let numbered = writer.number(&batch);
    contents.apply(Sealed::new(&batch, numbered, &mut Sealer::default()));
}

fn with_row(event: &TestEvent, span: Span, take: impl FnOnce(&Row<'_>)) {
    let entities: Vec<(&[u8], &[u8])> = event
        .entities
        .iter()
        .map(|entity| entity.split_once(':').unwrap_or(("", entity)))
        .map(|(kind, id)| (kind.as_bytes(), id.as_bytes()))
        .collect();
    let correlations: Vec<&[u8]> = event.correlations.iter().map(String::as_bytes).collect();
    let causes: Vec<&[u8]> = event.causes.iter().map(String::as_bytes).collect();
    take(&Row {
        span,
        time: event.time.map(TimeNs),
        type_name: event.type_name.as_bytes(),
        service: (!event.service.is_empty()).then_some(event.service.as_bytes()),
        id: (!event.id.is_empty()).then_some(event.id.as_bytes()),
        version: event.version,
        entities: &entities,
        correlations: &correlations,
        causes: &causes,
    });
}

fn line(event: &TestEvent) -> String {
    if event.undecodable {
        return "# not an event".to_owned();
    }
    let data = if event.data.is_empty() { "{}" } else { &event.data };
    let head = serde_json::json!({
        "time": event.time, "type": event.type_name, "service": event.service, "id": event.id,
        "version": event.version, "entities": event.entities, "correlations": event.correlations,
        "causes": event.causes,
    });
    let head = head.to_string();
    let extra = if event.extra.is_empty() { String::new() } else { format!(",{}", event.extra) };
    format!("{}{extra},\"data\":{data}}}", head.trim_end_matches('}'))
}

/// Reads what [`Builder`] writes.
#[derive(Debug)]
pub struct TestDecode;

impl Decode for TestDecode {
    fn envelope(&self, record: &[u8]) -> Envelope {
        let Some(value) = self.json(record) else {
            let issue = Some(Issue { code: IssueCode::NotJson, at: None });
            return Envelope { data: 0..record.len(), issue, ..Envelope::default() };
        };
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let list = |name: &str| -> Vec<String> {
            let items = value[name].as_array().cloned().unwrap_or_default();
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let named = |name: &str| {
            list(name).into_iter().map(|value| NamedId { name: name.to_owned(), value }).collect::<Vec<_>>()
        };
        let entity = |text: String| {
            let (kind, id) = text.split_once(':').unwrap_or(("", &text));
            EntityRef { kind: kind.to_owned(), id: id.to_owned() }
        };
        let marker: &[u8] = b",\"data\":";
        let data = record.windows(marker.len()).position(|w| w == marker);
        Envelope {
            type_name: text("type").unwrap_or_default(),
            id: text("id"),
            time: value["time"].as_i64().map(TimeNs),
            time_text: value["time"].as_i64().map(|time| time.to_string()),
            service: text("service"),
            version: value["version"].as_u64().and_then(|version| u32::try_from(version).ok()),
            entities: list("entities").into_iter().map(entity).collect(),
            correlations: named("correlations"),
            causes: named("causes"),
            data: data.map_or(0..record.len(), |at| at + marker.len()..record.len().saturating_sub(1)),
            ..Envelope::default()
        }
    }

    fn json(&self, record: &[u8]) -> Option<serde_json::Value> {
        serde_json::from_slice(record).ok()
    }

    fn data_json(&self, record: &[u8]) -> Option<String> {
        let range = self.envelope(record).data;
        String::from_utf8(record.get(range)?.to_vec()).ok()
    }
}
