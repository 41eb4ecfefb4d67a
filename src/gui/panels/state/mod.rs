//! The state of the entity in focus after the event at the cursor: scrub bar, transport, tree,
//! plots of its numbers.

mod draw;
mod head;
mod model;
mod plots;
mod scrub;
mod transport;
mod tree;
mod why;

pub use draw::StatePanel;
