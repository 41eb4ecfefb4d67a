//! One job at a time on a thread of its own, which starts with the first question.
//!
//! A question has a key and a generation. The same key with a newer generation waits for the job
//! that runs; another key cancels it, because nobody wants that answer any more.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::cancel::Cancel;
use crate::base::sync::{caught, lock};

/// Tells whoever draws that there is something new; called from any thread.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// For tests and benches.
    #[must_use]
    pub fn none() -> Self {
        Self::new(|| ())
    }

    pub fn wake(&self) {
        (self.0)();
    }
}

/// What a job is given besides what it captured.
#[derive(Clone, Debug, Default)]
pub struct Job {
    pub cancel: Cancel,
    permille: Arc<AtomicU32>,
}

impl Job {
    /// How far it is, from 0 to 1.
    pub fn report(&self, share: f64) {
        self.permille.store((share.clamp(0.0, 1.0) * 1_000.0) as u32, Ordering::Relaxed);
    }
}

/// The latest answer, with the question that it belongs to.
#[derive(Debug)]
pub struct Answer<K, A> {
    pub key: K,
    pub generation: u64,
    pub value: A,
    pub took: Duration,
}

type Work<A> = Box<dyn FnOnce(&Job) -> A + Send>;

struct Question<K, A> {
    key: K,
    generation: u64,
    job: Job,
    work: Work<A>,
}

struct Inner<K, A> {
    waiting: Option<Question<K, A>>,
    running: Option<(K, u64, Job)>,
    answer: Option<Arc<Answer<K, A>>>,
    /// The last question that was put, whether it is answered or not.
    asked: Option<(K, u64)>,
    failed: Option<String>,
    closed: bool,
}

struct Shared<K, A> {
    inner: Mutex<Inner<K, A>>,
    changed: Condvar,
}

/// See the module's documentation.
pub struct Slot<K, A> {
    name: &'static str,
    waker: Waker,
    shared: Arc<Shared<K, A>>,
    started: bool,
}

impl<K, A> Slot<K, A>
where
    K: PartialEq + Clone + Send + Sync + 'static,
    A: Send + Sync + 'static,
{
    /// `name` is the thread's name, for debuggers.
    #[must_use]
    pub fn new(name: &'static str, waker: Waker) -> Self {
        let inner = Inner { waiting: None, running: None, answer: None, asked: None, failed: None, closed: false };
        let shared = Arc::new(Shared { inner: Mutex::new(inner), changed: Condvar::new() });
        Self { name, waker, shared, started: false }
    }

    /// Puts a question, unless it is the one that was put last. Cheap, so it may be called each frame.
    pub fn ask(&mut self, key: K, generation: u64, work: impl FnOnce(&Job) -> A + Send + 'static) {
        {
            let mut inner = lock(&self.shared.inner);
            if inner.asked.as_ref().is_some_and(|(k, g)| *k == key && *g == generation) {
                return;
            }
            if let Some((running, _, job)) = &inner.running
                && *running != key
            {
                job.cancel.cancel();
            }
            inner.asked = Some((key.clone(), generation));
            inner.failed = None;
            inner.waiting = Some(Question { key, generation, job: Job::default(), work: Box::new(work) });
        }
        self.shared.changed.notify_all();
        self.start();
    }

    /// The newest answer, which may belong to an older question.
    #[must_use]
    pub fn answer(&self) -> Option<Arc<Answer<K, A>>> {
        lock(&self.shared.inner).answer.clone()
    }

    /// The question that was put last.
    #[must_use]
    pub fn asked(&self) -> Option<K> {
        lock(&self.shared.inner).asked.as_ref().map(|(key, _)| key.clone())
    }

    /// Whether a question is waiting or being worked on.
    #[must_use]
    pub fn busy(&self) -> bool {
        let inner = lock(&self.shared.inner);
        inner.waiting.is_some() || inner.running.is_some()
    }

    /// How far the running job is, from 0 to 1, as far as it says.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        let inner = lock(&self.shared.inner);
        let (_, _, job) = inner.running.as_ref()?;
        Some(job.permille.load(Ordering::Relaxed) as f32 / 1_000.0)
    }

    /// What a job that broke down said; a defect of ours, shown instead of taking the window along.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        lock(&self.shared.inner).failed.clone()
    }

    /// Stops what runs and forgets what waits; the previous answer stays, and the same question may
    /// be put again only after another one.
    pub fn cancel(&mut self) {
        let mut inner = lock(&self.shared.inner);
        inner.waiting = None;
        if let Some((_, _, job)) = &inner.running {
            job.cancel.cancel();
        }
    }

    /// Forgets answer and questions, as for another log.
    pub fn clear(&mut self) {
        self.cancel();
        let mut inner = lock(&self.shared.inner);
        inner.asked = None;
        inner.answer = None;
        inner.failed = None;
    }

    /// Waits until nothing is to be done, at most that long. For tests and benches.
    pub fn wait(&self, at_most: Duration) -> bool {
        let end = Instant::now() + at_most;
        let mut inner = lock(&self.shared.inner);
        while inner.waiting.is_some() || inner.running.is_some() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            inner = self.shared.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn start(&mut self) {
        if self.started {
            return;
        }
        let (shared, waker) = (Arc::clone(&self.shared), self.waker.clone());
        let spawned = thread::Builder::new().name(self.name.to_owned()).spawn(move || work(&shared, &waker));
        match spawned {
            Ok(_) => self.started = true,
            Err(e) => {
                let mut inner = lock(&self.shared.inner);
                inner.waiting = None;
                inner.asked = None;
                inner.failed = Some(format!("No thread could be started: {e}"));
            }
        }
    }
}

impl<K, A> Drop for Slot<K, A> {
    fn drop(&mut self) {
        let mut inner = lock(&self.shared.inner);
        inner.closed = true;
        if let Some((_, _, job)) = &inner.running {
            job.cancel.cancel();
        }
        drop(inner);
        self.shared.changed.notify_all();
    }
}

fn work<K: PartialEq + Clone, A>(shared: &Shared<K, A>, waker: &Waker) {
    loop {
        let question = {
            let mut inner = lock(&shared.inner);
            loop {
                if inner.closed {
                    return;
                }
                if let Some(question) = inner.waiting.take() {
                    inner.running = Some((question.key.clone(), question.generation, question.job.clone()));
                    break question;
                }
                inner = shared.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let Question { key, generation, job, work } = question;
        let began = Instant::now();
        let result = caught(|| work(&job));
        let mut inner = lock(&shared.inner);
        inner.running = None;
        match result {
            Ok(_) if job.cancel.is_cancelled() => {}
            Ok(value) => {
                inner.answer = Some(Arc::new(Answer { key, generation, value, took: began.elapsed() }));
            }
            Err(said) => inner.failed = Some(said),
        }
        drop(inner);
        shared.changed.notify_all();
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn the_latest_question_wins_and_the_old_answer_stays_meanwhile() {
        let mut slot: Slot<u32, u32> = Slot::new("test slot", Waker::none());
        slot.ask(1, 0, |_| 10);
        assert!(slot.wait(LONG));
        slot.ask(2, 0, |job| {
            while !job.cancel.is_cancelled() {
                thread::yield_now();
            }
            20
        });
        assert_eq!(slot.answer().map(|a| a.value), Some(10));
        slot.ask(3, 0, |_| 30);
        slot.ask(4, 0, |_| 40);
        assert!(slot.wait(LONG));
        assert_eq!(slot.answer().map(|a| (a.key, a.value)), Some((4, 40)));
    }

    #[test]
    fn a_newer_generation_does_not_cancel_the_same_question() {
        let mut slot: Slot<u32, bool> = Slot::new("test slot", Waker::none());
        let (go, wait) = std::sync::mpsc::sync_channel::<()>(1);
        slot.ask(1, 0, move |job| {
            let _ = wait.recv();
            job.cancel.is_cancelled()
        });
        while slot.progress().is_none() {
            thread::yield_now();
        }
        slot.ask(1, 1, |_| false);
        go.send(()).expect("the job is waiting");
        assert!(slot.wait(LONG));
        assert_eq!(slot.answer().map(|a| (a.generation, a.value)), Some((1, false)));
    }

    #[test]
    fn the_same_question_is_worked_on_once() {
        let mut slot: Slot<u32, ()> = Slot::new("test slot", Waker::none());
        let runs = Arc::new(AtomicU32::new(0));
        for _ in 0..5 {
            let runs = Arc::clone(&runs);
            slot.ask(7, 7, move |_| {
                runs.fetch_add(1, Ordering::Relaxed);
            });
            assert!(slot.wait(LONG));
        }
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_job_that_breaks_down_is_said_and_the_slot_lives_on() {
        let mut slot: Slot<u32, u32> = Slot::new("test slot", Waker::none());
        slot.ask(1, 0, |_| panic!("told so"));
        assert!(slot.wait(LONG));
        assert_eq!(slot.failed().as_deref(), Some("told so"));
        slot.ask(2, 0, |_| 2);
        assert!(slot.wait(LONG));
        assert_eq!(slot.answer().map(|a| a.value), Some(2));
        assert_eq!(slot.failed(), None);
    }
}
