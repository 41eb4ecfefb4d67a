//! Events over time: the axis, its ticks, density, lanes.

pub mod axis;
pub mod ticks;
