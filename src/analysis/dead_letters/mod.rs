//! Dead letters: recognised by what their producers write, read into one form, grouped by cause.
//!
//! `dialects` ★ holds one file a producer family, `letter` what a letter says, `fingerprint` what makes
//! two failures the same, `find` the pass over a log, `groups` the answer, `context` what else the log
//! knows of one letter, `effect` what it would do. Facts and their sources: `dialects`, each file.

pub mod config;
pub mod context;
pub mod dialects;
pub mod effect;
pub mod find;
pub mod fingerprint;
#[cfg(test)]
mod golden;
pub mod groups;
pub mod letter;
pub mod seen;
pub mod stack;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use find::{Entry, Found, find, find_again, read};
pub use fingerprint::{Fingerprint, fingerprint};
pub use groups::{Group, Key, Regroup, groups};
pub use letter::{Cause, Evidence, Failure, Fidelity, Kept, Letter, Location, Stage};
pub use seen::Seen;
