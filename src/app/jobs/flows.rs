//! All chains of the log, for the panels that show them: looked at only while one of them is on screen,
//! and again when the log has grown by a few percent or a person asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::grown::Grown;
use super::{Slot, Waker};
use crate::analysis::flows::{Flows, survey};
use crate::app::state::State;
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
    /// A person wants what came since.
    again: AtomicBool,
    grown: Grown,
    /// The log was still being read for the first time.
    early: bool,
}

impl FlowsJob {
    pub(super) fn new(waker: &Waker) -> Self {
        Self {
            slot: Slot::new("chains", waker.clone()),
            waker: waker.clone(),
            wanted: AtomicBool::new(false),
            again: AtomicBool::new(false),
            grown: Grown::default(),
            early: false,
        }
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

    /// Looks at what came since.
    pub fn look_again(&self) {
        self.again.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    /// Events of the log that the newest survey has not seen; none while it is looking.
    #[must_use]
    pub fn behind(&self, log: &Snapshot) -> u64 {
        let seen = self.slot.answer().and_then(|answer| answer.value.as_ref().map(|answer| answer.snapshot.len()));
        seen.filter(|_| !self.slot.busy()).map_or(0, |seen| log.len().saturating_sub(seen))
    }

    /// How far the running survey is, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        self.slot.progress()
    }

    pub(super) fn refresh(&mut self, snapshot: &Arc<Snapshot>, state: &State) {
        if !self.wanted.swap(false, Ordering::Relaxed) {
            return;
        }
        let asked = self.again.swap(false, Ordering::Relaxed);
        let all_read = self.early && !state.reading;
        if !asked && !all_read && !self.grown.much(snapshot) && self.slot.asked().is_some() {
            return;
        }
        self.early = state.reading;
        self.grown.looked(snapshot);
        let log = Arc::clone(snapshot);
        self.slot.ask((), snapshot.generation(), move |job| {
            let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
            let flows = survey(&log, &job.cancel, &progress)?;
            Some(Arc::new(FlowsAnswer { snapshot: log, flows }))
        });
    }

    pub(super) fn clear(&mut self) {
        self.slot.clear();
        (self.grown, self.early) = (Grown::default(), false);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    fn log(events: u32) -> Arc<Snapshot> {
        // Each batch is a generation of its own.
        let mut builder = Builder::new().batch_rows(1);
        for n in 0..events {
            builder.push(TestEvent { correlations: vec![format!("c{}", n / 4)], ..TestEvent::default() });
        }
        builder.build()
    }

    #[test]
    fn a_log_that_grows_is_surveyed_now_and_then() {
        let (mut job, mut state) = (FlowsJob::new(&Waker::none()), State::default());
        let seen = |job: &mut FlowsJob, log: &Arc<Snapshot>, state: &State| {
            let _ = job.answer();
            job.refresh(log, state);
            assert!(job.slot.wait(Duration::from_secs(20)));
            job.answer().map(|answer| answer.snapshot.len())
        };
        job.refresh(&log(100), &state);
        assert!(job.answer().is_none(), "nobody wants it");
        state.reading = true;
        assert_eq!(seen(&mut job, &log(100), &state), Some(100));
        assert_eq!(seen(&mut job, &log(101), &state), Some(100));
        assert_eq!(job.behind(&log(101)), 1);
        state.reading = false;
        assert_eq!(seen(&mut job, &log(101), &state), Some(101), "now all of it is there");
        assert_eq!(seen(&mut job, &log(102), &state), Some(101));
        assert_eq!(seen(&mut job, &log(110), &state), Some(110));
        job.look_again();
        assert_eq!(seen(&mut job, &log(111), &state), Some(111));
        assert_eq!(job.behind(&log(111)), 0);
    }
}
