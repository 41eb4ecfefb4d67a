//! Tools without a domain: cancelling, hashing, locking, repeatable numbers, text for people, words of names.

pub mod bytes;
pub mod cancel;
pub mod hash;
pub mod rng;
pub mod svg;
pub mod sync;
pub mod text;
pub mod words;
