//! What the store knows of a source: how to read a record's bytes again and how to decode them.

use std::fmt::Debug;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::charset::Charset;
use super::envelope::Envelope;
use super::ids::ByteOffset;
use super::mapping::Mapping;
use super::row::Span;

/// Bytes that can be read again at any place: a file, or the spool of something that cannot.
pub trait ReadAt: Send + Sync + Debug {
    /// Fills as much of `buf` as there is at `offset`; fewer bytes mean the end of what there is.
    ///
    /// # Errors
    /// What the operating system reports.
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize>;

    /// Bytes there are now; grows for sources that are followed.
    ///
    /// # Errors
    /// What the operating system reports.
    fn len(&self) -> io::Result<u64>;

    /// The same bytes by a way of one thread's own, for many small reads: at what threads share each read waits for
    /// the other threads'. None where nothing is gained.
    fn own_way(&self) -> Option<Box<dyn ReadAt>> {
        None
    }

    /// # Errors
    /// What the operating system reports.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// Decodes one record of a source, the same way as it was indexed.
pub trait Decode: Send + Sync + Debug {
    /// Never fails: what can't be decoded is an envelope with its issue.
    fn envelope(&self, record: &[u8]) -> Envelope;

    /// The record as one JSON value, for copying, filtering on fields and reducers; `None` where it
    /// can't be decoded.
    fn json(&self, record: &[u8]) -> Option<serde_json::Value>;

    /// The payload as JSON text, byte-exact where the source holds JSON.
    fn data_json(&self, record: &[u8]) -> Option<String>;

    /// Where the payload lies in the record as JSON text, found without decoding the rest. `None` where
    /// it is not there as it is, or nothing is known: then [`Self::data_json`] tells.
    fn data_range(&self, record: &[u8]) -> Option<Range<usize>> {
        let _ = record;
        None
    }
}

/// An opened source as the snapshot carries it.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// Short, for lanes and tables: `shop.ndjson`.
    pub name: String,
    /// Full path or redacted URL.
    pub address: String,
    /// What was recognised, outermost first: `gzip, NDJSON`.
    pub format: String,
    /// What its text is written in; none where it is no text.
    pub charset: Option<Charset>,
    pub mapping: Arc<Mapping>,
    pub bytes: Arc<dyn ReadAt>,
    pub decode: Arc<dyn Decode>,
    /// Words for a record's origin where it is not a byte position in the file itself (`events row 17`).
    pub origin: Option<Arc<dyn Origin>>,
}

/// Says where a record of a spooled source came from.
pub trait Origin: Send + Sync + Debug {
    fn place(&self, span: Span) -> String;
}
