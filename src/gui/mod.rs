//! The window.

pub mod panels;
pub mod shell;
pub mod widgets;
