//! A record as dialects look at it: its headers, its place, and its JSON where something stands in the
//! body or in a transport's own members.

use std::cell::OnceCell;

use serde_json::Value;

use super::letter::Location;
use crate::model::envelope::{EntityRef, Envelope};
use crate::model::message::HeaderValue;
use crate::model::source::Decode;
use crate::model::time::TimeNs;

/// See the module's documentation.
pub struct Seen {
    pub location: Option<Location>,
    pub headers: Vec<(String, HeaderValue)>,
    pub entities: Vec<EntityRef>,
    /// The record, decoded.
    pub record: Value,
    /// The transport's time of the message, not that of the event in it.
    pub time: Option<TimeNs>,
    payload: OnceCell<Value>,
    payload_text: Option<String>,
}

/// Deepest member that [`Seen::find`] looks at.
const DEPTH: usize = 4;

impl Seen {
    /// From a record that its source decodes. `None` where it cannot be decoded.
    #[must_use]
    pub fn new(record: &[u8], decode: &dyn Decode) -> Option<Self> {
        let Envelope { headers, entities, time, issue, .. } = decode.envelope(record);
        let json = decode.json(record)?;
        if issue.is_some_and(|issue| issue.code != crate::model::issue::IssueCode::InvalidUtf8) {
            return None;
        }
        Some(Self { entities, ..Self::of(json, headers, decode.data_json(record), time) })
    }

    /// From the parts of a record; `event_time` counts where the transport says none.
    #[must_use]
    pub fn of(
        record: Value,
        mut headers: Vec<(String, HeaderValue)>,
        payload_text: Option<String>,
        event_time: Option<TimeNs>,
    ) -> Self {
        // RabbitMQ's management interface exports messages with their headers among the properties.
        if headers.is_empty()
            && let Some(members) = record.pointer("/properties/headers").and_then(Value::as_object)
        {
            headers = members.iter().map(|(name, value)| (name.clone(), loose(value))).collect();
        }
        let ms = ["/timestamp", "/ts"].iter().find_map(|at| record.pointer(at)?.as_i64());
        let time = ms.and_then(|ms| ms.checked_mul(1_000_000)).map(TimeNs).or(event_time);
        Self {
            location: location(&record),
            headers,
            entities: Vec::new(),
            record,
            time,
            payload: OnceCell::new(),
            payload_text,
        }
    }

    /// The payload as JSON; null where it is none.
    pub fn payload(&self) -> &Value {
        self.payload.get_or_init(|| {
            let text = self.payload_text.as_deref().unwrap_or_default();
            let value = serde_json::from_str(text).unwrap_or_default();
            // Text in JSON that holds JSON, as in SQS's bodies.
            value_inside(value)
        })
    }

    /// All headers of this name, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a HeaderValue> + 'a {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether there is a header of this name, null or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The last header of this name as text that is not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name).rev().find_map(text)
    }

    /// A header, or a member of this name anywhere near the top of the record, as text.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|| scalar(member(&self.record, name, DEPTH)?))
    }

    /// A header's value, where a JSON export made text of a list or table the value behind it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<HeaderValue> {
        let value = self.all(name).next_back()?;
        let json = value.text().filter(|text| text.starts_with(['[', '{']));
        let parsed = json.and_then(|text| serde_json::from_str::<Value>(text).ok());
        Some(parsed.map_or_else(|| value.clone(), |json| loose(&json)))
    }
}

/// A header as text; numbers of typed headers as their digits.
#[must_use]
pub fn text(value: &HeaderValue) -> Option<String> {
    let text = match value {
        HeaderValue::Null => return None,
        HeaderValue::Bytes(_) | HeaderValue::ByteArray(_) => value.text()?.to_owned(),
        _ => value.as_text().into_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// JSON without types as the value that AMQP would have.
fn loose(json: &Value) -> HeaderValue {
    if let Some(value) = HeaderValue::from_json(json) {
        return value;
    }
    match json {
        Value::Number(number) => match number.as_i64() {
            Some(value) => HeaderValue::Int { value, bits: 64 },
            None => number.to_string().into(),
        },
        Value::Array(items) => HeaderValue::List(items.iter().map(loose).collect()),
        Value::Object(members) => {
            HeaderValue::Table(members.iter().map(|(name, value)| (name.clone(), loose(value))).collect())
        }
        _ => HeaderValue::Null,
    }
}

fn value_inside(value: Value) -> Value {
    match &value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

/// Where a record says that it lies: our messages, kcat, SQS. A stream of Redis is as good as a queue.
fn location(record: &Value) -> Option<Location> {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    if let Some(topic) = text("topic") {
        let number = |name: &str| record.get(name).and_then(Value::as_i64);
        return Some(Location::topic(topic, number("partition"), number("offset")));
    }
    let arn = text("eventSourceARN").and_then(|arn| arn.rsplit(':').next());
    let stream = text("stream").filter(|_| record.get("entry").is_some_and(Value::is_string));
    text("queue").or(stream).or(arn).map(Location::queue)
}

/// A member at most `depth` levels down, also with a small first letter, as some SDKs write it.
fn member<'v>(json: &'v Value, name: &str, depth: usize) -> Option<&'v Value> {
    let same = |known: &str| {
        known == name
            || (known.get(1..) == name.get(1..) && known.get(..1).map(str::to_uppercase).as_deref() == name.get(..1))
    };
    let inner: Vec<&Value> = match json {
        Value::Object(members) => match members.iter().find(|(known, _)| same(known)) {
            Some((_, value)) => return Some(value),
            None => members.values().collect(),
        },
        Value::Array(items) => items.iter().take(16).collect(),
        _ => return None,
    };
    if depth == 0 { None } else { inner.into_iter().find_map(|value| member(value, name, depth - 1)) }
}

/// A member's text; AWS's typed attributes have it one level further down.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Object(members) => {
            return members.get("stringValue").or_else(|| members.get("StringValue")).and_then(scalar);
        }
        Value::Null | Value::Array(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}
