//! From one event to the next: along its entity, to its cause, to what it caused.
//!
//! Ids are kept as hashes, so whoever is found by one is read before it is believed.

use crate::analysis::timeline::Basis;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx};
use crate::store::snapshot::Snapshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Next,
    Previous,
    First,
    Last,
}

/// The event of an entity beside `from` (which need not be one of its events), by time and then by
/// position. Without `from` the first or last one. Costs a walk over the entity's events.
#[must_use]
pub fn neighbour(
    snapshot: &Snapshot,
    entity: EntityIx,
    from: Option<EventIx>,
    direction: Direction,
    basis: Basis,
) -> Option<EventIx> {
    // Events without a place come after all others, in their own order.
    let key = |ix: EventIx| {
        let place = basis.place(snapshot, ix);
        (place.is_none(), place, ix)
    };
    let events = snapshot.entity_events(entity).map(key);
    let here = from.map(key);
    let found = match (direction, here) {
        (Direction::Next, Some(here)) => events.filter(|&key| key > here).min(),
        (Direction::Previous, Some(here)) => events.filter(|&key| key < here).max(),
        (Direction::First, _) | (Direction::Next, None) => events.min(),
        (Direction::Last, _) | (Direction::Previous, None) => events.max(),
    };
    found.map(|(.., ix)| ix)
}

/// Events that have this id, the first of them first.
#[must_use]
pub fn find_event(snapshot: &Snapshot, id: &str) -> Vec<EventIx> {
    let mut found = snapshot.find_event_id(id);
    found.retain(|&ix| snapshot.envelope(ix).is_ok_and(|envelope| envelope.id.as_deref() == Some(id)));
    found
}

/// The events named as causes by this one, in the order in which it names them. An id that is not in
/// the log gives nothing; an id that occurs repeatedly gives its first event.
#[must_use]
pub fn causes(snapshot: &Snapshot, event: EventIx) -> Vec<EventIx> {
    let Ok(envelope) = snapshot.envelope(event) else { return Vec::new() };
    let mut found = Vec::new();
    for cause in &envelope.causes {
        // An event that names itself as its cause is the start of its chain.
        let cause = find_event(snapshot, &cause.value).into_iter().find(|&ix| ix != event);
        found.extend(cause.filter(|ix| !found.contains(ix)));
    }
    found
}

/// The events that name this one as a cause, in the order of the log; at most `most`. A walk over all
/// causes of the log. `None` when cancelled.
#[must_use]
pub fn effects(snapshot: &Snapshot, event: EventIx, most: usize, cancel: &Cancel) -> Option<Vec<EventIx>> {
    let Some(id) = snapshot.envelope(event).ok().and_then(|envelope| envelope.id) else { return Some(Vec::new()) };
    let hash = Snapshot::id_hash(&id);
    let mut found = Vec::new();
    for segment in snapshot.segments() {
        if cancel.is_cancelled() {
            return None;
        }
        for (row, _) in segment.all_causes().filter(|&(_, cause)| cause == hash) {
            let ix = segment.event(row);
            let named = |ix| snapshot.envelope(ix).is_ok_and(|e| e.causes.iter().any(|cause| cause.value == id));
            if ix != event && found.last() != Some(&ix) && named(ix) {
                found.push(ix);
                if found.len() >= most {
                    return Some(found);
                }
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn neighbours_follow_time_not_position() {
        let log = Builder::new()
            .batch_rows(2)
            .simple(30, "A", &["o:1"])
            .simple(10, "B", &["o:1"])
            .simple(15, "B", &["o:2"])
            .simple(20, "C", &["o:1"])
            .build();
        let entity = log.find_entity("o", "1").expect("it is there");
        for (from, direction, expected) in [
            (Some(1), Direction::Next, Some(3)),
            (Some(3), Direction::Next, Some(0)),
            (Some(0), Direction::Next, None),
            (Some(0), Direction::Previous, Some(3)),
            (Some(1), Direction::Previous, None),
            (Some(2), Direction::Next, Some(3)),
            (Some(2), Direction::First, Some(1)),
            (None, Direction::Last, Some(0)),
            (None, Direction::Next, Some(1)),
        ] {
            let found = neighbour(&log, entity, from.map(EventIx), direction, Basis::Time);
            assert_eq!(found, expected.map(EventIx), "{from:?} {direction:?}");
        }
        assert_eq!(neighbour(&log, entity, Some(EventIx(1)), Direction::Next, Basis::Position), Some(EventIx(3)));
        assert_eq!(neighbour(&log, EntityIx(99), None, Direction::First, Basis::Time), None);
    }

    #[test]
    fn causes_and_effects_are_found_both_ways() {
        let event = |id: &str, causes: &[&str]| TestEvent {
            type_name: "T".to_owned(),
            id: id.to_owned(),
            causes: causes.iter().map(|&cause| cause.to_owned()).collect(),
            ..TestEvent::default()
        };
        let log = Builder::new()
            .batch_rows(2)
            .event(event("a", &["a"]))
            .event(event("b", &["a", "elsewhere"]))
            .event(event("c", &["b", "a", "a"]))
            .event(event("b", &[]))
            .build();
        let list = |found: Vec<EventIx>| found.into_iter().map(|ix| ix.0).collect::<Vec<_>>();
        let effects = |ix| list(effects(&log, EventIx(ix), 10, &Cancel::new()).expect("nobody cancels"));
        assert_eq!(list(causes(&log, EventIx(0))), [0_u64; 0]);
        assert_eq!(list(causes(&log, EventIx(1))), [0]);
        assert_eq!(list(causes(&log, EventIx(2))), [1, 0]);
        assert_eq!((effects(0), effects(1), effects(2)), (vec![1, 2], vec![2], vec![]));
        assert_eq!(list(find_event(&log, "b")), [1, 3]);
        assert!(find_event(&log, "elsewhere").is_empty() && causes(&log, EventIx(99)).is_empty());
    }
}
