//! The events that rules are inferred from: a bounded, repeatable choice of a kind's entities and of
//! their events.

use std::sync::Arc;

use crate::analysis::state;
use crate::analysis::state::value::{Value, parse};
use crate::base::cancel::Cancel;
use crate::model::envelope::EntityRef;
use crate::model::ids::{EntityIx, EventIx, KindIx};
use crate::model::mapping::Mapping;
use crate::store::snapshot::Snapshot;

const MAX_ENTITIES: usize = 64;
/// Of an entity: its first events, which sums can be followed through, and some of the rest.
const FIRST_EVENTS: usize = 48;
const LATER_EVENTS: usize = 16;
/// Entities that are looked at to find those with long histories.
const CANDIDATES: usize = 512;

#[derive(Debug, Default)]
pub struct Sample {
    pub kind: String,
    pub histories: Vec<History>,
    /// Of the whole log.
    pub all_types: Vec<Arc<str>>,
}

#[derive(Debug, Default)]
pub struct History {
    pub id: String,
    pub events: Vec<Event>,
    /// So many of them, from the first on, follow each other without a gap.
    pub whole: usize,
}

#[derive(Debug)]
pub struct Event {
    pub type_name: Arc<str>,
    pub data: Value,
    /// Whose stream it is, where the source has streams.
    pub stream: Option<EntityRef>,
    pub entities: Vec<EntityRef>,
    pub envelope: Arc<str>,
    /// Members of the payload that belong to the envelope, where the payload is the whole record.
    pub envelope_fields: Arc<[String]>,
}

impl Sample {
    pub fn read(snapshot: &Snapshot, kind: KindIx, cancel: &Cancel) -> Self {
        let mut sample = Self {
            kind: snapshot.kind_name(kind).to_owned(),
            all_types: snapshot.types().iter().skip(1).map(|name| name.name.clone()).collect(),
            histories: Vec::new(),
        };
        for entity in chosen(snapshot, kind, cancel) {
            if cancel.is_cancelled() {
                break;
            }
            sample.histories.extend(history(snapshot, entity, cancel));
        }
        sample
    }
}

/// Half of them spread over all entities, half those with the longest histories among the candidates.
fn chosen(snapshot: &Snapshot, kind: KindIx, cancel: &Cancel) -> Vec<EntityIx> {
    let is_kind = |entity: &EntityIx| snapshot.entity(*entity).is_some_and(|name| name.kind == kind);
    let all: Vec<EntityIx> =
        (0..snapshot.entity_count()).take_while(|_| !cancel.is_cancelled()).map(EntityIx).filter(is_kind).collect();
    if all.len() <= MAX_ENTITIES {
        return all;
    }
    let spread = |most: usize| (0..most).filter_map(|i| all.get(i * all.len() / most).copied()).collect::<Vec<_>>();
    let mut chosen = spread(MAX_ENTITIES / 2);
    let length = |entity: &EntityIx| snapshot.entity_events(*entity).take(FIRST_EVENTS).count();
    let mut candidates: Vec<(usize, EntityIx)> =
        spread(CANDIDATES.min(all.len())).into_iter().map(|entity| (length(&entity), entity)).collect();
    candidates.sort_by_key(|(length, entity)| (std::cmp::Reverse(*length), *entity));
    for (_, entity) in candidates {
        if chosen.len() >= MAX_ENTITIES {
            break;
        }
        if !chosen.contains(&entity) {
            chosen.push(entity);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn history(snapshot: &Snapshot, entity: EntityIx, cancel: &Cancel) -> Option<History> {
    let id = snapshot.entity(entity)?.id.to_owned();
    let order = state::history::History::of(snapshot, entity, false, cancel)?.events;
    let first = order.len().min(FIRST_EVENTS);
    let rest = order.get(first..).unwrap_or_default();
    let most = LATER_EVENTS.min(rest.len());
    let later = (0..most).filter_map(|i| rest.get(i * rest.len() / most));
    let mut events: Vec<Event> = order.iter().take(first).filter_map(|event| load(snapshot, *event)).collect();
    let whole = events.len();
    events.extend(later.filter_map(|event| load(snapshot, *event)));
    Some(History { id, events, whole })
}

fn load(snapshot: &Snapshot, event: EventIx) -> Option<Event> {
    let record = snapshot.record(event).ok()?;
    let source = snapshot.sources().get(snapshot.source_of(event)?.0.at())?;
    let envelope = source.decode.envelope(&record);
    let data = source.decode.data_json(&record).and_then(|json| parse(json.as_bytes()).ok()).unwrap_or_default();
    let has_streams = source.mapping.entities.iter().any(|entity| entity.stream);
    Some(Event {
        type_name: snapshot.types().get(snapshot.type_ix(event).at())?.name.clone(),
        data,
        stream: envelope.entities.first().filter(|_| has_streams).cloned(),
        entities: envelope.entities,
        envelope: source.mapping.envelope.as_str().into(),
        envelope_fields: envelope_fields(&source.mapping).into(),
    })
}

/// Members of the payload that are the envelope's: all of its parts where the payload is the whole
/// record, else those that it keeps inside the payload.
fn envelope_fields(mapping: &Mapping) -> Vec<String> {
    let times = mapping.time.iter().map(|time| &time.field);
    let marks = mapping.type_name.iter().chain(&mapping.id).chain(&mapping.version).chain(times);
    let (links, roots): (Vec<_>, Vec<&str>) = if mapping.data.is_empty() {
        (mapping.correlation.iter().chain(&mapping.causation).collect(), vec![""])
    } else {
        (Vec::new(), mapping.data.iter().map(|data| data.0.as_str()).collect())
    };
    let inside = |pointer: &str| {
        roots
            .iter()
            .find_map(|root| pointer.strip_prefix(root)?.strip_prefix('/')?.split('/').next().map(str::to_owned))
    };
    let mut names: Vec<String> = marks.chain(links).filter_map(|field| inside(&field.0)).collect();
    names.sort_unstable();
    names.dedup();
    names
}
