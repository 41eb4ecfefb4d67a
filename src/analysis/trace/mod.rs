//! Correlation chains: which events belong together, and which caused which.
//!
//! A chain is a directed graph, not a tree: an event may have several causes, and damaged logs have
//! events that cause themselves or each other. Ids are compared as hashes here; names are read back
//! only for what is shown.

mod chain;
mod collect;
mod describe;
mod diagram;
mod graph;
mod infer;
mod lookup;
mod order;
mod sequence;
mod svg;

#[cfg(test)]
mod tests;

pub use chain::{Chain, Link, Missing};
pub use collect::{CONSTANT_FROM, Start, Trace, correlation_name, correlations_of, trace};
pub use describe::{DescribedEvent, DescribedMissing, Description, Skew, describe};
pub use diagram::{markdown, mermaid, mermaid_text, plantuml};
pub use graph::{BOX, GONE, GONE_GAP, Graph};
pub use infer::MOST_INFERRED;
pub(in crate::analysis) use lookup::with_ids;
pub use sequence::{Folding, Message, Sequence, UNKNOWN, service};
pub use svg::{graph_svg, sequence_svg, waterfall_svg};
