//! All chains of the log: searched, sorted, by how long they took; the ways they usually go; what
//! usually follows and did not; two of them side by side.

mod compare;
mod draw;
mod histogram;
mod model;
mod table;
mod usual;
mod ways;

pub use draw::ChainsPanel;
