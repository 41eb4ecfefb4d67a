//! The chain of the selected event: in causal order, in time with a lane per service, as a graph of
//! causes, as a sequence diagram. All four show the one selection, and a click moves it.

mod arrows;
mod boxes;
mod choice;
mod constant;
mod draw;
mod export;
mod graph;
mod list;
mod model;
mod rover;
mod sequence;
mod span;
mod waterfall;

pub use draw::ChainPanel;
