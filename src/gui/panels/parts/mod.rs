//! What several panels share: foreign text on one line, painted text, long lists, shared answers.

pub mod answers;
pub mod list;
pub mod paint;
pub mod preview;
pub mod value;
