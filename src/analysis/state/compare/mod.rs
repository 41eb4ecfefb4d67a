//! Comparing: two steps of an entity, two entities of a kind, two reducers on one history.

#[cfg(test)]
pub mod bank;
mod sight;
mod steps;

pub use sight::Sight;
pub use steps::{Next, Steps};
