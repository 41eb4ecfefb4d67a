//! Comparing: two steps of an entity, two entities of a kind, two reducers on one history.

#[cfg(test)]
pub mod bank;
mod entities;
mod points;
mod reducers;
mod sight;
mod steps;
mod words;

pub use entities::{Aligned, Entities, MOST_ALIGNED, entities};
pub use points::{Points, points};
pub use reducers::{Reducers, Row, reducers};
pub use sight::Sight;
pub use steps::{Next, Steps};
pub use words::{change_in_words, in_words, short};

#[cfg(test)]
mod tests;
