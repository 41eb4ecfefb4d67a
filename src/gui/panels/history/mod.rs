//! Questions to the history of the entity in focus: after which event a condition holds for the first
//! time, and every event that touched a field.

mod draw;
mod field;
mod model;
mod when;

pub use draw::HistoryPanel;
