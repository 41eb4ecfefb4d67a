//! A broker's message, with nothing of it lost: where it lies, its key, its headers in their order
//! with duplicates and nulls, its value. One JSON object a line is its record (`record`), the form in
//! which messages stand in spools, in files of dead letters and in the journal of requeues.

pub mod decoding;
mod header;
mod kurrent_place;
mod number;
mod place_name;
mod record;
mod record_writer;
mod redis_place;
mod row_place;
mod sqs_place;

#[cfg(test)]
mod tests;

use std::fmt;

pub use decoding::{Decoding, SchemaName};
pub use header::{HeaderValue, shown_bytes};
pub use kurrent_place::{KurrentLink, KurrentPlace, LogPosition, parked, parked_stream};
pub use number::{Numeral, number};
pub use place_name::{is_dead_letter_name, is_retry_name};
pub use record::{EachByItself, Values, WrongRecord, is_one_line_of_json};
pub use record_writer::RecordWriter;
pub use redis_place::{EntryForm, EntryId, Pending, RedisPlace};
pub use row_place::RowPlace;
pub use sqs_place::SqsPlace;

/// The name of the envelope that records of messages are.
pub const ENVELOPE: &str = "messages";

/// A message as a broker holds it, byte for byte.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub place: Place,
    pub timestamp: Option<Timestamp>,
    /// None where the key is null; an empty key is something else.
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, HeaderValue)>,
    /// None where the value is null (a tombstone); an empty value is something else.
    pub value: Option<Vec<u8>>,
}

impl Message {
    /// The text of the first header or property with one of these names, whatever their case.
    #[must_use]
    pub fn said(&self, names: [&str; 2]) -> Option<&str> {
        let properties = match &self.place {
            Place::Amqp(place) => place.properties.as_slice(),
            Place::Kurrent(place) => return place.said(names),
            Place::Kafka { .. } | Place::Redis(_) | Place::Sqs(_) | Place::Row(_) | Place::Nowhere => &[],
        };
        let fits = |(name, _): &&(String, HeaderValue)| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        self.headers.iter().chain(properties).find(fits)?.1.text()
    }
}

/// Where a message lies.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Place {
    /// Nowhere yet: made up, or from a file that doesn't say.
    #[default]
    Nowhere,
    Kafka {
        topic: String,
        partition: i32,
        offset: i64,
    },
    Amqp(Box<AmqpPlace>),
    Redis(Box<RedisPlace>),
    Sqs(Box<SqsPlace>),
    Row(Box<RowPlace>),
    Kurrent(Box<KurrentPlace>),
}

impl Place {
    /// The topic, queue, stream or table; empty where it is from nowhere.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Nowhere => "",
            Self::Kafka { topic, .. } => topic,
            Self::Amqp(place) => &place.queue,
            Self::Redis(place) => &place.stream,
            Self::Sqs(place) => &place.queue,
            Self::Row(place) => &place.table,
            Self::Kurrent(place) => place.read_from().0,
        }
    }
}

impl fmt::Display for Place {
    /// `orders-dlt/3@1041`, `orders.dlq`, `orders:dlq@1771237800123-0`, or nothing where it is from nowhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => Ok(()),
            Self::Kafka { topic, partition, offset } => write!(f, "{topic}/{partition}@{offset}"),
            Self::Amqp(place) => f.write_str(&place.queue),
            Self::Redis(place) => write!(f, "{}@{}", place.stream, place.entry),
            Self::Sqs(place) => write!(f, "{}@{}", place.queue, place.message_id),
            Self::Row(place) => write!(f, "{}@{}", place.table, place.id),
            Self::Kurrent(place) => {
                let (stream, revision) = place.read_from();
                write!(f, "{stream}@{revision}")
            }
        }
    }
}

/// A RabbitMQ message's place and properties, without the headers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmqpPlace {
    pub queue: String,
    pub exchange: String,
    pub routing_key: String,
    pub redelivered: bool,
    /// By the names of AMQP 0-9-1 (`content_type`, `delivery_mode`, …) in their order.
    pub properties: Vec<(String, HeaderValue)>,
}

/// Kafka's time of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Milliseconds since 1970.
    pub ms: i64,
    pub kind: TimestampKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampKind {
    /// The producer's clock.
    Create,
    /// The broker's clock.
    Append,
}
