//! What a dead letter says, whoever wrote it.

use std::fmt;

use crate::model::time::TimeNs;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The name of the dialect, or of a person's own header names.
    pub dialect: String,
    pub stage: Stage,
    pub evidence: Evidence,
    /// Where the letter lies, as far as its record tells.
    pub location: Option<Location>,
    /// Where the message was when it failed first.
    pub origin: Option<Location>,
    pub cause: Cause,
    /// Deliveries that failed, as the producer counts them.
    pub attempts: Option<u64>,
    /// Failures of this message, oldest first, where more than the last one is known.
    pub history: Vec<Failure>,
    /// Who failed: a consumer group, an endpoint, a connector.
    pub consumer: Option<String>,
    /// The newest failure.
    pub failed_at: Option<TimeNs>,
    /// When the original message was produced.
    pub original_time: Option<TimeNs>,
    pub fidelity: Fidelity,
    /// Where it would go back to, or why nobody can tell.
    pub target: Result<Location, &'static str>,
    /// Neither key nor value were copied: the original has to be fetched from its place.
    pub pointer_only: bool,
    /// Headers that should hold a number and don't.
    pub undecoded: Vec<String>,
}

impl Letter {
    /// A dead letter of this dialect that tells nothing but where it lies; what more is known is put in.
    #[must_use]
    pub fn silent(dialect: &str, location: Option<Location>, fidelity: Fidelity) -> Self {
        Self {
            dialect: dialect.to_owned(),
            stage: Stage::Dead,
            evidence: Evidence::Name,
            location,
            origin: None,
            cause: Cause::default(),
            attempts: None,
            history: Vec::new(),
            consumer: None,
            failed_at: None,
            original_time: None,
            fidelity,
            target: Err(NO_ORIGIN),
            pointer_only: false,
            undecoded: Vec::new(),
        }
    }
}

/// Why there is no target where nothing tells the origin.
pub const NO_ORIGIN: &str = "nothing in it says where it came from: choose the target";

/// A place in a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    Topic {
        name: String,
        partition: Option<i64>,
        /// Position in the partition; in NATS the stream's sequence number.
        offset: Option<i64>,
    },
    Queue {
        name: String,
    },
    /// Routed again by the exchange: to every queue that is bound so.
    Exchange {
        name: String,
        routing_keys: Vec<String>,
    },
}

impl Location {
    #[must_use]
    pub fn topic(name: impl Into<String>, partition: Option<i64>, offset: Option<i64>) -> Self {
        Self::Topic { name: name.into(), partition, offset }
    }

    #[must_use]
    pub fn queue(name: impl Into<String>) -> Self {
        Self::Queue { name: name.into() }
    }

    /// The topic's, queue's or exchange's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Topic { name, .. } | Self::Queue { name } | Self::Exchange { name, .. } => name,
        }
    }
}

impl fmt::Display for Location {
    /// `orders/3@1041`, `orders`, `exchange shop → order.placed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic { name, partition, offset } => {
                write!(f, "{name}")?;
                partition.map_or(Ok(()), |partition| write!(f, "/{partition}"))?;
                offset.map_or(Ok(()), |offset| write!(f, "@{offset}"))
            }
            Self::Queue { name } => write!(f, "{name}"),
            Self::Exchange { name, routing_keys } => {
                let name = if name.is_empty() { "default exchange" } else { name };
                write!(f, "exchange {name} → {}", routing_keys.join(", "))
            }
        }
    }
}

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody works on it any more.
    Dead,
    /// In a retry topic: its consumer will try again by itself.
    Retrying,
    /// It carries a letter's headers but lies where it came from: put back by someone who left them on it.
    PutBack,
}

/// What it was recognised by, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Headers or attributes that only this producer writes.
    Headers,
    /// The form of its body.
    Body,
    /// The name of the topic or queue alone.
    Name,
}

/// Why it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The innermost exception's class.
    pub root: Option<String>,
    /// The class of the exception that was reported, which often only wraps the root.
    pub wrapper: Option<String>,
    /// The root's message where it can be told from the wrapper's, else all there is.
    pub message: Option<String>,
    pub stack: Option<String>,
    /// The broker's own word: `rejected`, `expired`, `MaxDeliveryCountExceeded`.
    pub reason: Option<String>,
}

impl Cause {
    /// The class to group by: the root's before the wrapper's.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.root.as_deref().or(self.wrapper.as_deref())
    }
}

/// One failure of a message's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub location: Option<Location>,
    pub reason: Option<String>,
    pub at: Option<TimeNs>,
    /// How often, where the broker counts equal ones together.
    pub count: Option<u64>,
}

/// Whether a part of the letter has the original's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Yes,
    /// Written anew from the decoded form, or depending on a setting.
    Perhaps,
    No,
    /// Such messages have no such part.
    Without,
}

/// What survived dead-lettering: whether the letter itself may be sent, or its original should be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fidelity {
    pub key: Kept,
    pub value: Kept,
    /// `Yes` means kept, with those of the letter added.
    pub headers: Kept,
    pub timestamp: Kept,
}

impl Fidelity {
    #[must_use]
    pub const fn new(key: Kept, value: Kept, headers: Kept, timestamp: Kept) -> Self {
        Self { key, value, headers, timestamp }
    }
}
