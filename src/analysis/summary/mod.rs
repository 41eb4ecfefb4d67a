//! What a log is, in numbers: `eventglass info` prints it, and its JSON form has exactly these names.

mod neighbours;

pub use neighbours::{Direction, causes, effects, find_event, neighbour};

use serde::Serialize;

use crate::model::mapping::Mapping;
use crate::store::names::Name;
use crate::store::snapshot::Snapshot;

/// How much of what there is has been read: records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub seen: u64,
    pub total: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindCount {
    pub kind: String,
    pub entities: u64,
    pub events: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypeCount {
    #[serde(rename = "type")]
    pub type_name: String,
    pub events: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceCount {
    pub service: String,
    pub events: u64,
}

/// Counts are sorted by events, the largest first, then by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Formats of the sources, each once.
    pub format: String,
    /// Of the first source.
    pub mapping: Mapping,
    /// Rows that could be decoded.
    pub events: u64,
    pub undecodable: u64,
    /// Events whose id already occurred; `null` while that is not known yet.
    pub duplicate_ids: Option<u64>,
    pub entities: u64,
    pub entity_kinds: Vec<KindCount>,
    pub types: Vec<TypeCount>,
    pub services: Vec<ServiceCount>,
    pub correlations: u64,
    /// RFC 3339 with nanoseconds where there are any.
    pub first: Option<String>,
    pub last: Option<String>,
    /// Size of all sources.
    pub bytes: u64,
    pub coverage: Coverage,
}

/// `bytes` is the size of the sources as they are stored; `total` the records that are known to be
/// there, where that is more than what was read.
#[must_use]
pub fn summary(snapshot: &Snapshot, bytes: u64, total: Option<u64>) -> Summary {
    let mut formats: Vec<&str> = Vec::new();
    for source in snapshot.sources() {
        if !formats.contains(&source.format.as_str()) {
            formats.push(&source.format);
        }
    }
    let mut entity_kinds: Vec<KindCount> = snapshot
        .kinds()
        .iter()
        .filter(|kind| kind.entities > 0)
        .map(|kind| KindCount { kind: kind.name.to_string(), entities: kind.entities, events: kind.events })
        .collect();
    entity_kinds.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.kind.cmp(&b.kind)));
    let seen = snapshot.len();
    Summary {
        format: formats.join(" + "),
        mapping: snapshot.sources().first().map(|source| Mapping::clone(&source.mapping)).unwrap_or_default(),
        events: seen.saturating_sub(snapshot.undecodable()),
        undecodable: snapshot.undecodable(),
        duplicate_ids: snapshot.duplicate_ids(),
        entities: u64::from(snapshot.entity_count()),
        entity_kinds,
        types: counted(snapshot.types(), |type_name, events| TypeCount { type_name, events }),
        services: counted(snapshot.services(), |service, events| ServiceCount { service, events }),
        correlations: u64::from(snapshot.correlation_count()),
        first: snapshot.time_range().map(|(first, _)| first.to_rfc3339()),
        last: snapshot.time_range().map(|(_, last)| last.to_rfc3339()),
        bytes,
        coverage: Coverage { seen, total: total.unwrap_or(seen).max(seen) },
    }
}

/// Without the first name, which stands for "none".
fn counted<T>(names: &[Name], make: impl Fn(String, u64) -> T) -> Vec<T> {
    let mut names: Vec<&Name> = names.iter().skip(1).filter(|name| name.events > 0).collect();
    names.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
    names.into_iter().map(|name| make(name.name.to_string(), name.events)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn info_has_the_agreed_names() {
        let event = TestEvent {
            time: Some(1_771_237_800_412_345_678),
            type_name: "OrderPlaced".to_owned(),
            service: "orders".to_owned(),
            id: "e1".to_owned(),
            entities: vec!["order:1".to_owned(), "customer:2".to_owned()],
            correlations: vec!["c".to_owned()],
            ..TestEvent::default()
        };
        let log = Builder::new()
            .event(event)
            .simple(1, "A", &["order:1"])
            .event(TestEvent { undecodable: true, ..TestEvent::default() })
            .next_source()
            .simple(2, "A", &[])
            .build();
        let mut json = serde_json::to_value(summary(&log, 900, None)).expect("numbers and texts");
        assert!(json["mapping"].take().is_object());
        assert!(json["duplicate_ids"].take().is_null() || log.duplicate_ids().is_some());
        assert_eq!(
            json,
            serde_json::json!({
                "format": "NDJSON", "mapping": null, "events": 3, "undecodable": 1, "duplicate_ids": null,
                "entities": 2,
                "entity_kinds": [
                    {"kind": "order", "entities": 1, "events": 2}, {"kind": "customer", "entities": 1, "events": 1},
                ],
                "types": [{"type": "A", "events": 2}, {"type": "OrderPlaced", "events": 1}],
                "services": [{"service": "orders", "events": 1}],
                "correlations": 1,
                "first": "1970-01-01T00:00:00.000000001Z", "last": "2026-02-16T10:30:00.412345678Z",
                "bytes": 900, "coverage": {"seen": 4, "total": 4},
            })
        );
    }
}
