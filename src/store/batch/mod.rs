//! What one block of a source decodes to: columns and dictionaries of its own. Filled by any thread,
//! numbered for the log by one ([`super::writer`]), sealed into segments by any again.

pub(in crate::store) mod local;
pub(in crate::store) mod seal;

use self::local::{LocalEntities, LocalHashes, LocalNames, entity_hash};
use super::segment::times::NO_TIME;
use crate::base::hash::hash64;
use crate::model::ids::SourceIx;
use crate::model::issue::Issue;
use crate::model::row::{Row, RowEntity, RowGroup, RowSink, Span};

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
    /// Of the group at hand: hashes of names, the kinds of entities, and which are new.
    hashes: Vec<u64>,
    kinds_of: Vec<u16>,
    fresh: Vec<u32>,
}

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
            + self.correlations.bytes()
    }

    fn entities(&mut self, group: &RowGroup<'_>, first: u32) {
        self.hashes.clear();
        self.kinds_of.clear();
        for entity in group.entities {
            let (number, hash) = self.kind(entity.kind, first + entity.row);
            self.kinds_of.push(number);
            self.hashes.push(entity_hash(hash, entity.id));
        }
        self.entities.table.number_all(&self.hashes, &mut self.entity_rows, &mut self.fresh);
        for &fresh in &self.fresh {
            let at = fresh as usize;
            self.entities.name_next(self.kinds_of[at], group.entities[at].id);
        }
        ends(&mut self.entity_ends, group.spans.len(), self.entity_rows.len(), group.entities.iter().map(|e| e.row));
    }

    /// Number and hash of an entity's kind, whose rows are counted.
    #[inline]
    fn kind(&mut self, kind: &[u8], row: u32) -> (u16, u64) {
        let number = self.kinds.number(kind);
        let entry = &mut self.kinds.entries[usize::from(number)];
        entry.events += u32::from(entry.row != row);
        entry.row = row;
        (number, entry.hash)
    }

    fn correlations(&mut self, group: &RowGroup<'_>) {
        self.hashes.clear();
        self.hashes.extend(group.correlations.iter().map(|(_, id)| hash64(id)));
        self.correlations.number_all(&self.hashes, &mut self.correlation_rows, &mut self.fresh);
        let rows = group.correlations.iter().map(|(row, _)| *row);
        ends(&mut self.correlation_ends, group.spans.len(), self.correlation_rows.len(), rows);
    }
}

/// What an event's id is known by; 0 means none.
#[inline]
fn id_hash(id: &[u8]) -> u64 {
    if id.is_empty() { 0 } else { hash64(id).max(1) }
}

/// Appends where each row's part of a list ends, the list having grown up to `total` by the items of `rows`.
fn ends(out: &mut Vec<u32>, rows: usize, total: usize, of: impl ExactSizeIterator<Item = u32>) {
    let start = out.len();
    let before = (total - of.len()) as u32;
    out.resize(start + rows, 0);
    let counts = &mut out[start..];
    for row in of {
        counts[row as usize] += 1;
    }
    let mut end = before;
    for count in counts {
        end += *count;
        *count = end;
    }
}

impl RowSink for Batch {
    fn event(&mut self, row: &Row<'_>) {
        let entities: Vec<_> = row.entities.iter().map(|&(kind, id)| RowEntity { row: 0, kind, id }).collect();
        let correlations: Vec<_> = row.correlations.iter().map(|id| (0, *id)).collect();
        let causes: Vec<_> = row.causes.iter().map(|id| (0, *id)).collect();
        self.events(&RowGroup {
            spans: &[row.span],
            times: &[row.time],
            type_names: &[row.type_name],
            services: &[row.service.unwrap_or_default()],
            ids: &[row.id.unwrap_or_default()],
            versions: &[row.version],
            entities: &entities,
            correlations: &correlations,
            causes: &causes,
        });
    }

    fn events(&mut self, group: &RowGroup<'_>) {
        let first = self.offsets.len() as u32;
        self.offsets.extend(group.spans.iter().map(|span| span.offset.0));
        self.lens.extend(group.spans.iter().map(|span| span.len));
        self.times.extend(group.times.iter().map(|time| time.map_or(NO_TIME, |t| t.0)));
        self.types.extend(group.type_names.iter().map(|name| self.type_names.event(name)));
        self.services.extend(group.services.iter().map(|name| self.service_names.event_if_named(name)));
        self.versions.extend(group.versions.iter().map(|version| version.unwrap_or(u32::MAX)));
        self.ids.extend(group.ids.iter().map(|id| id_hash(id)));
        self.any_ids = self.any_ids || group.ids.iter().any(|id| !id.is_empty());
        self.causes.extend(group.causes.iter().map(|(row, cause)| (first + row, id_hash(cause))));
        self.entities(group, first);
        self.correlations(group);
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
        self.entity_ends.push(self.entity_rows.len() as u32);
        self.correlation_ends.push(self.correlation_rows.len() as u32);
    }
}
