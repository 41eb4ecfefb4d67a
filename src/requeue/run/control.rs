//! What a window holds of a run in another thread: it looks at its progress, pauses it, ends it.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::base::sync::lock;
use crate::requeue::journal::Counts;

/// Shared between the run and whoever watches it.
#[derive(Clone, Debug, Default)]
pub struct Control(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    paused: bool,
    stopped: bool,
    progress: Progress,
}

/// Where a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub counts: Counts,
    /// What it does now, in words.
    pub doing: String,
    /// What may be relied on here, in words; empty until the system has answered.
    pub guarantee: String,
    /// Things to know that end nothing.
    pub notes: Vec<String>,
}

impl Control {
    /// After the batch that is on its way.
    pub fn pause(&self, paused: bool) {
        lock(&self.0.state).paused = paused;
        self.0.changed.notify_all();
    }

    /// Ends the run after the batch that is on its way; it can be resumed.
    pub fn stop(&self) {
        lock(&self.0.state).stopped = true;
        self.0.changed.notify_all();
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        lock(&self.0.state).paused
    }

    #[must_use]
    pub fn is_stopped(&self) -> bool {
        lock(&self.0.state).stopped
    }

    #[must_use]
    pub fn progress(&self) -> Progress {
        lock(&self.0.state).progress.clone()
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut lock(&self.0.state).progress);
    }

    /// Says it once.
    pub(super) fn note(&self, words: String) {
        self.tell(|progress| {
            if !progress.notes.contains(&words) {
                progress.notes.push(words);
            }
        });
    }

    pub(super) fn doing(&self, words: &str) {
        self.tell(|progress| words.clone_into(&mut progress.doing));
    }

    /// Waits for `time`, and while it is paused. Whether the run goes on.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = lock(&self.0.state);
        loop {
            if state.stopped {
                return false;
            }
            let left = until.saturating_duration_since(Instant::now());
            if !state.paused && left.is_zero() {
                return true;
            }
            let patience = if state.paused { Duration::from_mins(1) } else { left };
            if state.paused {
                "paused".clone_into(&mut state.progress.doing);
            }
            let waited = self.0.changed.wait_timeout(state, patience);
            state = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}
