//! One event in full: envelope, headers, payload as tree, as stored text and as bytes, and where it
//! came from.

mod draw;
mod envelope;
mod model;
mod text;

pub use draw::Inspector;
