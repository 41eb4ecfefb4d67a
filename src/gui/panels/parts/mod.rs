//! What several panels share: foreign text on one line, painted text, empty states, shared answers.

pub mod empty;
pub mod paint;
pub mod preview;
