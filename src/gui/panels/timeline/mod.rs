//! The timeline: one lane per entity on a shared axis. The star panel, so a folder from the start.

pub mod cells;
pub mod hit;
pub mod marks;
pub mod rows;
