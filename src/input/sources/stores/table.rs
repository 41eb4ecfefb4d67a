//! A table as far as stores are told apart by it.

pub(in super::super) use crate::base::text::folded as fold;

/// A table that can be read row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// The word under which the database gives the row's own number, as SQLite does; none in tables without one.
    pub rowid: Option<&'static str>,
}

impl Table {
    /// The column whose name is this when case and underscores are left out.
    pub fn column(&self, folded: &str) -> Option<&str> {
        self.columns.iter().map(String::as_str).find(|column| fold(column) == folded)
    }

    pub fn has_all(&self, folded: &[&str]) -> bool {
        folded.iter().all(|name| self.column(name).is_some())
    }
}

/// A name as SQL takes it, whatever is in it.
pub(in super::super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
