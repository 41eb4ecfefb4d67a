//! Gives the log's numbers to a batch's names. The only serial step of reading: batches pass in the
//! order of their rows, so numbers do not depend on how many threads decode.

use std::sync::Arc;

use super::batch::Batch;
use super::batch::local::LocalNames;
use super::batch::seal::seal;
use super::names::Chunk;
use super::postings::Scratch;
use super::segment::Segment;
use super::table::{NONE, Table};

/// The dictionaries of the whole log, as the writer sees them.
#[derive(Debug, Default)]
pub struct Writer {
    pub(in crate::store) rows: u64,
    pub(in crate::store) types: LocalNames,
    pub(in crate::store) services: LocalNames,
    pub(in crate::store) kinds: LocalNames,
    pub(in crate::store) entities: Arc<Table>,
    pub(in crate::store) correlations: Arc<Table>,
    pub(in crate::store) entity_count: u32,
    pub(in crate::store) correlation_count: u32,
}

/// The log's numbers for a batch's own. Kept with a batch that goes on growing.
#[derive(Debug, Default)]
pub struct Numbered {
    pub(in crate::store) started: bool,
    pub(in crate::store) first_row: u64,
    pub(in crate::store) types: Vec<u16>,
    pub(in crate::store) services: Vec<u16>,
    pub(in crate::store) kinds: Vec<u16>,
    pub(in crate::store) entities: Vec<u32>,
    pub(in crate::store) correlations: Vec<u32>,
    pub(in crate::store) first_entity: u32,
    pub(in crate::store) first_correlation: u32,
}

impl Numbered {
    pub fn clear(&mut self) {
        self.started = false;
        self.types.clear();
        self.services.clear();
        self.kinds.clear();
        self.entities.clear();
        self.correlations.clear();
    }
}

/// What a batch adds to the counts and names that snapshots carry.
#[derive(Debug, Default)]
pub struct Delta {
    pub(in crate::store) new_types: Vec<Arc<str>>,
    pub(in crate::store) new_services: Vec<Arc<str>>,
    pub(in crate::store) new_kinds: Vec<Arc<str>>,
    /// Changes may be negative: a row read again is taken back first.
    pub(in crate::store) type_events: Vec<(u16, i32)>,
    pub(in crate::store) service_events: Vec<(u16, i32)>,
    pub(in crate::store) kind_events: Vec<(u16, i32)>,
    pub(in crate::store) kind_entities: Vec<(u16, u32)>,
    pub(in crate::store) undecodable: i64,
    pub(in crate::store) entities: Option<Arc<Chunk>>,
    pub(in crate::store) correlation_count: u32,
}

/// A batch as it enters the log.
#[derive(Debug)]
pub struct Sealed {
    pub(in crate::store) segments: Vec<Arc<Segment>>,
    /// So many of the log's last segments are built anew.
    pub(in crate::store) replaces: usize,
    pub(in crate::store) delta: Delta,
}

impl Sealed {
    /// Reused by threads that seal.
    #[must_use]
    pub fn new(batch: &Batch, numbered: &Numbered, delta: Delta, replaces: usize, sealer: &mut Sealer) -> Self {
        let segments = seal(batch, numbered, &mut sealer.scratch).into_iter().map(Arc::new).collect();
        Self { segments, replaces, delta }
    }

    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }
}

/// Scratch space of a thread that seals batches.
#[derive(Debug, Default)]
pub struct Sealer {
    scratch: Scratch,
}

impl Writer {
    /// Numbers what the batch gained since it was last numbered (all of it the first time).
    pub fn number(&mut self, batch: &mut Batch, numbered: &mut Numbered) -> Delta {
        if !numbered.started {
            numbered.started = true;
            numbered.first_row = self.rows;
            numbered.first_entity = self.entity_count;
            numbered.first_correlation = self.correlation_count;
        }
        self.rows = numbered.first_row + batch.len() as u64;
        let mut delta = Delta { undecodable: std::mem::take(&mut batch.undecodable) as i64, ..Delta::default() };
        names(
            &mut self.types,
            &mut batch.type_names,
            1,
            &mut numbered.types,
            &mut delta.new_types,
            &mut delta.type_events,
        );
        names(
            &mut self.services,
            &mut batch.service_names,
            1,
            &mut numbered.services,
            &mut delta.new_services,
            &mut delta.service_events,
        );
        names(&mut self.kinds, &mut batch.kinds, 0, &mut numbered.kinds, &mut delta.new_kinds, &mut delta.kind_events);
        self.entities(batch, numbered, &mut delta);
        self.correlations(batch, numbered);
        delta.correlation_count = self.correlation_count;
        delta
    }

    fn entities(&mut self, batch: &Batch, numbered: &mut Numbered, delta: &mut Delta) {
        let done = numbered.entities.len();
        let hashes = batch.entities.table.hashes.get(done..).unwrap_or(&[]);
        self.entities.get_all(hashes, &mut numbered.entities);
        let mut chunk = Chunk { first: self.entity_count, ..Chunk::default() };
        let (mut kinds, mut ends, mut text) = (Vec::new(), Vec::new(), String::new());
        let mut fresh = Vec::new();
        let mut per_kind = vec![0u32; numbered.kinds.len()];
        for (i, (number, &hash)) in numbered.entities.iter_mut().skip(done).zip(hashes).enumerate() {
            if *number != NONE || self.entity_count >= NONE - 1 {
                continue;
            }
            *number = self.entity_count;
            self.entity_count += 1;
            fresh.push((hash, *number));
            let local = done + i;
            let kind = batch.entities.kinds.get(local).copied().unwrap_or(0);
            if let Some(count) = per_kind.get_mut(usize::from(kind)) {
                *count += 1;
            }
            kinds.push(numbered.kinds.get(usize::from(kind)).copied().unwrap_or(0));
            match std::str::from_utf8(batch.entities.name(local)) {
                Ok(name) => text.push_str(name),
                Err(_) => text.push_str(&String::from_utf8_lossy(batch.entities.name(local))),
            }
            ends.push(text.len() as u32);
        }
        self.entities.insert_all(fresh.into_iter());
        if !kinds.is_empty() {
            chunk.kinds = kinds.into();
            chunk.ends = ends.into();
            chunk.text = text.into();
            delta.entities = Some(Arc::new(chunk));
        }
        let counted = numbered.kinds.iter().copied().zip(per_kind);
        delta.kind_entities.extend(counted.filter(|(_, count)| *count > 0));
    }

    fn correlations(&mut self, batch: &Batch, numbered: &mut Numbered) {
        let done = numbered.correlations.len();
        let hashes = batch.correlations.hashes.get(done..).unwrap_or(&[]);
        self.correlations.get_all(hashes, &mut numbered.correlations);
        let mut fresh = Vec::new();
        for (number, &hash) in numbered.correlations.iter_mut().skip(done).zip(hashes) {
            if *number == NONE && self.correlation_count < NONE - 1 {
                *number = self.correlation_count;
                self.correlation_count += 1;
                fresh.push((hash, *number));
            }
        }
        self.correlations.insert_all(fresh.into_iter());
    }
}

/// `shift` is 1 where number 0 is taken.
fn names(
    global: &mut LocalNames,
    local: &mut LocalNames,
    shift: u16,
    numbers: &mut Vec<u16>,
    new: &mut Vec<Arc<str>>,
    events: &mut Vec<(u16, i32)>,
) {
    for (i, entry) in local.entries.iter_mut().enumerate() {
        if i >= numbers.len() {
            let known = global.entries.len();
            numbers.push(global.number(&entry.text) + shift);
            if global.entries.len() > known {
                new.push(String::from_utf8_lossy(&entry.text).into());
            }
        }
        // The count wraps below zero where a row was taken back.
        let change = std::mem::take(&mut entry.events) as i32;
        if change != 0 {
            events.push((numbers[i], change));
        }
    }
}
