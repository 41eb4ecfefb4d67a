//! The vocabulary: what an event, an entity, a mapping and a filter are. No files, threads or egui.

pub mod charset;
pub mod envelope;
pub mod error;
pub mod filter;
pub mod ids;
pub mod issue;
pub mod mapping;
pub mod message;
pub mod row;
pub mod secret;
pub mod source;
pub mod time;
