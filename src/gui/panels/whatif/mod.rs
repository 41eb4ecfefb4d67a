//! What if an event had not happened, or had said something else? Branches of the history of the entity
//! in focus: events left out, changed, added or moved, and where the states part from the stored ones.

mod detail;
mod draw;
mod export;
mod lines;
mod list;
mod model;
mod work;

pub use draw::WhatIf;
