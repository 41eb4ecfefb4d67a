//! A dialect as a table of header names, for the many producers that differ in nothing else, and for an
//! application's own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::analysis::dead_letters::letter::{
    Cause, Evidence, Failure, Fidelity, Kept, Letter, Location, NO_ORIGIN, Stage,
};
use crate::analysis::dead_letters::seen::{Seen, text};
use crate::analysis::dead_letters::stack;
use crate::model::message::{HeaderValue, Numeral, number};
use crate::model::time::{TimeNs, parse_text};

type Name = Cow<'static, str>;

/// Which of equal header names was written last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newest {
    /// Appended at each failure: the first one is the origin.
    #[default]
    Last,
    /// Written before the headers that were there: the last one is the origin.
    First,
}

/// Names of headers by what they say; empty where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Names {
    /// Shown as the dialect.
    pub label: Name,
    pub newest: Newest,
    pub topic: Name,
    pub partition: Name,
    pub offset: Name,
    /// A queue, where the origin is one.
    pub queue: Name,
    /// When the original was produced.
    pub timestamp: Name,
    pub failed_at: Name,
    pub consumer: Name,
    pub root: Name,
    pub wrapper: Name,
    pub message: Name,
    pub stack: Name,
    pub reason: Name,
    pub attempts: Name,
}

impl Default for Names {
    fn default() -> Self {
        Self::NONE
    }
}

impl Names {
    /// To be completed: `Names { topic: …, ..Names::NONE }`.
    pub const NONE: Names = Names {
        label: Cow::Borrowed(""),
        newest: Newest::Last,
        topic: Cow::Borrowed(""),
        partition: Cow::Borrowed(""),
        offset: Cow::Borrowed(""),
        queue: Cow::Borrowed(""),
        timestamp: Cow::Borrowed(""),
        failed_at: Cow::Borrowed(""),
        consumer: Cow::Borrowed(""),
        root: Cow::Borrowed(""),
        wrapper: Cow::Borrowed(""),
        message: Cow::Borrowed(""),
        stack: Cow::Borrowed(""),
        reason: Cow::Borrowed(""),
        attempts: Cow::Borrowed(""),
    };

    /// The names that are there.
    pub fn looked_for(&self) -> impl Iterator<Item = &str> {
        let all: [&Name; 13] = [
            &self.topic,
            &self.partition,
            &self.offset,
            &self.queue,
            &self.timestamp,
            &self.failed_at,
            &self.consumer,
            &self.root,
            &self.wrapper,
            &self.message,
            &self.stack,
            &self.reason,
            &self.attempts,
        ];
        all.into_iter().map(|name| &**name).filter(|name| !name.is_empty())
    }

    /// A letter where one of the headers that say whence or why is there.
    #[must_use]
    pub fn read(&self, seen: &Seen) -> Option<Letter> {
        let telling = [&self.topic, &self.queue, &self.root, &self.wrapper, &self.message, &self.reason];
        if !telling.iter().any(|name| !name.is_empty() && seen.has(name)) {
            return None;
        }
        let mut undecoded = Vec::new();
        let failures = self.failures(seen, &mut undecoded);
        let newest_text = |name: &str| self.newest(seen, name).and_then(text);
        let stack = newest_text(&self.stack);
        let origin = failures.first().and_then(|failure| failure.location.clone());
        let mut cause = Cause {
            root: newest_text(&self.root),
            wrapper: newest_text(&self.wrapper),
            message: newest_text(&self.message),
            stack,
            reason: newest_text(&self.reason),
        };
        complete(&mut cause);
        let mut numeral = |name: &str, numeral| {
            let value = self.newest(seen, name)?;
            let found = whole(value, numeral);
            if found.is_none() && *value != HeaderValue::Null {
                undecoded.push(name.to_owned());
            }
            found
        };
        let attempts = numeral(&self.attempts, Numeral::Count).and_then(|count| u64::try_from(count).ok());
        let original_time = self.oldest(seen, &self.timestamp).and_then(instant);
        let failed_at = self.newest(seen, &self.failed_at).and_then(instant);
        let target = match &origin {
            Some(Location::Topic { name, partition, .. }) => Ok(Location::topic(name.clone(), *partition, None)),
            Some(location) => Ok(location.clone()),
            None => Err(NO_ORIGIN),
        };
        Some(Letter {
            dialect: self.label.clone().into_owned(),
            stage: Stage::Dead,
            evidence: Evidence::Headers,
            location: seen.location.clone(),
            origin,
            cause,
            attempts,
            history: if failures.len() > 1 { failures } else { Vec::new() },
            consumer: newest_text(&self.consumer),
            failed_at,
            original_time,
            fidelity: Fidelity::new(Kept::Perhaps, Kept::Perhaps, Kept::Perhaps, Kept::Perhaps),
            target,
            pointer_only: false,
            undecoded,
        })
    }

    fn in_order<'a>(&self, seen: &'a Seen, name: &'a str) -> Vec<&'a HeaderValue> {
        let mut all: Vec<&HeaderValue> = if name.is_empty() { Vec::new() } else { seen.all(name).collect() };
        if self.newest == Newest::First {
            all.reverse();
        }
        all
    }

    fn oldest<'a>(&self, seen: &'a Seen, name: &'a str) -> Option<&'a HeaderValue> {
        self.in_order(seen, name).first().copied()
    }

    fn newest<'a>(&self, seen: &'a Seen, name: &'a str) -> Option<&'a HeaderValue> {
        self.in_order(seen, name).last().copied()
    }

    /// Each failure that left its place in the headers, oldest first.
    fn failures(&self, seen: &Seen, undecoded: &mut Vec<String>) -> Vec<Failure> {
        let (topics, queues) = (self.in_order(seen, &self.topic), self.in_order(seen, &self.queue));
        let (partitions, offsets) = (self.in_order(seen, &self.partition), self.in_order(seen, &self.offset));
        let mut place = |name: &str, values: &[&HeaderValue], i: usize| {
            let value = values.get(i)?;
            let found = whole(value, Numeral::Place);
            if found.is_none() && **value != HeaderValue::Null && !undecoded.iter().any(|known| known == name) {
                undecoded.push(name.to_owned());
            }
            found
        };
        let topics = topics.iter().enumerate().filter_map(|(i, topic)| {
            let (partition, offset) = (place(&self.partition, &partitions, i), place(&self.offset, &offsets, i));
            Some(Location::topic(text(topic)?, partition.filter(|n| *n >= 0), offset.filter(|n| *n >= 0)))
        });
        let mut locations: Vec<Location> = topics.collect();
        locations.extend(queues.iter().filter_map(|queue| text(queue)).map(Location::queue));
        let of = |location| Failure { location: Some(location), reason: None, at: None, count: None };
        locations.into_iter().map(of).collect()
    }
}

/// What the stack trace knows and the headers do not.
pub fn complete(cause: &mut Cause) {
    if let Some((class, message)) = cause.stack.as_deref().and_then(stack::root) {
        let (class, message) = (class.to_owned(), message.map(str::to_owned));
        // The message beside it is the wrapper's, so it goes with the class.
        if cause.root.is_none() && cause.wrapper.as_deref() != Some(&*class) {
            cause.message = message.or_else(|| cause.message.take());
            cause.root = Some(class);
        } else if cause.message.is_none() {
            cause.message = message;
        }
    }
}

/// A number as the header's type or its bytes have it.
pub fn whole(value: &HeaderValue, numeral: Numeral) -> Option<i64> {
    value.whole().or_else(|| number(value.bytes()?, numeral))
}

/// A time: milliseconds since 1970 in whatever encoding, AMQP's seconds, or text.
pub fn instant(value: &HeaderValue) -> Option<TimeNs> {
    match value {
        HeaderValue::Time(seconds) => i64::try_from(*seconds).ok()?.checked_mul(1_000_000_000).map(TimeNs),
        _ => match whole(value, Numeral::Time) {
            Some(ms) => ms.checked_mul(1_000_000).map(TimeNs),
            None => parse_text(value.text()?.as_bytes(), 0),
        },
    }
}
