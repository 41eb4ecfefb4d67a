//! Which field is what: the detected roles with their evidence, a form to change them, and what the
//! first events look like with the changed mapping.

mod draw;
mod form;
mod model;

pub use draw::MappingPanel;
