//! Errors that reach a person: what happened, where, and what to do next. Handled once, at the edge.

use std::fmt;

/// Where something is, in words a person can follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    File { path: String, offset: Option<u64> },
    Table { database: String, table: String, row: Option<i64> },
    Text { column: usize },
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, offset: Some(offset) } => write!(f, "{path} at byte {offset}"),
            Self::File { path, offset: None } => write!(f, "{path}"),
            Self::Table { database, table, row: Some(row) } => write!(f, "{database}, table {table}, row {row}"),
            Self::Table { database, table, row: None } => write!(f, "{database}, table {table}"),
            Self::Text { column } => write!(f, "column {}", column + 1),
            Self::Nowhere => Ok(()),
        }
    }
}

/// An error as it is shown: one line, then details and a next step.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{summary}{}{place}", if *place == Place::Nowhere { "" } else { ": " })]
pub struct Error {
    pub summary: String,
    pub details: String,
    pub place: Place,
    pub next_step: String,
    /// All was read and nothing in it looks like an event: no fault in a folder that holds other things too.
    pub no_events: bool,
}

impl Error {
    pub fn new(summary: impl Into<String>, place: Place, next_step: impl Into<String>) -> Self {
        Self { summary: summary.into(), details: String::new(), place, next_step: next_step.into(), no_events: false }
    }

    /// Adds the cause as it was reported, for those who want to see it.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.details = in_words(&cause.to_string());
        self
    }

    /// Says that the source is whole, only that it is no log.
    #[must_use]
    pub fn for_no_events(mut self) -> Self {
        self.no_events = true;
        self
    }
}

/// The system's number behind its own words says nothing to most people: `No such file or directory (os
/// error 2)`.
fn in_words(cause: &str) -> String {
    let mut text = cause.to_owned();
    while let Some(at) = text.find(" (os error ") {
        let Some(end) = text.get(at..).and_then(|rest| rest.find(')')) else { break };
        text.replace_range(at..=at + end, "");
    }
    text
}

pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_in_words() {
        for (cause, words) in [
            ("No such file or directory (os error 2)", "No such file or directory"),
            (
                "a: Permission denied (os error 13); b: Is a directory (os error 21)",
                "a: Permission denied; b: Is a directory",
            ),
            ("broken (os error ", "broken (os error "),
            ("plain", "plain"),
        ] {
            assert_eq!(Error::new("", Place::Nowhere, "").because(cause).details, words);
        }
        let missing = std::fs::File::open("/no/such/file").expect_err("it is not there");
        assert!(!Error::new("", Place::Nowhere, "").because(missing).details.contains("os error"));
    }
}
