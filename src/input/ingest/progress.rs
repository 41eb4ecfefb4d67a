//! How far reading has come, per source and altogether, for bars and coverage.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::input::sources::follow::Held;
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
    /// Messages taken in, of those in the window, while a broker is being read.
    pub records: Option<(u64, u64)>,
    /// Messages that are hidden from others because they are being read.
    pub held: Option<Held>,
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

    /// Messages taken in, of how many, over all brokers that are still being read.
    #[must_use]
    pub fn records(&self) -> Option<(u64, u64)> {
        let reading = self.sources.iter().filter(|source| matches!(source.state, State::Indexing));
        reading.filter_map(|source| source.records).reduce(|(done, total), (d, t)| (done + d, total + t))
    }

    /// Messages that are hidden from others, and when the last of them comes back by itself.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let both = |one: Held, other: Held| Held {
            messages: one.messages + other.messages,
            until: one.until.max(other.until),
        };
        self.sources.iter().filter_map(|source| source.held).reduce(both)
    }

    /// How far reading is, from 0 to 1: by bytes, and where a broker is read not farther than its messages.
    #[must_use]
    pub fn share(&self) -> f32 {
        let share = |done: u64, total: u64| if total == 0 { 0.0 } else { (done as f32 / total as f32).clamp(0.0, 1.0) };
        let bytes = share(self.bytes_done(), self.bytes_total());
        self.records().map_or(bytes, |(done, total)| bytes.min(share(done, total)))
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn source(state: State, bytes: (u64, u64), records: Option<(u64, u64)>) -> SourceProgress {
        SourceProgress {
            source: SourceIx(0),
            bytes_done: bytes.0,
            bytes_total: bytes.1,
            records,
            held: None,
            rows: 0,
            undecodable: 0,
            state,
            warnings: Vec::new(),
        }
    }

    /// A spool's bytes are all there is so far, so they are soon read to their end: messages tell the truth.
    #[test]
    fn a_broker_s_share_is_that_of_its_messages() {
        let of = |sources| Progress { sources, checked: (0, 0) };
        let file = || source(State::Indexing, (50, 100), None);
        assert!((of(vec![file()]).share() - 0.5).abs() < 1e-6);
        let broker = source(State::Indexing, (100, 100), Some((250, 1000)));
        let both = of(vec![broker, source(State::Indexing, (10, 10), Some((0, 1000)))]);
        assert_eq!(both.records(), Some((250, 2000)));
        assert!((both.share() - 0.125).abs() < 1e-6);
        let done = of(vec![source(State::Settled, (100, 100), None)]);
        assert_eq!((done.records(), done.share().to_bits()), (None, 1.0_f32.to_bits()));
        assert_eq!(done.held(), None);
        assert_eq!(of(Vec::new()).share().to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn what_several_queues_hold_is_one_number_until_the_last_is_back() {
        let now = Instant::now();
        let holding = |messages, seconds| {
            let until = now + Duration::from_secs(seconds);
            SourceProgress { held: Some(Held { messages, until }), ..source(State::Indexing, (0, 0), None) }
        };
        let sources = vec![holding(3, 30), source(State::Settled, (1, 1), None), holding(4, 20)];
        let held = Progress { sources, checked: (0, 0) }.held();
        assert_eq!(held, Some(Held { messages: 7, until: now + Duration::from_secs(30) }));
    }
}
