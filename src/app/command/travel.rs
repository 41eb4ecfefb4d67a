//! Time travel: steps through the history of the entity in focus, and how its states are made and
//! shown. Selecting an event moves too; these are for what only a history knows.

use crate::analysis::state::path::Path;
use crate::analysis::state::reducer::ReducerSource;
use crate::app::state::{Pace, Show, WatchAs};

#[derive(Clone, Debug, PartialEq)]
pub enum TravelCommand {
    /// Goes to the state after the n-th event; 0 is before the first. Steps that follow quickly are
    /// one step of the selection history.
    Step(u32),
    /// Moves by so many events.
    By(i64),
    /// Where a person typed to: an event's number, `v12`, a time, `yesterday 14:34`, `-5m`.
    GoTo(String),
    Show(Show),
    NextShow,
    Pace(Pace),
    Faster,
    Slower,
    /// How the states of this kind of entity are made; nothing goes back to the inferred rules.
    Reducer(String, Option<ReducerSource>),
    /// Repeats of an event id count as events of their own.
    KeepDuplicates(bool),
    /// Pins a field of this kind of entity, or lets it go.
    Watch(String, Path, WatchAs, bool),
    UnwatchAll,
    /// Shows the history of a field.
    FieldHistory(Path),
    /// Looks for the first event after which this is true, and goes there.
    Bisect(String),
    ForgetBisect,
    /// Stops the fold; what is folded stays.
    StopFold,
    FoldAgain,
}
