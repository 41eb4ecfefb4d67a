//! What several panels share: foreign text on one line.

pub mod preview;
