//! Tools without a domain: cancelling, crashing on demand, hashing, locking, repeatable numbers, text for people, files written as a whole, cells
//! for spreadsheets, characters that cannot be seen, words of names, steps over JSON bytes.

pub mod bytes;
pub mod cancel;
pub mod clock;
pub mod crash;
pub mod files;
pub mod hash;
pub(crate) mod json;
pub mod rng;
pub(crate) mod scan;
pub(crate) mod skip;
pub mod spreadsheet;
pub mod sqlite_uri;
pub mod svg;
pub mod sync;
pub mod text;
pub mod unusual;
pub mod words;
