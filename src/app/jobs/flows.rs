//! All chains of the log, for the panels that show them: looked at only while one of them is on screen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Slot, Waker};
use crate::analysis::flows::{Flows, survey};
use crate::store::snapshot::Snapshot;

/// The survey with the moment of the log that it is of.
#[derive(Debug)]
pub struct FlowsAnswer {
    pub snapshot: Arc<Snapshot>,
    pub flows: Flows,
}

/// See the module's documentation.
pub struct FlowsJob {
    slot: Slot<(), Option<Arc<FlowsAnswer>>>,
    waker: Waker,
    /// A panel asked in this frame.
    wanted: AtomicBool,
}

impl FlowsJob {
    pub(super) fn new(waker: &Waker) -> Self {
        Self { slot: Slot::new("chains", waker.clone()), waker: waker.clone(), wanted: AtomicBool::new(false) }
    }

    /// The newest survey; asking for it has it made from the next frame on.
    #[must_use]
    pub fn answer(&self) -> Option<Arc<FlowsAnswer>> {
        let answer = self.slot.answer().and_then(|answer| answer.value.clone());
        if !self.wanted.swap(true, Ordering::Relaxed) && answer.is_none() {
            self.waker.wake();
        }
        answer
    }

    /// How far the running survey is, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        self.slot.progress()
    }

    pub(super) fn refresh(&mut self, snapshot: &Arc<Snapshot>) {
        if !self.wanted.swap(false, Ordering::Relaxed) {
            return;
        }
        let log = Arc::clone(snapshot);
        self.slot.ask((), snapshot.generation(), move |job| {
            let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
            let flows = survey(&log, &job.cancel, &progress)?;
            Some(Arc::new(FlowsAnswer { snapshot: log, flows }))
        });
    }

    pub(super) fn clear(&mut self) {
        self.slot.clear();
    }
}
