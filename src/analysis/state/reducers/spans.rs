//! What the pieces of a reducer's text are, for the editor's colours: one vocabulary for every language.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    Keyword,
    /// A place in the state or the event.
    Path,
    /// A number, `true`, `null`.
    Literal,
    /// Quoted text.
    Text,
    Comment,
    /// A type of event.
    Type,
}

/// Pieces of a text in order, as ranges of bytes; what lies between is plain.
pub type Spans = Vec<(Range<usize>, Class)>;
