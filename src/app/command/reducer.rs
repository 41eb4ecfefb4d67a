//! Reducers that come from outside: kept with a source, or in a file. Choosing one that a person
//! wrote here is [`super::TravelCommand::Reducer`].

use std::sync::Arc;

use crate::analysis::state::reducer::ReducerSource;

#[derive(Clone, Debug, PartialEq)]
pub enum ReducerCommand {
    /// The script that came with the settings may run, for this kind of entity.
    Allow(String),
    /// It does not, and is forgotten.
    Refuse(String),
    /// Compares this text with the reducer of its kind that is in use.
    Compare(String, ReducerSource),
    /// Reads a file into the editor of a kind; it is not in use before it is applied.
    Open { kind: String, path: String },
    /// What the file holds.
    Opened { kind: String, path: String, text: Arc<str> },
}
