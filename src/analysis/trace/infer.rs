//! A likely chain where no event of the log carries a correlation id or names a cause: events that share
//! entities, one after the other.
//!
//! An entity ties events together where it has at most 256 of them (a customer of years, a country or a
//! user ties nothing), and only as long as it does not fall silent for 24 times its usual distance. From
//! one event its entities lead to their other events, and these to further entities, nearest first and
//! 200 events at most.

use std::collections::VecDeque;

use rapidhash::{RapidHashMap, RapidHashSet};

use super::chain::Chain;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx};
use crate::store::snapshot::Snapshot;

/// No chain by likeness is longer.
pub const MOST_INFERRED: usize = 200;

const MOST_EVENTS: usize = 256;
const SILENCE: i64 = 24;
/// Shorter pauses are none, however quick an entity's other events came.
const LEAST_PAUSE_NS: i64 = 60_000_000_000;

/// `None` when cancelled.
pub(super) fn chain(log: &Snapshot, start: EventIx, cancel: &Cancel) -> Option<Chain> {
    let mut spells: RapidHashMap<EntityIx, Option<Spell>> = RapidHashMap::default();
    let mut seen: RapidHashSet<EventIx> = RapidHashSet::default();
    let mut tied: Vec<(EventIx, Vec<EntityIx>)> = Vec::new();
    let mut next = VecDeque::from([start]);
    seen.insert(start);
    while let Some(event) = next.pop_front() {
        if cancel.is_cancelled() {
            return None;
        }
        let mut entities = entities_of(log, event);
        entities.retain(|&entity| {
            let spell = spells.entry(entity).or_insert_with(|| Spell::around(log, entity, event));
            spell.as_ref().is_some_and(|spell| spell.events.contains(&event))
        });
        for entity in &entities {
            let Some(Some(spell)) = spells.get(entity) else { continue };
            for &other in &spell.events {
                if seen.len() < MOST_INFERRED && seen.insert(other) {
                    next.push_back(other);
                }
            }
        }
        tied.push((event, entities));
    }
    Some(Chain::by_likeness(log, &tied))
}

/// The events of an entity between two silences.
struct Spell {
    events: Vec<EventIx>,
}

impl Spell {
    /// None where the entity has too many events to tie any together.
    fn around(log: &Snapshot, entity: EntityIx, event: EventIx) -> Option<Self> {
        let mut events: Vec<EventIx> = log.entity_events(entity).take(MOST_EVENTS + 1).collect();
        if events.len() > MOST_EVENTS {
            return None;
        }
        events.sort_by_key(|&event| (log.time(event), event));
        let gaps: Vec<i64> = events
            .windows(2)
            .map(|pair| log.time(pair[0]).zip(log.time(pair[1])).map_or(0, |(a, b)| b.0.saturating_sub(a.0)))
            .collect();
        let mut sorted = gaps.clone();
        sorted.sort_unstable();
        let usual = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0);
        let pause = usual.saturating_mul(SILENCE).max(LEAST_PAUSE_NS);
        let at = events.iter().position(|&other| other == event)?;
        let from = (0..at).rev().find(|&i| gaps[i] > pause).map_or(0, |i| i + 1);
        let to = (at..gaps.len()).find(|&i| gaps[i] > pause).map_or(events.len(), |i| i + 1);
        events.truncate(to);
        events.drain(..from);
        Some(Self { events })
    }
}

fn entities_of(log: &Snapshot, event: EventIx) -> Vec<EntityIx> {
    let Some((segment, row)) = log.locate(event) else { return Vec::new() };
    let holds = |(key, rows): (u32, &[u16])| rows.binary_search(&row).is_ok().then_some(EntityIx(key));
    segment.entities().iter().filter_map(holds).collect()
}
