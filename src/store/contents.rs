//! What the log holds so far: the list that snapshots are taken from. Changed under a lock by whoever
//! commits; readers only ever see finished [`Snapshot`]s.

use std::sync::Arc;

use super::names::{EntityNames, KindName, Name};
use super::segment::Segment;
use super::snapshot::{KeyRanges, Snapshot};
use super::table::Table;
use super::writer::{Delta, Sealed, Writer};
use crate::model::ids::{SourceIx, TypeIx};
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

    /// Takes over a saved log's contents; the sources stay.
    pub fn restore(&mut self, saved: Self) {
        let (sources, generation) = (std::mem::take(&mut self.sources), self.generation);
        *self = Self { sources, generation: generation + 1, ..saved };
    }

    pub fn add_source(&mut self, info: Arc<SourceInfo>) -> Option<SourceIx> {
        let ix = SourceIx(u16::try_from(self.sources.len()).ok()?);
        self.sources.push(info);
        self.generation += 1;
        Some(ix)
    }

    /// Sealed batches come in the order in which they were numbered.
    pub fn apply(&mut self, sealed: Sealed) {
        let Sealed { segments, delta } = sealed;
        let rows: u64 = segments.iter().map(|segment| u64::from(segment.len)).sum();
        for segment in segments {
            self.append(segment);
        }
        self.count(delta, rows);
        self.duplicate_ids = None;
        self.generation += 1;
    }

    /// Small segments of one source become one, so that a followed log does not collect thousands.
    fn append(&mut self, segment: Arc<Segment>) {
        let joined = self.segments.last().and_then(|last| last.joined(&segment));
        if joined.is_some() {
            self.segments.pop();
            self.ranges.pop();
        }
        let segment = joined.map_or(segment, Arc::new);
        self.ranges.push(KeyRanges::of(&segment));
        self.segments.push(segment);
    }

    /// Takes the log's last row back, which is going to be read again. Its names stay known.
    pub fn drop_last_row(&mut self) {
        let Some(last) = self.segments.pop() else { return };
        self.ranges.pop();
        let Some(row) = last.len.checked_sub(1) else { return };
        if last.type_ix(row as u16) == TypeIx::UNDECODABLE {
            self.set_undecodable(self.undecodable.saturating_sub(1));
        } else {
            self.forget(&last, &[row as u16]);
        }
        if let Some(shorter) = last.without_last_row() {
            self.ranges.push(KeyRanges::of(&shorter));
            self.segments.push(Arc::new(shorter));
        }
        self.generation += 1;
    }

    fn count(&mut self, delta: Delta, rows: u64) {
        let name = |name: Arc<str>| Name { name, events: 0 };
        self.types.extend(delta.new_types.into_iter().map(name));
        self.services.extend(delta.new_services.into_iter().map(name));
        self.kinds.extend(delta.new_kinds.into_iter().map(|name| KindName { name, entities: 0, events: 0 }));
        self.set_undecodable(self.undecodable + delta.undecodable);
        let served: u64 = delta.service_events.iter().map(|(_, events)| u64::from(*events)).sum();
        add(&mut self.types, &delta.type_events);
        add(&mut self.services, &delta.service_events);
        if let Some(none) = self.services.first_mut() {
            none.events += rows - delta.undecodable - served;
        }
        for (kind, events) in delta.kind_events {
            if let Some(kind) = self.kinds.get_mut(usize::from(kind)) {
                kind.events += u64::from(events);
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

    /// Rows that were found to be damaged after they had been read become undecodable. `damage` is in
    /// the order of rows.
    pub fn damage(&mut self, damage: &[(u64, Issue)]) {
        let mut rest = damage;
        while let Some((row, _)) = rest.first() {
            let after = self.segments.partition_point(|segment| segment.first_row <= *row);
            let Some(at) = after.checked_sub(1) else { return };
            let old = Arc::clone(&self.segments[at]);
            let inside = |row: u64| row - old.first_row < u64::from(old.len);
            let (here, next) = rest.split_at(rest.iter().take_while(|(row, _)| inside(*row)).count());
            if here.is_empty() {
                return;
            }
            rest = next;
            let here = here.iter().map(|&(row, issue)| ((row - old.first_row) as u16, issue));
            let here: Vec<(u16, Issue)> = here.filter(|(row, _)| old.type_ix(*row) != TypeIx::UNDECODABLE).collect();
            let rows: Vec<u16> = here.iter().map(|(row, _)| *row).collect();
            self.forget(&old, &rows);
            self.set_undecodable(self.undecodable + rows.len() as u64);
            self.segments[at] = Arc::new(old.with_damage(&here));
        }
        self.generation += 1;
    }

    fn set_undecodable(&mut self, rows: u64) {
        self.undecodable = rows;
        self.types[0].events = rows;
    }

    /// Counts decoded rows no more. `rows` are in order.
    fn forget(&mut self, segment: &Segment, rows: &[u16]) {
        for &row in rows {
            if let Some(name) = self.types.get_mut(segment.type_ix(row).at()) {
                name.events = name.events.saturating_sub(1);
            }
            if let Some(name) = self.services.get_mut(segment.service_ix(row).at()) {
                name.events = name.events.saturating_sub(1);
            }
        }
        let mut kinds = Vec::new();
        for (key, of_key) in segment.entities.iter() {
            let gone = of_key.iter().filter(|row| rows.binary_search(row).is_ok());
            kinds.extend(gone.filter_map(|row| Some((*row, self.names.get(key)?.kind))));
        }
        kinds.sort_unstable();
        kinds.dedup();
        for (_, kind) in kinds {
            if let Some(kind) = self.kinds.get_mut(kind.at()) {
                kind.events = kind.events.saturating_sub(1);
            }
        }
    }

    /// Among the first `rows`. Where more have come since they are counted again, and the earlier count may be the later
    /// one to end: then it is nothing any more.
    pub fn set_duplicate_ids(&mut self, duplicates: u64, rows: u64) {
        let now = self.segments.last().map_or(0, |last| last.first_row() + u64::from(last.len()));
        if now == rows {
            self.duplicate_ids = Some(duplicates);
            self.generation += 1;
        }
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

fn add(names: &mut [Name], counts: &[(u16, u32)]) {
    for (number, events) in counts {
        if let Some(name) = names.get_mut(usize::from(*number)) {
            name.events += u64::from(*events);
        }
    }
}
