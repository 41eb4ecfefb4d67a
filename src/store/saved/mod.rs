//! A log's index in a file, so that opening it again costs milliseconds.
//!
//! Columns are written as they are in memory, each as a section with its hash; a table of sections
//! and a description in JSON stand at the end. Nothing of it is trusted: whatever does not fit is no
//! index, and the log is read from its source.

mod check;
mod file;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use self::read::{Restored, read};
pub use self::write::write;

use serde::{Deserialize, Serialize};

use crate::model::issue::Issue;

/// Changes with the meaning of any byte of the file.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    /// What the index was made of, in the words of whoever saves and asks.
    key: String,
    types: Vec<(String, u64)>,
    services: Vec<(String, u64)>,
    kinds: Vec<(String, u64, u64)>,
    undecodable: u64,
    correlation_count: u32,
    duplicate_ids: Option<u64>,
    segments: Vec<SegmentHead>,
    /// First entity of each chunk of names.
    chunks: Vec<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SegmentHead {
    source: u16,
    first_row: u64,
    len: u32,
    base: u64,
    has_lens: bool,
    times: TimesHead,
    has_order: bool,
    timed: u32,
    range: Option<(i64, i64)>,
    /// Bytes a number in the types, services and versions; 0 where absent.
    widths: [u8; 3],
    entities: (u32, u32),
    correlations: (u32, u32),
    issues: Vec<(u16, Issue)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum TimesHead {
    Absent,
    Narrow { base: i64, unit: i64 },
    Wide,
}

/// Sections of one segment, in order: starts, lengths, times, order, types, services, versions, ids,
/// rows and hashes of causes, then four of each postings.
const SEGMENT_SECTIONS: usize = 18;
/// Kinds, ends, text.
const CHUNK_SECTIONS: usize = 3;
/// Hashes and numbers of each shard of a table.
const SHARD_SECTIONS: usize = 2;
