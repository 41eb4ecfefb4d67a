//! Lines of text with their places, for layers that make records of what people and tools print.

use std::io::{BufRead as _, BufReader, Read as _};

use super::stage::{Stage, StageReader};
use crate::base::cancel::Cancel;
use crate::model::error::{Error, Result};
use crate::model::issue::MAX_RECORD_BYTES;

pub(super) struct Lines {
    stage: Stage,
    reader: BufReader<StageReader>,
    at: u64,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn new(stage: &Stage, cancel: &Cancel) -> Self {
        let reader = BufReader::with_capacity(64 << 10, stage.reader(cancel));
        Self { stage: stage.clone(), reader, at: 0, bytes: Vec::new() }
    }

    /// The next line without its end, and where it starts. A line that is longer than any record may be
    /// comes in pieces.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<(u64, String)>> {
        self.bytes.clear();
        let mut limited = self.reader.by_ref().take(MAX_RECORD_BYTES as u64);
        let read = limited.read_until(b'\n', &mut self.bytes).map_err(|cause| {
            Error::new("Cannot read on", self.stage.place(Some(self.at)), "Check the disk").because(cause)
        })?;
        if read == 0 {
            return Ok(None);
        }
        let start = self.at;
        self.at += read as u64;
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some((start, String::from_utf8_lossy(line).into_owned())))
    }
}

/// The first lines, of which the last may be cut short.
pub(super) fn first_lines(head: &[u8]) -> impl Iterator<Item = &str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => head.get(..error.valid_up_to()).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or(""),
    };
    text.trim_start_matches('\u{FEFF}').lines()
}
