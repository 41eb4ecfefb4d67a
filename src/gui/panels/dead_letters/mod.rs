//! Dead letters by cause: the groups on the left, unfolded into letters; on the right what the chosen
//! group or letter says, and what else the log knows of it.

mod detail;
mod draw;
mod model;
mod notes;
mod regroup;
mod rows;
mod target;
mod view;

pub use draw::DeadLetters;
