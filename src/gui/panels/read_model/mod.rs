//! Is the read model right: a table, its key, and what differs from what the events make. A click goes
//! to the entity and to the event that should have set the value.

mod draw;
mod model;

pub use draw::ReadModelPanel;
