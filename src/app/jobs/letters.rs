//! The log's dead letters, for the panel of that name and for whoever marks events. Looked for once the
//! log is there, then again where it has grown.

use std::sync::{Arc, Mutex};

use super::{Job, Slot, Waker};
use crate::analysis::dead_letters::{Config, Found, Group, find_again, groups};
use crate::base::sync::lock;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Of the moment `snapshot`.
#[derive(Debug)]
pub struct Letters {
    pub snapshot: Arc<Snapshot>,
    pub found: Arc<Found>,
    pub groups: Vec<Group>,
}

impl Letters {
    #[must_use]
    pub fn is_letter(&self, event: EventIx) -> bool {
        self.found.entry(event).is_some()
    }
}

/// See the module's documentation.
pub struct LetterJobs {
    slot: Slot<Config, Option<Arc<Letters>>>,
    /// What was found last, so that only what is new is looked at.
    last: Arc<Mutex<Option<Arc<Found>>>>,
}

impl LetterJobs {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self { slot: Slot::new("dead letters", waker.clone()), last: Arc::default() }
    }

    /// Asks for the letters of a log that is no longer being read: until then its bytes are on their way
    /// through the decoders, and looking at them twice would only slow both down.
    pub fn refresh(&mut self, snapshot: &Arc<Snapshot>, config: &Config, reading: bool) {
        if reading || snapshot.is_empty() {
            return;
        }
        let (log, wanted, last) = (Arc::clone(snapshot), config.clone(), Arc::clone(&self.last));
        self.slot.ask(config.clone(), snapshot.generation(), move |job| look(log, &wanted, &last, job));
    }

    #[must_use]
    pub fn answer(&self) -> Option<Arc<Letters>> {
        self.slot.answer().and_then(|answer| answer.value.clone())
    }

    /// How far the first look is, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        self.slot.progress()
    }

    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.slot.failed()
    }

    pub fn clear(&mut self) {
        self.slot.clear();
        *lock(&self.last) = None;
    }
}

fn look(snapshot: Arc<Snapshot>, config: &Config, last: &Mutex<Option<Arc<Found>>>, job: &Job) -> Option<Arc<Letters>> {
    let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
    let before = lock(last).clone();
    let found = Arc::new(find_again(&snapshot, config, before.as_deref(), &job.cancel, &progress)?);
    *lock(last) = Some(Arc::clone(&found));
    let groups = groups(&found, &config.groups);
    Some(Arc::new(Letters { snapshot, found, groups }))
}
