//! Two of one thing side by side: two steps of the entity in focus, two entities of a kind, two reducers
//! on one history.

mod draw;
mod model;
mod pick;
mod work;

pub use draw::ComparePanel;
