//! Which events make an entity's history, in which order.
//!
//! The stream's version orders them where the entity is the stream of all its events and each has one,
//! else the time, then the place in the log. An event whose id came before is folded once: logs that
//! were delivered at least once repeat events, and a deposit counted twice is no history.

use std::sync::Arc;
use std::thread;

use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// Step 0 is before the first of `events`, step n after the n-th.
#[derive(Clone, Debug)]
pub struct History {
    pub entity: EntityIx,
    pub events: Arc<[EventIx]>,
    /// Events left out because their id came before, in the order of the history.
    pub repeats: Vec<EventIx>,
    pub order: Order,
    /// The steps of `events` sorted by event; none where they are sorted already.
    by_event: Option<Box<[u32]>>,
    /// For each event the earliest time from it on: never falls, so that it can be searched.
    earliest_from: Box<[i64]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the position in the stream.
    Version,
    /// By time, then by place in the log.
    Time,
}

/// An event with what it is ordered by.
#[derive(Clone, Copy)]
struct Entry {
    event: EventIx,
    time: Option<TimeNs>,
    version: u32,
    id_hash: u64,
}

impl History {
    /// The events of `entity`; undecodable rows are in no history. None when cancelled.
    #[must_use]
    pub fn of(snapshot: &Snapshot, entity: EntityIx, keep_duplicates: bool, cancel: &Cancel) -> Option<Self> {
        let wants_ids = !keep_duplicates && snapshot.duplicate_ids() != Some(0);
        let (mut entries, order) = collect(snapshot, entity, wants_ids, cancel)?;
        match order {
            Order::Version => sort_by(&mut entries, |entry| i64::from(entry.version)),
            Order::Time => {
                settle_times(&mut entries);
                sort_by(&mut entries, |entry| entry.time.map_or(i64::MIN, |time| time.0));
            }
        }
        let mut repeats = Vec::new();
        if wants_ids {
            repeats = take_repeats(snapshot, &mut entries, cancel)?;
        }
        settle_times(&mut entries);
        let events: Arc<[EventIx]> = entries.iter().map(|entry| entry.event).collect();
        let sorted = events.is_sorted();
        let by_event = (!sorted).then(|| {
            let mut steps: Box<[u32]> = (0..events.len() as u32).collect();
            steps.sort_unstable_by_key(|&i| events.get(i as usize));
            steps
        });
        let mut earliest_from: Box<[i64]> =
            entries.iter().map(|entry| entry.time.map_or(i64::MIN, |time| time.0)).collect();
        let mut earliest = i64::MAX;
        for time in earliest_from.iter_mut().rev() {
            earliest = earliest.min(*time);
            *time = earliest;
        }
        Some(Self { entity, events, repeats, order, by_event, earliest_from })
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.events.len() as u32
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The event of a step; none for step 0 and past the end.
    #[must_use]
    pub fn event_of(&self, step: u32) -> Option<EventIx> {
        self.events.get((step as usize).checked_sub(1)?).copied()
    }

    /// The step after this event; none where it is not in the history (a repeat, another entity's).
    #[must_use]
    pub fn step_of(&self, event: EventIx) -> Option<u32> {
        let index = match &self.by_event {
            None => self.events.binary_search(&event).ok()?,
            Some(steps) => {
                let at = steps.binary_search_by_key(&Some(&event), |&i| self.events.get(i as usize)).ok()?;
                *steps.get(at)? as usize
            }
        };
        Some(index as u32 + 1)
    }

    /// The step of the last event at or before `time`; an event without a time has that of the one
    /// before it. 0 where there is none.
    #[must_use]
    pub fn step_at_time(&self, time: TimeNs) -> u32 {
        self.earliest_from.partition_point(|&earliest| earliest <= time.0) as u32
    }

    /// The step of the last event up to this version of the stream. None where versions do not order
    /// the history.
    #[must_use]
    pub fn step_at_version(&self, snapshot: &Snapshot, version: u32) -> Option<u32> {
        let before = |event: &EventIx| snapshot.version(*event).is_some_and(|of_event| of_event <= version);
        (self.order == Order::Version).then(|| self.events.partition_point(before) as u32)
    }
}

/// From here on the events of a history are looked up by two threads.
const WORTH_THREADS: usize = 8 << 10;

/// All decodable events in the order of rows, and what orders them.
fn collect(snapshot: &Snapshot, entity: EntityIx, wants_ids: bool, cancel: &Cancel) -> Option<(Vec<Entry>, Order)> {
    let parts: Vec<Part<'_>> =
        snapshot.segments().iter().map(|segment| (&**segment, segment.entities().rows(entity.0))).collect();
    let of = |parts: &[Part<'_>]| collect_parts(parts, entity, wants_ids, cancel);
    if parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() < WORTH_THREADS {
        return of(&parts);
    }
    let (early, late) = parts.split_at(parts.len() / 2);
    let (early, late) = thread::scope(|scope| {
        let early = scope.spawn(|| of(early));
        let late = of(late);
        (early.join().ok().flatten(), late)
    });
    let ((mut entries, order), (late, late_order)) = (early?, late?);
    entries.extend(late);
    Some((entries, if late_order == Order::Time { late_order } else { order }))
}

/// A segment and the entity's rows in it.
type Part<'a> = (&'a Segment, &'a [u16]);

fn collect_parts(
    parts: &[Part<'_>],
    entity: EntityIx,
    wants_ids: bool,
    cancel: &Cancel,
) -> Option<(Vec<Entry>, Order)> {
    let mut entries = Vec::new();
    let mut order = Order::Version;
    for &(segment, rows) in parts {
        if cancel.is_cancelled() {
            return None;
        }
        let postings = segment.entities();
        for (i, &row) in rows.iter().enumerate() {
            if segment.type_ix(row) == TypeIx::UNDECODABLE {
                continue;
            }
            // Each look at a column is a miss of the cache, so nothing is looked up in vain.
            let by_version = order == Order::Version && postings.is_stream(entity.0, i);
            let version = by_version.then(|| segment.version(row)).flatten();
            if version.is_none() {
                order = Order::Time;
            }
            let id_hash = if wants_ids { segment.id_hash(row).unwrap_or(0) } else { 0 };
            let event = segment.event(row);
            entries.push(Entry { event, time: segment.time(row), version: version.unwrap_or(0), id_hash });
        }
    }
    Some((entries, order))
}

/// Stable, and nothing but a look where it is in order already.
fn sort_by(entries: &mut [Entry], key: impl Fn(&Entry) -> i64) {
    if !entries.is_sorted_by_key(&key) {
        entries.sort_by_key(key);
    }
}

/// Gives events without a time that of the event before them, so that they stay beside it.
fn settle_times(entries: &mut [Entry]) {
    let mut last = None;
    for entry in entries {
        match entry.time {
            Some(_) => last = entry.time,
            None => entry.time = last,
        }
    }
}

/// Takes out events whose id came before. Equal hashes are compared as ids; where a record can no longer
/// be read, the hash decides. None when cancelled.
fn take_repeats(snapshot: &Snapshot, entries: &mut Vec<Entry>, cancel: &Cancel) -> Option<Vec<EventIx>> {
    let mut hashes: Vec<u64> = entries.iter().map(|entry| entry.id_hash).filter(|&hash| hash != 0).collect();
    hashes.sort_unstable();
    let twice: Vec<u64> = hashes
        .chunk_by(|a, b| a == b)
        .filter(|equal| equal.len() > 1)
        .filter_map(|equal| equal.first())
        .copied()
        .collect();
    drop(hashes);
    if twice.is_empty() {
        return Some(Vec::new());
    }
    // The ids seen under each hash that occurs twice: nearly always one.
    let mut seen: Vec<Vec<Option<String>>> = vec![Vec::new(); twice.len()];
    let (mut kept, mut repeats) = (Vec::with_capacity(entries.len()), Vec::new());
    for (n, entry) in entries.iter().enumerate() {
        if n % 1024 == 0 && cancel.is_cancelled() {
            return None;
        }
        let ids = twice.binary_search(&entry.id_hash).ok().and_then(|at| seen.get_mut(at));
        let Some(ids) = ids else {
            kept.push(*entry);
            continue;
        };
        let id = snapshot.envelope(entry.event).ok().and_then(|envelope| envelope.id);
        let same = |other: &Option<String>| id.is_none() || other.is_none() || *other == id;
        if ids.iter().any(same) {
            repeats.push(entry.event);
        } else {
            ids.push(id);
            kept.push(*entry);
        }
    }
    *entries = kept;
    Some(repeats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    /// `id time version`, each `-` where there is none, all of `a:1` as their stream.
    fn log(events: &[(&str, Option<i64>, Option<u32>)]) -> Arc<Snapshot> {
        let mut builder = Builder::new().batch_rows(2);
        for (id, time, version) in events {
            builder.push(TestEvent {
                id: (*id).to_owned(),
                time: *time,
                version: *version,
                type_name: "T".to_owned(),
                entities: vec!["a:1".to_owned()],
                ..TestEvent::default()
            });
        }
        builder.build()
    }

    fn of(log: &Snapshot, keep: bool) -> History {
        let entity = log.find_entity("a", "1").expect("it is in the log");
        History::of(log, entity, keep, &Cancel::new()).expect("nobody cancels")
    }

    #[track_caller]
    fn check(events: &[(&str, Option<i64>, Option<u32>)], order: Order, expected: &[u64], repeats: &[u64]) {
        let log = log(events);
        let history = of(&log, false);
        let numbers = |events: &[EventIx]| events.iter().map(|event| event.0).collect::<Vec<_>>();
        assert_eq!(history.order, order);
        assert_eq!(numbers(&history.events), expected);
        assert_eq!(numbers(&history.repeats), repeats);
        for (i, event) in history.events.iter().enumerate() {
            assert_eq!(history.step_of(*event), Some(i as u32 + 1));
            assert_eq!(history.event_of(i as u32 + 1), Some(*event));
        }
        for event in &history.repeats {
            assert_eq!(history.step_of(*event), None);
        }
        assert_eq!(of(&log, true).events.len(), events.len());
    }

    #[test]
    fn versions_order_where_all_have_one() {
        check(
            &[("a", Some(9), Some(2)), ("b", Some(1), Some(1)), ("c", None, Some(3))],
            Order::Version,
            &[1, 0, 2],
            &[],
        );
        check(&[("a", Some(9), Some(2)), ("b", Some(1), None), ("c", Some(5), Some(3))], Order::Time, &[1, 2, 0], &[]);
        check(&[("a", None, Some(2)), ("b", None, Some(1)), ("c", None, Some(2))], Order::Version, &[1, 0, 2], &[]);
    }

    #[test]
    fn events_without_a_time_stay_beside_their_neighbours() {
        check(
            &[("a", None, None), ("b", Some(5), None), ("c", None, None), ("d", Some(3), None), ("e", None, None)],
            Order::Time,
            &[0, 3, 4, 1, 2],
            &[],
        );
    }

    #[test]
    fn a_repeated_id_counts_once() {
        let events = [("a", Some(1), None), ("b", Some(2), None), ("a", Some(3), None), ("", Some(4), None)];
        check(&events, Order::Time, &[0, 1, 3], &[2]);
        check(&[("a", Some(9), None), ("a", Some(2), None), ("", None, None)], Order::Time, &[1, 2], &[0]);
    }

    #[test]
    fn entities_that_are_no_stream_are_in_the_order_of_time() {
        let mut builder = Builder::new();
        for (version, time) in [(2, 1), (1, 2)] {
            builder.push(TestEvent {
                time: Some(time),
                version: Some(version),
                entities: vec!["order:7".to_owned(), "a:1".to_owned()],
                ..TestEvent::default()
            });
        }
        let log = builder.build();
        assert_eq!(of(&log, false).order, Order::Time);
        let stream = log.find_entity("order", "7").expect("it is there");
        let history = History::of(&log, stream, false, &Cancel::new()).expect("nobody cancels");
        assert_eq!((history.order, history.events.first()), (Order::Version, Some(&EventIx(1))));
        assert_eq!(
            [0, 1, 2, 9].map(|version| history.step_at_version(&log, version)),
            [Some(0), Some(1), Some(2), Some(2)]
        );
    }

    #[test]
    fn a_time_finds_the_last_event_up_to_it() {
        let in_order = log(&[("a", Some(10), None), ("b", None, None), ("c", Some(20), None)]);
        let skewed = log(&[("a", Some(10), Some(1)), ("b", Some(40), Some(2)), ("c", Some(30), Some(3))]);
        for (log, time, step) in [
            (&in_order, 9, 0),
            (&in_order, 10, 2),
            (&in_order, 19, 2),
            (&in_order, 20, 3),
            (&skewed, 10, 1),
            (&skewed, 29, 1),
            (&skewed, 30, 3),
        ] {
            assert_eq!(of(log, false).step_at_time(TimeNs(time)), step, "{time}");
        }
    }
}
