//! A console for SQL over the log: a statement with its colours, its answer as a table or as lines,
//! statements kept by name. A row with an `ix` is an event, and a click selects it.

mod draw;
mod editor;
mod model;
mod plot;

pub use draw::SqlPanel;
