//! A snapshot → an index file.

use std::fs::File;
use std::io;

use super::file::Out;
use super::{FORMAT, Head, SegmentHead, TimesHead};
use crate::store::postings::Postings;
use crate::store::segment::Segment;
use crate::store::segment::numbers::Numbers;
use crate::store::segment::times::Steps;
use crate::store::snapshot::Snapshot;

/// Writes everything that [`super::read()`] needs. `key` says what the index was made of.
///
/// # Errors
/// What the operating system reports.
pub fn write(snapshot: &Snapshot, key: &str, file: &mut File) -> io::Result<()> {
    let mut out = Out::new(file);
    for segment in &snapshot.segments {
        columns(segment, &mut out)?;
    }
    for chunk in &snapshot.names.chunks {
        out.section(&chunk.kinds)?;
        out.section(&chunk.ends)?;
        out.section(chunk.text.as_bytes())?;
    }
    for table in [&snapshot.entities, &snapshot.correlations] {
        for shard in 0..table.shard_count() {
            let (hashes, numbers) = table.shard(shard);
            out.section(&hashes)?;
            out.section(&numbers)?;
        }
    }
    let head = Head {
        format: FORMAT,
        key: key.to_owned(),
        types: snapshot.types.iter().map(|name| (name.name.to_string(), name.events)).collect(),
        services: snapshot.services.iter().map(|name| (name.name.to_string(), name.events)).collect(),
        kinds: snapshot.kinds.iter().map(|kind| (kind.name.to_string(), kind.entities, kind.events)).collect(),
        undecodable: snapshot.undecodable,
        correlation_count: snapshot.correlation_count,
        duplicate_ids: snapshot.duplicate_ids,
        segments: snapshot.segments.iter().map(|segment| head(segment)).collect(),
        chunks: snapshot.names.chunks.iter().map(|chunk| chunk.first).collect(),
    };
    out.finish(&serde_json::to_vec(&head).map_err(io::Error::other)?)
}

fn columns(segment: &Segment, out: &mut Out<'_>) -> io::Result<()> {
    out.section(&segment.spans.starts)?;
    out.section(segment.spans.lens.as_deref().unwrap_or(&[]))?;
    match &segment.times.steps {
        Steps::Absent => out.section::<u32>(&[])?,
        Steps::Narrow { steps, .. } => out.section(steps)?,
        Steps::Wide(times) => out.section(times)?,
    }
    out.section(segment.times.order.as_deref().unwrap_or(&[]))?;
    for numbers in [&segment.types, &segment.services, &segment.versions] {
        match numbers {
            Numbers::Absent => out.section::<u8>(&[])?,
            Numbers::U8(values) => out.section(values)?,
            Numbers::U16(values) => out.section(values)?,
            Numbers::U32(values) => out.section(values)?,
        }
    }
    out.section(&segment.ids)?;
    out.section(&segment.cause_rows)?;
    out.section(&segment.cause_hashes)?;
    for postings in [&segment.entities, &segment.correlations] {
        out.section(&postings.old_keys)?;
        out.section(&postings.starts)?;
        out.section(&postings.rows)?;
        out.section(&postings.streams)?;
    }
    Ok(())
}

fn head(segment: &Segment) -> SegmentHead {
    let width = |numbers: &Numbers| match numbers {
        Numbers::Absent => 0,
        Numbers::U8(_) => 1,
        Numbers::U16(_) => 2,
        Numbers::U32(_) => 4,
    };
    let new = |postings: &Postings| (postings.first_new, postings.new);
    SegmentHead {
        source: segment.source.0,
        first_row: segment.first_row,
        len: segment.len,
        base: segment.spans.base,
        has_lens: segment.spans.lens.is_some(),
        times: match segment.times.steps {
            Steps::Absent => TimesHead::Absent,
            Steps::Narrow { base, unit, .. } => TimesHead::Narrow { base, unit },
            Steps::Wide(_) => TimesHead::Wide,
        },
        has_order: segment.times.order.is_some(),
        timed: segment.times.timed,
        range: segment.times.range.map(|(first, last)| (first.0, last.0)),
        widths: [width(&segment.types), width(&segment.services), width(&segment.versions)],
        entities: new(&segment.entities),
        correlations: new(&segment.correlations),
        issues: segment.issues.to_vec(),
    }
}
