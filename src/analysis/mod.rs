//! Pure functions from a snapshot to an answer. What may take long takes a `Cancel` and says how far
//! it is; nothing here knows the wall clock or a window.

pub mod dead_letters;
pub mod entities;
pub mod flows;
pub mod lints;
pub mod query;
pub mod read_model;
pub mod rows;
pub mod sql;
pub mod state;
pub mod summary;
pub mod timeline;
pub mod trace;

/// Told now and then how many rows of how many are done.
pub type OnProgress<'a> = &'a (dyn Fn(u64, u64) + Sync);
