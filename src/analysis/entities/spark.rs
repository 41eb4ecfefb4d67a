//! A small picture of one entity's events over a range.

use crate::analysis::timeline::Basis;
use crate::model::ids::EntityIx;
use crate::store::snapshot::Snapshot;

/// Counts of an entity's events in `buckets` equal parts of `start..=end`.
#[must_use]
pub fn sparkline(
    snapshot: &Snapshot,
    entity: EntityIx,
    basis: Basis,
    start: i64,
    end: i64,
    buckets: usize,
) -> Vec<u32> {
    let mut counts = vec![0; buckets];
    let len = i128::from(end) - i128::from(start) + 1;
    if len <= 0 {
        return counts;
    }
    for segment in snapshot.segments() {
        if basis.range(segment).is_none_or(|(first, last)| last < start || end < first) {
            continue;
        }
        for &row in segment.entities().rows(entity.0) {
            let Some(place) = basis.place_in(segment, row).filter(|place| (start..=end).contains(place)) else {
                continue;
            };
            let bucket = (i128::from(place) - i128::from(start)) * buckets as i128 / len;
            if let Some(count) = counts.get_mut(bucket as usize) {
                *count += 1;
            }
        }
    }
    counts
}
