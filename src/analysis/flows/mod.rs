//! All chains of a log at once: how long they take, which ways they usually go, what is missing in
//! some of them, and which service causes what in which other.
//!
//! A chain here is the events of one correlation id, or, where events carry none, those that causes tie
//! together. One pass over the index makes it all; no record is read.

mod chains;
mod collect;
mod compare;
mod edges;
mod follow;
mod kinds;
mod map;
mod offsets;
mod one;
mod search;
mod sketch;
mod survey;
#[cfg(test)]
mod tests;
mod variants;

pub use chains::{ChainFlags, ChainSummary, Flows};
pub use compare::{Aligned, Comparison, compare};
pub use edges::{Edge, EdgeKey};
pub use follow::Follow;
pub use kinds::Kind;
pub use map::{Layout, MapEdge, MapNode, NodeIs, PairOfTypes, Placed, Route, ServiceMap, label, layout, mermaid, svg};
pub use offsets::{Distances, Offset, Offsets};
pub use search::{ChainQuery, ChainSort, histogram, search};
pub use sketch::Sketch;
pub use survey::survey;
pub use variants::Variant;
