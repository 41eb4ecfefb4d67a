//! The events that rules are inferred from: a bounded, repeatable choice of a kind's entities and of
//! their events.

use std::sync::Arc;

use crate::analysis::state::value::{Value, parse};
use crate::base::cancel::Cancel;
use crate::model::envelope::EntityRef;
use crate::model::ids::{EntityIx, EventIx, KindIx, TypeIx};
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
    pub all_kinds: Vec<Arc<str>>,
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
            kind: snapshot.kinds().get(kind.at()).map_or_else(String::new, |kind| kind.name.to_string()),
            all_types: snapshot.types().iter().skip(1).map(|name| name.name.clone()).collect(),
            all_kinds: snapshot.kinds().iter().map(|kind| kind.name.clone()).collect(),
            histories: Vec::new(),
        };
        for entity in chosen(snapshot, kind, cancel) {
            if cancel.is_cancelled() {
                break;
            }
            sample.histories.extend(history(snapshot, entity));
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

fn history(snapshot: &Snapshot, entity: EntityIx) -> Option<History> {
    let id = snapshot.entity(entity)?.id.to_owned();
    // More than is kept, so that the order by version is known where the log is not in order.
    let mut order: Vec<(u32, i64, EventIx)> = snapshot
        .entity_events(entity)
        .take(4_096)
        .filter(|event| snapshot.type_ix(*event) != TypeIx::UNDECODABLE)
        .map(|event| {
            let time = snapshot.time(event).map_or(i64::MIN, |time| time.0);
            (snapshot.version(event).unwrap_or(u32::MAX), time, event)
        })
        .collect();
    if order.iter().any(|(version, ..)| *version == u32::MAX) {
        order.iter_mut().for_each(|(version, ..)| *version = 0);
    }
    order.sort_unstable();
    let whole = order.len().min(FIRST_EVENTS);
    let rest = order.get(whole..).unwrap_or_default();
    let later =
        (0..LATER_EVENTS.min(rest.len())).filter_map(|i| rest.get(i * rest.len() / LATER_EVENTS.min(rest.len())));
    let mut history = History { id, whole: 0, events: Vec::new() };
    let mut ids: Vec<String> = Vec::new();
    for (i, (.., event)) in order.iter().take(whole).chain(later).enumerate() {
        let Some((event, event_id)) = load(snapshot, *event) else { continue };
        if let Some(event_id) = event_id {
            if ids.contains(&event_id) {
                continue;
            }
            ids.push(event_id);
        }
        history.events.push(event);
        if i < whole {
            history.whole = history.events.len();
        }
    }
    Some(history)
}

/// The event, and the id by which a repeat of it is known.
fn load(snapshot: &Snapshot, event: EventIx) -> Option<(Event, Option<String>)> {
    let record = snapshot.record(event).ok()?;
    let source = snapshot.sources().get(snapshot.source_of(event)?.0.at())?;
    let envelope = source.decode.envelope(&record);
    let data = source.decode.data_json(&record).and_then(|json| parse(json.as_bytes()).ok()).unwrap_or_default();
    let has_streams = source.mapping.entities.iter().any(|entity| entity.stream);
    let loaded = Event {
        type_name: snapshot.types().get(snapshot.type_ix(event).at())?.name.clone(),
        data,
        stream: envelope.entities.first().filter(|_| has_streams).cloned(),
        entities: envelope.entities,
        envelope: source.mapping.envelope.as_str().into(),
        envelope_fields: envelope_fields(&source.mapping).into(),
    };
    Some((loaded, envelope.id))
}

fn envelope_fields(mapping: &crate::model::mapping::Mapping) -> Vec<String> {
    if !mapping.data.is_empty() {
        return Vec::new();
    }
    let lists = [&mapping.type_name, &mapping.id, &mapping.version, &mapping.correlation, &mapping.causation];
    let fields = lists.into_iter().flatten().chain(mapping.time.iter().map(|time| &time.field));
    fields.filter_map(|field| field.0.strip_prefix('/')).filter(|name| !name.contains('/')).map(str::to_owned).collect()
}
