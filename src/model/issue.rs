//! What is wrong with one record: a code to count by, what was seen, and what may help.

use serde::{Deserialize, Serialize};

/// Why a record could not be decoded, or what is doubtful about one that could.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IssueCode {
    /// Not a JSON value where one was expected (plain text, a log rotator's note, a comment).
    NotJson,
    /// JSON that breaks off or is malformed inside.
    BrokenJson,
    /// The last record of a source that may still be growing.
    Incomplete,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Longer than the record budget.
    TooLong,
    /// A row with fewer or more columns than the header.
    WrongColumns,
    /// Not a JSON object, so no field can be found in it.
    NotAnObject,
    /// Bytes that are not UTF-8 inside an otherwise readable record. The record still counts as decoded.
    InvalidUtf8,
    /// A value, column or row that its store could not give.
    Unreadable,
}

/// Deepest nesting of objects and arrays that is followed; serde_json stops at the same depth.
pub const MAX_DEPTH: usize = 128;

/// Longest record that is decoded, in bytes; longer ones are kept as undecodable.
pub const MAX_RECORD_BYTES: usize = 64 << 20;

impl IssueCode {
    /// What happened, as a sentence without its full stop.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::NotJson => "not JSON",
            Self::BrokenJson => "JSON breaks off or is malformed",
            Self::Incomplete => "record is incomplete",
            Self::TooDeep => "nested deeper than 128 levels",
            Self::TooLong => "longer than 64 MiB",
            Self::WrongColumns => "columns do not match the header",
            Self::NotAnObject => "not an object, so it has no fields",
            Self::InvalidUtf8 => "not valid UTF-8",
            Self::Unreadable => "could not be read from its store",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotJson => "Often a banner, a comment or a rotated log's note; look at the bytes",
            Self::BrokenJson => "The writer may have crashed or two writers may have mixed their lines",
            Self::Incomplete => "It is read again when the source grows",
            Self::TooDeep => "Look at the bytes; no decoder follows such nesting",
            Self::TooLong => "Look at the bytes; it is not decoded",
            Self::WrongColumns => "Check the separator and the quoting",
            Self::NotAnObject => "Choose where the events are in the field mapping",
            Self::InvalidUtf8 => {
                "The bytes are kept as they are; if there are many, choose the encoding in the field mapping"
            }
            Self::Unreadable => "Check the store with its own tools",
        }
    }
}

/// One record's trouble. `at` is the byte within the record, where known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    pub code: IssueCode,
    pub at: Option<u32>,
}
