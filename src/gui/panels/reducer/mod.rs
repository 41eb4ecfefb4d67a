//! Where states come from: the reducer of a kind of entity, as inferred rules or as a person's own
//! text in one of three languages, with a preview of what it makes of a history while it is typed.

mod draw;
mod editor;
mod files;
mod inferred;
mod model;
mod preview;
mod reference;
mod result;

pub use draw::ReducerPanel;
