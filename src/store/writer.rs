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

/// The log's numbers for a batch's own.
#[derive(Debug, Default)]
pub struct Numbered {
    pub(in crate::store) first_row: u64,
    pub(in crate::store) types: Vec<u16>,
    pub(in crate::store) services: Vec<u16>,
    pub(in crate::store) entities: Vec<u32>,
    pub(in crate::store) correlations: Vec<u32>,
    pub(in crate::store) first_entity: u32,
    pub(in crate::store) first_correlation: u32,
    pub(in crate::store) delta: Delta,
}

impl Numbered {
    /// The number of the batch's first row.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }
}

/// What a batch adds to the counts and names that snapshots carry.
#[derive(Debug, Default)]
pub struct Delta {
    pub(in crate::store) new_types: Vec<Arc<str>>,
    pub(in crate::store) new_services: Vec<Arc<str>>,
    pub(in crate::store) new_kinds: Vec<Arc<str>>,
    pub(in crate::store) type_events: Vec<(u16, u32)>,
    pub(in crate::store) service_events: Vec<(u16, u32)>,
    pub(in crate::store) kind_events: Vec<(u16, u32)>,
    pub(in crate::store) kind_entities: Vec<(u16, u32)>,
    pub(in crate::store) undecodable: u64,
    pub(in crate::store) entities: Option<Arc<Chunk>>,
    pub(in crate::store) correlation_count: u32,
}

/// A batch as it enters the log.
#[derive(Debug)]
pub struct Sealed {
    pub(in crate::store) segments: Vec<Arc<Segment>>,
    pub(in crate::store) delta: Delta,
}

impl Sealed {
    #[must_use]
    pub fn new(batch: &Batch, numbered: Numbered, sealer: &mut Sealer) -> Self {
        let segments = seal(batch, &numbered, &mut sealer.scratch).into_iter().map(Arc::new).collect();
        Self { segments, delta: numbered.delta }
    }
}

/// Scratch space of a thread that seals batches.
#[derive(Debug, Default)]
pub struct Sealer {
    scratch: Scratch,
}

impl Writer {
    /// Numbers a batch's names and gives its rows their place in the log.
    pub fn number(&mut self, batch: &mut Batch) -> Numbered {
        batch.look_up();
        let batch = &*batch;
        let mut numbered = Numbered {
            first_row: self.rows,
            first_entity: self.entity_count,
            first_correlation: self.correlation_count,
            ..Numbered::default()
        };
        self.rows += batch.len() as u64;
        let delta = &mut numbered.delta;
        delta.undecodable = batch.undecodable;
        numbered.types = names(&mut self.types, &batch.type_names, 1, &mut delta.new_types, &mut delta.type_events);
        numbered.services =
            names(&mut self.services, &batch.service_names, 1, &mut delta.new_services, &mut delta.service_events);
        let kinds = names(&mut self.kinds, &batch.kinds, 0, &mut delta.new_kinds, &mut delta.kind_events);
        self.entities(batch, &kinds, &mut numbered);
        self.correlations(batch, &mut numbered);
        numbered.delta.correlation_count = self.correlation_count;
        numbered
    }

    /// Takes the log's last row back, which is going to be read again.
    pub fn drop_last_row(&mut self) {
        self.rows = self.rows.saturating_sub(1);
    }

    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn entities(&mut self, batch: &Batch, kinds: &[u16], numbered: &mut Numbered) {
        let first = self.entity_count;
        let hashes = &batch.entities.table.hashes;
        self.entity_count = self.entities.number_all(hashes, first, &mut numbered.entities);
        let count = (self.entity_count - first) as usize;
        let mut per_kind = vec![0u32; kinds.len()];
        if count > 0 {
            let (mut chunk_kinds, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
            let mut text = String::with_capacity(batch.entities.text.len());
            // Looked at once as a whole; a name that is a part of valid text is valid itself.
            let valid = std::str::from_utf8(&batch.entities.text).ok();
            let new = numbered.entities.iter().enumerate().filter(|(_, number)| **number >= first && **number != NONE);
            for (local, _) in new {
                let kind = usize::from(batch.entities.kinds.get(local).copied().unwrap_or(0));
                if let Some(count) = per_kind.get_mut(kind) {
                    *count += 1;
                }
                chunk_kinds.push(kinds.get(kind).copied().unwrap_or(0));
                match valid.and_then(|valid| valid.get(batch.entities.place(local))) {
                    Some(name) => text.push_str(name),
                    None => text.push_str(&String::from_utf8_lossy(batch.entities.name(local))),
                }
                ends.push(text.len() as u32);
            }
            let chunk = Chunk { first, kinds: chunk_kinds.into(), ends: ends.into(), text: text.into() };
            numbered.delta.entities = Some(Arc::new(chunk));
        }
        let counted = kinds.iter().copied().zip(per_kind);
        numbered.delta.kind_entities.extend(counted.filter(|(_, count)| *count > 0));
    }

    fn correlations(&mut self, batch: &Batch, numbered: &mut Numbered) {
        let hashes = &batch.correlations.hashes;
        self.correlation_count =
            self.correlations.number_all(hashes, self.correlation_count, &mut numbered.correlations);
    }
}

/// The log's numbers of a batch's names. `shift` is 1 where number 0 is taken.
fn names(
    global: &mut LocalNames,
    local: &LocalNames,
    shift: u16,
    new: &mut Vec<Arc<str>>,
    events: &mut Vec<(u16, u32)>,
) -> Vec<u16> {
    let mut numbers = Vec::with_capacity(local.entries.len());
    for entry in &local.entries {
        let known = global.entries.len();
        let number = global.number(&entry.text) + shift;
        if global.entries.len() > known {
            new.push(String::from_utf8_lossy(&entry.text).into());
        }
        numbers.push(number);
        events.push((number, entry.events));
    }
    numbers
}
