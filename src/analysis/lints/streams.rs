//! One walk over all entities' events: what the versions of streams leave out and repeat, where times
//! go back, and how entities end. Rules only have to tell it.
//!
//! Rows may lie in any order, so a version that is missing now may come later: gaps are open until the
//! end of the log.

use std::collections::BTreeMap;

use super::Context;
use super::found::Examples;
use crate::model::ids::{EntityIx, EventIx, KindIx, TypeIx};

/// Versions that a kind's streams leave out.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    /// The events behind the gaps.
    pub examples: Examples,
    pub missing: u64,
    /// The first gap: the stream, the last version before and the first one behind it.
    pub first: Option<(EntityIx, u32, u32)>,
}

/// A version that its stream had already.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    pub entity: EntityIx,
    pub event: EventIx,
    pub version: u32,
}

/// Where the streams of a kind begin.
#[derive(Clone, Debug, Default)]
pub struct Starts {
    /// The lowest version that a fair share of them begins with.
    pub base: u32,
    pub streams: u64,
    /// First events of those that begin later.
    pub late: Examples,
}

/// Later versions with earlier times.
#[derive(Clone, Debug, Default)]
pub struct Back {
    pub examples: Examples,
    pub most_ns: i64,
    pub worst: Option<EntityIx>,
}

/// Entities of a kind of which most end with an event of certain types.
#[derive(Clone, Debug)]
pub struct Ends {
    pub kind: KindIx,
    pub entities: u64,
    pub closed: u64,
    /// How they end, the most frequent first.
    pub types: Vec<TypeIx>,
    /// From the first to the last event: 95 of 100 closed ones take no longer.
    pub usual_ns: i64,
    /// The last events of those that did not end, though more than that time went by.
    pub open: Examples,
    pub first_open: Option<EntityIx>,
}

#[derive(Debug, Default)]
pub struct Streams {
    pub gaps: BTreeMap<KindIx, Gaps>,
    /// Up to [`MAX_REPEATS`] of them.
    pub repeats: Vec<Repeat>,
    pub repeat_count: u64,
    pub starts: BTreeMap<KindIx, Starts>,
    pub back: Back,
    pub ends: Vec<Ends>,
}

pub const MAX_REPEATS: usize = 2_000;
const MAX_OPEN: usize = 1 << 20;
/// Rounding and clocks of one machine explain less than this.
const TOLERATED_NS: i64 = 1_000_000;
/// Streams that begin later than this are all the same.
const MAX_BASE: u32 = 64;
/// Fewer entities make no habit.
const MANY: u64 = 20;

const NONE: u32 = u32::MAX;
const UNTIMED: i64 = i64::MIN;

/// What is known of one entity so far.
#[derive(Clone, Copy)]
struct Last {
    event: EventIx,
    first_event: EventIx,
    first_time: i64,
    time: i64,
    stream_time: i64,
    version: u32,
    /// The lowest and the highest version.
    lowest: u32,
    top: u32,
    of: TypeIx,
}

const NOTHING: Last = Last {
    event: EventIx(0),
    first_event: EventIx(u64::MAX),
    first_time: UNTIMED,
    time: UNTIMED,
    stream_time: UNTIMED,
    version: NONE,
    lowest: NONE,
    top: NONE,
    of: TypeIx(0),
};

/// Versions that are missing so far, and the event behind them.
type Open = BTreeMap<u32, Vec<(u32, u32, EventIx)>>;

impl Streams {
    /// `None` when cancelled.
    pub(super) fn of(context: &Context<'_>) -> Option<Self> {
        let mut out = Self::default();
        let mut entities = vec![NOTHING; context.log.entity_count() as usize];
        let (mut open, mut opened) = (Open::new(), 0);
        context.segments(|segment| {
            for (key, rows) in segment.entities().marked() {
                // A log that grows may name entities that were not counted yet.
                let Some(last) = entities.get_mut(key as usize) else { continue };
                for (row, is_stream) in rows {
                    let (event, time) = (segment.event(row), segment.time(row).map_or(UNTIMED, |time| time.0));
                    if last.first_event.0 == u64::MAX {
                        (last.first_event, last.first_time) = (event, time);
                    }
                    if time >= last.time {
                        (last.event, last.time, last.of) = (event, time, segment.type_ix(row));
                    }
                    if time != UNTIMED && (last.first_time == UNTIMED || time < last.first_time) {
                        last.first_time = time;
                    }
                    let Some(version) = segment.version(row).filter(|_| is_stream) else { continue };
                    let later = last.version != NONE && version > last.version;
                    let back = last.stream_time.saturating_sub(time);
                    if later && time != UNTIMED && last.stream_time != UNTIMED && back > TOLERATED_NS {
                        out.back.examples.add(event);
                        if back > out.back.most_ns {
                            (out.back.most_ns, out.back.worst) = (back, Some(EntityIx(key)));
                        }
                    }
                    (last.version, last.stream_time) = (version, time);
                    if let Some((from, to)) = last.takes(version) {
                        if opened < MAX_OPEN {
                            open.entry(key).or_default().push((from, to, event));
                            opened += 1;
                        }
                    } else if last.had_passed(version) {
                        out.older(&mut open, EntityIx(key), event, version);
                    }
                    last.top = if last.top == NONE { version } else { last.top.max(version) };
                    last.lowest = last.lowest.min(version);
                }
            }
        })?;
        out.close_gaps(context, open);
        let kind = |entity| context.log.entity(EntityIx(entity as u32)).map_or_else(KindIx::default, |name| name.kind);
        let kinds: Vec<KindIx> = (0..entities.len()).map(kind).collect();
        out.find_starts(&entities, &kinds);
        out.find_ends(context, &entities, &kinds)?;
        Some(out)
    }

    /// A version below the highest one fills a gap, or was there before.
    fn older(&mut self, open: &mut Open, entity: EntityIx, event: EventIx, version: u32) {
        if let Some(gaps) = open.get_mut(&entity.0)
            && let Some(place) = gaps.iter().position(|(from, to, _)| (*from..=*to).contains(&version))
        {
            let (from, to, behind) = gaps.swap_remove(place);
            if from < version {
                gaps.push((from, version - 1, event));
            }
            if version < to {
                gaps.push((version + 1, to, behind));
            }
            return;
        }
        self.repeat_count += 1;
        if self.repeats.len() < MAX_REPEATS {
            self.repeats.push(Repeat { entity, event, version });
        }
    }

    fn close_gaps(&mut self, context: &Context<'_>, open: Open) {
        for (entity, mut gaps) in open {
            gaps.sort_unstable();
            let Some(name) = context.log.entity(EntityIx(entity)) else { continue };
            for (from, to, behind) in gaps {
                let of_kind = self.gaps.entry(name.kind).or_default();
                of_kind.examples.add(behind);
                of_kind.missing += u64::from(to - from) + 1;
                of_kind.first.get_or_insert((EntityIx(entity), from.saturating_sub(1), to.saturating_add(1)));
            }
        }
    }

    fn find_starts(&mut self, entities: &[Last], kinds: &[KindIx]) {
        let mut counts: BTreeMap<KindIx, BTreeMap<u32, u64>> = BTreeMap::new();
        let versioned = || entities.iter().zip(kinds).filter(|(last, _)| last.lowest != NONE);
        for (last, kind) in versioned() {
            *counts.entry(*kind).or_default().entry(last.lowest.min(MAX_BASE)).or_default() += 1;
        }
        for (kind, counts) in &counts {
            let streams: u64 = counts.values().sum();
            // One stray version 0 does not say that all streams begin with it.
            let base = counts.iter().find(|(_, n)| **n * 10 >= streams).map_or(0, |(version, _)| *version);
            self.starts.insert(*kind, Starts { base, streams, late: Examples::default() });
        }
        for (last, kind) in versioned() {
            let starts = self.starts.get_mut(kind).filter(|starts| last.lowest > starts.base);
            starts.into_iter().for_each(|starts| starts.late.add(last.first_event));
        }
    }

    fn find_ends(&mut self, context: &Context<'_>, entities: &[Last], kinds: &[KindIx]) -> Option<()> {
        let Some((_, log_end)) = context.log.time_range() else { return Some(()) };
        let mut of_kinds: BTreeMap<KindIx, Vec<(EntityIx, &Last)>> = BTreeMap::new();
        for (entity, (last, kind)) in entities.iter().zip(kinds).enumerate() {
            if last.first_event.0 != u64::MAX {
                of_kinds.entry(*kind).or_default().push((EntityIx(entity as u32), last));
            }
        }
        for (kind, seen) in of_kinds {
            if context.cancel.is_cancelled() {
                return None;
            }
            let count = seen.len() as u64;
            let mut ends: BTreeMap<TypeIx, u64> = BTreeMap::new();
            seen.iter().for_each(|(_, last)| *ends.entry(last.of).or_default() += 1);
            let events = |of: TypeIx| context.log.types().get(of.at()).map_or(u64::MAX, |name| name.events);
            // A type that ends an entity nearly whenever it occurs.
            let ending =
                |(of, ended): &(TypeIx, u64)| *ended * 20 >= count && *ended * 11 >= events(*of).saturating_mul(10);
            let mut types: Vec<(TypeIx, u64)> = ends.into_iter().filter(ending).collect();
            types.sort_by_key(|(_, ended)| std::cmp::Reverse(*ended));
            let closed: u64 = types.iter().map(|(_, ended)| ended).sum();
            if count < MANY || closed * 10 < count * 8 || closed == count {
                continue;
            }
            let types: Vec<TypeIx> = types.into_iter().map(|(of, _)| of).collect();
            let timed = || seen.iter().filter(|(_, last)| last.time != UNTIMED);
            let (ended, open): (Vec<_>, Vec<_>) = timed().partition(|(_, last)| types.contains(&last.of));
            let mut times: Vec<i64> = ended.iter().map(|(_, last)| last.time.saturating_sub(last.first_time)).collect();
            if times.is_empty() {
                continue;
            }
            let place = (times.len() - 1) * 95 / 100;
            let usual_ns = *times.select_nth_unstable(place).1;
            // Since its last event as long as the others take in all: it is not merely slow.
            let late = open.into_iter().filter(|(_, last)| log_end.0.saturating_sub(last.time) > usual_ns);
            let (mut open, mut first_open) = (Examples::default(), None);
            for (entity, last) in late {
                open.add(last.event);
                first_open.get_or_insert(entity);
            }
            self.ends.push(Ends { kind, entities: count, closed, types, usual_ns, open, first_open });
        }
        Some(())
    }
}

impl Last {
    /// The versions that `version` leaves out, above the highest or below the lowest one.
    fn takes(&self, version: u32) -> Option<(u32, u32)> {
        if self.top == NONE {
            return None;
        }
        if version > self.top.saturating_add(1) {
            return Some((self.top + 1, version - 1));
        }
        (version.saturating_add(1) < self.lowest).then(|| (version + 1, self.lowest - 1))
    }

    /// Whether it lies between the lowest and the highest one: it fills a gap or was there before.
    fn had_passed(&self, version: u32) -> bool {
        self.top != NONE && (self.lowest..=self.top).contains(&version)
    }
}
