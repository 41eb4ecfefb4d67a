//! The window.

pub mod panels;
pub mod shell;
pub mod theme;
pub mod widgets;
