//! Kinds of entities and the entities themselves: counts, first and last event, a sparkline, search
//! as you type. The list is the timeline's, so both always show the same.

mod draw;
mod kinds;
mod model;
mod rows;

pub use draw::Entities;
