//! Leads from a record in a spool back to the byte of the file that it was made from.

use std::sync::Arc;

use super::marks::Marks;
use crate::model::ids::ByteOffset;
use crate::model::row::Span;
use crate::model::source::Origin;

/// Of layers that make one record of each piece of their input.
#[derive(Debug)]
pub(super) struct FileOrigin {
    pub marks: Arc<Marks>,
    /// Of the layer below.
    pub under: Option<Arc<dyn Origin>>,
}

impl Origin for FileOrigin {
    fn place(&self, span: Span) -> String {
        let offset = ByteOffset(self.marks.find(span.offset.0).map_or(0, |(_, origin)| origin));
        match &self.under {
            Some(under) => under.place(Span { offset, len: span.len }),
            None => format!("byte {}", offset.0),
        }
    }
}
