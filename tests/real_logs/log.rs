//! Opens files of `tests/data` through the decoders and keeps all rows.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eventglass::input::decoders::{self, Format, SAMPLE_BYTES, Sample};
use eventglass::model::error::Error;
use eventglass::model::ids::ByteOffset;
use eventglass::model::issue::Issue;
use eventglass::model::mapping::Mapping;
use eventglass::model::row::{Row, RowSink, Span};
use eventglass::model::source::ReadAt;

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub span: (u64, u32),
    pub time: Option<i64>,
    pub type_name: String,
    pub id: Option<String>,
    pub entities: Vec<(String, String)>,
    pub correlations: Vec<String>,
    pub causes: Vec<String>,
}

#[derive(Default)]
pub struct Log {
    pub events: Vec<Event>,
    pub undecodable: usize,
    pub envelope: String,
}

#[derive(Debug)]
pub struct Memory(pub Vec<u8>);

impl ReadAt for Memory {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        let start = usize::try_from(offset.0).expect("test data fit into memory");
        let rest = self.0.get(start..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

impl RowSink for Log {
    fn event(&mut self, row: &Row<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.events.push(Event {
            span: (row.span.offset.0, row.span.len),
            time: row.time.map(|time| time.0),
            type_name: text(row.type_name),
            id: row.id.map(text),
            entities: row.entities.iter().map(|(kind, id)| (text(kind), text(id))).collect(),
            correlations: row.correlations.iter().map(|id| text(id)).collect(),
            causes: row.causes.iter().map(|id| text(id)).collect(),
        });
    }

    fn undecodable(&mut self, _: Span, _: Issue) {
        self.undecodable += 1;
    }
}

pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// A file's bytes, plain.
pub fn bytes_of(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a file of tests/data");
    if path.extension().is_some_and(|ending| ending == "gz") {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).expect("whole gzip");
        return plain;
    }
    bytes
}

pub fn open_bytes(name: &str, bytes: &[u8], mapping: Option<Mapping>) -> Result<Arc<dyn Format>, Error> {
    let source: Arc<dyn ReadAt> = Arc::new(Memory(bytes.to_vec()));
    let head = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    decoders::open(&Sample { name, head, complete: head.len() == bytes.len() }, &source, mapping)
}

pub fn open(path: &str) -> Result<(Log, Arc<dyn Format>), Error> {
    let path = data(path);
    let name = path.file_name().expect("a file").to_string_lossy().trim_end_matches(".gz").to_owned();
    let bytes = bytes_of(&path);
    let format = open_bytes(&name, &bytes, None)?;
    let mut log = Log { envelope: format.mapping().envelope.clone(), ..Log::default() };
    let used = format.reader().read(&bytes, ByteOffset(0), true, &mut log);
    assert_eq!(used, bytes.len(), "{name} was not read to its end");
    every_row_reads_the_same_again(&log, &*format, &bytes);
    Ok((log, format))
}

/// What was indexed and what a person sees of one event are the same.
fn every_row_reads_the_same_again(log: &Log, format: &dyn Format, bytes: &[u8]) {
    let decode = format.decode();
    for event in &log.events {
        let start = usize::try_from(event.span.0).expect("test data fit into memory");
        let record = &bytes[start..start + event.span.1 as usize];
        let envelope = decode.envelope(record);
        assert_eq!(envelope.type_name, event.type_name);
        assert_eq!(envelope.time.map(|time| time.0), event.time);
        assert_eq!(envelope.id, event.id);
        let entities: Vec<_> = envelope.entities.into_iter().map(|entity| (entity.kind, entity.id)).collect();
        assert_eq!(entities, event.entities);
        assert!(decode.json(record).is_some_and(|json| json.is_object()));
        assert!(decode.data_json(record).is_some());
    }
}

impl Log {
    pub fn add(&mut self, other: Log) {
        self.events.extend(other.events);
        self.undecodable += other.undecodable;
    }

    pub fn count_distinct<T: Ord>(&self, of: impl Fn(&Event) -> Vec<T>) -> usize {
        self.events.iter().flat_map(of).collect::<std::collections::BTreeSet<_>>().len()
    }

    pub fn ids_of_kind(&self, kind: &str) -> usize {
        let ids = |event: &Event| {
            event.entities.iter().filter(|(its, _)| its == kind).map(|(_, id)| id.clone()).collect::<Vec<_>>()
        };
        self.count_distinct(ids)
    }

    /// An entity's events, in time.
    pub fn events_of(&self, kind: &str, id: &str) -> Vec<&Event> {
        let mut events: Vec<&Event> =
            self.events.iter().filter(|event| event.entities.iter().any(|(k, i)| k == kind && i == id)).collect();
        events.sort_by_key(|event| event.time);
        events
    }

    /// The entity of a kind with most events; of several, the smallest id.
    pub fn busiest(&self, kind: &str) -> (String, usize) {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for event in &self.events {
            for (_, id) in event.entities.iter().filter(|(its, _)| its == kind) {
                *counts.entry(id).or_default() += 1;
            }
        }
        let best = counts.into_iter().max_by_key(|(id, count)| (*count, std::cmp::Reverse(*id)));
        best.map(|(id, count)| (id.to_owned(), count)).unwrap_or_default()
    }

    pub fn types(&self) -> Vec<(String, usize)> {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for event in &self.events {
            *counts.entry(&event.type_name).or_default() += 1;
        }
        counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    }
}

/// `2026-02-16T10:30:00Z` as nanoseconds.
pub fn instant(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text)
        .expect("a time written for this test")
        .timestamp_nanos_opt()
        .expect("in range")
}
