//! The service map: who emits what that causes what. Boxes and arrows can be clicked; the list beside
//! them says the same in words, for the keyboard and for screen readers.

mod canvas;
mod detail;
mod draw;

pub use draw::MapPanel;
