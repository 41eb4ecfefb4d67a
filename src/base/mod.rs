//! Tools without a domain: cancelling, hashing, text for people.

pub mod bytes;
pub mod cancel;
pub mod hash;
pub mod text;
