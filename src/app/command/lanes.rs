//! Which lanes the timeline shows, in which order.

use crate::app::state::{ColorBy, LaneSort};
use crate::model::ids::EntityIx;

/// Kinds are named, not numbered, so that a view can outlive a log.
#[derive(Clone, Debug, PartialEq)]
pub enum LaneCommand {
    /// Sorts by this; the same again turns the order round.
    Sort(LaneSort),
    /// Only lanes whose entity's id or kind has this text.
    Text(String),
    /// Only lanes of these kinds; an empty list means all.
    Kinds(Vec<String>),
    ToggleKind(String),
    GroupByKind(bool),
    /// Only lanes with an event in the visible range, or all.
    InView(bool),
    ToggleInView,
    /// Folds or unfolds a kind's group.
    Fold(String),
    TogglePin(EntityIx),
    UnpinAll,
    ColorBy(ColorBy),
}
