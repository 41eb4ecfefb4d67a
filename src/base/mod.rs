//! Tools without a domain: cancelling, hashing, locking, text for people.

pub mod bytes;
pub mod cancel;
pub mod hash;
pub mod sync;
pub mod text;
