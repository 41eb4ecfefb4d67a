//! From addresses to rows: sources give bytes, codecs open what messages carry, decoders find records, ingest
//! fills the store.

pub mod codecs;
pub mod decoders;
pub mod ingest;
pub mod open;
pub mod sources;
