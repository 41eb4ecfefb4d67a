//! Code of foreign make runs here: a child process of ourselves that holds an interpreter and nothing
//! else. It has no environment, no files, no clock and no randomness, and it can be killed.
//!
//! The interpreters' own limits (time between two steps, memory) stop what is common; native loops that
//! never ask are stopped from outside, by `host`. The child is this very program, started with one
//! hidden argument, so there is nothing to install.

mod child;
mod host;
pub mod javascript;
mod jq;
mod json_schema;
mod protocol;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

pub use host::{Compiled, Done, Failure, Host, Refused, Told};
pub use json_schema::Sources;
pub use protocol::Run;

/// How long one event may take before the interpreter is interrupted.
pub const EVENT_BUDGET: Duration = Duration::from_millis(600);

/// After so much more the child is killed: it is in a loop that no interrupt reaches.
pub const MARGIN: Duration = Duration::from_millis(600);

/// What the interpreter may allocate.
pub const MEMORY_BYTES: usize = 192 << 20;

/// What the whole child may occupy, where the system tells.
pub const RESIDENT_BYTES: u64 = 448 << 20;

/// The longest state.
pub const MAX_STATE_BYTES: usize = 8 << 20;

/// The longest event.
pub const MAX_EVENT_BYTES: usize = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    JavaScript,
    Jq,
    /// Events are values that keep to it or fail; there is no state. Its text is [`Sources`] as JSON.
    JsonSchema,
}

/// The hidden argument that makes this program a child.
const ARGUMENT: &str = "--eventglass-reducer-child";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Which program is started as the child where it is not this one: tests and benches name theirs.
/// Only the first call counts.
pub fn set_program(path: PathBuf) {
    let _ = PROGRAM.set(path);
}

/// Whether this process was started as a child; then it has done its work and should end.
pub fn ran_as_child() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    let asked = arguments.next().is_some_and(|argument| argument == ARGUMENT) && arguments.next().is_none();
    if asked {
        child::run(std::io::stdin(), std::io::stdout());
    }
    asked
}
