//! What if: a branch of a history in which events are left out, changed, added or moved, and where its
//! states part from the stored ones.

mod branch;
mod divergence;
mod plan;

pub use branch::{Branch, BranchEvents, Edit, EventRef, Place};
pub use divergence::{Divergence, Limits, Pair, Row, What, divergence};
pub use plan::{Plan, Run, Slot};

#[cfg(test)]
mod tests;
