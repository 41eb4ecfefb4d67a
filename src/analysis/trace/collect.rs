//! The events of a chain: those of its correlation ids, and the causes that lie outside of them.

use rapidhash::RapidHashSet;

use super::chain::Chain;
use super::infer;
use super::lookup::Lookup;
use crate::base::cancel::Cancel;
use crate::model::ids::{CorrelationIx, EventIx};
use crate::store::snapshot::Snapshot;

/// A correlation id that so many events share is a constant, not a chain.
pub const CONSTANT_FROM: usize = 100_000;

/// Where a chain is followed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    Correlation(CorrelationIx),
    /// All chains that an event belongs to; an event without a correlation id is followed by its causes
    /// and effects alone.
    Event(EventIx),
    /// Of the chains that an event belongs to, the one of this correlation id.
    EventBy(EventIx, String),
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Trace {
    Chain(Chain),
    /// The id is used by so many events that it says nothing.
    Constant {
        id: String,
        correlation: CorrelationIx,
        events: u64,
    },
    /// Causes alone tie so many events together that nobody could look at them: how many were seen.
    TooLarge {
        events: usize,
    },
}

/// Follows a chain. Correlation ids that are constants are left out where the event has others. `None`
/// when cancelled.
#[must_use]
pub fn trace(snapshot: &Snapshot, start: &Start, cancel: &Cancel) -> Option<Trace> {
    let mut groups = match start {
        Start::Correlation(correlation) => {
            let mut groups = Groups::default();
            let first = snapshot.correlation_events(*correlation).next();
            let name = first.and_then(|first| correlation_name(snapshot, *correlation, first)).unwrap_or_default();
            groups.add(snapshot, *correlation, name);
            groups
        }
        Start::Event(event) => groups_of(snapshot, *event, None),
        Start::EventBy(event, id) => groups_of(snapshot, *event, Some(id)),
    };
    if groups.ids.is_empty() && !groups.constants.is_empty() {
        let (id, correlation) = groups.constants.swap_remove(0);
        let events = snapshot.correlation_events(correlation).count() as u64;
        return Some(Trace::Constant { id, correlation, events });
    }
    let mut lookup = Lookup::new(snapshot, cancel);
    if let (Start::Event(event) | Start::EventBy(event, _), true) = (start, groups.ids.is_empty()) {
        groups.events = by_causes(snapshot, *event, &mut lookup)?;
        if groups.events.len() == 1 && snapshot.correlation_count() == 0 && !snapshot.has_causes() {
            return infer::chain(snapshot, *event, cancel).map(Trace::Chain);
        }
    }
    let Groups { ids, mut events, constants } = groups;
    events.sort_unstable();
    events.dedup();
    outside_causes(snapshot, &mut events, &mut lookup)?;
    if events.len() >= CONSTANT_FROM {
        return Some(Trace::TooLarge { events: events.len() });
    }
    let mut chain = Chain::of(snapshot, ids, events);
    chain.constants = constants.into_iter().map(|(id, _)| id).collect();
    Some(Trace::Chain(chain))
}

/// The events of correlation ids, and the ids that are constants.
#[derive(Default)]
struct Groups {
    ids: Vec<String>,
    events: Vec<EventIx>,
    constants: Vec<(String, CorrelationIx)>,
}

impl Groups {
    fn add(&mut self, snapshot: &Snapshot, correlation: CorrelationIx, name: String) {
        let before = self.events.len();
        self.events.extend(snapshot.correlation_events(correlation).take(CONSTANT_FROM));
        let added = self.events.len() - before;
        if added < CONSTANT_FROM {
            self.ids.push(name);
        } else {
            self.events.truncate(before);
            self.constants.push((name, correlation));
        }
    }
}

/// The events that share a correlation id with this one: any of its ids, or this one of them.
fn groups_of(snapshot: &Snapshot, event: EventIx, only: Option<&str>) -> Groups {
    let mut groups = Groups { events: vec![event], ..Groups::default() };
    for (correlation, id) in correlations_of(snapshot, event) {
        if only.is_none_or(|only| only == id) {
            groups.add(snapshot, correlation, id);
        }
    }
    groups
}

/// The correlation ids of an event that the log knows, each once, as the event writes them.
#[must_use]
pub fn correlations_of(snapshot: &Snapshot, event: EventIx) -> Vec<(CorrelationIx, String)> {
    let mut known: Vec<(CorrelationIx, String)> = Vec::new();
    for id in snapshot.envelope(event).unwrap_or_default().correlations {
        if let Some(correlation) = snapshot.find_correlation(&id.value)
            && !known.iter().any(|(other, _)| *other == correlation)
        {
            known.push((correlation, id.value));
        }
    }
    known
}

/// A correlation's name as one of its events writes it: the index holds a hash only.
#[must_use]
pub fn correlation_name(snapshot: &Snapshot, correlation: CorrelationIx, event: EventIx) -> Option<String> {
    let envelope = snapshot.envelope(event).ok()?;
    let mut names = envelope.correlations.into_iter().map(|id| id.value);
    names.find(|name| snapshot.find_correlation(name) == Some(correlation))
}

/// Everything that is tied to an event by causes alone: up to its first causes, down to all effects.
fn by_causes(snapshot: &Snapshot, event: EventIx, lookup: &mut Lookup<'_>) -> Option<Vec<EventIx>> {
    let mut found = vec![event];
    outside_causes(snapshot, &mut found, lookup)?;
    let mut seen: RapidHashSet<EventIx> = found.iter().copied().collect();
    let mut fresh = found.clone();
    while !fresh.is_empty() && found.len() < CONSTANT_FROM {
        let wanted: RapidHashSet<u64> = fresh.iter().filter_map(|&ix| snapshot.id_hash_of(ix)).collect();
        fresh = lookup.effects(&wanted)?;
        fresh.retain(|&ix| seen.insert(ix));
        found.extend(&fresh);
    }
    Some(found)
}

/// Adds causes that no group holds, and their causes.
fn outside_causes(snapshot: &Snapshot, events: &mut Vec<EventIx>, lookup: &mut Lookup<'_>) -> Option<()> {
    let mut known: RapidHashSet<u64> = events.iter().filter_map(|&ix| snapshot.id_hash_of(ix)).collect();
    let mut fresh = events.clone();
    while events.len() < CONSTANT_FROM {
        // An id that was asked for is known, whether it was found or not.
        let causes = fresh.iter().flat_map(|&ix| causes(snapshot, ix).iter().copied());
        let wanted: RapidHashSet<u64> = causes.filter(|&hash| known.insert(hash)).collect();
        if wanted.is_empty() {
            break;
        }
        fresh = lookup.events(&wanted)?;
        events.extend(&fresh);
    }
    Some(())
}

fn causes(snapshot: &Snapshot, event: EventIx) -> &[u64] {
    snapshot.locate(event).map_or(&[], |(segment, row)| segment.causes(row))
}
