//! An index file → the writer and the contents as they were. Segments are loaded by several threads.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::file::In;
use super::{CHUNK_SECTIONS, FORMAT, Head, SEGMENT_SECTIONS, SHARD_SECTIONS, SegmentHead, TimesHead, check};
use crate::base::sync::lock;
use crate::model::ids::SourceIx;
use crate::model::time::TimeNs;
use crate::store::batch::local::LocalNames;
use crate::store::contents::Contents;
use crate::store::names::{Chunk, EntityNames, KindName, Name};
use crate::store::postings::Postings;
use crate::store::segment::Segment;
use crate::store::segment::numbers::Numbers;
use crate::store::segment::spans::Spans;
use crate::store::segment::times::{Steps, Times};
use crate::store::snapshot::KeyRanges;
use crate::store::table::{SHARDS, Table};
use crate::store::writer::Writer;

/// A log as it was saved, without its sources.
#[derive(Debug)]
pub struct Restored {
    pub writer: Writer,
    pub contents: Contents,
}

impl Restored {
    /// Rows, and how many of them are undecodable.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.writer.rows, self.contents.undecodable)
    }
}

/// None where the file is no whole index, or one whose key is not accepted.
#[must_use]
pub fn read(file: &File, accepted: impl FnOnce(&str) -> bool, threads: usize) -> Option<Restored> {
    let input = In::open(file)?;
    let head: Head = serde_json::from_slice(&input.head).ok()?;
    if head.format != FORMAT || !accepted(&head.key) {
        return None;
    }
    let (segments, chunks) = (head.segments.len(), head.chunks.len());
    let first_chunk = segments * SEGMENT_SECTIONS;
    let first_table = first_chunk + chunks * CHUNK_SECTIONS;
    if input.count() != first_table + 2 * SHARDS * SHARD_SECTIONS {
        return None;
    }
    let (entities, correlations) = (Table::default(), Table::default());
    let loaded = Loaded::default();
    let work = |item: usize| -> Option<()> {
        if let Some(segment) = head.segments.get(item) {
            let segment = segment_of(&input, item * SEGMENT_SECTIONS, segment)?;
            loaded.put_segment(item, segment);
            return Some(());
        }
        let item = item - segments;
        if let Some(&first) = head.chunks.get(item) {
            loaded.put_chunk(item, chunk_of(&input, first_chunk + item * CHUNK_SECTIONS, first)?);
            return Some(());
        }
        let shard = item - chunks;
        let table = if shard < SHARDS { &entities } else { &correlations };
        let at = first_table + shard * SHARD_SECTIONS;
        table.restore(shard % SHARDS, input.load(at)?.into_vec(), input.load(at + 1)?.into_vec())
    };
    if !all(segments + chunks + 2 * SHARDS, threads, work) {
        return None;
    }
    restored(head, loaded, entities, correlations)
}

/// Does `work` for each of `items`; false where one of them fails.
fn all(items: usize, threads: usize, work: impl Fn(usize) -> Option<()> + Sync) -> bool {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let run = || {
        while failed.load(Ordering::Relaxed) == 0 {
            let item = next.fetch_add(1, Ordering::Relaxed);
            if item >= items {
                return;
            }
            if work(item).is_none() {
                failed.store(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for n in 1..threads {
            let helper = std::thread::Builder::new().name(format!("index-{n}"));
            // Without helpers this thread does everything.
            let _ = helper.spawn_scoped(scope, run);
        }
        run();
    });
    failed.load(Ordering::Relaxed) == 0
}

#[derive(Default)]
struct Loaded {
    segments: Mutex<Vec<(usize, Segment)>>,
    chunks: Mutex<Vec<(usize, Chunk)>>,
}

impl Loaded {
    fn put_segment(&self, item: usize, segment: Segment) {
        lock(&self.segments).push((item, segment));
    }

    fn put_chunk(&self, item: usize, chunk: Chunk) {
        lock(&self.chunks).push((item, chunk));
    }
}

fn restored(head: Head, loaded: Loaded, entities: Table, correlations: Table) -> Option<Restored> {
    let mut segments = loaded.segments.into_inner().unwrap_or_else(PoisonError::into_inner);
    segments.sort_unstable_by_key(|(item, _)| *item);
    let mut chunks = loaded.chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
    chunks.sort_unstable_by_key(|(item, _)| *item);
    let segments: Vec<Arc<Segment>> = segments.into_iter().map(|(_, segment)| Arc::new(segment)).collect();
    let names = EntityNames { chunks: chunks.into_iter().map(|(_, chunk)| Arc::new(chunk)).collect() };
    let sizes = check::Sizes {
        types: head.types.len(),
        services: head.services.len(),
        kinds: head.kinds.len(),
        entities: names.len(),
        correlations: head.correlation_count,
    };
    if !check::fits(&segments, &names, &entities, &correlations, &sizes) {
        return None;
    }
    let learned = |names: &mut dyn Iterator<Item = &String>| {
        let mut known = LocalNames::default();
        names.for_each(|name| _ = known.number(name.as_bytes()));
        known
    };
    let writer = Writer {
        rows: segments.last().map_or(0, |last| last.first_row + u64::from(last.len)),
        types: learned(&mut head.types.iter().skip(1).map(|(name, _)| name)),
        services: learned(&mut head.services.iter().skip(1).map(|(name, _)| name)),
        kinds: learned(&mut head.kinds.iter().map(|(name, ..)| name)),
        entities: Arc::new(entities),
        correlations: Arc::new(correlations),
        entity_count: names.len(),
        correlation_count: head.correlation_count,
    };
    let name = |(name, events): (String, u64)| Name { name: name.into(), events };
    let mut contents = Contents::new(&writer);
    contents.generation = 1;
    contents.ranges = segments.iter().map(|segment| KeyRanges::of(segment)).collect();
    contents.segments = segments;
    contents.types = head.types.into_iter().map(name).collect();
    contents.services = head.services.into_iter().map(name).collect();
    let kind = |(name, entities, events): (String, u64, u64)| KindName { name: name.into(), entities, events };
    contents.kinds = head.kinds.into_iter().map(kind).collect();
    contents.undecodable = head.undecodable;
    contents.names = names;
    contents.correlation_count = head.correlation_count;
    contents.duplicate_ids = head.duplicate_ids;
    Some(Restored { writer, contents })
}

fn segment_of(input: &In<'_>, at: usize, head: &SegmentHead) -> Option<Segment> {
    let numbers = |section: usize, width: u8| {
        Some(match width {
            0 => Numbers::Absent,
            1 => Numbers::U8(input.load(section)?),
            2 => Numbers::U16(input.load(section)?),
            4 => Numbers::U32(input.load(section)?),
            _ => return None,
        })
    };
    let steps = match head.times {
        TimesHead::Absent => Steps::Absent,
        TimesHead::Narrow { base, unit } => Steps::Narrow { base, unit, steps: input.load(at + 2)? },
        TimesHead::Wide => Steps::Wide(input.load(at + 2)?),
    };
    let postings = |at: usize, (first_new, new): (u32, u32)| {
        Some(Postings {
            first_new,
            new,
            old_keys: input.load(at)?,
            starts: input.load(at + 1)?,
            rows: input.load(at + 2)?,
            streams: input.load(at + 3)?,
        })
    };
    let [types, services, versions] = head.widths;
    Some(Segment {
        source: SourceIx(head.source),
        first_row: head.first_row,
        len: head.len,
        spans: Spans {
            base: head.base,
            starts: input.load(at)?,
            lens: if head.has_lens { Some(input.load(at + 1)?) } else { None },
        },
        times: Times {
            steps,
            order: if head.has_order { Some(input.load(at + 3)?) } else { None },
            timed: head.timed,
            range: head.range.map(|(first, last)| (TimeNs(first), TimeNs(last))),
        },
        types: numbers(at + 4, types)?,
        services: numbers(at + 5, services)?,
        versions: numbers(at + 6, versions)?,
        ids: input.load(at + 7)?,
        cause_rows: input.load(at + 8)?,
        cause_hashes: input.load(at + 9)?,
        entities: postings(at + 10, head.entities)?,
        correlations: postings(at + 14, head.correlations)?,
        issues: head.issues.clone().into(),
    })
}

fn chunk_of(input: &In<'_>, at: usize, first: u32) -> Option<Chunk> {
    let text = String::from_utf8(input.load::<u8>(at + 2)?.into_vec()).ok()?;
    Some(Chunk { first, kinds: input.load(at)?, ends: input.load(at + 1)?, text: text.into() })
}
