//! All events, or those of the filter, as a table of any length.

mod cells;
mod chained;
mod draw;
mod model;
mod watched;

pub use draw::Events;
