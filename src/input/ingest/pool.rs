//! The threads and what they are to do: reading first, checking when nothing is left to read.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::check::Check;
use super::commit::Ready;
use super::lines::Block;
use super::source::Source;
use crate::base::sync::lock;
use crate::input::sources::follow::Change;

#[derive(Debug)]
pub(super) enum Job {
    /// A part of a source that is cut into blocks.
    Block {
        source: Arc<Source>,
        block: Block,
        ticket: u64,
    },
    /// Everything from where the source's sequential reader stands.
    Sequence {
        source: Arc<Source>,
        ticket: u64,
        first: Option<Change>,
    },
    /// A last line without its newline.
    LastLine {
        source: Arc<Source>,
        ticket: u64,
    },
    Seal(Box<Ready>),
}

pub(super) enum Work {
    Job(Job),
    Check(Check),
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    queue: Mutex<Queue>,
    /// Something to do.
    work: Condvar,
    /// Nothing left to do.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    checks: VecDeque<Check>,
    running: usize,
    checking: usize,
    next_ticket: u64,
    closed: bool,
    /// Sources that are not complete, though nothing of them can be read now.
    flowing: usize,
    /// Something was read since checks were last planned.
    unchecked: bool,
    saving: bool,
}

impl Queue {
    fn is_settled(&self) -> bool {
        self.jobs.is_empty() && self.running == 0 && self.flowing == 0
    }

    /// Saving is no check: the log is whole without.
    fn is_checked(&self) -> bool {
        let left = self.checks.iter().any(|check| !matches!(check, Check::Save));
        self.is_settled() && !left && self.checking == 0 && !self.unchecked
    }

    fn is_saved(&self) -> bool {
        self.is_checked() && !self.saving
    }

    fn plan_save(&mut self, is_due: impl FnOnce() -> bool) {
        if self.is_checked() && !self.saving && !self.closed && is_due() {
            self.saving = true;
            self.checks.push_back(Check::Save);
        }
    }
}

impl Pool {
    /// Queues jobs made from fresh tickets, in the order of the tickets.
    pub fn push(&self, tickets: u64, make: impl FnOnce(u64) -> Vec<Job>) {
        let mut queue = lock(&self.queue);
        let first = queue.next_ticket;
        queue.next_ticket += tickets;
        if !queue.closed {
            queue.jobs.extend(make(first));
            queue.unchecked = true;
        }
        drop(queue);
        self.work.notify_all();
    }

    /// To be done before anything else.
    pub fn push_ready(&self, ready: impl Iterator<Item = Ready>) {
        let mut queue = lock(&self.queue);
        if !queue.closed {
            ready.for_each(|ready| queue.jobs.push_front(Job::Seal(Box::new(ready))));
        }
        drop(queue);
        self.work.notify_all();
    }

    pub fn push_checks(&self, checks: impl Iterator<Item = Check>) {
        let mut queue = lock(&self.queue);
        if !queue.closed {
            queue.checks.extend(checks);
        }
        drop(queue);
        self.work.notify_all();
    }

    /// Waits for work; none when the pool is closed.
    pub fn next(&self) -> Option<Work> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                queue.running += 1;
                return Some(Work::Job(job));
            }
            if queue.running == 0
                && let Some(check) = queue.checks.pop_front()
            {
                queue.checking += usize::from(!matches!(check, Check::Save));
                return Some(Work::Check(check));
            }
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// One job is done. `plan` is called when it was the last: it gives the checks.
    pub fn job_done(&self, plan: impl FnOnce() -> Vec<Check>) {
        let mut queue = lock(&self.queue);
        queue.running -= 1;
        self.plan_if_settled(&mut queue, plan);
    }

    /// A source became complete, or stopped being so.
    pub fn set_flowing(&self, change: isize, plan: impl FnOnce() -> Vec<Check>) {
        let mut queue = lock(&self.queue);
        if !queue.closed {
            queue.flowing = queue.flowing.saturating_add_signed(change);
        }
        self.plan_if_settled(&mut queue, plan);
    }

    fn plan_if_settled(&self, queue: &mut Queue, plan: impl FnOnce() -> Vec<Check>) {
        if queue.is_settled() && queue.unchecked && !queue.closed {
            queue.unchecked = false;
            queue.checks.extend(plan());
        }
        self.idle.notify_all();
        self.work.notify_all();
    }

    /// When it was the last, `is_save_due` says whether the index is to be saved now.
    pub fn check_done(&self, was_save: bool, is_save_due: impl FnOnce() -> bool) {
        let mut queue = lock(&self.queue);
        if was_save {
            queue.saving = false;
        } else {
            queue.checking -= 1;
            queue.plan_save(is_save_due);
        }
        drop(queue);
        self.idle.notify_all();
        self.work.notify_all();
    }

    pub fn is_settled(&self) -> bool {
        lock(&self.queue).is_settled()
    }

    pub fn is_checking(&self) -> bool {
        let queue = lock(&self.queue);
        queue.is_settled() && !queue.is_checked()
    }

    pub fn wait_settled(&self) {
        self.wait(Queue::is_settled);
    }

    pub fn wait_checked(&self) {
        self.wait(Queue::is_checked);
    }

    pub fn wait_saved(&self) {
        self.wait(Queue::is_saved);
    }

    /// Forgets what is queued and sends the threads home. What is brought afterwards by those that are still at
    /// something is not taken: nobody would do it, and whoever waits would wait for it for ever.
    pub fn close(&self) {
        let mut queue = lock(&self.queue);
        queue.closed = true;
        queue.jobs.clear();
        queue.checks.clear();
        queue.flowing = 0;
        queue.unchecked = false;
        queue.saving = false;
        drop(queue);
        self.idle.notify_all();
        self.work.notify_all();
    }

    fn wait(&self, done: impl Fn(&Queue) -> bool) {
        let mut queue = lock(&self.queue);
        while !done(&queue) {
            queue = self.idle.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::commit::Committer;
    use super::*;
    use crate::base::cancel::Cancel;
    use crate::model::ids::SourceIx;
    use crate::model::issue::{Issue, IssueCode};
    use crate::model::row::{RowSink as _, Span};
    use crate::store::batch::Batch;
    use crate::store::contents::Contents;
    use crate::store::writer::Writer;

    /// Threads are still at something when the log is closed, and bring it.
    #[test]
    fn what_is_brought_after_the_end_holds_nobody_up() {
        let mut batch = Batch::new(SourceIx(0), false);
        batch.undecodable(Span::default(), Issue { code: IssueCode::TooLong, at: None });
        let writer = Writer::default();
        let contents = Contents::new(&writer);
        let ready = Committer::new(writer, contents).deliver(0, Some(batch), true, &Cancel::default());
        assert_eq!(ready.len(), 1);

        let pool = Pool::default();
        pool.close();
        pool.push_ready(ready.into_iter());
        pool.push_checks([Check::Duplicates].into_iter());
        pool.set_flowing(1, Vec::new);
        assert!(pool.is_settled() && !pool.is_checking());
        assert!(pool.next().is_none());
    }
}
