//! Drawings of a chain as SVG 1.1 on a light ground, laid out as in the window.

mod graph;
mod sequence;
mod waterfall;

pub use graph::graph_svg;
pub use sequence::sequence_svg;
pub use waterfall::waterfall_svg;
