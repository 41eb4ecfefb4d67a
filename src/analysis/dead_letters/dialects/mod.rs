//! Who writes which headers on a dead letter. ★ A dialect is a [`Dialect`] in its own file and a line in
//! [`DIALECTS`]; most are a table of header names ([`Names`]) with what is special beside it.
//!
//! To add one: copy the smallest neighbour, name the source of the names, and give it a letter as its
//! producer writes it (`fn golden`).

mod by_name;
mod connect;
mod karafka;
mod kurrentdb;
mod lambda;
mod masstransit;
mod names;
mod nats;
mod nservicebus;
mod pubsub;
mod rabbitmq;
mod rebus;
mod redis;
mod service_bus;
mod share_group;
mod smallrye;
mod spring_amqp;
mod spring_cloud_stream;
mod spring_kafka;
mod sqs;
mod streams;
mod tables;
#[cfg(test)]
mod testing;
mod wolverine;

pub use by_name::NAME_PATTERN;
pub use names::{Names, Newest};
pub use tables::way_back;

use super::config::Config;
use super::letter::{Letter, Location, Stage};
use super::seen::Seen;
use crate::model::message::{is_dead_letter_name, is_retry_name};

/// A producer family.
#[derive(Debug)]
pub struct Dialect {
    /// As in reports: `spring-kafka`.
    pub name: &'static str,
    /// As shown: `Spring Kafka`.
    pub label: &'static str,
    /// Texts of which at least one is in each of its records' bytes. Rare ones: what carries one is read.
    pub marks: &'static [&'static str],
    /// Names, or beginnings of names, of the headers that dead-lettering adds.
    pub adds: &'static [&'static str],
    pub read: fn(&Seen) -> Option<Letter>,
}

/// Most particular first: the first one that reads a letter has it.
pub static DIALECTS: &[&Dialect] = &[
    &spring_kafka::DIALECT,
    &spring_kafka::RETRY_TOPIC,
    &connect::DIALECT,
    &streams::DIALECT,
    &share_group::DIALECT,
    &smallrye::DIALECT,
    &smallrye::DELAYED_RETRY,
    &spring_cloud_stream::DIALECT,
    &spring_amqp::DIALECT,
    &nservicebus::DIALECT,
    &masstransit::DIALECT,
    &rebus::DIALECT,
    &wolverine::RETRY,
    &wolverine::DIALECT,
    &karafka::DIALECT,
    &rabbitmq::DIALECT,
    &sqs::DIALECT,
    &service_bus::DIALECT,
    &pubsub::DIALECT,
    &lambda::DIALECT,
    &nats::DIALECT,
    &kurrentdb::DIALECT,
    &redis::PENDING,
    &redis::DIALECT,
    &tables::WOLVERINE,
    &tables::AXON,
    &tables::MODULITH,
    &tables::MARTEN,
    &by_name::DIALECT,
];

/// A dialect by its name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().copied().find(|dialect| dialect.name == name)
}

/// Whether dead-lettering added this header to the message.
#[must_use]
pub fn is_added(letter: &Letter, header: &str, config: &Config) -> bool {
    let adds = named(&letter.dialect).map_or(&[][..], |dialect| dialect.adds);
    let own = config.names.iter().filter(|names| names.label == letter.dialect);
    adds.iter().any(|name| header.starts_with(name)) || own.flat_map(Names::looked_for).any(|name| name == header)
}

/// The same by every dialect that recognises the record: a message may have failed in several ways.
pub fn added<'a>(seen: &'a Seen, config: &'a Config) -> impl Fn(&str) -> bool + 'a {
    let own: Vec<&Names> = config.names.iter().filter(|names| names.read(seen).is_some()).collect();
    let known: Vec<&Dialect> = DIALECTS.iter().copied().filter(|dialect| (dialect.read)(seen).is_some()).collect();
    move |header| {
        known.iter().flat_map(|dialect| dialect.adds).any(|name| header.starts_with(name))
            || own.iter().flat_map(|names| names.looked_for()).any(|name| name == header)
    }
}

/// The letter that a record is, if it is one.
#[must_use]
pub fn read(seen: &Seen, config: &Config) -> Option<Letter> {
    let own = config.names.iter().find_map(|names| names.read(seen));
    let mut letter = own.or_else(|| DIALECTS.iter().find_map(|dialect| (dialect.read)(seen)))?;
    letter.failed_at = letter.failed_at.or(seen.time);
    letter.stage = stage(&letter);
    let mapped = letter.location.as_ref().and_then(|location| config.targets.get(location.name()));
    if let (Err(_), Some(target)) = (&letter.target, mapped) {
        letter.target = Ok(match &letter.location {
            Some(Location::Topic { .. }) => Location::topic(target, None, None),
            _ => Location::queue(target),
        });
    }
    Some(letter)
}

fn stage(letter: &Letter) -> Stage {
    let Some(location) = &letter.location else { return letter.stage };
    let name = location.name();
    // What is pending lies where it came from.
    if letter.dialect == redis::PENDING.name {
        return letter.stage;
    }
    if is_retry_name(name) {
        return Stage::Retrying;
    }
    let back = letter.origin.as_ref().is_some_and(|origin| origin.name() == name);
    // A broker may use one name for both where the origin is another cluster, so a telling name wins.
    if back && !is_dead_letter_name(name) { Stage::PutBack } else { letter.stage }
}

/// Every text that a letter's bytes may hold, for looking at bytes before records: a regular expression.
#[must_use]
pub fn pattern(config: &Config) -> String {
    let mut marks: Vec<String> =
        DIALECTS.iter().flat_map(|dialect| dialect.marks).map(|mark| regex::escape(mark)).collect();
    marks.extend(config.names.iter().flat_map(Names::looked_for).map(regex::escape));
    marks.sort_unstable();
    marks.dedup();
    marks.push(NAME_PATTERN.to_owned());
    marks.join("|")
}
