//! The filter bar in the header: text with completion, the error at its place, saved filters,
//! progress and cancel of a search.

mod draw;
mod model;
mod popup;
mod saved;

pub use draw::FilterBar;
