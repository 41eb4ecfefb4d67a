//! What the log knows around one letter: its original, its entity before it failed and since.

use std::cmp::Reverse;

use rapidhash::RapidHashSet;

use super::letter::{Letter, Location};
use crate::analysis::query;
use crate::base::cancel::Cancel;
use crate::model::envelope::EntityRef;
use crate::model::filter::{Expr, Filter, Node, Test};
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Later events that are named; all are counted.
const MOST_LATER: usize = 20;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub original: Option<Original>,
    pub entities: Vec<Around>,
    /// It belongs to a chain: it has a correlation id or a cause.
    pub has_chain: bool,
}

/// The message as it was before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    pub event: EventIx,
    /// How it was found.
    pub by: &'static str,
}

/// An entity of the letter, around the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    pub entity: EntityIx,
    pub name: EntityRef,
    /// Its last event before the failed message: where its state stands that the consumer met.
    pub before: Option<EventIx>,
    /// Its events since: how many, and the first ones.
    pub later: u64,
    pub first_later: Vec<EventIx>,
}

/// `None` when cancelled.
#[must_use]
pub fn context(snapshot: &Snapshot, event: EventIx, letter: &Letter, cancel: &Cancel) -> Option<Context> {
    let id = snapshot.envelope(event).unwrap_or_default().id;
    let by_place = by_place(snapshot, event, letter, cancel);
    if cancel.is_cancelled() {
        return None;
    }
    let same_id = id.map(|id| snapshot.find_event_id(&id)).unwrap_or_default();
    let by_id = || same_id.iter().copied().find(|&other| other != event);
    let original = by_place
        .map(|event| Original { event, by: "topic, partition and offset" })
        .or_else(|| by_id().map(|event| Original { event, by: "its id" }));
    let entities = entities(snapshot, event, letter, original.map(|original| original.event), cancel)?;
    let envelope = snapshot.envelope(event).unwrap_or_default();
    let has_chain = !envelope.correlations.is_empty() || !envelope.causes.is_empty();
    Some(Context { original, entities, has_chain })
}

/// The letter's entities around its failure. `None` when cancelled.
#[must_use]
pub fn entities(
    snapshot: &Snapshot,
    event: EventIx,
    letter: &Letter,
    original: Option<EventIx>,
    cancel: &Cancel,
) -> Option<Vec<Around>> {
    let envelope = snapshot.envelope(event).unwrap_or_default();
    let same_id = envelope.id.as_deref().map(|id| snapshot.find_event_id(id)).unwrap_or_default();
    // What is the same message is no later event of its entity.
    let same = |other: EventIx| other == event || same_id.contains(&other) || Some(other) == original;
    let failed = letter.failed_at.or_else(|| snapshot.time(event));
    let since = original.and_then(|original| snapshot.time(original)).or(snapshot.time(event)).or(failed);
    let mut entities = Vec::new();
    for name in envelope.entities {
        let Some(entity) = snapshot.find_entity(&name.kind, &name.id) else { continue };
        entities.push(around(snapshot, entity, name, since, failed, &same, cancel)?);
    }
    Some(entities)
}

/// The original of a letter that says where it was, by the id that such messages have. Asks the index alone.
#[must_use]
pub fn original_by_id(snapshot: &Snapshot, event: EventIx, letter: &Letter) -> Option<EventIx> {
    let Some(Location::Topic { name, partition: Some(partition), offset: Some(offset) }) = &letter.origin else {
        return None;
    };
    snapshot.find_event_id(&format!("{name}/{partition}/{offset}")).into_iter().find(|&other| other != event)
}

fn around(
    snapshot: &Snapshot,
    entity: EntityIx,
    name: EntityRef,
    since: Option<TimeNs>,
    failed: Option<TimeNs>,
    same: &impl Fn(EventIx) -> bool,
    cancel: &Cancel,
) -> Option<Around> {
    let (mut before, mut later) = (None, Vec::new());
    for (i, other) in snapshot.entity_events(entity).enumerate() {
        if i % 4096 == 0 && cancel.is_cancelled() {
            return None;
        }
        let Some(time) = snapshot.time(other).filter(|_| !same(other)) else { continue };
        if since.is_some_and(|since| time < since) {
            // Of repeats the first one is in the entity's history.
            before = before.max(Some((time, Reverse(other))));
        } else if failed.or(since).is_some_and(|failed| time > failed) {
            later.push((time, other));
        }
    }
    later.sort_unstable();
    // Delivered twice, or dead-lettered itself, it is one event all the same.
    let mut ids = RapidHashSet::default();
    later.retain(|(_, event)| snapshot.id_hash_of(*event).is_none_or(|id| ids.insert(id)));
    let first_later = later.iter().take(MOST_LATER).map(|(_, event)| *event).collect();
    let before = before.map(|(_, Reverse(event))| event);
    Some(Around { entity, name, before, later: later.len() as u64, first_later })
}

/// Looks for the origin's place as messages' records write it.
fn by_place(snapshot: &Snapshot, letter: EventIx, of: &Letter, cancel: &Cancel) -> Option<EventIx> {
    let Some(Location::Topic { name, partition: Some(partition), offset: Some(offset) }) = &of.origin else {
        return None;
    };
    if let Some(found) = original_by_id(snapshot, letter, of) {
        return Some(found);
    }
    let name = serde_json::Value::from(name.as_str()).to_string();
    let text = format!("\"topic\":{name},\"partition\":{partition},\"offset\":{offset},");
    let filter = Filter { root: Some(Node { expr: Expr::Test(Test::Text(text)), at: 0..0 }) };
    let answer = query::evaluate(&filter, snapshot, cancel, &|_, _| {});
    answer.rows.iter().find(|&event| event != letter)
}
