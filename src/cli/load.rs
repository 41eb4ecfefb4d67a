//! Reads the sources into one log and waits until all of it was read and checked, so that a command's
//! answer is exact. What fails is told, and the rest is answered all the same.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::report::Report;
use super::request::Sources;
use crate::app::passwords::Passwords;
use crate::base::text::{bytes, count};
use crate::input::ingest::progress::Progress;
use crate::input::ingest::{Log, Options};
use crate::input::open::members::Members;
use crate::input::open::open;
use crate::input::sources::address::Address;
use crate::model::error::Error;
use crate::store::snapshot::Snapshot;

/// How often a terminal sees the progress.
const TICK: Duration = Duration::from_millis(100);

pub(super) struct Loaded {
    pub(super) snapshot: Arc<Snapshot>,
    /// Of the sources as they are stored.
    pub(super) bytes: u64,
    /// A source could not be read, or not to its end.
    pub(super) failed: bool,
    /// Keeps the sources' copies in the cache until all is printed.
    log: Log,
}

impl Loaded {
    /// Lets the index be written for the next time. Comes after the answer, which need not wait for it.
    pub(super) fn keep_index(&self) {
        self.log.wait_saved();
    }
}

pub(super) fn load(sources: Sources, report: &mut Report) -> Loaded {
    let log = Log::with(Options { cache: sources.cache, ..Options::default() });
    let mut failed = !sources.missing.is_empty();
    let mut stored_bytes = 0;
    let mut streams = Vec::new();
    for error in &sources.missing {
        report.error(error);
    }
    let mut members = Members::default();
    for mut target in sources.found {
        if let Address::Broker(url) = &mut target.address {
            **url = Passwords::default().complete((**url).clone());
        }
        let address = &target.address;
        report.progress(&format!("opening {}", address.name()));
        let added = open(address, &sources.open).and_then(|opened| {
            let readable = Arc::clone(&opened.info.bytes);
            log.add(opened).map(|_| readable)
        });
        match added {
            Ok(readable) => {
                members.opened(&target);
                match address.path().and_then(file_len) {
                    Some(len) => stored_bytes += len,
                    None => streams.push(readable),
                }
            }
            Err(error) => {
                if let Some(error) = members.refused(target, error) {
                    failed = true;
                    report.error(&error);
                }
            }
        }
    }
    failed |= pass_by(members, report);
    while report.shows_progress() && !log.is_settled() {
        report.progress(&reading(&log.progress()));
        std::thread::sleep(TICK);
    }
    log.wait();
    while report.shows_progress() && log.progress().is_validating() {
        let (done, of) = log.progress().checked;
        report.progress(&format!("checking {} of {}", bytes(done), bytes(of)));
        std::thread::sleep(TICK);
    }
    log.wait_valid();
    report.settle();
    // What has no size of its own (a pipe) has that of its copy, now that all has come.
    stored_bytes += streams.iter().filter_map(|readable| readable.len().ok()).sum::<u64>();
    failed |= tell(&log.progress(), report);
    Loaded { snapshot: log.snapshot(), bytes: stored_bytes, failed, log }
}

/// Tells which files are no logs; whether that is a failure.
fn pass_by(members: Members, report: &mut Report) -> bool {
    let (skipped, errors) = members.settle();
    if let Some(skipped) = skipped {
        report.remark(&format!("skipped {skipped} (name {} alone to see why)", skipped.one()));
    }
    for error in &errors {
        report.error(error);
    }
    !errors.is_empty()
}

fn file_len(path: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(path).ok()?;
    metadata.is_file().then_some(metadata.len())
}

fn reading(progress: &Progress) -> String {
    let of = match progress.records() {
        Some((_, total)) => format!("{} messages", count(total)),
        None => bytes(progress.bytes_total()),
    };
    let held = progress.held().map_or_else(String::new, |held| format!(", {}", held.words()));
    format!("reading {:.0} % of {of}, {} events{held}", (progress.share() * 100.0).floor(), count(progress.rows()))
}

/// Warnings and failures of all sources; whether there was a failure.
fn tell(progress: &Progress, report: &mut Report) -> bool {
    for warning in progress.sources.iter().flat_map(|source| &source.warnings) {
        report.warning(warning);
    }
    let failures: Vec<&Error> = progress.failures().map(|(_, error)| error).collect();
    for error in &failures {
        report.error(error);
    }
    !failures.is_empty()
}
