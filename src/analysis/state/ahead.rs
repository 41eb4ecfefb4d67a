//! Events loaded ahead of who folds them: two threads read and parse while a third folds.

use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use super::event::{Events, Input, Need};
use crate::base::cancel::Cancel;

/// Events that are loaded at once.
pub(super) const RUN: u32 = 1024;
/// The first ones come sooner, so that something can be shown.
const FIRST_RUN: u32 = 128;
/// Shorter ranges are loaded where they are folded: starting threads would cost more.
const WORTH_THREADS: u32 = 2 * RUN;
const LOADERS: u32 = 2;
/// Runs that wait for the folding thread, per loader.
const WAITING: usize = 2;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Through,
    /// The caller wanted no more.
    Left,
    Cancelled,
}

/// Gives the events of `range` in order, in runs: the place of the first one and the run.
pub(super) fn each_run(
    events: &dyn Events,
    range: Range<u32>,
    need: &Need,
    cancel: &Cancel,
    take: &mut dyn FnMut(u32, &[Input]) -> ControlFlow<()>,
) -> Ended {
    let range = range.start..range.end.min(events.len());
    if range.len() < WORTH_THREADS as usize {
        return alone(events, range, need, cancel, take);
    }
    thread::scope(|scope| {
        let mut lanes = Vec::new();
        for lane in 0..LOADERS {
            let (send, runs) = sync_channel(WAITING);
            let (back, emptied) = sync_channel(WAITING + 1);
            let load = Load { events, range: range.clone(), need, cancel, send, emptied };
            let thread = thread::Builder::new().name(format!("load events {lane}"));
            if thread.spawn_scoped(scope, move || load.every(lane)).is_err() {
                // No more threads: those that were started end when nobody listens.
                drop(lanes);
                return alone(events, range, need, cancel, take);
            }
            lanes.push((runs, back));
        }
        for (run, lane) in runs_of(&range).zip(lanes.iter().cycle()) {
            let Ok(loaded) = lane.0.recv() else { return Ended::Cancelled };
            if cancel.is_cancelled() || loaded.len() < run.len() {
                return Ended::Cancelled;
            }
            if take(run.start, &loaded).is_break() {
                return Ended::Left;
            }
            let _full = lane.1.try_send(loaded);
        }
        Ended::Through
    })
}

fn alone(
    events: &dyn Events,
    range: Range<u32>,
    need: &Need,
    cancel: &Cancel,
    take: &mut dyn FnMut(u32, &[Input]) -> ControlFlow<()>,
) -> Ended {
    let mut loaded = Vec::new();
    for run in runs_of(&range) {
        events.load(run.clone(), need, cancel, &mut loaded);
        if cancel.is_cancelled() || loaded.len() < run.len() {
            return Ended::Cancelled;
        }
        if take(run.start, &loaded).is_break() {
            return Ended::Left;
        }
    }
    Ended::Through
}

fn runs_of(range: &Range<u32>) -> impl Iterator<Item = Range<u32>> + use<> {
    let (mut at, end, mut size) = (range.start, range.end, FIRST_RUN);
    std::iter::from_fn(move || {
        let run = at..end.min(at.saturating_add(size));
        at = run.end;
        size = (size * 2).min(RUN);
        (!run.is_empty()).then_some(run)
    })
}

struct Load<'a> {
    events: &'a dyn Events,
    range: Range<u32>,
    need: &'a Need,
    cancel: &'a Cancel,
    send: SyncSender<Vec<Input>>,
    /// Runs that were folded: memory is given back by the thread that took it.
    emptied: Receiver<Vec<Input>>,
}

impl Load<'_> {
    fn every(self, lane: u32) {
        for run in runs_of(&self.range).skip(lane as usize).step_by(LOADERS as usize) {
            let mut loaded = match self.emptied.try_recv() {
                Ok(emptied) => emptied,
                Err(TryRecvError::Empty) => Vec::with_capacity(RUN as usize),
                Err(TryRecvError::Disconnected) => return,
            };
            self.events.load(run.clone(), self.need, self.cancel, &mut loaded);
            let short = loaded.len() < run.len();
            if self.send.send(loaded).is_err() || short {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::testing::Given;

    fn seen(range: Range<u32>, most: usize) -> (Vec<u64>, Ended) {
        let given = Given::amounts(0..5000);
        let mut seen = Vec::new();
        let ended = each_run(&given, range, &Need::default(), &Cancel::new(), &mut |first, run| {
            assert_eq!(run.first().and_then(|event| event.ix).map(|ix| ix.0), Some(u64::from(first)));
            seen.extend(run.iter().filter_map(|event| event.ix).map(|ix| ix.0));
            if seen.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (seen, ended)
    }

    #[test]
    fn runs_come_in_order_with_and_without_threads() {
        for range in [0..5000, 3..4999, 0..10, 4990..5000, 7..7, 4000..9000] {
            let expected: Vec<u64> = (range.start..range.end.min(5000)).map(u64::from).collect();
            assert_eq!(seen(range, usize::MAX), (expected, Ended::Through));
        }
        for range in [0..5000, 0..300] {
            let (seen, ended) = seen(range, 100);
            assert_eq!((seen.len(), ended), (128, Ended::Left));
        }
    }

    #[test]
    fn cancelling_ends_it() {
        for range in [0..5000, 0..1000] {
            let (given, cancel) = (Given::amounts(0..5000), Cancel::new());
            let ended = each_run(&given, range, &Need::default(), &cancel, &mut |_, _| {
                cancel.cancel();
                ControlFlow::Continue(())
            });
            assert_eq!(ended, Ended::Cancelled);
        }
    }
}
