//! What several panels share: foreign text on one line, painted text, shared answers.

pub mod answers;
pub mod lanes;
pub mod paint;
pub mod preview;
