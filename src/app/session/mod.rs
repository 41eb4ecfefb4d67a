//! An open log: what is being read, on threads of its own, and the events that they send.
//!
//! The window holds one. Dropping it stops its reading.

mod find;

pub use find::Wanted;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::jobs::Waker;
use super::passwords::Passwords;
use super::workspace::Workspace;
use crate::analysis::lints::Config;
use crate::base::cancel::Cancel;
use crate::input::codecs::settings::Settings;
use crate::input::ingest::progress::Progress;
use crate::input::ingest::{Log, Options};
use crate::input::open::members::Members;
use crate::input::open::{OpenOptions, open};
use crate::input::sources::address::{Address, expand};
use crate::input::sources::broker::Url;
use crate::model::charset::Charset;
use crate::model::error::{Error, Place};
use crate::model::ids::EventIx;
use crate::model::mapping::Mapping;
use crate::store::snapshot::Snapshot;

/// What other threads tell the window.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something could not be opened; other sources may have been.
    Failed(Error),
    /// Something is doubtful about a source that was opened.
    Warned(Error),
    /// Good to know, and nothing is wrong.
    Said(String),
    /// The system's dialog was answered; nothing where it was closed.
    Picked(Vec<String>),
    /// The system has no dialog that answers.
    NoDialog,
    /// The answer to [`Session::find`].
    Found { wanted: Wanted, event: Option<EventIx> },
    /// A file that was asked for by `ReducerCommand::Open`.
    ReducerRead { kind: String, path: String, text: Arc<str> },
    /// A session file that was opened.
    SessionRead(Box<Workspace>),
    /// The answer to `LintCommand::Open`.
    LintConfigRead(Config),
    /// A broker wants a password and none is known.
    NeedsPassword(Box<Url>),
    /// A person's word of a message in doubt stands in the journal of requeues.
    JournalChanged,
    /// Nothing was written: there is a file of this name.
    Occupied(String),
    /// The zone that the log writes its times in, in minutes east of UTC.
    SourceZone(i32),
}

/// Bounded: a thread that has more to say than the window can take waits.
#[must_use]
pub fn channel() -> (SyncSender<Event>, Receiver<Event>) {
    sync_channel(256)
}

/// How sources are opened.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// How bodies of messages are read where an address does not say.
    pub bodies: Settings,
    /// For every source, from the command line.
    pub mapping: Option<Mapping>,
    /// By address; made in the window.
    pub mappings: BTreeMap<String, Mapping>,
    /// For every text, from the command line.
    pub charset: Option<Charset>,
    /// By address; chosen in the window.
    pub charsets: BTreeMap<String, Charset>,
    /// Neither use nor write saved indexes.
    pub no_cache: bool,
    /// Most bytes of each unpacked copy, instead of the guard against growth out of proportion.
    pub max_unpacked: Option<u64>,
    /// Of brokers.
    pub passwords: Passwords,
    /// Said when the window opens.
    pub greeting: Option<&'static str>,
}

/// See the module's documentation.
pub struct Session {
    pub paths: Vec<String>,
    log: Arc<Log>,
    how: How,
    cancel: Cancel,
    opening: Arc<AtomicUsize>,
    events: SyncSender<Event>,
    waker: Waker,
}

impl Session {
    /// See [`How::max_unpacked`].
    #[must_use]
    pub fn max_unpacked(&self) -> Option<u64> {
        self.how.max_unpacked
    }

    /// Begins to open these; returns at once.
    #[must_use]
    pub fn open(paths: Vec<String>, how: How, events: SyncSender<Event>, waker: Waker) -> Self {
        let cache = if how.no_cache { None } else { cache_dir() };
        let wake = waker.clone();
        let options = Options { cache, notify: Some(Arc::new(move || wake.wake())), ..Options::default() };
        let log = Arc::new(Log::with(options));
        let opening = Arc::new(AtomicUsize::new(0));
        let session = Self { paths: Vec::new(), log, how, cancel: Cancel::new(), opening, events, waker };
        session.with(paths)
    }

    /// Adds sources to the log.
    pub fn add(&mut self, paths: Vec<String>) {
        self.paths.extend(paths.iter().cloned());
        let (log, how, cancel) = (Arc::clone(&self.log), self.how.clone(), self.cancel.clone());
        let (events, waker, opening) = (self.events.clone(), self.waker.clone(), Arc::clone(&self.opening));
        self.opening.fetch_add(1, Ordering::AcqRel);
        let spawned = thread::Builder::new().name("open".to_owned()).spawn(move || {
            open_all(&paths, &how, &cancel, &log, &events);
            opening.fetch_sub(1, Ordering::AcqRel);
            waker.wake();
        });
        if let Err(cause) = spawned {
            self.opening.fetch_sub(1, Ordering::AcqRel);
            let error = Error::new("Nothing could be opened", Place::Nowhere, "Close other programs and try again");
            // The window is not reading its events while it opens, so this must not wait.
            let _ = self.events.try_send(Event::Failed(error.because(cause)));
        }
    }

    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.log.snapshot()
    }

    #[must_use]
    pub fn progress(&self) -> Progress {
        self.log.progress()
    }

    /// Whether sources are still being recognised.
    #[must_use]
    pub fn is_opening(&self) -> bool {
        self.opening.load(Ordering::Acquire) > 0
    }

    /// What was read stays.
    pub fn stop(&self) {
        self.cancel.cancel();
        self.log.cancel();
    }

    /// Looks for an event on another thread; the answer comes as [`Event::Found`].
    pub fn find(&self, wanted: Wanted) {
        let (log, events, waker) = (self.snapshot(), self.events.clone(), self.waker.clone());
        let cancel = self.cancel.clone();
        let work = move || {
            let event = find::find(&log, &wanted, &cancel);
            let _ = events.send(Event::Found { wanted, event });
            waker.wake();
        };
        // Without a thread there is no answer; the person presses again.
        let _ = thread::Builder::new().name("find".to_owned()).spawn(work);
    }

    /// Looks at how the first event writes its time; the answer comes as [`Event::SourceZone`].
    pub fn find_zone(&self) {
        let (log, events, waker) = (self.snapshot(), self.events.clone(), self.waker.clone());
        let work = move || {
            if let Some(minutes) = find::zone(&log) {
                let _ = events.send(Event::SourceZone(minutes));
                waker.wake();
            }
        };
        let _ = thread::Builder::new().name("zone".to_owned()).spawn(work);
    }

    fn with(mut self, paths: Vec<String>) -> Self {
        self.add(paths);
        self
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where indexes and unpacked copies go.
#[must_use]
pub fn cache_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "eventglass").map(|d| d.cache_dir().to_owned())
}

/// Where the journal of requeues is kept: it must outlive the cache.
#[must_use]
pub fn journal_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "eventglass").map(|d| d.data_local_dir().join("requeue.sqlite"))
}

/// A source that fails does not stop the others.
fn open_all(paths: &[String], how: &How, cancel: &Cancel, log: &Log, events: &SyncSender<Event>) {
    let tell = |event| {
        // The window is gone when this fails.
        let _ = events.send(event);
    };
    if paths.is_empty() {
        tell(Event::Failed(Error::new("Nothing to open", Place::Nowhere, "Give a file, a folder or a pattern")));
    }
    let cache = if how.no_cache { None } else { cache_dir() };
    let mut members = Members::default();
    for target in expand(paths) {
        if cancel.is_cancelled() {
            return;
        }
        let mut target = match target {
            Ok(target) => target,
            Err(error) => {
                tell(Event::Failed(error));
                continue;
            }
        };
        if let Address::Broker(url) = &mut target.address {
            url.bodies.fill_from(&how.bodies);
            **url = how.passwords.complete((**url).clone());
            if url.user.is_some() && url.password.is_none() {
                let place = Place::File { path: url.to_string(), offset: None };
                tell(Event::NeedsPassword(url.clone()));
                tell(Event::Failed(Error::new("A password is needed", place, "Give it in the dialog")));
                continue;
            }
        }
        let address = &target.address;
        let mapping = how.mappings.get(&address.to_string()).cloned().or_else(|| how.mapping.clone());
        let options = OpenOptions {
            mapping,
            charset: how.charsets.get(&address.to_string()).copied().or(how.charset),
            cache_dir: cache.clone(),
            cancel: cancel.clone(),
            follow: true,
            ..Default::default()
        }
        .unpacking_up_to(how.max_unpacked);
        // What is doubtful about it is told with the progress.
        let added = open(address, &options).and_then(|opened| log.add(opened));
        match added {
            Ok(_) => members.opened(&target),
            Err(error) => {
                if let Some(error) = members.refused(target, error) {
                    tell(Event::Failed(error));
                }
            }
        }
    }
    let (skipped, errors) = members.settle();
    if let Some(skipped) = skipped {
        tell(Event::Said(format!("Skipped {skipped} (open {} alone to see why)", skipped.one())));
    }
    for error in errors {
        tell(Event::Failed(error));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// The window follows what it opens; that must not keep it from reading what has an end.
    #[test]
    fn every_framing_is_read_to_its_end() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let event = |n: u32| {
            format!(r#"{{"eventType":"A","eventId":"e-{n}","timestamp":"2026-02-16T10:00:0{n}Z","orderId":"o-1"}}"#)
        };
        let (one, two) = (event(1), event(2));
        for (name, text) in [
            ("lines.ndjson", format!("{one}\n{two}")),
            ("document.json", format!("[\n{one},\n{two}\n]")),
            ("table.csv", "timestamp,eventType,orderId\n2026-02-16T10:00:01Z,A,1\n2026-02-16T10:00:02Z,B,1".to_owned()),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, text).expect("a small file");
            let (events, heard) = channel();
            let how = How { no_cache: true, ..How::default() };
            let session = Session::open(vec![path.display().to_string()], how, events, Waker::none());
            let start = Instant::now();
            while session.snapshot().len() < 2 && start.elapsed() < Duration::from_secs(20) {
                thread::sleep(Duration::from_millis(10));
            }
            let said: Vec<Event> = heard.try_iter().collect();
            assert_eq!(session.snapshot().len(), 2, "{name}: {said:?}");
        }
    }

    #[test]
    fn what_is_doubtful_is_told_by_the_progress_alone() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let line = "{\"eventType\":\"A\",\"timestamp\":\"2026-02-16T10:00:00Z\",\"orderId\":\"o-1\"}\n";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut packed, line.repeat(100).as_bytes()).expect("memory");
        let packed = packed.finish().expect("memory");
        let path = dir.path().join("cut.ndjson.gz");
        std::fs::write(&path, &packed[..packed.len() - 20]).expect("a small file");
        let (events, heard) = channel();
        let how = How { no_cache: true, ..How::default() };
        let session = Session::open(vec![path.display().to_string()], how, events, Waker::none());
        let warnings = || session.progress().sources.iter().map(|source| source.warnings.len()).sum::<usize>();
        let start = Instant::now();
        while warnings() == 0 && start.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(warnings(), 1);
        let said: Vec<Event> = heard.try_iter().collect();
        assert!(!said.iter().any(|event| matches!(event, Event::Warned(_))), "{said:?}");
    }
}
