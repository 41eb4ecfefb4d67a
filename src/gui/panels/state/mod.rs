//! The state of the entity in focus after the event at the cursor: scrub bar, transport, tree,
//! plots of its numbers.

mod draw;
mod head;
mod model;
mod scrub;
mod transport;
mod tree;

pub use draw::StatePanel;
