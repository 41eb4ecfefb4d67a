//! What the window knows and can do, without a window: State, commands, what carries them out.
//!
//! Everything a person can do is a [`command::Command`]; [`update::update`] is the only code that
//! changes [`state::State`]. What takes time goes to a [`jobs::Slot`] or an [`effect::Effect`].

pub mod actions;
pub mod command;
pub mod demo;
pub mod destination;
pub mod effect;
pub mod jobs;
pub mod keys;
pub mod passwords;
pub mod preview;
pub mod session;
pub mod settings;
pub mod state;
pub mod update;
pub mod workspace;
pub mod zone;

pub use command::Command;
pub use effect::{Effect, Effects};
pub use state::State;
pub use update::update;

/// A panel by its name in `gui::panels::PANELS`: `timeline`, `events`.
pub type PanelId = &'static str;
