//! One source while it is read: where its readers are, what was counted, what went wrong.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::document::Known;
use super::progress::{Counters, SourceProgress, State, get};
use crate::base::sync::lock;
use crate::input::decoders::{Format, Framing, RecordReader};
use crate::input::open::Reopen;
use crate::input::sources::follow::Growth;
use crate::input::sources::identity::Identity;
use crate::model::error::Error;
use crate::model::ids::SourceIx;
use crate::model::source::SourceInfo;

/// Where reading stands, apart from how many bytes.
#[derive(Clone, Debug)]
pub(super) enum Status {
    Indexing,
    /// All that was there is read.
    Following,
    Done,
    Failed(Error),
}

pub(super) struct Source {
    pub ix: SourceIx,
    pub info: Arc<SourceInfo>,
    pub format: Arc<dyn Format>,
    pub growth: Mutex<Option<Arc<dyn Growth>>>,
    pub identity: Option<Identity>,
    pub reopen: Option<Reopen>,
    pub counters: Counters,
    pub tail: Mutex<Tail>,
    pub status: Mutex<Status>,
    pub warnings: Mutex<Vec<Error>>,
    /// A job of this source is queued or running.
    pub busy: AtomicBool,
    /// Blocks that are still to be read.
    pub blocks: AtomicUsize,
}

/// Where the sequential reader stands.
#[derive(Default)]
pub(super) struct Tail {
    /// Everything before this place is read.
    pub done: u64,
    /// Bytes that are known to be there.
    pub known: u64,
    /// Keeps what a stream's reader learned on its way.
    pub reader: Option<Box<dyn RecordReader>>,
    /// The row of a last line without its newline, which is read again when more comes, and whether
    /// it could be decoded so far.
    pub provisional: Option<(u64, bool)>,
    /// What was seen of a document that is read as a whole each time.
    pub document: Known,
    /// Since when nothing has come.
    pub quiet_since: Option<Instant>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("ix", &self.ix).field("info", &self.info).finish_non_exhaustive()
    }
}

impl Source {
    pub fn is_lines(&self) -> bool {
        self.format.framing() == Framing::Lines
    }

    pub fn growth(&self) -> Option<Arc<dyn Growth>> {
        lock(&self.growth).clone()
    }

    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    pub fn set_status(&self, status: Status) {
        let mut now = lock(&self.status);
        if !matches!(*now, Status::Failed(_)) {
            *now = status;
        }
    }

    pub fn warn(&self, warning: Error) {
        lock(&self.warnings).push(warning);
    }

    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    pub fn progress(&self, checking: bool, cancelled: bool) -> SourceProgress {
        let state = match self.status() {
            Status::Failed(error) => State::Failed(error),
            Status::Indexing if cancelled => State::Cancelled,
            Status::Indexing => State::Indexing,
            _ if checking => State::Validating,
            Status::Following => State::Following,
            Status::Done => State::Settled,
        };
        SourceProgress {
            source: self.ix,
            bytes_done: get(&self.counters.bytes_done),
            bytes_total: get(&self.counters.bytes_total),
            records: self.growth().and_then(|growth| growth.records()),
            held: self.growth().and_then(|growth| growth.held()),
            rows: get(&self.counters.rows),
            undecodable: get(&self.counters.undecodable),
            state,
            warnings: lock(&self.warnings).clone(),
        }
    }
}
