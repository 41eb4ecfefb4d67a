//! From addresses to rows: sources give bytes, decoders find records in them, ingest fills the store.

pub mod decoders;
pub mod ingest;
pub mod open;
pub mod sources;
