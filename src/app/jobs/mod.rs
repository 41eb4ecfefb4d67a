//! Work that takes longer than a frame may. A [`Slot`] has one job running and at most one waiting;
//! the latest question wins and the previous answer stays until the new one is there.
//!
//! Answers that several panels share live in [`Jobs`]; a panel keeps slots of its own for what only
//! it asks (the marks of its visible lanes, the records of its visible rows).

mod chain;
mod flows;
mod grown;
mod letters;
mod lints;
mod moves;
mod read_model;
mod requeue;
mod shared;
mod slot;
mod travel;

pub use chain::{ChainAnswer, ChainJob, FoundChain, WholeChain};
pub use flows::{FlowsAnswer, FlowsJob};
pub use letters::{LetterJobs, Letters};
pub use lints::{LintJobs, LintKey, Linted, Tally};
pub use moves::MoveJobs;
pub use read_model::{ReadModelAsk, check_read_model};
pub use requeue::{RequeueJobs, Running, Told, archive, attempts, decide, note};
pub use shared::{EntitiesAnswer, EntitiesKey, Jobs, RowsAnswer, RowsKey, list_query};
pub use slot::{Answer, Job, Slot, Waker};
pub use travel::{At, Bisected, Chosen, Focus, Lent, Pool, StateAnswer, TravelJobs};
