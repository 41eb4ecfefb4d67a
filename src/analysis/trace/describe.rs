//! A chain with its names read back: what the command line prints as JSON and windows show.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chain::Chain;
use crate::model::ids::{EventIx, ServiceIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Field names are a contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Description {
    pub ids: Vec<String>,
    /// Ids that are left out: so many events share them that they are constants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<String>,
    pub events: Vec<DescribedEvent>,
    /// Events without a cause in the chain.
    pub roots: Vec<EventIx>,
    pub missing: Vec<DescribedMissing>,
    pub services: Vec<String>,
    pub duration_ms: Option<f64>,
    pub critical_path: Vec<EventIx>,
    /// Whether the chain was found by likeness, without ids.
    pub inferred: bool,
    /// Of its services. What one chain says of clocks is little: the whole log's causes tell, so it
    /// stays empty until who has looked at them fills it in.
    pub skew: Vec<Skew>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DescribedEvent {
    pub ix: EventIx,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub type_name: String,
    pub service: Option<String>,
    /// RFC 3339.
    pub time: Option<String>,
    /// The same, to compute with.
    #[serde(skip)]
    pub instant: Option<TimeNs>,
    pub causes: Vec<EventIx>,
    pub depth: u32,
    /// The entities that it is about, as `order:o1`.
    #[serde(skip)]
    pub entities: Vec<String>,
    /// What is odd about it: `causes itself`, `in a circle`, `before its cause`, `repeated id`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<&'static str>,
    /// In an inferred chain: what it shares with its causes, as `order:o1`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DescribedMissing {
    pub id: String,
    pub wanted_by: EventIx,
}

/// By how much a service's clock is behind (negative) or ahead of the others', as far as all causes of
/// the log tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skew {
    pub source: String,
    pub offset_ms: f64,
}

/// Reads the chain's records: once each.
#[must_use]
pub fn describe(snapshot: &Snapshot, chain: &Chain) -> Description {
    let ix = |at: &u32| chain.links[*at as usize].event;
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let events = chain.links.iter().map(|link| {
        let envelope = snapshot.envelope(link.event).unwrap_or_default();
        for cause in &envelope.causes {
            names.insert(Snapshot::id_hash(&cause.value), cause.value.clone());
        }
        let odd = [
            (link.causes_itself, "causes itself"),
            (!link.circle.is_empty(), "in a circle"),
            (link.before_cause, "before its cause"),
            (link.repeats.is_some(), "repeated id"),
        ];
        DescribedEvent {
            ix: link.event,
            id: envelope.id,
            type_name: snapshot.type_name(link.type_ix).to_owned(),
            service: service_name(snapshot, link.service_ix),
            time: link.time.map(TimeNs::to_rfc3339),
            instant: link.time,
            causes: link.causes.iter().map(ix).collect(),
            depth: link.depth,
            entities: envelope.entities.iter().map(ToString::to_string).collect(),
            odd: odd.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect(),
            shared: link.shared.iter().filter_map(|&entity| snapshot.entity_label(entity)).collect(),
        }
    });
    let events = events.collect();
    let missing = chain.missing.iter().map(|missing| DescribedMissing {
        id: names.get(&missing.hash).cloned().unwrap_or_else(|| format!("#{:016x}", missing.hash)),
        wanted_by: ix(&missing.wanted_by),
    });
    Description {
        ids: chain.ids.clone(),
        constants: chain.constants.clone(),
        events,
        roots: chain.roots.iter().map(ix).collect(),
        missing: missing.collect(),
        services: chain.services().into_iter().filter_map(|service| service_name(snapshot, service)).collect(),
        duration_ms: chain.duration_ns.map(|ns| ns as f64 / 1e6),
        critical_path: chain.critical.iter().map(ix).collect(),
        inferred: chain.inferred,
        skew: Vec::new(),
    }
}

fn service_name(snapshot: &Snapshot, service: ServiceIx) -> Option<String> {
    (service != ServiceIx::NONE).then(|| snapshot.service_name(service).to_owned())
}
