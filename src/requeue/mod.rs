//! Dead letters put back: the only room that has messages written to foreign systems.
//!
//! `plan` says to the byte what would be sent where, `edit` changes many messages by one step, `journal`
//! keeps on disk what was done, `run` carries a plan out and finds its way back after a crash. All of them
//! block: the window drives them from a thread of its own and looks at `run::Control`.

pub mod aim;
pub mod edit;
pub mod headers;
pub mod ids;
pub mod journal;
pub mod moves;
pub mod patch;
pub mod plan;
pub mod run;
pub mod system;
pub mod testing;

pub use journal::Journal;
pub use plan::Plan;

use crate::input::sources::broker::{self, Url};
use crate::input::sources::outlet::Outlet;
use crate::input::sources::records;
use crate::model::error::Result;
use crate::model::secret::Secret;

/// A connection that may write to a plan's system: a broker by its URL, or a file (`file:letters.ndjson`).
/// Plans hold no passwords, so it is given here where the environment does not have it.
///
/// # Errors
/// The step that failed.
pub fn connect(system: &str, password: Option<&Secret>) -> Result<Box<dyn Outlet>> {
    if let Some(path) = system.strip_prefix(records::SCHEME) {
        return records::outlet(path);
    }
    let mut url = Url::parse(system)?;
    if url.password.is_none() {
        url.password = password.cloned();
    }
    broker::of(&url)?.outlet(&url)
}
