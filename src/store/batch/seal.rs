//! A numbered batch → immutable segments. Runs on any thread, after the numbers are known.

use std::ops::Range;

use super::Batch;
use crate::model::row::Span;
use crate::store::postings::{Keys, Postings, Scratch};
use crate::store::segment::numbers::Numbers;
use crate::store::segment::spans::Spans;
use crate::store::segment::times::Times;
use crate::store::segment::{SEGMENT_ROWS, Segment};
use crate::store::writer::Numbered;

/// Builds the batch's segments from the log's numbers.
pub(in crate::store) fn seal(batch: &Batch, numbered: &Numbered, scratch: &mut Scratch) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut next = 0;
    let (mut first_entity, mut first_correlation) = (numbered.first_entity, numbered.first_correlation);
    while next < batch.len() {
        let rows = next..segment_end(batch, next);
        next = rows.end;
        let segment = segment(batch, numbered, rows, first_entity, first_correlation, scratch);
        first_entity += segment.entities.new;
        first_correlation += segment.correlations.new;
        segments.push(segment);
    }
    segments
}

/// A segment ends after 65,536 rows, or earlier where places would not fit `u32`.
fn segment_end(batch: &Batch, start: usize) -> usize {
    let most = (start + SEGMENT_ROWS).min(batch.len());
    let ends = |row: usize| Span { offset: crate::model::ids::ByteOffset(batch.offsets[row]), len: batch.lens[row] };
    let first = ends(start);
    let (mut low, mut high) = (first.offset.0, first.offset.0 + u64::from(first.len));
    for row in start + 1..most {
        let span = ends(row);
        low = low.min(span.offset.0);
        high = high.max(span.offset.0.saturating_add(u64::from(span.len)));
        if high - low > u64::from(u32::MAX) {
            return row;
        }
    }
    most
}

fn segment(
    batch: &Batch,
    numbered: &Numbered,
    rows: Range<usize>,
    first_entity: u32,
    first_correlation: u32,
    scratch: &mut Scratch,
) -> Segment {
    let name = |numbers: &'_ [u16], local: u16| -> u16 {
        usize::from(local).checked_sub(1).and_then(|i| numbers.get(i)).copied().unwrap_or(0)
    };
    let types = batch.types[rows.clone()].iter().map(|&local| name(&numbered.types, local));
    let services = batch.services[rows.clone()].iter().map(|&local| name(&numbered.services, local));
    let ids: &[u64] = if batch.any_ids { &batch.ids[rows.clone()] } else { &[] };
    let in_rows = |row: u32| rows.contains(&(row as usize));
    let from = |list_start: usize| list_start..;
    let cause_start = batch.causes.partition_point(|(row, _)| (*row as usize) < rows.start);
    let causes = batch.causes[from(cause_start)].iter().take_while(|(row, _)| in_rows(*row));
    let issue_start = batch.issues.partition_point(|(row, _)| (*row as usize) < rows.start);
    let issues = batch.issues[from(issue_start)].iter().take_while(|(row, _)| in_rows(*row));
    let start_of = |ends: &[u32]| rows.start.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let entities = Keys {
        ends: &batch.entity_ends[rows.clone()],
        start: start_of(&batch.entity_ends),
        locals: &batch.entity_rows,
        globals: &numbered.entities,
        first_new: first_entity,
        streams: true,
    };
    let correlations = Keys {
        ends: &batch.correlation_ends[rows.clone()],
        start: start_of(&batch.correlation_ends),
        locals: &batch.correlation_rows,
        globals: &numbered.correlations,
        first_new: first_correlation,
        streams: false,
    };
    Segment {
        source: batch.source,
        first_row: numbered.first_row + rows.start as u64,
        len: rows.len() as u32,
        spans: Spans::new(&batch.offsets[rows.clone()], &batch.lens[rows.clone()], batch.lines),
        times: Times::new(&batch.times[rows.clone()]),
        types: Numbers::names(types),
        services: Numbers::names(services),
        versions: Numbers::optional(&batch.versions[rows.clone()]),
        ids: ids.into(),
        cause_rows: causes.clone().map(|(row, _)| (*row as usize - rows.start) as u16).collect(),
        cause_hashes: causes.map(|(_, hash)| *hash).collect(),
        entities: Postings::build(&entities, scratch),
        correlations: Postings::build(&correlations, scratch),
        issues: issues.map(|&(row, issue)| ((row as usize - rows.start) as u16, issue)).collect(),
    }
}
