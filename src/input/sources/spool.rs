//! A temporary file of ours that holds, in plain form, what cannot be read at random: unpacked bytes,
//! a pipe's, a table's rows. One thread writes at the end, anyone reads anywhere meanwhile.
//!
//! The file has no name where the system allows that, so nothing is left behind whatever happens. When
//! the last reader lets go, its writer is asked to stop: closing a log stops its unpacking.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::file::{fill_at, write_at};
use super::follow::{Change, Growth, Held};
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// What a spool's writer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// More is on its way.
    Flowing,
    /// All that there was at the origin is here; the writer watches for more.
    CaughtUp,
    /// Nothing will follow.
    Ended,
}

/// The file and its state, shared by the writer and all readers.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    state: Mutex<State>,
    changed: Condvar,
    /// Set when nobody reads any more, or the person cancelled.
    stop: Cancel,
}

#[derive(Debug)]
struct State {
    len: u64,
    phase: Phase,
    warnings: Vec<Error>,
    records: Option<(u64, u64)>,
    held: Option<Held>,
}

/// How often a waiting reader looks whether it was cancelled.
const WAIT: Duration = Duration::from_millis(50);

impl Spool {
    /// In `dir`, or the system's folder for temporary files.
    ///
    /// # Errors
    /// When no file can be made there.
    pub(crate) fn create(dir: Option<&Path>) -> Result<Arc<Self>> {
        let made = match dir {
            Some(dir) => std::fs::create_dir_all(dir).and_then(|()| tempfile::tempfile_in(dir)),
            None => tempfile::tempfile(),
        };
        let file = made.map_err(|cause| {
            let dir = dir.map_or_else(std::env::temp_dir, Path::to_owned);
            Error::new("Cannot make a temporary file", super::file::place(&dir), "Check the folder and the free space")
                .because(cause)
        })?;
        let state = State { len: 0, phase: Phase::Flowing, warnings: Vec::new(), records: None, held: None };
        Ok(Arc::new(Self { file, state: Mutex::new(state), changed: Condvar::new(), stop: Cancel::new() }))
    }

    /// Adds `bytes` at the end. One thread only.
    pub(crate) fn append(&self, bytes: &[u8]) -> Result<()> {
        let at = self.state().len;
        write_at(&self.file, bytes, at).map_err(|cause| {
            let next_step = "Free some space, or choose another cache folder";
            Error::new("Cannot write the temporary file", Place::Nowhere, next_step).because(cause)
        })?;
        self.state().len = at + bytes.len() as u64;
        self.changed.notify_all();
        Ok(())
    }

    /// Fills as much of `buf` as there is; what can't be read stays as it is.
    pub(crate) fn read(&self, buf: &mut [u8], at: u64) -> usize {
        fill_at(&self.file, buf, at).unwrap_or(0)
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.state().phase = phase;
        self.changed.notify_all();
    }

    pub(crate) fn warn(&self, warning: Error) {
        self.state().warnings.push(warning);
    }

    pub(crate) fn set_records(&self, done: u64, total: u64) {
        self.state().records = Some((done, total));
    }

    pub(crate) fn set_held(&self, held: Option<Held>) {
        self.state().held = held;
    }

    pub(crate) fn take_warnings(&self) -> Vec<Error> {
        std::mem::take(&mut self.state().warnings)
    }

    /// Bytes so far and whether more come.
    pub(crate) fn now(&self) -> (u64, Phase) {
        let state = self.state();
        (state.len, state.phase)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits a moment for more than `known` bytes or the end; gives what there is then.
    pub(crate) fn wait(&self, known: u64) -> (u64, Phase) {
        let state = self.state();
        if state.len > known || state.phase == Phase::Ended {
            return (state.len, state.phase);
        }
        let (state, _) = self.changed.wait_timeout(state, WAIT).unwrap_or_else(PoisonError::into_inner);
        (state.len, state.phase)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// A reader's hold on a spool; clones are made of the `Arc` around it.
#[derive(Debug)]
pub struct SpoolBytes {
    spool: Arc<Spool>,
    growth: Mutex<u64>,
}

impl SpoolBytes {
    pub(crate) fn new(spool: Arc<Spool>) -> Arc<Self> {
        Arc::new(Self { spool, growth: Mutex::new(0) })
    }

    pub(crate) fn spool(&self) -> &Spool {
        &self.spool
    }

    /// What its writer is doing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.spool.now().1
    }
}

impl Drop for SpoolBytes {
    fn drop(&mut self) {
        self.spool.stop.cancel();
    }
}

impl ReadAt for SpoolBytes {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        // Bytes count from the moment at which they were written as a whole.
        let there = self.spool.now().0.saturating_sub(offset.0);
        let want = usize::try_from(there).map_or(buf.len(), |there| there.min(buf.len()));
        fill_at(&self.spool.file, buf.get_mut(..want).unwrap_or_default(), offset.0)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.spool.now().0)
    }
}

impl Growth for SpoolBytes {
    fn poll(&self) -> Change {
        let (len, phase) = self.spool.now();
        let mut said = lock(&self.growth);
        if len > *said {
            *said = len;
            return Change::Grew(len);
        }
        match phase {
            Phase::Flowing => Change::Flowing,
            Phase::CaughtUp => Change::Same,
            Phase::Ended => Change::Ended,
        }
    }

    fn warnings(&self) -> Vec<Error> {
        self.spool.take_warnings()
    }

    fn records(&self) -> Option<(u64, u64)> {
        self.spool.state().records
    }

    fn held(&self) -> Option<Held> {
        self.spool.state().held
    }

    fn follows(&self) -> bool {
        self.phase() == Phase::CaughtUp
    }
}
