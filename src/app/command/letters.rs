//! Dead letters sorted by a person: groups other than by cause, where letters without an origin belong, notes,
//! and what is out of sight.

use crate::analysis::dead_letters::Regroup;

#[derive(Clone, Debug, PartialEq)]
pub enum LettersCommand {
    /// The groups as they should be.
    Regroup(Box<Regroup>),
    /// The groups as they were before that.
    UndoRegroup,
    /// Letters of this topic or queue belong there, where they do not say so themselves; nothing forgets it.
    Target { from: String, to: String },
    /// A note on a letter (by its id) or a group (by its fingerprint).
    Note { subject: String, text: String },
    /// Out of sight, or back again.
    Archive { subject: String, archived: bool },
}
