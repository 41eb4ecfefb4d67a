//! x
mod model;
