//! Asks sources that may grow whether they did, a few times a second. Reading itself is the workers'.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Shared;
use super::pool::Job;
use super::source::{Source, Status};
use crate::base::sync::lock;
use crate::input::sources::follow::Change;

const TICK: Duration = Duration::from_millis(50);
const FOLLOW_TICKS: u32 = 4;

/// A last line without its newline is shown after so long without growth.
const LAST_LINE_AFTER: Duration = Duration::from_millis(400);

pub(super) fn run(shared: &Weak<Shared>) {
    for tick in 0u32.. {
        std::thread::sleep(TICK);
        let Some(shared) = shared.upgrade() else { return };
        if shared.cancel.is_cancelled() {
            return;
        }
        let sources = shared.sources();
        for source in &sources {
            let flows = matches!(source.status(), Status::Indexing);
            if !source.is_busy() && (flows || tick % FOLLOW_TICKS == 0) {
                ask(&shared, source);
            }
        }
        shared.recheck_if_due();
    }
}

fn ask(shared: &Arc<Shared>, source: &Arc<Source>) {
    let Some(growth) = source.growth() else { return };
    if matches!(source.status(), Status::Failed(_)) {
        return;
    }
    let change = growth.poll();
    for warning in growth.warnings() {
        source.warn(warning);
    }
    match change {
        Change::Flowing => {}
        Change::Same => {
            if shared.is_handed_over(source) {
                source.set_status(Status::Following);
                shared.completed(source);
            }
            show_last_line(shared, source);
        }
        Change::Grew(_) | Change::Rewritten | Change::Ended => {
            shared.take_from_watch(source, |ticket, source| Job::Sequence { source, ticket, first: Some(change) });
        }
        Change::Truncated(_) | Change::Replaced => {
            shared.completed(source);
            shared.start_anew(source, change);
        }
    }
}

fn show_last_line(shared: &Arc<Shared>, source: &Arc<Source>) {
    let Ok(mut tail) = source.tail.try_lock() else { return };
    if tail.provisional.is_some() || !source.format.grows_by_lines() {
        return;
    }
    let len = source.info.bytes.len().unwrap_or(0);
    if len <= tail.done {
        tail.quiet_since = None;
        return;
    }
    let since = *tail.quiet_since.get_or_insert_with(Instant::now);
    if since.elapsed() < LAST_LINE_AFTER {
        return;
    }
    tail.known = tail.known.max(len);
    drop(tail);
    source.busy.store(true, Ordering::Release);
    shared.pool.push(1, |ticket| vec![Job::LastLine { source: Arc::clone(source), ticket }]);
}

/// Watching starts with the first source that may grow.
pub(super) fn start(shared: &Arc<Shared>) {
    let mut watching = lock(&shared.watching);
    if !*watching {
        let weak = Arc::downgrade(shared);
        let thread = std::thread::Builder::new().name("ingest-watch".to_owned());
        *watching = thread.spawn(move || run(&weak)).is_ok();
    }
}
