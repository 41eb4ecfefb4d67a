//! A system that moves a whole queue of dead letters by itself: what `requeue` asks of it beside an outlet. The task
//! lives in the system, so what became of it is asked there, also after the program was closed.

use serde::Serialize;

use crate::base::text::count;
use crate::model::error::{Error, Result};

/// Most messages a second that a task moves.
pub const FASTEST: u32 = 500;

/// What a system tells of a queue and of its move tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    pub queue: String,
    /// That lie there now, approximately: those that consumers may get, and those that somebody holds.
    pub messages: u64,
    pub held: u64,
    /// Names of the queues whose dead letters lie there.
    pub sources: Vec<String>,
    /// Why nothing can be moved from there, where that is known before it is tried.
    pub refused: Option<String>,
    /// What a task can and cannot do, in sentences for people, to be read before one is started.
    pub limits: Vec<String>,
    /// The last few, the newest first.
    pub tasks: Vec<MoveTask>,
}

impl Moves {
    /// The task that has not ended yet; a queue has one at most.
    #[must_use]
    pub fn running(&self) -> Option<&MoveTask> {
        self.tasks.iter().find(|task| task.status.is_open())
    }
}

/// One task. Its numbers are approximate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MoveTask {
    /// Told only while the task runs.
    pub handle: Option<String>,
    pub status: MoveStatus,
    /// The queue; none where each message goes back to the one that it came from.
    pub to: Option<String>,
    /// Messages a second, where somebody gave a limit.
    pub rate: Option<u32>,
    pub moved: u64,
    /// How many there were when it was started; none before it has begun.
    pub to_move: Option<u64>,
    /// Why it failed.
    pub failure: Option<String>,
    /// In milliseconds since 1970.
    pub started_ms: i64,
}

impl MoveTask {
    /// `about 40 of 100`, `about 40`; what was to be moved is told as nothing by some servers once all is moved.
    #[must_use]
    pub fn progress(&self) -> String {
        match self.to_move {
            Some(all) if all >= self.moved && all > 0 => format!("about {} of {}", count(self.moved), count(all)),
            _ => format!("about {}", count(self.moved)),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveStatus {
    Running,
    Cancelling,
    Completed,
    Cancelled,
    Failed,
    /// A word that this version does not know.
    #[default]
    Unknown,
}

impl MoveStatus {
    /// Whether another task has to wait for this one.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Cancelling)
    }

    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Cancelling => "being cancelled",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Unknown => "in an unknown state",
        }
    }
}

/// A connection that may start and cancel move tasks of one queue. Every call may block, within the time-outs of its
/// connection.
pub trait Mover: Send {
    /// Changes nothing.
    ///
    /// # Errors
    /// When the system cannot be asked.
    fn look(&self) -> Result<Moves>;

    /// Starts a task: to the queue of this name or ARN, else back to where each message came from; with at most so
    /// many messages a second, else as fast as the system sees fit. The task's handle.
    ///
    /// # Errors
    /// That it was refused, and why ([`StartError::refused`]), or that nobody can tell whether it was started.
    fn start(&self, to: Option<&str>, rate: Option<u32>) -> std::result::Result<String, StartError>;

    /// Cancels a task; what was moved stays moved. About how many that are.
    ///
    /// # Errors
    /// When it was refused or did not answer.
    fn cancel(&self, handle: &str) -> Result<u64>;
}

/// Why a task was not started, or may not have been.
#[derive(Clone, Debug)]
pub struct StartError {
    pub error: Error,
    /// The task surely does not run. Else the answer did not come.
    pub refused: bool,
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self { error, refused: true }
    }
}
