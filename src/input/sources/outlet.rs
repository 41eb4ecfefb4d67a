//! Where a message can be put back: what `requeue` asks of a broker. Writing happens here and nowhere else.
//!
//! For one batch of letters `requeue` calls, and keeps in its journal between the calls: `hold`, `mark`, `send`,
//! `settle`. After a crash it asks `look_for` before anything is sent again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::error::{Error, Result};
use crate::model::message::Message;

/// Where a message is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// To this partition, or to the one of its key as Java's producer chooses it. In SNS the topic's ARN.
    Topic { name: String, partition: Option<i32> },
    /// Through the default exchange: to this queue and no other. In Redis a stream, in SQS a queue.
    Queue { name: String },
    /// Routed again: to every queue that is bound so.
    Exchange { name: String, routing_key: String },
    /// Appended to this file as a record.
    File { path: String },
    /// Left in its table and marked, so that the library whose table it is puts it back.
    Mark { table: String },
}

impl fmt::Display for Target {
    /// `orders/3`, `orders`, `exchange shop → order.placed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic { name, partition: Some(partition) } => write!(f, "{name}/{partition}"),
            Self::Topic { name, partition: None } | Self::Queue { name } => f.write_str(name),
            Self::Exchange { name, routing_key } => {
                let name = if name.is_empty() { "default exchange" } else { name };
                write!(f, "exchange {name} → {routing_key}")
            }
            Self::File { path } => write!(f, "file {path}"),
            Self::Mark { table } => write!(f, "{table}, marked as replayable"),
        }
    }
}

/// The header of a message that was put back which holds its [`Outgoing::requeue_id`].
pub const ID_HEADER: &str = "eventglass-requeue-id";

/// Most attributes that a message of SQS or SNS may have.
pub const SQS_ATTRIBUTES: usize = 10;

/// One message on its way from where its letter lies to its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The same for the same letter, target and bytes; also a header of `message`.
    pub requeue_id: String,
    /// The letter as it lies in the broker, place included.
    pub letter: Message,
    pub target: Target,
    /// What is sent: key, headers and value to the byte. Its place is that of the letter, for the properties
    /// of a RabbitMQ message; where it is sent only `target` says. A timestamp is sent where there is one.
    pub message: Message,
}

/// What may be relied on, told before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// Sending and settling happen together or not at all, and what happened can be looked up.
    ExactlyOnce,
    /// What was sent can be looked up after a crash; the letter is settled afterwards.
    FoundAgain,
    /// A crash in the wrong instant leaves a doubt that a person has to decide.
    AtLeastOnce,
}

/// What became of one message.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is there: where, in words.
    Confirmed(String),
    /// It surely is not there, and trying again without a change would end the same way.
    Refused(Error),
    /// Nobody can tell: the answer did not come.
    Unknown(Error),
}

/// Whether a letter is still where it was.
#[derive(Clone, Debug)]
pub enum Hold {
    Held,
    /// Somebody else took, deleted or handled it: in words.
    Gone(String),
}

/// What is known after a crash.
#[derive(Clone, Debug)]
pub enum Presence {
    There(String),
    Absent,
    /// Why not.
    CannotTell(String),
}

/// A connection that may write. One batch at a time, from one thread; every call may block, within the time-outs
/// of its connection.
pub trait Outlet: Send {
    fn guarantee(&self) -> Guarantee;

    /// Takes hold of letters where they lie, one answer for each. Of letters that cannot be told apart those
    /// that come first in the batch are held. Only letters that lie in this very system are asked for here,
    /// in [`Self::settle`] and in [`Self::release`]; those that came from elsewhere are only sent.
    ///
    /// # Errors
    /// When the broker cannot be asked.
    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>>;

    /// Text that [`Self::look_for`] and [`Self::returned`] need to find these messages again, such as the
    /// ends of their partitions.
    ///
    /// # Errors
    /// When the broker cannot be asked.
    fn mark(&mut self, batch: &[Outgoing]) -> Result<String>;

    /// Sends the batch and waits for the broker's answers, one outcome for each.
    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome>;

    /// Takes letters whose messages are confirmed from where they lay, or marks them as handled.
    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome>;

    /// Lets go of letters that were held and not settled, unchanged.
    fn release(&mut self, batch: &[Outgoing]);

    /// What became of messages that may have been sent before a crash or a time-out, by the mark of their
    /// batch. Asked of a new connection.
    ///
    /// # Errors
    /// When the broker cannot be asked.
    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>>;

    /// Whether messages that were sent have failed again: a letter with the same requeue id lies where its
    /// letter lay. `mark` is that of their batch. The stop rule of canary steps stands on it.
    ///
    /// # Errors
    /// When the broker cannot be asked.
    fn returned(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let _ = mark;
        let cannot = || Presence::CannotTell("this kind of system is not looked through for returned letters".into());
        Ok(batch.iter().map(|_| cannot()).collect())
    }
}
