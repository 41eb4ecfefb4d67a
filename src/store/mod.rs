//! Columns in immutable segments, and the snapshots that readers hold.
//!
//! Rows enter as [`batch::Batch`]es, get the log's numbers from the one [`writer::Writer`], become
//! [`segment::Segment`]s and are published by [`contents::Contents`] as [`snapshot::Snapshot`]s.

pub mod batch;
pub mod contents;
pub mod duplicates;
pub mod names;
pub mod postings;
pub mod saved;
pub mod segment;
pub mod snapshot;
mod table;
pub mod testing;
pub mod writer;

#[cfg(test)]
mod tests;
