//! The whole log as a strip: how much happened when, which part is visible, brush to zoom.

mod brush;
mod draw;
mod model;

pub use draw::Overview;
