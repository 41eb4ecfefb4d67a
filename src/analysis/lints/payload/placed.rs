//! Where a broker keeps an entity's events: topics, partitions, offsets and keys, where records tell them.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::model::ids::{EntityIx, EventIx, TypeIx};
use crate::model::time::TimeNs;

/// Entities whose partitions are remembered, per thread.
const MAX_ENTITIES: usize = 1 << 20;

/// What one record says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Hashes of their texts.
    pub topic: u64,
    pub partition: Option<u64>,
    pub offset: Option<u64>,
    /// Whether the key is that of the stream's entity; `None` without a key.
    pub key_fits: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct Spread {
    partition: u64,
    first: EventIx,
    /// The first event of each other partition.
    pub others: Vec<(u64, EventIx)>,
}

/// Keys of one type's events.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub keyed: u64,
    pub differ: Examples,
}

#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// By entity and topic.
    spread: BTreeMap<(EntityIx, u64), Spread>,
    pub keys: BTreeMap<TypeIx, Keys>,
    last: BTreeMap<(u64, u64), (u64, TimeNs, u64)>,
    /// Events of a partition that are earlier than one at a smaller offset, and the largest step back.
    pub back: Examples,
    pub back_most: i64,
    /// Some entities were not followed.
    pub full: bool,
}

/// Producers write at the same time; less than this is their network.
const TOLERATED_NS: i64 = 60_000_000_000;

impl Placed {
    pub(super) fn add(
        &mut self,
        event: EventIx,
        of: TypeIx,
        stream: Option<EntityIx>,
        time: Option<TimeNs>,
        place: Place,
    ) {
        if let (Some(partition), Some(entity)) = (place.partition, stream) {
            self.add_partition(entity, place.topic, partition, event);
        }
        if let Some(fits) = place.key_fits {
            let keys = self.keys.entry(of).or_default();
            keys.keyed += 1;
            if !fits {
                keys.differ.add(event);
            }
        }
        if let (Some(partition), Some(offset), Some(time)) = (place.partition, place.offset, time) {
            self.add_time(place.topic, partition, offset, time, event);
        }
    }

    fn add_partition(&mut self, entity: EntityIx, topic: u64, partition: u64, event: EventIx) {
        if let Some(spread) = self.spread.get_mut(&(entity, topic)) {
            spread.add(partition, event);
        } else if self.spread.len() < MAX_ENTITIES {
            self.spread.insert((entity, topic), Spread { partition, first: event, others: Vec::new() });
        } else {
            self.full = true;
        }
    }

    fn add_time(&mut self, topic: u64, partition: u64, offset: u64, time: TimeNs, event: EventIx) {
        let last = self.last.entry((topic, partition)).or_insert((offset, time, event.0));
        let back = last.1.0.saturating_sub(time.0);
        // Rows of other segments may have gone to another thread.
        let near = event.0.saturating_sub(last.2) < 1 << 16;
        if near && offset > last.0 && back > TOLERATED_NS {
            self.back.add(event);
            self.back_most = self.back_most.max(back);
        }
        if offset >= last.0 && (time >= last.1 || !near) {
            *last = (offset, time, event.0);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for ((entity, topic), spread) in other.spread {
            self.add_partition(entity, topic, spread.partition, spread.first);
            for (partition, event) in spread.others {
                self.add_partition(entity, topic, partition, event);
            }
        }
        for (of, keys) in other.keys {
            let mine = self.keys.entry(of).or_default();
            mine.keyed += keys.keyed;
            mine.differ.merge(&keys.differ);
        }
        self.back.merge(&other.back);
        self.back_most = self.back_most.max(other.back_most);
        self.full |= other.full;
    }

    /// Entities with events in more than one partition of a topic.
    pub fn spread(&self) -> impl Iterator<Item = (EntityIx, &Spread)> {
        self.spread
            .iter()
            .filter(|(_, spread)| !spread.others.is_empty())
            .map(|((entity, _), spread)| (*entity, spread))
    }

    /// Entities with a partition.
    #[must_use]
    pub fn entities(&self) -> u64 {
        self.spread.len() as u64
    }
}

impl Spread {
    fn add(&mut self, partition: u64, event: EventIx) {
        let known = self.partition == partition || self.others.iter().any(|(other, _)| *other == partition);
        if !known && self.others.len() < 8 {
            self.others.push((partition, event));
        }
    }
}
