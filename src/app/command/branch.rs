//! Branches of histories: what if an event had not happened, or had said something else?

use crate::analysis::state::whatif::{Edit, EventRef};
use crate::model::ids::EntityIx;

#[derive(Clone, Debug, PartialEq)]
pub enum BranchCommand {
    /// Begins one of the history of the entity in focus.
    Begin,
    /// Begins one of this entity's history and shows it.
    New(EntityIx),
    /// Shows one, or the stored history.
    Show(Option<u64>),
    Rename(u64, String),
    Delete(u64),
    /// Changes a branch of this entity's history; a new one where none is named.
    Edit(EntityIx, Option<u64>, Edit),
    /// Takes back what was changed about one event.
    Restore(u64, EventRef),
    /// All its changes are taken back.
    Clear(u64),
}
