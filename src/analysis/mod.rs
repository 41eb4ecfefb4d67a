//! Pure functions from a snapshot to an answer.

pub mod timeline;
