//! Messages ↔ lines of JSON, exact in both directions.
//!
//! A value that is JSON stands in the record as it is, byte for byte, so that a log of messages reads
//! like any other; `value_text` and `value_base64` hold what cannot.

use std::collections::BTreeMap;
use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::decoding::{DECODED, DECODED_KEY, DECODING};
use super::header::pair_from;
use super::record_writer::RecordWriter;
use super::{
    AmqpPlace, EntryForm, HeaderValue, KurrentLink, KurrentPlace, Message, Pending, Place, RedisPlace, RowPlace,
    SqsPlace, Timestamp, TimestampKind,
};
use crate::base::bytes::is_utf8;
use crate::base::json;
use crate::model::issue::MAX_DEPTH;

/// Why a line is not a message's record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongRecord(String);

/// The members of a record as they stand.
#[derive(Deserialize)]
struct Line<'a> {
    topic: Option<String>,
    #[serde(default)]
    partition: i32,
    #[serde(default)]
    offset: i64,
    queue: Option<String>,
    #[serde(default)]
    exchange: String,
    #[serde(default)]
    routing_key: String,
    #[serde(default)]
    redelivered: bool,
    #[serde(default)]
    properties: serde_json::Map<String, Value>,
    stream: Option<String>,
    #[serde(default)]
    entry: String,
    value_field: Option<String>,
    #[serde(default)]
    pairs: bool,
    #[serde(default)]
    headers_at: Vec<usize>,
    pending: Option<Pending>,
    message_id: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    types: BTreeMap<String, String>,
    #[serde(default)]
    dead_letter_of: Vec<String>,
    row: Option<RowPlace>,
    event_stream: Option<String>,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    event_id: String,
    #[serde(default)]
    event_type: String,
    position: Option<String>,
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    system: BTreeMap<String, String>,
    link: Option<LinkLine>,
    #[serde(borrow, default, deserialize_with = "present")]
    metadata: Option<&'a RawValue>,
    metadata_text: Option<String>,
    metadata_base64: Option<String>,
    timestamp: Option<i64>,
    timestamp_type: Option<String>,
    key: Option<String>,
    key_base64: Option<String>,
    #[serde(default)]
    headers: Vec<Value>,
    #[serde(borrow, default, deserialize_with = "present")]
    value: Option<&'a RawValue>,
    value_text: Option<String>,
    value_base64: Option<String>,
}

/// A link's members as they stand.
#[derive(Deserialize)]
struct LinkLine {
    stream: String,
    revision: u64,
    #[serde(default)]
    event_id: String,
    #[serde(default)]
    created: String,
    metadata_text: Option<String>,
    metadata_base64: Option<String>,
}

/// `null` is a value; only a member that is not there is none.
fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

impl Message {
    /// The names that a record's members may have.
    pub const MEMBERS: [&'static str; 42] = [
        "topic",
        "partition",
        "offset",
        "queue",
        "exchange",
        "routing_key",
        "redelivered",
        "properties",
        "stream",
        "entry",
        "value_field",
        "pairs",
        "headers_at",
        "pending",
        "message_id",
        "attributes",
        "types",
        "dead_letter_of",
        "row",
        "event_stream",
        "revision",
        "event_id",
        "event_type",
        "position",
        "content_type",
        "created",
        "system",
        "link",
        "metadata",
        "metadata_text",
        "metadata_base64",
        "timestamp",
        "timestamp_type",
        "key",
        "key_base64",
        "headers",
        "value",
        "value_text",
        "value_base64",
        DECODED,
        DECODED_KEY,
        DECODING,
    ];

    /// Appends the record without a newline. `timestamp` members are those of Kafka; AMQP's time is one of
    /// its properties.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_with(out, |record| {
            record.value(self.value.as_deref(), &mut EachByItself);
        });
    }

    /// The same, but `value` writes the value, and may add something behind it.
    pub fn write_with(&self, out: &mut Vec<u8>, value: impl FnOnce(&mut RecordWriter<'_>)) {
        let mut record = RecordWriter::begin(out);
        match &self.place {
            Place::Nowhere => {}
            Place::Kafka { topic, partition, offset } => record.kafka(topic, *partition, *offset),
            Place::Amqp(place) => {
                record.json("queue", &place.queue);
                record.json("exchange", &place.exchange);
                record.json("routing_key", &place.routing_key);
                if place.redelivered {
                    record.json("redelivered", &true);
                }
                let of = |(name, value): &(String, HeaderValue)| (name.clone(), property_json(value));
                record.json("properties", &place.properties.iter().map(of).collect::<serde_json::Map<_, _>>());
            }
            Place::Redis(place) => record.redis(place),
            Place::Sqs(place) => record.sqs(place),
            Place::Row(place) => record.json("row", place),
            Place::Kurrent(place) => record.kurrent(place),
        }
        if let Some(timestamp) = self.timestamp {
            record.timestamp(timestamp);
        }
        record.key(self.key.as_deref());
        if !self.headers.is_empty() {
            let pair = |(name, value): &(String, HeaderValue)| (name.clone(), value.to_json());
            record.json("headers", &self.headers.iter().map(pair).collect::<Vec<_>>());
        }
        value(&mut record);
        record.end();
    }

    /// # Errors
    /// Why it is not a message's record.
    pub fn read(record: &[u8]) -> Result<Self, WrongRecord> {
        let line: Line<'_> = serde_json::from_slice(record).map_err(|e| WrongRecord(e.to_string()))?;
        let wrong = |what: &str| WrongRecord(format!("{what} cannot be read"));
        let base64 = |text: &str, what: &str| STANDARD.decode(text).map_err(|_| wrong(what));
        let key = match (line.key, line.key_base64) {
            (Some(_), Some(_)) => return Err(WrongRecord("two keys".to_owned())),
            (Some(text), None) => Some(text.into_bytes()),
            (None, Some(text)) => Some(base64(&text, "key_base64")?),
            (None, None) => None,
        };
        let value = bytes_of(line.value, line.value_text, line.value_base64, ["values", "value_base64"])?;
        let headers: Option<Vec<_>> = line.headers.iter().map(pair_from).collect();
        let place = match (line.topic, line.queue, line.stream) {
            (Some(topic), None, None) => Place::Kafka { topic, partition: line.partition, offset: line.offset },
            (None, Some(queue), None) if line.message_id.is_some() => Place::Sqs(Box::new(SqsPlace {
                queue,
                message_id: line.message_id.unwrap_or_default(),
                attributes: line.attributes.into_iter().collect(),
                types: line.types.into_iter().collect(),
                dead_letter_of: line.dead_letter_of,
            })),
            (None, Some(queue), None) => {
                let of = |(name, value): (String, Value)| Some((name.clone(), property(&name, &value)?));
                let properties: Option<Vec<_>> = line.properties.into_iter().map(of).collect();
                let properties = properties.ok_or_else(|| wrong("a property"))?;
                Place::Amqp(Box::new(AmqpPlace {
                    queue,
                    exchange: line.exchange,
                    routing_key: line.routing_key,
                    redelivered: line.redelivered,
                    properties,
                }))
            }
            (None, None, Some(stream)) => Place::Redis(Box::new(RedisPlace {
                stream,
                entry: line.entry.parse().map_err(|()| wrong("entry"))?,
                form: match (line.value_field, line.pairs) {
                    (Some(name), _) => EntryForm::Field(name),
                    (None, true) => EntryForm::Pairs,
                    (None, false) => EntryForm::Object,
                },
                headers_at: line.headers_at,
                pending: line.pending,
            })),
            (None, None, None) if line.event_stream.is_some() => {
                let metadata = ["metadata", "metadata_base64"];
                let metadata = bytes_of(line.metadata, line.metadata_text, line.metadata_base64, metadata)?;
                let position = line.position.map(|text| text.parse().map_err(|()| wrong("position"))).transpose()?;
                Place::Kurrent(Box::new(KurrentPlace {
                    stream: line.event_stream.unwrap_or_default(),
                    revision: line.revision,
                    event_id: line.event_id,
                    event_type: line.event_type,
                    position,
                    content_type: line.content_type,
                    created: line.created,
                    system: line.system,
                    metadata,
                    link: line.link.map(LinkLine::read).transpose()?.map(Box::new),
                }))
            }
            (None, None, None) => line.row.map_or(Place::Nowhere, |row| Place::Row(Box::new(row))),
            _ => return Err(WrongRecord("it lies in several places".to_owned())),
        };
        let kind = match line.timestamp_type.as_deref() {
            Some("append") => TimestampKind::Append,
            _ => TimestampKind::Create,
        };
        let timestamp = line.timestamp.map(|ms| Timestamp { ms, kind });
        Ok(Self { place, timestamp, key, headers: headers.ok_or_else(|| wrong("a header"))?, value })
    }
}

impl LinkLine {
    fn read(self) -> Result<KurrentLink, WrongRecord> {
        let metadata = bytes_of(None, self.metadata_text, self.metadata_base64, ["metadata", "metadata_base64"])?;
        let Self { stream, revision, event_id, created, .. } = self;
        Ok(KurrentLink { stream, revision, event_id, created, metadata })
    }
}

/// What stands in one of three members. `names` are for errors: where there are several, and of the last one.
fn bytes_of(
    raw: Option<&RawValue>,
    text: Option<String>,
    base64: Option<String>,
    names: [&str; 2],
) -> Result<Option<Vec<u8>>, WrongRecord> {
    match (raw, text, base64) {
        (Some(raw), None, None) => Ok(Some(raw.get().as_bytes().to_vec())),
        (None, Some(text), None) => Ok(Some(text.into_bytes())),
        (None, None, Some(text)) => {
            STANDARD.decode(text).map(Some).map_err(|_| WrongRecord(format!("{} cannot be read", names[1])))
        }
        (None, None, None) => Ok(None),
        _ => Err(WrongRecord(format!("several {}", names[0]))),
    }
}

/// Properties of AMQP have fixed types, so their numbers can be plain.
fn property_json(value: &HeaderValue) -> Value {
    value.whole().map_or_else(|| value.to_json(), Value::from)
}

fn property(name: &str, json: &Value) -> Option<HeaderValue> {
    let Some(number) = json.as_u64() else { return HeaderValue::from_json(json) };
    Some(match name {
        "timestamp" => HeaderValue::Time(number),
        _ => HeaderValue::Unsigned { value: number, bits: 8 },
    })
}

/// Tells which of many values are JSON that a record can hold, and may learn from those that it was shown.
pub trait Values: Debug + Send {
    /// As [`is_one_line_of_json`].
    fn is_json(&mut self, value: &[u8]) -> bool;
}

/// Learns nothing.
#[derive(Clone, Copy, Debug)]
pub struct EachByItself;

impl Values for EachByItself {
    fn is_json(&mut self, value: &[u8]) -> bool {
        is_one_line_of_json(value)
    }
}

/// Whether a record can hold the bytes as they are: one JSON value in UTF-8, nothing around it, no deeper than
/// records are read.
#[must_use]
pub fn is_one_line_of_json(bytes: &[u8]) -> bool {
    // The record itself and what is around the value.
    is_utf8(bytes) && json::is_one_line(bytes, MAX_DEPTH - 2)
}
