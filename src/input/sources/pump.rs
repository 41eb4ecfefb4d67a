//! Threads that fill a spool: how they are started, what they write with, and the guard against bombs.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::follow::Held;
use super::spool::{Phase, Spool, SpoolBytes};
use super::stage::Context;
use crate::base::cancel::Cancel;
use crate::base::text;
use crate::input::codecs::bodies::{Bodies, Body};
use crate::model::error::{Error, Place, Result};
use crate::model::message::{Message, RecordWriter, Values};

/// Writes a spool in large pieces and watches over its size.
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Arc<Spool>,
    buf: Vec<u8>,
    written: u64,
    limit: u64,
    /// Bytes taken in so far, and how many times as many may come out.
    ratio: Option<(Arc<AtomicU64>, u64)>,
    cancel: Cancel,
    address: String,
    flushed: Instant,
    /// Pieces that were added since the clock was looked at.
    added: u32,
    bodies: Arc<Bodies>,
    values: RefCell<Box<dyn Values>>,
}

/// Longest that written bytes wait before others can read them.
const LATEST: Duration = Duration::from_millis(30);

/// What a source that is fast has given before others could read it, and how often it may add to that in between.
const FEW_BYTES: usize = 16 << 10;
const UNTIMED: u32 = 16;

/// Unpacked bytes of which the ratio is not looked at.
const RATIO_FREE_BYTES: u64 = 64 << 20;
const MAX_RATIO: u64 = 200;
const WRITE_BYTES: usize = 256 << 10;

impl SpoolWriter {
    /// Where the next byte will be.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.written + self.buf.len() as u64
    }

    /// From now on at most 200 bytes come out for each one that `taken` counts.
    pub fn guard_ratio(&mut self, taken: Arc<AtomicU64>) {
        self.ratio = Some((taken, MAX_RATIO));
    }

    /// # Errors
    /// When the disk is full, the guard says stop, or nobody reads any more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buf.extend_from_slice(bytes);
        self.hand_over()
    }

    /// Has one record written behind the others and ends its line.
    ///
    /// # Errors
    /// As [`SpoolWriter::write`].
    pub fn record<T>(&mut self, write: impl FnOnce(&Self, &mut Vec<u8>) -> T) -> Result<T> {
        let mut buf = std::mem::take(&mut self.buf);
        let told = write(self, &mut buf);
        buf.push(b'\n');
        self.buf = buf;
        self.hand_over()?;
        Ok(told)
    }

    /// Large pieces at once; of a slow source what there is. A fast one has no time for a look at the clock each time.
    fn hand_over(&mut self) -> Result<()> {
        self.added += 1;
        let is_full = self.buf.len() >= WRITE_BYTES;
        let is_timed = self.added >= UNTIMED || self.buf.len() <= FEW_BYTES;
        if is_timed {
            self.added = 0;
        }
        if is_full || (is_timed && self.flushed.elapsed() > LATEST) { self.flush() } else { Ok(()) }
    }

    /// Writes a message's record, with what its body says beside it.
    ///
    /// # Errors
    /// As [`SpoolWriter::write`].
    pub fn message(&mut self, message: &Message) -> Result<()> {
        self.record(|spool, line| {
            message.write_with(line, |record| {
                let stands = spool.value(record, message.value.as_deref());
                if let Some(body) = Body::of(message) {
                    spool.body(record, stands, body);
                }
            });
        })
    }

    /// Adds what a key means, where a registry knows it.
    pub fn key(&self, record: &mut RecordWriter<'_>, place: &str, key: Option<&[u8]>) {
        if let Some(value) = key.and_then(|key| self.bodies.read_key(place, key)) {
            record.decoded_key(&value);
        }
    }

    /// Adds a value: by itself where it is JSON, else as text or bytes. Whether it stands as it is; also where there is
    /// none.
    pub fn value(&self, record: &mut RecordWriter<'_>, value: Option<&[u8]>) -> bool {
        record.value(value, &mut **self.values.borrow_mut())
    }

    /// Looks into a body, unless it stands in its record as the JSON that it is, and adds what was found.
    pub fn body(&self, record: &mut RecordWriter<'_>, stands: bool, body: Body<'_>) {
        if stands && !self.bodies.wants(body.place) {
            return;
        }
        if let Some(answer) = self.bodies.read(body) {
            record.decoded(answer.json.as_deref(), &answer.decoding);
        }
        if let Some(news) = self.bodies.news() {
            let next_step = "Bodies that need it stay as they are; check registry= and read again";
            self.warn(Error::new("Schemas are missing", self.place(), next_step).because(news));
        }
    }

    /// Makes all that was written readable.
    ///
    /// # Errors
    /// As [`SpoolWriter::write`].
    pub fn flush(&mut self) -> Result<()> {
        if self.is_stopped() {
            return Err(Error::new("Cancelled", self.place(), "Open it again"));
        }
        let total = self.position();
        if total > self.limit {
            let total_limit = self.limit;
            let room = usize::try_from(self.limit.saturating_sub(self.written)).unwrap_or(usize::MAX);
            self.buf.truncate(room);
            self.put()?;
            self.limit = u64::MAX;
            let summary = format!("Stopped after {}", text::bytes(total_limit));
            return Err(Error::new(summary, self.place(), "Unpack or copy it into a file and open that"));
        }
        if let Some((taken, ratio)) = &self.ratio {
            let (taken, ratio) = (taken.load(Ordering::Relaxed), *ratio);
            if total > RATIO_FREE_BYTES && total > taken.saturating_mul(ratio) {
                self.put()?;
                self.ratio = None;
                let summary = format!("Stopped: {} of it unpack to {}", text::bytes(taken), text::bytes(total));
                let next_step = "If that is right, read it again without the limit, or with --max-unpacked SIZE";
                return Err(Error::new(summary, self.place(), next_step));
            }
        }
        self.put()
    }

    /// Whether the work is for nothing: nobody reads, or the person cancelled.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.spool.is_stopped() || self.cancel.is_cancelled()
    }

    /// [`SpoolWriter::is_stopped`] for another thread.
    pub fn stopped(&self) -> impl Fn() -> bool + Send + use<> {
        let (spool, cancel) = (Arc::clone(&self.spool), self.cancel.clone());
        move || spool.is_stopped() || cancel.is_cancelled()
    }

    /// How far the work is, counted in records, where the end is known.
    pub fn records(&self, done: u64, total: u64) {
        self.spool.set_records(done, total);
    }

    /// Messages that are hidden from others, and until when; none once they were given back.
    pub fn held(&self, held: Option<Held>) {
        self.spool.set_held(held);
    }

    /// Something went wrong that does not stop the work.
    pub fn warn(&self, warning: Error) {
        self.spool.warn(warning);
    }

    /// All that is there was written; the writer goes on watching.
    ///
    /// # Errors
    /// As [`SpoolWriter::write`].
    pub fn caught_up(&mut self) -> Result<()> {
        self.flush()?;
        self.spool.set_phase(Phase::CaughtUp);
        Ok(())
    }

    fn place(&self) -> Place {
        Place::File { path: self.address.clone(), offset: None }
    }

    fn put(&mut self) -> Result<()> {
        if !self.buf.is_empty() {
            self.spool.append(&self.buf)?;
            self.written += self.buf.len() as u64;
            self.buf.clear();
        }
        self.flushed = Instant::now();
        Ok(())
    }
}

impl Drop for SpoolWriter {
    /// Also when the thread panics: a reader must never wait for a writer that is gone.
    fn drop(&mut self) {
        self.spool.set_phase(Phase::Ended);
    }
}

/// Starts the thread that fills a spool. What `work` returns as an error is shown as a warning: what
/// came before it stays readable.
///
/// # Errors
/// When there is no place for the spool or no thread.
pub fn pump(
    name: &str,
    address: &str,
    context: &Context,
    work: impl FnOnce(&mut SpoolWriter) -> Result<()> + Send + 'static,
) -> Result<Arc<SpoolBytes>> {
    let spool = Spool::create(context.cache_dir.as_deref())?;
    let mut writer = SpoolWriter {
        spool: Arc::clone(&spool),
        buf: Vec::with_capacity(WRITE_BYTES),
        written: 0,
        limit: context.spool_limit_bytes,
        ratio: None,
        cancel: context.cancel.clone(),
        address: address.to_owned(),
        flushed: Instant::now(),
        added: 0,
        bodies: Arc::clone(&context.bodies),
        values: RefCell::new((context.values)()),
    };
    let bytes = SpoolBytes::new(spool);
    std::thread::Builder::new()
        .name(format!("eventglass {name}"))
        .spawn(move || {
            let done = work(&mut writer);
            // What came before an error counts; after a stop of the guard nothing is left to write.
            let kept = writer.flush();
            if let Err(error) = done.and(kept)
                && !writer.is_stopped()
            {
                writer.warn(error);
            }
        })
        .map_err(|cause| {
            let place = Place::File { path: address.to_owned(), offset: None };
            Error::new("Cannot start a thread", place, "Close other programs").because(cause)
        })?;
    Ok(bytes)
}

/// Reads a pipe, a device or standard input into a spool as it comes.
///
/// # Errors
/// When there is no place for the spool.
pub fn stream(
    address: &str,
    context: &Context,
    open: impl FnOnce() -> io::Result<Box<dyn Read>> + Send + 'static,
) -> Result<Arc<SpoolBytes>> {
    let at = address.to_owned();
    pump("stream", address, context, move |out| {
        let failed = |cause: io::Error| {
            let place = Place::File { path: at.clone(), offset: None };
            Error::new("Cannot read on", place, "Check who writes it").because(cause)
        };
        let mut input = open().map_err(failed)?;
        let mut buf = vec![0; WRITE_BYTES];
        loop {
            match input.read(&mut buf) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    out.write(buf.get(..n).unwrap_or_default())?;
                    // Each piece is shown at once: it may be all there is for a while.
                    out.flush()?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    })
}

/// Opens a pipe or device; waits until somebody writes.
///
/// # Errors
/// What the operating system reports.
pub fn open_stream(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(Box::new(File::open(path)?))
}
