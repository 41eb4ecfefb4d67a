//! Records that could not be decoded and those with something doubtful about them: place, reason,
//! what may help. A click goes there.

mod draw;
mod model;

pub use draw::Problems;
