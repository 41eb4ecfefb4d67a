//! How far reading has come, per source and altogether, for bars and coverage.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::error::Error;
use crate::model::ids::SourceIx;

#[derive(Clone, Debug)]
pub enum State {
    /// Bytes that are known to be there are still being read.
    Indexing,
    /// Everything is there; payloads and repeated ids are being checked in the background.
    Validating,
    /// Everything was read and nothing more will come.
    Settled,
    /// Everything was read; what is added is read as it comes.
    Following,
    /// Reading stopped; what was read before stays.
    Failed(Error),
    Cancelled,
}

#[derive(Clone, Debug)]
pub struct SourceProgress {
    pub source: SourceIx,
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub rows: u64,
    pub undecodable: u64,
    pub state: State,
    /// What went wrong and did not stop the source: truncated while open, rotated, cut short.
    pub warnings: Vec<Error>,
}

/// All sources, in their order, and the check in the background.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub sources: Vec<SourceProgress>,
    /// Bytes whose records were checked, of how many.
    pub checked: (u64, u64),
}

impl Progress {
    #[must_use]
    pub fn bytes_done(&self) -> u64 {
        self.sources.iter().map(|source| source.bytes_done).sum()
    }

    #[must_use]
    pub fn bytes_total(&self) -> u64 {
        self.sources.iter().map(|source| source.bytes_total).sum()
    }

    #[must_use]
    pub fn rows(&self) -> u64 {
        self.sources.iter().map(|source| source.rows).sum()
    }

    #[must_use]
    pub fn undecodable(&self) -> u64 {
        self.sources.iter().map(|source| source.undecodable).sum()
    }

    #[must_use]
    pub fn is_indexing(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.state, State::Indexing))
    }

    #[must_use]
    pub fn is_validating(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.state, State::Validating))
    }

    /// Sources that could not be read to their end, and why.
    pub fn failures(&self) -> impl Iterator<Item = (SourceIx, &Error)> {
        self.sources.iter().filter_map(|source| match &source.state {
            State::Failed(error) => Some((source.source, error)),
            _ => None,
        })
    }
}

/// Counted by the threads that read.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub bytes_done: AtomicU64,
    pub bytes_total: AtomicU64,
    pub rows: AtomicU64,
    pub undecodable: AtomicU64,
}

pub(super) fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

pub(super) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
