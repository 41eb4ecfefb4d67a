//! Dead letters put back: plans, and the runs that carry them out.

use std::sync::Arc;

use crate::app::state::Wish;
use crate::requeue::Plan;
use crate::requeue::journal::Decision;
use crate::requeue::moves::Change;
use crate::requeue::plan::Choice;

#[derive(Clone, Debug, PartialEq)]
pub enum RequeueCommand {
    /// Makes a plan of these letters and shows it; nothing is sent.
    Plan(Choice),
    /// Makes the plan anew, otherwise.
    Change(Box<Wish>),
    /// Forgets the plan.
    Forget,
    /// A system may be written to, for a while.
    Unlock(String),
    Lock(String),
    /// Sends what the plan says, if its system is unlocked.
    Run(Arc<Plan>),
    /// Goes on with a plan of the journal, if its system is unlocked.
    Resume {
        plan: String,
        system: String,
    },
    Pause(bool),
    Stop,
    /// Of a message in doubt, by its requeue id.
    Decide(String, Decision),
    /// Reads the journal again.
    Look,
    /// Asks the system of this queue for its move tasks, again where it was asked before.
    LookAtMoves(String),
    /// Starts or cancels a move task of the queue at `address`, if its system is unlocked.
    ChangeMoves {
        address: String,
        change: Change,
    },
}
