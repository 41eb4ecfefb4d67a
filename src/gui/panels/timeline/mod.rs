//! The timeline: one lane per entity on a shared axis. The star panel, so a folder from the start:
//! `cells` is what a job counts, `hit` where that stands on screen, `rows` which row is which lane,
//! `model` the words; the rest draws and takes input.

mod cells;
mod draw;
mod hit;
mod in_view;
mod input;
mod lanes;
mod legend;
mod marks;
mod model;
mod rows;
mod ruler;
mod toolbar;
mod tooltip;

pub use draw::Timeline;
