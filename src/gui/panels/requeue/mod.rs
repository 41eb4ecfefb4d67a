//! Dead letters put back: the plan to the byte before anything is sent, the run, the journal.

mod detail;
mod draw;
mod effect;
mod form;
mod journal;
mod model;
mod moves;
mod run;

pub use draw::RequeuePanel;
