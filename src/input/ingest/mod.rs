//! Threads that read, decode and commit: the only writers of the store.
//!
//! A [`Log`] takes opened sources and gives snapshots. Sources that are cut into lines are read by all
//! threads at once, others by one each; rows stand in the order of the sources whatever the number of
//! threads. When all is read, ids that repeat are counted and payloads checked in the background.

mod cache;
mod check;
mod commit;
mod document;
mod lines;
mod pool;
pub mod progress;
mod source;
mod watch;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use self::check::Check;
use self::commit::Committer;
use self::lines::Block;
use self::pool::{Job, Pool};
use self::progress::{Counters, Progress};
use self::source::{Source, Status, Tail};
use super::open::Opened;
use super::sources::follow::Change;
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::SourceIx;
use crate::store::contents::Contents;
use crate::store::snapshot::Snapshot;
use crate::store::writer::Writer;

/// How a log is read.
#[derive(Clone)]
pub struct Options {
    /// As many as the machine has, at least 2 and at most 16, where none is given.
    pub threads: Option<usize>,
    /// Where indexes are kept for the next time.
    pub cache: Option<PathBuf>,
    /// Smaller sources are read each time.
    pub cache_from_bytes: u64,
    /// Check payloads and count repeated ids when all is read.
    pub check: bool,
    /// Called from reading threads when there is something new, at most some 30 times a second and
    /// always at the end.
    pub notify: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Bytes per block once a file's beginning is read.
    pub block_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: None,
            cache: None,
            cache_from_bytes: 16 << 20,
            check: true,
            notify: None,
            block_bytes: 16 << 20,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("threads", &self.threads).field("cache", &self.cache).finish_non_exhaustive()
    }
}

/// A live log. Dropping it stops its threads.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    #[must_use]
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    #[must_use]
    pub fn with(options: Options) -> Self {
        let writer = Writer::default();
        let contents = Contents::new(&writer);
        let snapshot = Arc::new(contents.snapshot());
        let shared = Shared {
            options,
            pool: Pool::default(),
            commit: Committer::new(writer, contents),
            published: Mutex::new((snapshot, Instant::now())),
            sources: Mutex::new(Vec::new()),
            handed_over: Mutex::new(BTreeSet::new()),
            cancel: Cancel::new(),
            watching: Mutex::new(false),
            threads: Mutex::new(0),
            notified: Mutex::new(None),
            planned_rows: AtomicU64::new(0),
            checked_bytes: AtomicU64::new(0),
            bytes_to_check: AtomicU64::new(0),
            counted: Mutex::new(None),
            recount_due: AtomicBool::new(false),
            saved_to: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Begins to read a source, after those added before.
    ///
    /// # Errors
    /// When there are more than 65,535 sources, or no thread can be started.
    pub fn add(&self, opened: Opened) -> Result<SourceIx> {
        self.shared.add(opened)
    }

    /// Everything read so far. Cheap while nothing is new.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot()
    }

    #[must_use]
    pub fn progress(&self) -> Progress {
        let shared = &self.shared;
        let (checking, cancelled) = (shared.pool.is_checking(), shared.cancel.is_cancelled());
        let checked = shared.checked_bytes.load(Ordering::Relaxed);
        Progress {
            sources: shared.sources().iter().map(|source| source.progress(checking, cancelled)).collect(),
            checked: (checked, shared.bytes_to_check.load(Ordering::Relaxed).max(checked)),
        }
    }

    /// Until everything that is there was read (for standard input and pipes: until they end).
    pub fn wait(&self) {
        self.shared.pool.wait_settled();
    }

    /// Until everything that is there was also checked.
    pub fn wait_valid(&self) {
        self.shared.pool.wait_checked();
    }

    /// Until everything that is there was also written to the cache, where one is used.
    pub fn wait_saved(&self) {
        self.shared.pool.wait_saved();
    }

    /// Whether everything that is there was read.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.shared.pool.is_settled()
    }

    /// Stops reading and following for good; what was read stays.
    pub fn cancel(&self) {
        self.shared.stop();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

/// What the threads share.
struct Shared {
    options: Options,
    pool: Pool,
    commit: Committer,
    published: Mutex<(Arc<Snapshot>, Instant)>,
    sources: Mutex<Vec<Arc<Source>>>,
    /// Sources that are incomplete and wait for the watch to see more of them.
    handed_over: Mutex<BTreeSet<u16>>,
    cancel: Cancel,
    watching: Mutex<bool>,
    threads: Mutex<usize>,
    notified: Mutex<Option<Instant>>,
    /// Rows whose check is planned or done.
    planned_rows: AtomicU64,
    checked_bytes: AtomicU64,
    bytes_to_check: AtomicU64,
    /// When repeated ids were last counted.
    counted: Mutex<Option<Instant>>,
    recount_due: AtomicBool,
    /// Bytes of the one source whose index is in the cache.
    saved_to: AtomicU64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Snapshots are not made more often than a person could see.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(30);

/// A followed log's ids are not counted anew more often.
const COUNT_EVERY: Duration = Duration::from_secs(10);

impl Shared {
    fn add(self: &Arc<Self>, opened: Opened) -> Result<SourceIx> {
        self.start_threads()?;
        let Opened { info, format, growth, identity, warnings, reopen } = opened;
        let info = Arc::new(info);
        let mut sources = lock(&self.sources);
        let full = || Error::new("Too many sources", Place::Nowhere, "Open fewer files at once");
        let ix = self.commit.with_contents(|contents| contents.add_source(Arc::clone(&info))).ok_or_else(full)?;
        let source = Arc::new(Source {
            ix,
            info,
            format,
            growth: Mutex::new(growth),
            identity,
            reopen,
            counters: Counters::default(),
            tail: Mutex::new(Tail::default()),
            status: Mutex::new(Status::Indexing),
            warnings: Mutex::new(warnings),
            busy: AtomicBool::new(true),
            blocks: AtomicUsize::new(0),
        });
        sources.push(Arc::clone(&source));
        let first = sources.len() == 1;
        // Whoever plans checks holds the queue and asks for the sources.
        drop(sources);
        self.begin(&source, if first { self.restore(&source) } else { 0 });
        if source.growth().is_some() {
            watch::start(self);
        }
        Ok(ix)
    }

    /// Fills the empty log from a saved index; gives the place in the source where it ends.
    fn restore(&self, source: &Source) -> u64 {
        let Some((saved, end)) = cache::load(self, source) else { return 0 };
        let (rows, undecodable) = saved.counts();
        if !self.commit.restore(saved) {
            return 0;
        }
        progress::add(&source.counters.rows, rows);
        progress::add(&source.counters.undecodable, undecodable);
        progress::add(&source.counters.bytes_done, end);
        lock(&source.tail).done = end;
        self.planned_rows.store(rows, Ordering::Relaxed);
        self.saved_to.store(end, Ordering::Relaxed);
        end
    }

    /// Queues the reading of a source from `start`.
    fn begin(&self, source: &Arc<Source>, start: u64) {
        let growth = source.growth();
        let len = source.info.bytes.len().unwrap_or(0);
        source.counters.bytes_total.store(len, Ordering::Relaxed);
        let in_blocks = source.is_lines() && len > start && growth.as_ref().is_none_or(|growth| growth.follows());
        if !in_blocks {
            let source = Arc::clone(source);
            // Who watches a file that starts anew has counted these bytes already.
            let first = (growth.is_some() && len > start).then_some(Change::Grew(len));
            self.pool.push(1, |ticket| vec![Job::Sequence { source, ticket, first }]);
            return;
        }
        lock(&source.tail).known = len;
        let blocks = blocks(start, len, self.options.block_bytes, growth.is_some());
        source.blocks.store(blocks.len(), Ordering::Release);
        self.pool.push(blocks.len() as u64, |first| {
            let job = |(ticket, block)| Job::Block { source: Arc::clone(source), block, ticket };
            (first..).zip(blocks.iter().copied()).map(job).collect()
        });
    }

    /// Goes on with a source whose bytes were overwritten or whose file was replaced: what comes now
    /// is a source of its own, and the rows before keep theirs.
    fn start_anew(self: &Arc<Self>, source: &Arc<Source>, change: Change) {
        let growth = lock(&source.growth).take();
        source.set_status(Status::Done);
        let place = || Place::File { path: source.info.address.clone(), offset: None };
        let opened = if let (Change::Replaced, Some(reopen)) = (change, &source.reopen) {
            let what = "Replaced by another file while it was followed";
            source.warn(Error::new(what, place(), "The new file is read as a source of its own"));
            reopen()
        } else {
            let what = "Truncated while it was followed";
            source.warn(Error::new(what, place(), "Its earlier events stay listed, their bytes are gone"));
            let mut info = (*source.info).clone();
            if let Some(bytes) = growth.as_ref().and_then(|growth| growth.overwritten()) {
                info.bytes = bytes;
            }
            Ok(Opened {
                info,
                format: Arc::clone(&source.format),
                growth,
                identity: None,
                warnings: Vec::new(),
                reopen: source.reopen.clone(),
            })
        };
        if let Err(error) = opened.and_then(|opened| self.add(opened)) {
            source.warn(error);
        }
    }

    fn start_threads(self: &Arc<Self>) -> Result<()> {
        let mut started = lock(&self.threads);
        let wanted = self.thread_count();
        while *started < wanted {
            let shared = Arc::clone(self);
            let thread = std::thread::Builder::new().name(format!("ingest-{started}"));
            match thread.spawn(move || worker::run(&shared)) {
                Ok(_) => *started += 1,
                Err(_) if *started > 0 => break,
                Err(cause) => {
                    let next_step = "Close other programs and try again";
                    return Err(Error::new("Cannot start a thread", Place::Nowhere, next_step).because(cause));
                }
            }
        }
        Ok(())
    }

    fn thread_count(&self) -> usize {
        let most = || std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 16);
        self.options.threads.unwrap_or_else(most).max(1)
    }

    fn sources(&self) -> Vec<Arc<Source>> {
        lock(&self.sources).clone()
    }

    fn source(&self, ix: SourceIx) -> Option<Arc<Source>> {
        lock(&self.sources).get(ix.at()).cloned()
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        let mut published = lock(&self.published);
        let (snapshot, at) = &*published;
        let recent = at.elapsed() < SNAPSHOT_EVERY && !snapshot.is_empty() && !self.pool.is_settled();
        if recent {
            return Arc::clone(snapshot);
        }
        let generation = snapshot.generation();
        let newer = self
            .commit
            .with_contents(|contents| (contents.generation() != generation).then(|| Arc::new(contents.snapshot())));
        if let Some(newer) = newer {
            *published = (newer, Instant::now());
        }
        Arc::clone(&published.0)
    }

    fn notify(&self) {
        let Some(notify) = &self.options.notify else { return };
        let mut notified = lock(&self.notified);
        if notified.is_none_or(|at| at.elapsed() >= SNAPSHOT_EVERY) || self.pool.is_settled() {
            *notified = Some(Instant::now());
            drop(notified);
            notify();
        }
    }

    /// The watch goes on with a source. `flows` says that it is known to be incomplete.
    fn hand_to_watch(&self, source: &Source, flows: bool) {
        if flows && lock(&self.handed_over).insert(source.ix.0) {
            self.pool.set_flowing(1, Vec::new);
        }
    }

    fn is_handed_over(&self, source: &Source) -> bool {
        lock(&self.handed_over).contains(&source.ix.0)
    }

    /// Nothing is missing of a source any more.
    fn completed(&self, source: &Source) {
        if lock(&self.handed_over).remove(&source.ix.0) {
            self.pool.set_flowing(-1, || self.plan_checks());
        }
    }

    /// A worker goes on with a source.
    fn take_from_watch(&self, source: &Arc<Source>, job: impl FnOnce(u64, Arc<Source>) -> Job) {
        source.busy.store(true, Ordering::Release);
        let source = Arc::clone(source);
        self.pool.push(1, |ticket| vec![job(ticket, Arc::clone(&source))]);
        self.completed(&source);
    }

    /// What is to be looked at now that everything is read.
    fn plan_checks(&self) -> Vec<Check> {
        self.commit.forget_spares();
        if !self.options.check || self.cancel.is_cancelled() {
            return Vec::new();
        }
        let mut checks = Vec::new();
        let snapshot = Arc::new(self.commit.with_contents(|contents| contents.snapshot()));
        let done = self.planned_rows.swap(snapshot.len(), Ordering::Relaxed);
        let (mut bytes, mut grown) = (0, false);
        for segment in snapshot.segments() {
            let end = segment.first_row() + u64::from(segment.len());
            if end <= done {
                continue;
            }
            grown = true;
            if !self.source(segment.source()).is_some_and(|source| source.format.defers()) {
                continue;
            }
            let start = done.max(segment.first_row());
            let row = (start - segment.first_row()) as u16;
            let last = segment.span((segment.len() - 1) as u16);
            bytes += (last.offset.0 + u64::from(last.len)).saturating_sub(segment.span(row).offset.0);
            checks.push(Check::Payloads(start..end));
        }
        self.bytes_to_check.fetch_add(bytes, Ordering::Relaxed);
        if grown {
            let follows = self.sources().iter().any(|source| matches!(source.status(), Status::Following));
            let mut counted = lock(&self.counted);
            if !follows || counted.is_none_or(|at| at.elapsed() >= COUNT_EVERY) {
                *counted = Some(Instant::now());
                checks.insert(0, Check::Duplicates);
            } else {
                self.recount_due.store(true, Ordering::Relaxed);
            }
        }
        checks
    }

    fn recheck_if_due(&self) {
        if !self.recount_due.load(Ordering::Relaxed) || !self.pool.is_settled() {
            return;
        }
        // Planning holds the queue and asks for this lock, so the queue is not asked for under it.
        let due = {
            let mut counted = lock(&self.counted);
            let due = counted.is_none_or(|at| at.elapsed() >= COUNT_EVERY);
            *counted = if due { Some(Instant::now()) } else { *counted };
            due
        };
        if due {
            self.recount_due.store(false, Ordering::Relaxed);
            self.pool.push_checks(std::iter::once(Check::Duplicates));
        }
    }

    /// A thread of ours broke down: what was read stays, and nobody waits for the rest.
    fn give_up(&self, said: &str) {
        for source in lock(&self.sources).iter() {
            if !matches!(source.status(), Status::Done | Status::Failed(_)) {
                let place = Place::File { path: source.info.address.clone(), offset: None };
                let error = Error::new("Reading stopped: a defect of eventglass", place, "Please report what follows");
                source.set_status(Status::Failed(error.because(said)));
            }
        }
        self.stop();
    }

    fn stop(&self) {
        self.cancel.cancel();
        self.pool.close();
        self.commit.wake();
    }
}

/// Small blocks first: the first rows are wanted on the screen at once.
fn blocks(start: u64, len: u64, most: u64, hold_back: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut from, mut size) = (start, most.min(256 << 10));
    while from < len {
        let to = if len - from < size + size / 4 { len } else { from + size };
        blocks.push(Block { from, to, hold_back });
        from = to;
        size = (size * 4).min(most);
    }
    blocks
}
