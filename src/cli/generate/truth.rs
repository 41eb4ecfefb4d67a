//! What a generated log holds, counted while it is written. The counts mean what the same names in
//! `eventglass info --format json` mean, so a test compares them field by field.

use serde::{Deserialize, Serialize};

/// Written beside the log as `OUT.truth.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    pub seed: u64,
    /// Lines of the file: events, repeats of events, and damaged lines.
    pub lines: u64,
    pub bytes: u64,
    /// Readable events, repeats included.
    pub events: u64,
    pub distinct_events: u64,
    /// Lines that are no event any more.
    pub undecodable: u64,
    /// Of those, lines whose envelope is whole: only who reads the payload sees the damage.
    pub undecodable_in_payload: u64,
    /// Events whose id already occurred: byte-identical repeats.
    pub duplicate_ids: u64,
    /// Kinds and ids, of streams and of the ids that payloads name.
    pub entities: u64,
    pub entity_kinds: Vec<KindCount>,
    /// In the order of their counts, then by name, as everywhere.
    pub types: Vec<TypeCount>,
    pub services: Vec<ServiceCount>,
    pub correlations: u64,
    pub first: String,
    pub last: String,
    pub samples: Samples,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    pub kind: String,
    pub entities: u64,
    pub events: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeCount {
    #[serde(rename = "type")]
    pub name: String,
    pub events: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCount {
    pub service: String,
    pub events: u64,
}

/// Questions with their answers, for benchmarks. Counts include repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// The account that one event in a hundred belongs to.
    pub heavy_entity: String,
    pub heavy_entity_events: u64,
    /// An account of common size from the middle of the log.
    pub entity: String,
    pub entity_events: u64,
    pub correlation: String,
    pub correlation_events: u64,
    pub event_id: String,
    /// A text that one payload in 100,000 holds.
    pub rare_text: String,
    pub rare_events: u64,
    /// Events of `range_type` with a time from `range_from` on, before `range_to`.
    pub range_type: String,
    pub range_from: String,
    pub range_to: String,
    pub range_events: u64,
}
