//! eventglass: a desktop inspector for event-driven systems.
//!
//! The rooms and who may call whom are in ARCHITECTURE.md; `tests/tidy.rs` holds the rooms to it.

pub mod analysis;
pub mod app;
pub mod base;
pub mod cli;
pub mod gui;
pub mod input;
pub mod model;
pub mod requeue;
pub mod sandbox;
pub mod store;
