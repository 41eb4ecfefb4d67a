//! Where a letter goes, and to which partition.

use std::collections::BTreeMap;

use crate::analysis::dead_letters::{Letter, Location};
use crate::input::sources::broker::{PlaceInfo, Url};
use crate::input::sources::outlet::Target;

/// A target that a person chose. Without a form it is a topic or a queue, as the system has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    Name(String),
    Exactly(Target),
}

/// `orders`, `topic:orders/3`, `queue:orders`, `stream:orders`, `exchange:shop/order.placed`.
#[must_use]
pub fn parse_target(text: &str) -> To {
    let Some((form, name)) = text.split_once(':') else { return To::Name(text.to_owned()) };
    let exactly = match form {
        "topic" => {
            let numbered = name.rsplit_once('/').and_then(|(name, n)| Some((name, n.parse().ok()?)));
            let (name, partition) = numbered.map_or((name, None), |(name, n)| (name, Some(n)));
            Target::Topic { name: name.to_owned(), partition }
        }
        "queue" | "stream" => Target::Queue { name: name.to_owned() },
        "exchange" => {
            let (name, key) = name.split_once('/').unwrap_or((name, ""));
            Target::Exchange { name: name.to_owned(), routing_key: key.to_owned() }
        }
        _ => return To::Name(text.to_owned()),
    };
    To::Exactly(exactly)
}

/// What kind of places a system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Topics,
    Queues,
    Streams,
    /// Of SQS.
    SqsQueues,
    /// Of SNS.
    SnsTopics,
    /// Nothing is sent there: rows are marked.
    Tables,
    /// Persistent subscriptions of KurrentDB, which replays what they have parked.
    Subscriptions,
    File,
}

impl Kind {
    pub(super) fn of(system: &str) -> Self {
        if system.starts_with("file:") {
            Self::File
        } else if system.starts_with("amqp") {
            Self::Queues
        } else if system.starts_with("redis") {
            Self::Streams
        } else if system.starts_with("sqs") {
            Self::SqsQueues
        } else if system.starts_with("sns") {
            Self::SnsTopics
        } else if system.starts_with("postgres") {
            Self::Tables
        } else if Url::is_kurrent(system) {
            Self::Subscriptions
        } else {
            Self::Topics
        }
    }
}

/// The target of one letter with why it is this partition.
pub(super) fn target(
    system: &str,
    to: Option<&To>,
    letter: &Letter,
    topics: &BTreeMap<String, PlaceInfo>,
) -> Result<(Target, String), String> {
    let kind = Kind::of(system);
    if let (Kind::File, Some(path)) = (kind, system.strip_prefix("file:")) {
        return Ok((Target::File { path: path.to_owned() }, String::new()));
    }
    let wanted = match (to, kind) {
        (Some(To::Exactly(target)), _) => target.clone(),
        (Some(To::Name(name)), Kind::Queues | Kind::Streams | Kind::SqsQueues | Kind::Subscriptions) => {
            Target::Queue { name: name.clone() }
        }
        (Some(To::Name(name)), _) => Target::Topic { name: name.clone(), partition: None },
        (None, _) => of_letter(letter)?,
    };
    match (&wanted, kind) {
        (Target::Topic { .. }, Kind::Topics)
        | (Target::Queue { .. } | Target::Exchange { .. }, Kind::Queues)
        | (Target::Queue { .. }, Kind::Streams | Kind::SqsQueues) => {}
        (Target::Queue { name }, Kind::Subscriptions) if of_letter(letter).as_ref() == Ok(&wanted) => {
            let words = format!("the subscription {name} parked it: the server replays it from there");
            return Ok((wanted, words));
        }
        (_, Kind::Subscriptions) => {
            let why = "KurrentDB's messages go back only to the subscription that parked them: give no target";
            return Err(why.to_owned());
        }
        (Target::Topic { .. }, Kind::SnsTopics) => {
            let words = "to every subscription of the topic again, not only to the one whose letter it is";
            return Ok((wanted, words.to_owned()));
        }
        _ => return Err(format!("it goes back to {wanted}, which is no place of this kind of system: give a target")),
    }
    let Target::Topic { name, partition } = &wanted else { return Ok((wanted, String::new())) };
    if let (Some(To::Exactly(_)), Some(n)) = (to, partition) {
        return Ok((wanted.clone(), format!("partition {n} was asked for")));
    }
    let origin = match &letter.origin {
        Some(Location::Topic { name: origin, partition: Some(n), .. }) if origin == name => i32::try_from(*n).ok(),
        _ => None,
    };
    let there = topics.get(name).and_then(|info| info.partitions);
    let by_key = |why: &str| {
        (
            Target::Topic { name: name.clone(), partition: None },
            format!("partition by its key, as Java's producer does: {why}"),
        )
    };
    Ok(match (origin, there) {
        (None, _) => by_key("its first partition is not known"),
        (Some(n), Some(there)) if i64::from(n) >= i64::from(there) => {
            by_key(&format!("its first partition {n} is not there any more"))
        }
        (Some(n), there) => {
            let asked = if there.is_some() { "" } else { "; the topic was not asked whether it still has it" };
            (
                Target::Topic { name: name.clone(), partition: Some(n) },
                format!("partition {n}, where it was before it failed{asked}"),
            )
        }
    })
}

fn of_letter(letter: &Letter) -> Result<Target, String> {
    match &letter.target {
        Ok(Location::Topic { name, .. }) => Ok(Target::Topic { name: name.clone(), partition: None }),
        Ok(Location::Queue { name }) => Ok(Target::Queue { name: name.clone() }),
        Ok(Location::Exchange { name, routing_keys }) => {
            let routing_key = routing_keys.first().cloned().unwrap_or_default();
            Ok(Target::Exchange { name: name.clone(), routing_key })
        }
        Err(why) => Err(format!("{why}: give a target")),
    }
}
