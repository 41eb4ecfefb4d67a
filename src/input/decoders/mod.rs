//! Bytes → records → rows. ★ A decoder is a [`Decoder`] in its own file and a line in [`DECODERS`].
//!
//! Copy the smallest neighbour to add one. A decoder is stateless: what it learned about one source
//! is the [`Format`] it opens, and what one pass over the bytes needs is that format's [`RecordReader`].

mod csv;
mod detect;
mod document;
pub mod infer;
pub mod json;
mod lookup;
pub mod mapping_file;
mod ndjson;
mod objects;
mod opening;
pub mod plan;
pub mod presets;
mod sample;
mod survey;
mod undecodable;
mod values;

use std::sync::Arc;

use crate::model::error::{Error, Place, Result};
use crate::model::ids::ByteOffset;
use crate::model::issue::Issue;
use crate::model::mapping::Mapping;
use crate::model::row::RowSink;
use crate::model::source::{Decode, ReadAt};

/// What a source can be recognised by: its name and its first bytes (up to [`SAMPLE_BYTES`]).
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The last part of the path, without endings that a layer took off (`.gz`).
    pub name: &'a str,
    pub head: &'a [u8],
    /// `head` is all there is.
    pub complete: bool,
}

/// Enough for any envelope to show itself, small enough to be read at once.
pub const SAMPLE_BYTES: usize = 1 << 20;

/// Whether a decoder takes a source: how sure it is from 1 to 100, or why not.
pub type Verdict = std::result::Result<u8, String>;

/// How ingest may cut the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One record a line: any number of threads may start after any newline.
    Lines,
    /// Records depend on what came before: one thread, from the start.
    Stream,
}

/// A way to read events out of plain bytes (after every layer of compression or encoding is gone).
pub trait Decoder: Send + Sync {
    /// As shown: `NDJSON`.
    fn name(&self) -> &'static str;
    /// # Errors
    /// Why this decoder does not take the sample.
    fn verdict(&self, sample: &Sample<'_>) -> Verdict;
    /// Learns what there is to learn from the sample (columns, where the events are, the mapping
    /// where none is given).
    ///
    /// # Errors
    /// When nothing can be read at all.
    fn open(&self, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>>;
}

/// A source's format as learned: what is shared by all passes over its bytes.
pub trait Format: Send + Sync {
    fn framing(&self) -> Framing;
    /// Whether what a writer adds behind the last whole line is more records, readable by a new reader.
    /// A document has an end instead: what comes after it is no record of it.
    fn grows_by_lines(&self) -> bool {
        self.framing() == Framing::Lines
    }
    /// Whether its bytes have an end that records are put before: followed, it is read as a whole each time.
    fn is_document(&self) -> bool {
        false
    }
    fn mapping(&self) -> Arc<Mapping>;
    /// Envelope name and shape, for people: `NDJSON, CloudEvents`.
    fn describe(&self) -> String;
    fn reader(&self) -> Box<dyn RecordReader>;
    /// For reading single records again.
    fn decode(&self) -> Arc<dyn Decode>;
    /// Whether readers leave something of a record unlooked at, which [`Self::validate`] is to find.
    fn defers(&self) -> bool {
        false
    }
    /// What is wrong with a record that was decoded without looking at all of it; asked in the
    /// background for every record of a format that [`Self::defers`], after the log is there.
    fn validate(&self, record: &[u8]) -> Option<Issue> {
        let _ = record;
        None
    }
}

/// One pass over the bytes, with its scratch space.
pub trait RecordReader: Send {
    /// Decodes the whole records in `buf`, whose first byte lies at `at`, and returns how many bytes
    /// were used up: the caller brings the rest again, with more behind it. With `last` nothing
    /// follows, so everything is used up.
    ///
    /// A record longer than `buf` uses up nothing: the caller brings a larger `buf`, up to
    /// [`crate::model::issue::MAX_RECORD_BYTES`], and after that says so itself as `TooLong`.
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize;
}

/// Most recognisable first: of two that are equally sure, the earlier one is asked to open.
pub const DECODERS: &[&dyn Decoder] = &[&ndjson::Ndjson, &values::JsonValues, &document::JsonDocument, &csv::Csv];

/// Opens plain bytes with the decoder that is surest of them. A `mapping` given here wins over all
/// that would be recognised.
///
/// # Errors
/// When no decoder takes the bytes: the details say why each of them does not.
pub fn open(sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
    let mut refusals = Vec::new();
    let mut takers = Vec::new();
    for decoder in DECODERS {
        match decoder.verdict(sample) {
            Ok(score) => takers.push((score, *decoder)),
            Err(why) => refusals.push(format!("{}: {why}", decoder.name())),
        }
    }
    takers.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let mut surest = None;
    for (_, decoder) in takers {
        match decoder.open(sample, bytes, mapping.clone()) {
            Ok(format) => return Ok(format),
            Err(error) => surest = surest.or(Some(error)),
        }
    }
    // Whoever knew the format knows best what is missing.
    if let Some(error) = surest {
        return Err(error);
    }
    let place = Place::File { path: sample.name.to_owned(), offset: None };
    let next_step = "Check that it is an event log: NDJSON, JSON with events inside, or a table with a header";
    Err(Error::new("No events found", place, next_step).because(refusals.join("\n")).for_no_events())
}
