//! A mapping made ready: templates parsed, their pointers numbered as slots and merged into one tree,
//! roles turned into expressions over slots.
//!
//! A decoder fills [`Captures`] for a record, by whatever means suits its format, and [`Rows`] makes
//! the row of them. Text that is empty, `null`, an object or an array counts as absent everywhere.

mod captures;
mod direct;
mod eval;
mod file_time;
mod group;
mod program;
mod rows;
pub mod template;
mod trie;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::BuildHasher;
use std::sync::Arc;

pub use captures::{Captures, Text};
pub(in crate::input::decoders) use eval::{Found, first, one, text};
pub use program::{Expr, Piece, Plan, Program, Setting};
pub use rows::Rows;
pub(in crate::input::decoders) use rows::parse_version;
pub use trie::{Node, NodeIx, Trie};

/// An object-centric log's own table of objects, for the filter `|object`.
pub trait ObjectKinds: Send + Sync + Debug {
    /// The kind of the object with this id.
    fn kind(&self, id: &[u8]) -> Option<&[u8]>;
}

impl<S: BuildHasher + Send + Sync> ObjectKinds for HashMap<String, String, S>
where
    Self: Debug,
{
    fn kind(&self, id: &[u8]) -> Option<&[u8]> {
        Some(self.get(std::str::from_utf8(id).ok()?)?.as_bytes())
    }
}

/// Most fields that one mapping may name.
pub const MAX_SLOTS: usize = 64;

/// Shared by all readers of a source.
pub type Objects = Option<Arc<dyn ObjectKinds>>;
