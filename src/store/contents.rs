//! What the log holds so far: the list that snapshots are taken from. Changed under a lock by whoever
//! commits; readers only ever see finished [`Snapshot`]s.

use std::sync::Arc;

use super::names::{EntityNames, KindName, Name};
use super::segment::Segment;
use super::snapshot::{KeyRanges, Snapshot};
use super::table::Table;
use super::writer::{Delta, Sealed, Writer};
use crate::model::ids::SourceIx;
use crate::model::issue::Issue;
use crate::model::source::SourceInfo;
use crate::model::time::TimeNs;

/// As shown for rows that could not be decoded.
pub const UNDECODABLE: &str = "undecodable";

#[derive(Debug)]
pub struct Contents {
    pub(in crate::store) generation: u64,
    pub(in crate::store) sources: Vec<Arc<SourceInfo>>,
    pub(in crate::store) segments: Vec<Arc<Segment>>,
    pub(in crate::store) ranges: Vec<KeyRanges>,
    pub(in crate::store) types: Vec<Name>,
    pub(in crate::store) services: Vec<Name>,
    pub(in crate::store) kinds: Vec<KindName>,
    pub(in crate::store) undecodable: u64,
    pub(in crate::store) names: EntityNames,
    pub(in crate::store) correlation_count: u32,
    pub(in crate::store) entities: Arc<Table>,
    pub(in crate::store) correlations: Arc<Table>,
    pub(in crate::store) duplicate_ids: Option<u64>,
}

impl Contents {
    /// Empty, for what `writer` will number.
    #[must_use]
    pub fn new(writer: &Writer) -> Self {
        Self {
            generation: 0,
            sources: Vec::new(),
            segments: Vec::new(),
            ranges: Vec::new(),
            types: vec![Name { name: UNDECODABLE.into(), events: 0 }],
            services: vec![Name { name: "".into(), events: 0 }],
            kinds: Vec::new(),
            undecodable: 0,
            names: EntityNames::default(),
            correlation_count: 0,
            entities: Arc::clone(&writer.entities),
            correlations: Arc::clone(&writer.correlations),
            duplicate_ids: None,
        }
    }

    pub fn add_source(&mut self, info: Arc<SourceInfo>) -> Option<SourceIx> {
        let ix = SourceIx(u16::try_from(self.sources.len()).ok()?);
        self.sources.push(info);
        self.generation += 1;
        Some(ix)
    }

    /// Sealed batches come in the order in which they were numbered.
    pub fn apply(&mut self, sealed: Sealed) {
        let Sealed { segments, replaces, delta } = sealed;
        let kept = self.segments.len().saturating_sub(replaces);
        let before: u64 = self.segments.iter().skip(kept).map(|s| u64::from(s.len)).sum();
        let after: u64 = segments.iter().map(|s| u64::from(s.len)).sum();
        self.segments.truncate(kept);
        self.ranges.truncate(kept);
        self.ranges.extend(segments.iter().map(|segment| KeyRanges::of(segment)));
        self.segments.extend(segments);
        self.count(delta, after.wrapping_sub(before));
        self.duplicate_ids = None;
        self.generation += 1;
    }

    fn count(&mut self, delta: Delta, rows: u64) {
        let name = |name: Arc<str>| Name { name, events: 0 };
        self.types.extend(delta.new_types.into_iter().map(name));
        self.services.extend(delta.new_services.into_iter().map(name));
        self.kinds.extend(delta.new_kinds.into_iter().map(|name| KindName { name, entities: 0, events: 0 }));
        self.undecodable = self.undecodable.wrapping_add_signed(delta.undecodable);
        let served: i64 = delta.service_events.iter().map(|(_, change)| i64::from(*change)).sum();
        let none = (rows as i64) - delta.undecodable - served;
        change(&mut self.types, &delta.type_events);
        change(&mut self.services, &delta.service_events);
        if let Some(undecodable) = self.types.first_mut() {
            undecodable.events = self.undecodable;
        }
        if let Some(no_service) = self.services.first_mut() {
            no_service.events = no_service.events.wrapping_add_signed(none);
        }
        for (kind, events) in delta.kind_events {
            if let Some(kind) = self.kinds.get_mut(usize::from(kind)) {
                kind.events = kind.events.wrapping_add_signed(i64::from(events));
            }
        }
        for (kind, entities) in delta.kind_entities {
            if let Some(kind) = self.kinds.get_mut(usize::from(kind)) {
                kind.entities += u64::from(entities);
            }
        }
        if let Some(chunk) = delta.entities {
            self.names.push(chunk);
        }
        self.correlation_count = self.correlation_count.max(delta.correlation_count);
    }

    /// Rows of a segment that were found to be damaged after they had been read.
    pub fn damage(&mut self, first_row: u64, damage: &[(u16, Issue)]) {
        let Ok(at) = self.segments.binary_search_by_key(&first_row, |segment| segment.first_row) else { return };
        let old = Arc::clone(&self.segments[at]);
        let damage: Vec<(u16, Issue)> = damage
            .iter()
            .filter(|(row, _)| u32::from(*row) < old.len && old.type_ix(*row) != crate::model::ids::TypeIx::UNDECODABLE)
            .copied()
            .collect();
        for (row, _) in &damage {
            self.forget(&old, *row);
        }
        self.segments[at] = Arc::new(old.with_damage(&damage));
        self.generation += 1;
    }

    fn forget(&mut self, segment: &Segment, row: u16) {
        if let Some(name) = self.types.get_mut(segment.type_ix(row).at()) {
            name.events = name.events.saturating_sub(1);
        }
        if let Some(name) = self.services.get_mut(segment.service_ix(row).at()) {
            name.events = name.events.saturating_sub(1);
        }
        self.undecodable += 1;
        self.types[0].events = self.undecodable;
        let of_row = segment.entities.iter().filter(|(_, rows)| rows.binary_search(&row).is_ok());
        let mut kinds: Vec<_> = of_row.filter_map(|(key, _)| self.names.get(key)).map(|name| name.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            if let Some(kind) = self.kinds.get_mut(kind.at()) {
                kind.events = kind.events.saturating_sub(1);
            }
        }
    }

    pub fn set_duplicate_ids(&mut self, duplicates: u64) {
        self.duplicate_ids = Some(duplicates);
        self.generation += 1;
    }

    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let rows = self.segments.last().map_or(0, |last| last.first_row + u64::from(last.len));
        let range = |a: (TimeNs, TimeNs), b: (TimeNs, TimeNs)| (a.0.min(b.0), a.1.max(b.1));
        Snapshot {
            generation: self.generation,
            rows,
            sources: self.sources.clone(),
            firsts: self.segments.iter().map(|segment| segment.first_row).collect(),
            time_range: self.segments.iter().filter_map(|segment| segment.time_range()).reduce(range),
            segments: self.segments.clone(),
            ranges: self.ranges.clone(),
            types: self.types.clone(),
            services: self.services.clone(),
            kinds: self.kinds.clone(),
            undecodable: self.undecodable,
            names: self.names.clone(),
            correlation_count: self.correlation_count,
            entities: Arc::clone(&self.entities),
            correlations: Arc::clone(&self.correlations),
            duplicate_ids: self.duplicate_ids,
        }
    }
}

fn change(names: &mut [Name], changes: &[(u16, i32)]) {
    for (number, change) in changes {
        if let Some(name) = names.get_mut(usize::from(*number)) {
            name.events = name.events.wrapping_add_signed(i64::from(*change));
        }
    }
}
