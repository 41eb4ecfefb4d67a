//! Count, first and last of every entity by one pass over the segments' postings.

use crate::analysis::rows::Rows;
use crate::analysis::timeline::Basis;
use crate::base::cancel::Cancel;
use crate::model::ids::EntityIx;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// What is known of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub count: u32,
    /// Places of its first and last event that have one.
    pub extent: Option<(i64, i64)>,
}

/// Of all entities of a snapshot, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityStats {
    counts: Vec<u32>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
}

impl EntityStats {
    #[must_use]
    pub fn get(&self, entity: EntityIx) -> Option<Stat> {
        let (first, last) = (*self.firsts.get(entity.at())?, *self.lasts.get(entity.at())?);
        Some(Stat { count: *self.counts.get(entity.at())?, extent: (first <= last).then_some((first, last)) })
    }

    /// Entities there are, those without a counted event included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub(super) fn count(&self, entity: EntityIx) -> u32 {
        self.counts.get(entity.at()).copied().unwrap_or(0)
    }

    /// `i64::MAX` where there is none.
    pub(super) fn first(&self, entity: EntityIx) -> i64 {
        self.firsts.get(entity.at()).copied().unwrap_or(i64::MAX)
    }

    /// `i64::MIN` where there is none.
    pub(super) fn last(&self, entity: EntityIx) -> i64 {
        self.lasts.get(entity.at()).copied().unwrap_or(i64::MIN)
    }
}

/// Counts only events in `rows`, all where `None`. `None` when cancelled.
#[must_use]
pub fn stats(snapshot: &Snapshot, rows: Option<&Rows>, basis: Basis, cancel: &Cancel) -> Option<EntityStats> {
    let entities = snapshot.entity_count() as usize;
    let mut stats =
        EntityStats { counts: vec![0; entities], firsts: vec![i64::MAX; entities], lasts: vec![i64::MIN; entities] };
    let mut places = Vec::new();
    for (i, segment) in snapshot.segments().iter().enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        let rows = rows.filter(|rows| !rows.all_in(i));
        if rows.is_some_and(|rows| rows.count_in(i) == 0) {
            continue;
        }
        let in_order = basis == Basis::Position || segment.in_time_order();
        if !in_order || rows.is_some() {
            load_places(segment, basis, &mut places);
        }
        for (key, of_key) in segment.entities().iter() {
            let at = key as usize;
            let (Some(count), Some(first), Some(last)) =
                (stats.counts.get_mut(at), stats.firsts.get_mut(at), stats.lasts.get_mut(at))
            else {
                continue;
            };
            if in_order && rows.is_none() {
                let (Some(&a), Some(&b)) = (of_key.first(), of_key.last()) else { continue };
                *count += of_key.len() as u32;
                *first = (*first).min(basis.place_in(segment, a).unwrap_or(i64::MAX));
                *last = (*last).max(basis.place_in(segment, b).unwrap_or(i64::MIN));
                continue;
            }
            for &row in of_key {
                if rows.is_some_and(|rows| !rows.contains_in(i, row)) {
                    continue;
                }
                *count += 1;
                if let Some(&Some(place)) = places.get(usize::from(row)) {
                    *first = (*first).min(place);
                    *last = (*last).max(place);
                }
            }
        }
    }
    Some(stats)
}

fn load_places(segment: &Segment, basis: Basis, places: &mut Vec<Option<i64>>) {
    places.clear();
    places.extend((0..segment.len()).map(|row| basis.place_in(segment, row as u16)));
}
