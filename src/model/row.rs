//! What a decoder hands to the store for one record: borrowed slices, nothing owned.
//!
//! The hot path fills one [`Row`] per event and reuses its lists, so a row costs no allocation.

use super::ids::ByteOffset;
use super::issue::Issue;
use super::time::TimeNs;

/// Where a record lies in its source's backing bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub offset: ByteOffset,
    pub len: u32,
}

/// The indexed fields of one event. Text is already unescaped where the source escapes it.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    pub span: Span,
    pub time: Option<TimeNs>,
    pub type_name: &'a [u8],
    pub service: Option<&'a [u8]>,
    pub id: Option<&'a [u8]>,
    pub version: Option<u32>,
    /// `(kind, id)`, the stream (the aggregate instance that `version` counts) first, without repeats.
    pub entities: &'a [(&'a [u8], &'a [u8])],
    pub correlations: &'a [&'a [u8]],
    pub causes: &'a [&'a [u8]],
}

/// Takes the records of one source in their order.
pub trait RowSink {
    fn event(&mut self, row: &Row<'_>);
    fn undecodable(&mut self, span: Span, issue: Issue);
}
