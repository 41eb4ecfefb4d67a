//! What one layer hands to the next, and the blocking reader that layers share.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::spool::{Phase, SpoolBytes};
use crate::base::cancel::Cancel;
use crate::input::codecs::bodies::Bodies;
use crate::model::charset::Charset;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::ByteOffset;
use crate::model::mapping::Mapping;
use crate::model::message::{EachByItself, Values};
use crate::model::source::{Origin, ReadAt};

/// What all layers of one open share.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where spools and copies go; the system's folder for temporary files where none is given.
    pub cache_dir: Option<PathBuf>,
    pub cancel: Cancel,
    /// Lets a compressed source grow to any multiple of its size.
    pub allow_bombs: bool,
    /// Most bytes of one spool.
    pub spool_limit_bytes: u64,
    /// Watch stores for new rows after the first reading.
    pub follow: bool,
    /// The table that the person chose.
    pub table: Option<String>,
    /// The encoding that the person named.
    pub charset: Option<Charset>,
    /// How the bodies of messages are read.
    pub bodies: Arc<Bodies>,
    /// Makes what tells which values are JSON.
    pub values: fn() -> Box<dyn Values>,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            cache_dir: None,
            cancel: Cancel::new(),
            allow_bombs: false,
            spool_limit_bytes: 64 << 30,
            follow: false,
            table: None,
            charset: None,
            bodies: Arc::default(),
            values: || Box::new(EachByItself),
        }
    }
}

/// Bytes on their way from an address to a decoder.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Path or name of the source, for errors.
    pub address: String,
    /// The last part of the path, without endings that a layer took off.
    pub name: String,
    pub bytes: Arc<dyn ReadAt>,
    /// Set while `bytes` are a spool.
    pub spool: Option<Arc<SpoolBytes>>,
    /// Set while `bytes` are a file's own.
    pub path: Option<PathBuf>,
    /// What was recognised, outermost first.
    pub formats: Vec<String>,
    /// What its text is or was written in; none where it is no text.
    pub charset: Option<Charset>,
    /// Where a layer knows what its records mean.
    pub mapping: Option<Mapping>,
    /// Bytes taken in by the outermost compression, so that layers cannot multiply each other's ratio.
    pub packed: Option<Arc<AtomicU64>>,
    /// The records are ours (one JSON object a line), made from something else.
    pub own_records: bool,
    /// Payloads inside are free-form: they may name further entities.
    pub has_payloads: bool,
    pub origin: Option<Arc<dyn Origin>>,
}

impl Stage {
    /// Bytes of which nothing is known yet.
    #[must_use]
    pub fn new(address: impl Into<String>, name: impl Into<String>, bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            address: address.into(),
            name: name.into(),
            bytes,
            spool: None,
            path: None,
            formats: Vec::new(),
            charset: Some(Charset::UTF_8),
            mapping: None,
            packed: None,
            own_records: false,
            has_payloads: false,
            origin: None,
        }
    }

    #[must_use]
    pub fn place(&self, offset: Option<u64>) -> Place {
        Place::File { path: self.address.clone(), offset }
    }

    /// The first `want` bytes, and whether they are all there will ever be. Waits while a spool is
    /// being filled, but not for ever: once there is a whole line and a moment passes without more, what
    /// there is has to do (somebody types, or a slow service writes).
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn head(&self, want: usize, cancel: &Cancel) -> Result<(Vec<u8>, bool)> {
        let read = |len: usize| {
            let mut head = vec![0; len];
            let n = self.bytes.read_at(&mut head, ByteOffset(0))?;
            head.truncate(n);
            Ok(head)
        };
        let failed = |cause: io::Error| {
            Error::new("Cannot read the file", self.place(None), "Check the disk and the path").because(cause)
        };
        let Some(bytes) = &self.spool else {
            // One byte more than wanted tells whether that is all.
            let mut head = read(want + 1).map_err(failed)?;
            let complete = head.len() <= want;
            head.truncate(want);
            return Ok((head, complete));
        };
        let mut known = 0;
        let mut quiet_since = Instant::now();
        loop {
            let (len, phase) = bytes.spool().wait(known);
            if len > known {
                known = len;
                quiet_since = Instant::now();
            }
            if phase != Phase::Flowing || len > want as u64 || cancel.is_cancelled() {
                let head = read(want).map_err(failed)?;
                return Ok((head, phase == Phase::Ended && len <= want as u64));
            }
            if known > 0 && quiet_since.elapsed() > QUIET {
                let head = read(want).map_err(failed)?;
                if head.contains(&b'\n') {
                    return Ok((head, false));
                }
            }
        }
    }

    /// Reads from the start to the end, waiting for a spool's writer.
    #[must_use]
    pub fn reader(&self, cancel: &Cancel) -> StageReader {
        StageReader {
            bytes: Arc::clone(&self.bytes),
            spool: self.spool.clone(),
            at: Arc::new(AtomicU64::new(0)),
            cancel: cancel.clone(),
        }
    }

    /// This stage with its bytes replaced by what a layer writes.
    #[must_use]
    pub fn through(mut self, bytes: Arc<SpoolBytes>, format: impl Into<String>) -> Self {
        self.bytes = Arc::clone(&bytes) as Arc<dyn ReadAt>;
        self.spool = Some(bytes);
        self.path = None;
        self.formats.push(format.into());
        self
    }
}

const QUIET: Duration = Duration::from_millis(200);

/// A blocking `Read` over a stage's bytes.
#[derive(Debug)]
pub struct StageReader {
    bytes: Arc<dyn ReadAt>,
    spool: Option<Arc<SpoolBytes>>,
    at: Arc<AtomicU64>,
    cancel: Cancel,
}

impl StageReader {
    /// The position, for guards and places; stays valid while others own the reader.
    #[must_use]
    pub fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.at)
    }
}

impl Read for StageReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let at = self.at.load(Ordering::Relaxed);
        loop {
            let phase = self.spool.as_ref().map(|bytes| bytes.spool().wait(at).1);
            let n = self.bytes.read_at(buf, ByteOffset(at))?;
            if n > 0 || buf.is_empty() {
                self.at.store(at + n as u64, Ordering::Relaxed);
                return Ok(n);
            }
            if phase.is_none_or(|phase| phase != Phase::Flowing) || self.cancel.is_cancelled() {
                return Ok(0);
            }
        }
    }
}
