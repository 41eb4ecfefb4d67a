//! What one block of a source decodes to: columns and dictionaries of its own. Filled by any thread,
//! numbered for the log by one ([`super::writer`]), sealed into segments by any again.

pub(in crate::store) mod local;
pub(in crate::store) mod seal;

use self::local::{LocalEntities, LocalHashes, LocalNames, MAX_ID_BYTES, entity_hash};
use super::segment::times::NO_TIME;
use crate::base::bytes::equal;
use crate::base::hash::hash64;
use crate::model::ids::SourceIx;
use crate::model::issue::Issue;
use crate::model::row::{Row, RowSink, Span};

/// Rows in the order of their source. Clearing keeps the memory for the next block.
#[derive(Debug, Default)]
pub struct Batch {
    pub(in crate::store) source: SourceIx,
    /// Only line ends lie between records.
    pub(in crate::store) lines: bool,
    pub(in crate::store) offsets: Vec<u64>,
    pub(in crate::store) lens: Vec<u32>,
    pub(in crate::store) times: Vec<i64>,
    /// Number in `type_names` plus one; 0 is undecodable.
    pub(in crate::store) types: Vec<u16>,
    /// Number in `service_names` plus one; 0 is none.
    pub(in crate::store) services: Vec<u16>,
    pub(in crate::store) versions: Vec<u32>,
    pub(in crate::store) ids: Vec<u64>,
    pub(in crate::store) any_ids: bool,
    pub(in crate::store) causes: Vec<(u32, u64)>,
    pub(in crate::store) entity_ends: Vec<u32>,
    pub(in crate::store) entity_rows: Vec<u32>,
    pub(in crate::store) correlation_ends: Vec<u32>,
    pub(in crate::store) correlation_rows: Vec<u32>,
    pub(in crate::store) issues: Vec<(u32, Issue)>,
    pub(in crate::store) undecodable: u64,
    pub(in crate::store) type_names: LocalNames,
    pub(in crate::store) service_names: LocalNames,
    pub(in crate::store) kinds: LocalNames,
    pub(in crate::store) entities: LocalEntities,
    pub(in crate::store) correlations: LocalHashes,
    /// Number and hash of the kind that stood at each place of the row before.
    expected_kinds: Vec<(u16, u64)>,
    /// Entities and correlations of the latest rows, which have no numbers yet.
    waiting: Waiting,
}

/// Names are looked up in groups: their reads of the tables then overlap instead of each waiting for
/// memory.
#[derive(Debug, Default)]
struct Waiting {
    /// Hash, kind and the id's end in `text`.
    entities: Vec<(u64, u16, u32)>,
    text: Vec<u8>,
    correlations: Vec<u64>,
}

/// Names in such a group.
const GROUP: usize = 64;

impl Batch {
    #[must_use]
    pub fn new(source: SourceIx, lines: bool) -> Self {
        Self { source, lines, ..Self::default() }
    }

    /// Empty again, for another block.
    pub fn reset(&mut self, source: SourceIx, lines: bool) {
        self.source = source;
        self.lines = lines;
        self.offsets.clear();
        self.lens.clear();
        self.times.clear();
        self.types.clear();
        self.services.clear();
        self.versions.clear();
        self.ids.clear();
        self.any_ids = false;
        self.causes.clear();
        self.entity_ends.clear();
        self.entity_rows.clear();
        self.correlation_ends.clear();
        self.correlation_rows.clear();
        self.issues.clear();
        self.undecodable = 0;
        self.type_names.clear();
        self.service_names.clear();
        self.kinds.clear();
        self.entities.clear();
        self.correlations.clear();
        self.expected_kinds.clear();
        self.waiting.entities.clear();
        self.waiting.text.clear();
        self.waiting.correlations.clear();
    }

    /// Gives the batch's own numbers to the names that wait for them.
    pub(in crate::store) fn look_up(&mut self) {
        let Waiting { entities, text, correlations } = &mut self.waiting;
        self.entities.table.expect(entities.iter().map(|(hash, ..)| *hash));
        let mut start = 0;
        for (hash, kind, end) in entities.drain(..) {
            let id = text.get(start..end as usize).unwrap_or(&[]);
            start = end as usize;
            self.entity_rows.push(self.entities.number(kind, hash, id));
        }
        text.clear();
        self.correlations.expect(correlations.iter().copied());
        for hash in correlations.drain(..) {
            self.correlation_rows.push(self.correlations.number(hash).0);
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    #[must_use]
    pub fn source(&self) -> SourceIx {
        self.source
    }

    #[must_use]
    pub fn undecodable_rows(&self) -> u64 {
        self.undecodable
    }

    /// Memory held, free capacity included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.offsets.capacity() * 8
            + self.lens.capacity() * 4
            + self.times.capacity() * 8
            + self.types.capacity() * 2
            + self.services.capacity() * 2
            + self.versions.capacity() * 4
            + self.ids.capacity() * 8
            + self.causes.capacity() * 16
            + (self.entity_ends.capacity() + self.entity_rows.capacity()) * 4
            + (self.correlation_ends.capacity() + self.correlation_rows.capacity()) * 4
            + self.entities.bytes()
            + self.correlations.hashes.capacity() * 24
    }

    #[inline]
    fn entity(&mut self, place: usize, kind: &[u8], id: &[u8], row: u32) {
        let (number, hash) = match self.expected_kinds.get(place) {
            Some(&(number, hash)) if equal(&self.kinds.entries[usize::from(number)].text, kind) => (number, hash),
            _ => self.learn_kind(place, kind),
        };
        let entry = &mut self.kinds.entries[usize::from(number)];
        entry.events += u32::from(entry.row != row);
        entry.row = row;
        self.waiting.text.extend_from_slice(id.get(..MAX_ID_BYTES).unwrap_or(id));
        self.waiting.entities.push((entity_hash(hash, id), number, self.waiting.text.len() as u32));
    }

    fn learn_kind(&mut self, place: usize, kind: &[u8]) -> (u16, u64) {
        let number = self.kinds.number(kind);
        let found = (number, self.kinds.entries[usize::from(number)].hash);
        if let Some(expected) = self.expected_kinds.get_mut(place) {
            *expected = found;
        } else if place == self.expected_kinds.len() && place < 64 {
            self.expected_kinds.push(found);
        }
        found
    }

    fn end_row(&mut self) {
        self.entity_ends.push((self.entity_rows.len() + self.waiting.entities.len()) as u32);
        self.correlation_ends.push((self.correlation_rows.len() + self.waiting.correlations.len()) as u32);
        if self.waiting.entities.len() >= GROUP || self.waiting.correlations.len() >= GROUP {
            self.look_up();
        }
    }
}

impl RowSink for Batch {
    fn event(&mut self, row: &Row<'_>) {
        let at = self.offsets.len() as u32;
        self.offsets.push(row.span.offset.0);
        self.lens.push(row.span.len);
        self.times.push(row.time.map_or(NO_TIME, |t| t.0));
        let type_name = self.type_names.number(row.type_name);
        self.type_names.entries[usize::from(type_name)].events += 1;
        self.types.push(type_name + 1);
        let service = row.service.map_or(0, |service| {
            let number = self.service_names.number(service);
            self.service_names.entries[usize::from(number)].events += 1;
            number + 1
        });
        self.services.push(service);
        self.versions.push(row.version.unwrap_or(u32::MAX));
        // 0 means none.
        let id = row.id.map_or(0, |id| hash64(id).max(1));
        self.any_ids |= id != 0;
        self.ids.push(id);
        for cause in row.causes {
            self.causes.push((at, hash64(cause).max(1)));
        }
        for (place, (kind, id)) in row.entities.iter().enumerate() {
            self.entity(place, kind, id, at);
        }
        for correlation in row.correlations {
            self.waiting.correlations.push(hash64(correlation));
        }
        self.end_row();
    }

    fn undecodable(&mut self, span: Span, issue: Issue) {
        self.issues.push((self.offsets.len() as u32, issue));
        self.undecodable += 1;
        self.offsets.push(span.offset.0);
        self.lens.push(span.len);
        self.times.push(NO_TIME);
        self.types.push(0);
        self.services.push(0);
        self.versions.push(u32::MAX);
        self.ids.push(0);
        self.end_row();
    }
}
