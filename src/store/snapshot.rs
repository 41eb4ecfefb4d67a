//! One moment of the log: everything readers may ask, without locks and without change.
//!
//! Records are not held: [`Snapshot::record`] reads them from their source. Ids of events and of
//! correlations are 64-bit hashes; who needs certainty compares with the record.

use std::io;
use std::sync::Arc;

use super::batch::local::entity_hash;
use super::names::{EntityName, EntityNames, KindName, Name};
use super::postings::Postings;
use super::segment::Segment;
use super::table::Table;
use crate::base::hash::hash64;
use crate::model::envelope::Envelope;
use crate::model::ids::{CorrelationIx, EntityIx, EventIx, KindIx, ServiceIx, SourceIx, TypeIx};
use crate::model::issue::MAX_RECORD_BYTES;
use crate::model::row::Span;
use crate::model::source::SourceInfo;
use crate::model::time::TimeNs;

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(in crate::store) generation: u64,
    pub(in crate::store) rows: u64,
    pub(in crate::store) sources: Vec<Arc<SourceInfo>>,
    pub(in crate::store) segments: Vec<Arc<Segment>>,
    /// First rows of `segments`.
    pub(in crate::store) firsts: Vec<u64>,
    pub(in crate::store) ranges: Vec<KeyRanges>,
    pub(in crate::store) types: Vec<Name>,
    pub(in crate::store) services: Vec<Name>,
    pub(in crate::store) kinds: Vec<KindName>,
    pub(in crate::store) undecodable: u64,
    pub(in crate::store) names: EntityNames,
    pub(in crate::store) correlation_count: u32,
    pub(in crate::store) time_range: Option<(TimeNs, TimeNs)>,
    pub(in crate::store) entities: Arc<Table>,
    pub(in crate::store) correlations: Arc<Table>,
    pub(in crate::store) duplicate_ids: Option<u64>,
}

impl Default for Snapshot {
    fn default() -> Self {
        super::contents::Contents::new(&super::writer::Writer::default()).snapshot()
    }
}

impl Snapshot {
    /// Changes whenever anything else does.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Rows, undecodable ones included.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    #[must_use]
    pub fn sources(&self) -> &[Arc<SourceInfo>] {
        &self.sources
    }

    /// In the order of rows, without gaps.
    #[must_use]
    pub fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// The segment of an event and its row there.
    #[must_use]
    pub fn locate(&self, event: EventIx) -> Option<(&Segment, u16)> {
        let segment = self.segments.get(self.segment_of(event)?)?;
        let row = event.0.checked_sub(segment.first_row()).filter(|row| *row < u64::from(segment.len()))?;
        Some((segment, row as u16))
    }

    /// The index in [`Self::segments`] of an event's segment.
    #[must_use]
    pub fn segment_of(&self, event: EventIx) -> Option<usize> {
        self.firsts.partition_point(|&first| first <= event.0).checked_sub(1)
    }

    /// Number 0 is what could not be decoded.
    #[must_use]
    pub fn types(&self) -> &[Name] {
        &self.types
    }

    /// Number 0 is no service.
    #[must_use]
    pub fn services(&self) -> &[Name] {
        &self.services
    }

    #[must_use]
    pub fn kinds(&self) -> &[KindName] {
        &self.kinds
    }

    /// Empty for a number that this snapshot does not have, as for the next two.
    #[must_use]
    pub fn type_name(&self, of: TypeIx) -> &str {
        self.types.get(of.at()).map_or("", |name| &name.name)
    }

    #[must_use]
    pub fn service_name(&self, of: ServiceIx) -> &str {
        self.services.get(of.at()).map_or("", |name| &name.name)
    }

    #[must_use]
    pub fn kind_name(&self, of: KindIx) -> &str {
        self.kinds.get(of.at()).map_or("", |kind| &kind.name)
    }

    #[must_use]
    pub fn undecodable(&self) -> u64 {
        self.undecodable
    }

    /// Whether any event names a cause.
    #[must_use]
    pub fn has_causes(&self) -> bool {
        self.segments.iter().any(|segment| segment.all_causes().next().is_some())
    }

    /// Events whose id occurred before; none until they have been counted, after the log is read.
    #[must_use]
    pub fn duplicate_ids(&self) -> Option<u64> {
        self.duplicate_ids
    }

    #[must_use]
    pub fn entity_count(&self) -> u32 {
        self.names.len()
    }

    #[must_use]
    pub fn entity(&self, entity: EntityIx) -> Option<EntityName<'_>> {
        self.names.get(entity.0)
    }

    /// `order:order-456`; nothing for a number that this snapshot does not have.
    #[must_use]
    pub fn entity_label(&self, entity: EntityIx) -> Option<String> {
        let name = self.entity(entity)?;
        Some(format!("{}:{}", self.kind_name(name.kind), name.id))
    }

    #[must_use]
    pub fn find_entity(&self, kind: &str, id: &str) -> Option<EntityIx> {
        let number = self.entities.get(entity_hash(hash64(kind.as_bytes()), id.as_bytes()))?;
        (number < self.entity_count()).then_some(EntityIx(number))
    }

    /// In the order of rows.
    pub fn entity_events(&self, entity: EntityIx) -> impl Iterator<Item = EventIx> + '_ {
        let rows = self.places(entity.0, |ranges| ranges.entities);
        rows.flat_map(move |segment| events(segment, segment.entities(), entity.0))
    }

    #[must_use]
    pub fn correlation_count(&self) -> u32 {
        self.correlation_count
    }

    #[must_use]
    pub fn find_correlation(&self, id: &str) -> Option<CorrelationIx> {
        let number = self.correlations.get(hash64(id.as_bytes()))?;
        (number < self.correlation_count).then_some(CorrelationIx(number))
    }

    /// In the order of rows.
    pub fn correlation_events(&self, correlation: CorrelationIx) -> impl Iterator<Item = EventIx> + '_ {
        let rows = self.places(correlation.0, |ranges| ranges.correlations);
        rows.flat_map(move |segment| events(segment, segment.correlations(), correlation.0))
    }

    /// Events whose id has the hash of `id`; a scan of a few milliseconds per million events.
    #[must_use]
    pub fn find_event_id(&self, id: &str) -> Vec<EventIx> {
        self.find_id_hash(Self::id_hash(id))
    }

    /// Events with this hash of an id, as [`Segment::causes`] gives it.
    #[must_use]
    pub fn find_id_hash(&self, hash: u64) -> Vec<EventIx> {
        let mut found = Vec::new();
        for segment in &self.segments {
            let rows = segment.id_hashes().iter().enumerate().filter(|(_, h)| **h == hash);
            found.extend(rows.map(|(row, _)| segment.event(row as u16)));
        }
        found
    }

    /// The hash of an event's id, where it has one.
    #[must_use]
    pub fn id_hash_of(&self, event: EventIx) -> Option<u64> {
        self.locate(event).and_then(|(segment, row)| segment.id_hash(row))
    }

    /// How ids are kept in segments.
    #[must_use]
    pub fn id_hash(id: &str) -> u64 {
        hash64(id.as_bytes()).max(1)
    }

    #[must_use]
    pub fn time_range(&self) -> Option<(TimeNs, TimeNs)> {
        self.time_range
    }

    #[must_use]
    pub fn time(&self, event: EventIx) -> Option<TimeNs> {
        self.locate(event).and_then(|(segment, row)| segment.time(row))
    }

    #[must_use]
    pub fn type_ix(&self, event: EventIx) -> TypeIx {
        self.locate(event).map_or(TypeIx::UNDECODABLE, |(segment, row)| segment.type_ix(row))
    }

    #[must_use]
    pub fn service_ix(&self, event: EventIx) -> ServiceIx {
        self.locate(event).map_or(ServiceIx::NONE, |(segment, row)| segment.service_ix(row))
    }

    #[must_use]
    pub fn version(&self, event: EventIx) -> Option<u32> {
        self.locate(event).and_then(|(segment, row)| segment.version(row))
    }

    #[must_use]
    pub fn source_of(&self, event: EventIx) -> Option<(SourceIx, Span)> {
        self.locate(event).map(|(segment, row)| (segment.source(), segment.span(row)))
    }

    /// The record's bytes without the line end, as the source holds them now.
    ///
    /// # Errors
    /// What the operating system reports; `UnexpectedEof` where the source has become shorter;
    /// `NotFound` for an event that is not in this snapshot.
    pub fn record(&self, event: EventIx) -> io::Result<Vec<u8>> {
        self.record_head(event, MAX_RECORD_BYTES)
    }

    /// The first `most` bytes of a record: some are longer than should be held at once.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn record_head(&self, event: EventIx, most: usize) -> io::Result<Vec<u8>> {
        let (segment, row) = self.locate(event).ok_or(io::ErrorKind::NotFound)?;
        let source = self.sources.get(segment.source().at()).ok_or(io::ErrorKind::NotFound)?;
        let span = segment.span(row);
        let len = (span.len as usize).min(most);
        // A source that shrank must not make us reserve what it cannot give.
        let there = source.bytes.len()?.saturating_sub(span.offset.0);
        if there < len as u64 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the source has become shorter"));
        }
        let mut record = vec![0; len];
        let got = source.bytes.read_at(&mut record, span.offset)?;
        if got < len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the source has become shorter"));
        }
        if len == span.len as usize {
            record.truncate(segment.trimmed(&record).len());
        }
        Ok(record)
    }

    /// The record decoded by its source's mapping.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn envelope(&self, event: EventIx) -> io::Result<Envelope> {
        let record = self.record(event)?;
        let (segment, row) = self.locate(event).ok_or(io::ErrorKind::NotFound)?;
        let source = self.sources.get(segment.source().at()).ok_or(io::ErrorKind::NotFound)?;
        let mut envelope = source.decode.envelope(&record);
        envelope.issue = envelope.issue.or(segment.issue(row));
        Ok(envelope)
    }

    /// Memory held by columns, names and tables.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns: usize = self.segments.iter().map(|segment| segment.bytes()).sum();
        let lists = self.segments.len() * (size_of::<KeyRanges>() + size_of::<u64>() + size_of::<Arc<Segment>>());
        columns + lists + self.names.bytes() + self.entities.bytes() + self.correlations.bytes()
    }

    /// What [`Self::bytes`] is made of, for people who measure.
    #[must_use]
    pub fn memory(&self) -> Vec<(&'static str, usize)> {
        let sum = |part: &dyn Fn(&Segment) -> usize| self.segments.iter().map(|segment| part(segment)).sum::<usize>();
        vec![
            ("spans", sum(&|s| s.spans.bytes())),
            ("times", sum(&|s| s.times.bytes())),
            ("types, services, versions", sum(&|s| s.types.bytes() + s.services.bytes() + s.versions.bytes())),
            ("ids", sum(&|s| s.ids.len() * 8)),
            ("causes", sum(&|s| s.cause_rows.len() * 10)),
            ("entity postings", sum(&|s| s.entities.bytes())),
            ("correlation postings", sum(&|s| s.correlations.bytes())),
            ("entity names", self.names.bytes()),
            ("entity table", self.entities.bytes()),
            ("correlation table", self.correlations.bytes()),
        ]
    }

    /// Segments that may hold a key, from its birth on.
    fn places(&self, key: u32, of: impl Fn(&KeyRanges) -> KeyRange + Copy) -> impl Iterator<Item = &Segment> {
        let birth = self.ranges.partition_point(|ranges| of(ranges).new_end <= key);
        let places = self.ranges.iter().zip(&self.segments).skip(birth);
        places.filter(move |(ranges, _)| of(ranges).may_hold(key)).map(|(_, segment)| &**segment)
    }
}

fn events<'a>(segment: &'a Segment, postings: &'a Postings, key: u32) -> impl Iterator<Item = EventIx> + 'a {
    postings.rows(key).iter().map(|&row| segment.event(row))
}

/// Which keys a segment may hold: kept in one list, so that a search touches few segments.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct KeyRanges {
    entities: KeyRange,
    correlations: KeyRange,
}

#[derive(Clone, Copy, Debug)]
struct KeyRange {
    new_start: u32,
    /// Never falls from one segment to the next.
    new_end: u32,
    old_min: u32,
    old_max: u32,
}

impl KeyRanges {
    pub fn of(segment: &Segment) -> Self {
        Self { entities: KeyRange::of(&segment.entities), correlations: KeyRange::of(&segment.correlations) }
    }
}

impl KeyRange {
    fn of(postings: &Postings) -> Self {
        let new = postings.new_keys();
        Self {
            new_start: new.start,
            new_end: new.end,
            old_min: postings.old_keys().first().copied().unwrap_or(u32::MAX),
            old_max: postings.old_keys().last().copied().unwrap_or(0),
        }
    }

    #[inline]
    fn may_hold(self, key: u32) -> bool {
        (self.new_start..self.new_end).contains(&key) || (self.old_min..=self.old_max).contains(&key)
    }
}
