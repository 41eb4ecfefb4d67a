//! Segments made from segments: joined, shortened, or with rows that turned out to be damaged.
//!
//! Columns are taken apart into plain rows and built again: it happens to small or few segments only.

use super::numbers::Numbers;
use super::spans::Spans;
use super::times::{NO_TIME, Times};
use super::{SEGMENT_ROWS, Segment};
use crate::model::issue::Issue;
use crate::store::postings::Postings;

/// Segments are joined only up to this size and with smaller ones: joining costs time at each commit.
const JOINED_ROWS: usize = SEGMENT_ROWS / 4;

impl Segment {
    /// This and the next one as one, where both are small and belong together.
    pub(in crate::store) fn joined(&self, next: &Self) -> Option<Self> {
        let rows = self.len as usize + next.len as usize;
        let follows = self.source == next.source && self.first_row + u64::from(self.len) == next.first_row;
        if !follows || rows > JOINED_ROWS || self.spans.lens.is_some() != next.spans.lens.is_some() {
            return None;
        }
        let offsets = || self.offsets().chain(next.offsets());
        let (low, high) = (offsets().min()?, offsets().max()?);
        if high - low > u64::from(u32::MAX / 2) {
            return None;
        }
        let shift = self.len as u16;
        let ids: Vec<u64> = match (self.ids.is_empty(), next.ids.is_empty()) {
            (true, true) => Vec::new(),
            _ => self.all_ids().chain(next.all_ids()).collect(),
        };
        let issues = next.issues.iter().map(|&(row, issue)| (row + shift, issue));
        Some(Self {
            source: self.source,
            first_row: self.first_row,
            len: rows as u32,
            spans: Spans::new(
                &offsets().collect::<Vec<_>>(),
                &self.lens().chain(next.lens()).collect::<Vec<_>>(),
                self.spans.lens.is_none(),
            ),
            times: Times::new(&self.all_times().chain(next.all_times()).collect::<Vec<_>>()),
            types: Numbers::names(names(&self.types, self.len).chain(names(&next.types, next.len))),
            services: Numbers::names(names(&self.services, self.len).chain(names(&next.services, next.len))),
            versions: Numbers::optional(&self.all_versions().chain(next.all_versions()).collect::<Vec<_>>()),
            ids: ids.into(),
            cause_rows: self.cause_rows.iter().copied().chain(next.cause_rows.iter().map(|row| row + shift)).collect(),
            cause_hashes: self.cause_hashes.iter().chain(&next.cause_hashes).copied().collect(),
            entities: Postings::joined(&self.entities, &next.entities, shift),
            correlations: Postings::joined(&self.correlations, &next.correlations, shift),
            issues: self.issues.iter().copied().chain(issues).collect(),
        })
    }

    /// The same without its last row; none where that was the only one.
    pub(in crate::store) fn without_last_row(&self) -> Option<Self> {
        let len = self.len.checked_sub(1).filter(|len| *len > 0)?;
        let kept = len as usize;
        let gone = |row: u16| u32::from(row) >= len;
        let causes = self.cause_rows.partition_point(|&row| !gone(row));
        let issues = self.issues.partition_point(|&(row, _)| !gone(row));
        Some(Self {
            source: self.source,
            first_row: self.first_row,
            len,
            spans: Spans::new(
                &self.offsets().take(kept).collect::<Vec<_>>(),
                &self.lens().take(kept).collect::<Vec<_>>(),
                self.spans.lens.is_none(),
            ),
            times: Times::new(&self.all_times().take(kept).collect::<Vec<_>>()),
            types: Numbers::names(names(&self.types, len)),
            services: Numbers::names(names(&self.services, len)),
            versions: Numbers::optional(&self.all_versions().take(kept).collect::<Vec<_>>()),
            ids: self.ids.iter().take(kept).copied().collect(),
            cause_rows: self.cause_rows.iter().take(causes).copied().collect(),
            cause_hashes: self.cause_hashes.iter().take(causes).copied().collect(),
            entities: self.entities.without(gone),
            correlations: self.correlations.without(gone),
            issues: self.issues.iter().take(issues).copied().collect(),
        })
    }

    /// The same with some rows found to be damaged: they become undecodable and belong to nothing.
    /// `damage` is in the order of rows.
    pub(in crate::store) fn with_damage(&self, damage: &[(u16, Issue)]) -> Self {
        let mut damaged = vec![false; SEGMENT_ROWS];
        damage.iter().for_each(|(row, _)| damaged[usize::from(*row)] = true);
        let gone = |row: u16| damaged[usize::from(row)];
        let kept = |row: usize| !damaged[row];
        let pick = |numbers: &Numbers| {
            Numbers::names((0..self.len as usize).map(|row| if kept(row) { numbers.name(row) } else { 0 }))
        };
        let times = self.all_times().enumerate().map(|(row, time)| if kept(row) { time } else { NO_TIME });
        let versions = self.all_versions().enumerate().map(|(row, version)| if kept(row) { version } else { u32::MAX });
        let causes: Vec<(u16, u64)> = self.all_causes().filter(|(row, _)| !gone(*row)).collect();
        let mut issues: Vec<(u16, Issue)> = self.issues.iter().filter(|(row, _)| !gone(*row)).copied().collect();
        issues.extend_from_slice(damage);
        issues.sort_unstable_by_key(|(row, _)| *row);
        Self {
            source: self.source,
            first_row: self.first_row,
            len: self.len,
            spans: self.spans.clone(),
            times: Times::new(&times.collect::<Vec<_>>()),
            types: pick(&self.types),
            services: pick(&self.services),
            versions: Numbers::optional(&versions.collect::<Vec<_>>()),
            ids: self.ids.iter().enumerate().map(|(row, &id)| if kept(row) { id } else { 0 }).collect(),
            cause_rows: causes.iter().map(|(row, _)| *row).collect(),
            cause_hashes: causes.iter().map(|(_, hash)| *hash).collect(),
            entities: self.entities.without(gone),
            correlations: self.correlations.without(gone),
            issues: issues.into(),
        }
    }

    fn offsets(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        (0..self.len as usize).map(|row| self.spans.get(row).offset.0)
    }

    fn lens(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len as usize).map(|row| self.spans.get(row).len)
    }

    fn all_times(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.len as usize).map(|row| self.times.get(row).map_or(NO_TIME, |time| time.0))
    }

    fn all_versions(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len as usize).map(|row| self.versions.number(row).unwrap_or(u32::MAX))
    }

    fn all_ids(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len as usize).map(|row| self.ids.get(row).copied().unwrap_or(0))
    }
}

fn names(numbers: &Numbers, len: u32) -> impl Iterator<Item = u16> + Clone + '_ {
    (0..len as usize).map(|row| numbers.name(row))
}
