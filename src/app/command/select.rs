//! The one selection and the one time cursor.

use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;

#[derive(Clone, Debug, PartialEq)]
pub enum SelectCommand {
    /// Selects an event; the time cursor goes to it and the entity in focus stays where the event
    /// belongs to it.
    Event(EventIx),
    /// The same, and this entity becomes the one that the arrow keys follow.
    EventOf(EventIx, EntityIx),
    /// Selects an entity; the timeline scrolls to its lane.
    Entity(EntityIx),
    Clear,
    /// Moves the time cursor without selecting.
    Cursor(Option<TimeNs>),
    /// Neighbours among the events of the entity in focus.
    NextOfEntity,
    PreviousOfEntity,
    FirstOfEntity,
    LastOfEntity,
    /// Steps through the entity's events by itself, or stops doing so.
    Play,
    /// The next step of playing; at the last event it stops.
    PlayStep,
    /// The event that caused the selected one, and the first that it caused.
    Cause,
    Effect,
    /// Follows the chain anew from the selected event: it may carry further ids.
    Chain,
    /// Follows it by one of the event's correlation ids, or by all.
    ChainBy(Option<String>),
    /// An id found in an event: selects the event that has it.
    EventId(String),
    /// History of selections.
    Back,
    Forward,
    /// What lies under the pointer, for marking the same event in other panels.
    Hover(Option<EventIx>),
}
