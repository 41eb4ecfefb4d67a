//! Whether loaded parts fit together. A hash only shows that bytes are those that were written; who
//! wrote them is another question, so every number that leads elsewhere is compared with its bound.

use std::sync::Arc;

use crate::store::names::{Chunk, EntityNames};
use crate::store::postings::Postings;
use crate::store::segment::numbers::Numbers;
use crate::store::segment::times::Steps;
use crate::store::segment::{SEGMENT_ROWS, Segment};
use crate::store::table::Table;

pub(super) struct Sizes {
    pub types: usize,
    pub services: usize,
    pub kinds: usize,
    pub entities: u32,
    pub correlations: u32,
}

pub(super) fn fits(
    segments: &[Arc<Segment>],
    names: &EntityNames,
    entities: &Table,
    correlations: &Table,
    sizes: &Sizes,
) -> bool {
    let mut rows = 0u64;
    let mut next_entity = 0;
    for segment in segments {
        if segment.first_row != rows || !segment_fits(segment, sizes) {
            return false;
        }
        rows += u64::from(segment.len);
    }
    for chunk in &names.chunks {
        if chunk.first != next_entity || !chunk_fits(chunk, sizes.kinds) {
            return false;
        }
        next_entity += chunk.len();
    }
    sizes.types > 0 && sizes.services > 0 && entities.fits(sizes.entities) && correlations.fits(sizes.correlations)
}

fn segment_fits(segment: &Segment, sizes: &Sizes) -> bool {
    let rows = segment.len as usize;
    let times = &segment.times;
    let steps = match &times.steps {
        Steps::Absent => times.timed == 0,
        Steps::Narrow { steps, .. } => steps.len() == rows,
        Steps::Wide(times) => times.len() == rows,
    };
    let order = match &times.order {
        Some(order) => order.len() == times.timed as usize && in_rows(order, rows),
        None => times.timed == 0 || times.timed as usize == rows,
    };
    let spans = &segment.spans;
    let placed = match &spans.lens {
        Some(lens) => lens.len() == rows && spans.starts.len() == rows,
        None => spans.starts.len() == rows + 1,
    };
    (1..=SEGMENT_ROWS).contains(&rows)
        && segment.source.0 == 0
        && spans.base.checked_add(2 << 32).is_some()
        && placed
        && steps
        && order
        && names_fit(&segment.types, rows, sizes.types)
        && names_fit(&segment.services, rows, sizes.services)
        && length(&segment.versions).is_none_or(|len| len == rows)
        && (segment.ids.is_empty() || segment.ids.len() == rows)
        && segment.cause_rows.len() == segment.cause_hashes.len()
        && segment.cause_rows.is_sorted()
        && in_rows(&segment.cause_rows, rows)
        && segment.issues.is_sorted_by_key(|(row, _)| *row)
        && segment.issues.iter().all(|(row, _)| usize::from(*row) < rows)
        && postings_fit(&segment.entities, rows, sizes.entities)
        && postings_fit(&segment.correlations, rows, sizes.correlations)
}

fn names_fit(numbers: &Numbers, rows: usize, names: usize) -> bool {
    let most = match numbers {
        Numbers::Absent => return true,
        Numbers::U8(values) => values.iter().copied().max().map(usize::from),
        Numbers::U16(values) => values.iter().copied().max().map(usize::from),
        Numbers::U32(_) => return false,
    };
    length(numbers) == Some(rows) && most.is_none_or(|most| most < names)
}

fn length(numbers: &Numbers) -> Option<usize> {
    match numbers {
        Numbers::Absent => None,
        Numbers::U8(values) => Some(values.len()),
        Numbers::U16(values) => Some(values.len()),
        Numbers::U32(values) => Some(values.len()),
    }
}

fn in_rows(values: &[u16], rows: usize) -> bool {
    values.iter().copied().max().is_none_or(|most| usize::from(most) < rows)
}

fn postings_fit(postings: &Postings, rows: usize, keys: u32) -> bool {
    let ends = postings.starts.first().is_none_or(|first| *first == 0)
        && postings.starts.last().map_or(0, |last| *last as usize) == postings.rows.len();
    postings.starts.len() == postings.key_count() + 1
        && ends
        && postings.starts.is_sorted()
        && in_rows(&postings.rows, rows)
        && postings.old_keys.is_sorted()
        && postings.old_keys.last().is_none_or(|last| *last < keys)
        && postings.first_new.checked_add(postings.new).is_some_and(|end| end <= keys)
        && (postings.streams.is_empty() || postings.streams.len() == postings.rows.len().div_ceil(64))
}

fn chunk_fits(chunk: &Chunk, kinds: usize) -> bool {
    chunk.kinds.len() == chunk.ends.len()
        && chunk.first.checked_add(chunk.len()).is_some()
        && chunk.kinds.iter().copied().max().is_none_or(|most| usize::from(most) < kinds)
        && chunk.ends.is_sorted()
        && chunk.ends.last().map_or(0, |end| *end as usize) == chunk.text.len()
        && chunk.ends.iter().all(|end| chunk.text.is_char_boundary(*end as usize))
}
