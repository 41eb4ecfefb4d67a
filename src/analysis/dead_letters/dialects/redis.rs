//! Redis Streams: entries that are stuck in a consumer group, and streams of dead letters as people write them.
//!
//! Redis has no dead letters of its own; its documentation (Streams, "Working with multiple consumer groups")
//! says to move what was delivered too often to another stream, and everyone names the fields in a way of their
//! own. So names are read loosely, but only in a stream whose name says what it holds, and only those that
//! nothing else can mean stay behind when the letter goes back.

use super::Dialect;
use super::names::{instant, whole};
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, NO_ORIGIN};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::message::{HeaderValue, Numeral, is_dead_letter_name};
use crate::model::time::TimeNs;

/// What the reader of the stream has found by the rule of its address.
pub static PENDING: Dialect = Dialect {
    name: "redis-pending",
    label: "Redis (pending)",
    marks: &[r#""pending":{"group":"#],
    adds: &[],
    read: pending,
};

pub static DIALECT: Dialect = Dialect {
    name: "redis",
    label: "Redis Streams",
    // Where there are none the stream's name tells, which is looked for in any case.
    marks: &["original_stream", "originalStream", "original-stream"],
    adds: &[
        "original_stream",
        "original-stream",
        "originalStream",
        "original_id",
        "original-id",
        "originalId",
        "source_stream",
        "source-stream",
        "sourceStream",
        "source_id",
        "source-id",
        "sourceId",
        "error",
        "exception",
        "failed_at",
        "failed-at",
        "failedAt",
        "attempts",
        "retries",
        "retry_count",
        "retry-count",
        "retryCount",
        "delivery_count",
        "delivery-count",
        "deliveryCount",
        "x-error",
        "x-original-",
    ],
    read,
};

/// Fields by what they say, folded: without signs between words, in small letters.
const ORIGIN: &[&str] = &["originalstream", "sourcestream", "originalqueue", "xoriginalstream"];
const MESSAGE: &[&str] =
    &["errormessage", "exceptionmessage", "error", "exception", "xerror", "failurereason", "reason"];
const CLASS: &[&str] = &["errortype", "exceptiontype", "errorclass", "exceptionclass"];
const STACK: &[&str] = &["stacktrace", "errorstack", "exceptionstack", "stack"];
const ATTEMPTS: &[&str] = &["deliverycount", "deliveries", "attempts", "attempt", "retrycount", "retries"];
const CONSUMER: &[&str] = &["consumergroup", "group"];
const FAILED_AT: &[&str] = &["failedat", "errorat", "deadletteredat"];

fn pending(seen: &Seen) -> Option<Letter> {
    let pending = seen.record.get("pending")?;
    let stream = seen.record.get("stream")?.as_str()?;
    let group = pending.get("group")?.as_str()?;
    let deliveries = pending.get("deliveries")?.as_u64()?;
    let delivered = pending.get("delivered_ms").and_then(serde_json::Value::as_i64);
    let reason = "delivered, and neither acknowledged nor deleted".to_owned();
    Some(Letter {
        origin: Some(Location::queue(stream)),
        cause: Cause { reason: Some(reason), ..Cause::default() },
        attempts: Some(deliveries),
        consumer: Some(group.to_owned()),
        failed_at: delivered.and_then(|ms| ms.checked_mul(1_000_000)).map(TimeNs),
        // To the end of its own stream: a copy of all its fields.
        target: Ok(Location::queue(stream)),
        ..silent(&PENDING, seen)
    })
}

fn read(seen: &Seen) -> Option<Letter> {
    let location = seen.location.as_ref()?;
    if seen.record.get("entry").is_none() || !is_dead_letter_name(location.name()) {
        return None;
    }
    let fields = Fields::of(seen);
    let origin = fields.text(ORIGIN).map(Location::queue);
    let cause = Cause {
        wrapper: fields.text(CLASS),
        message: fields.text(MESSAGE),
        stack: fields.text(STACK),
        ..Cause::default()
    };
    // Without a word of its own it is a letter by its name alone.
    if origin.is_none() && cause == Cause::default() {
        return None;
    }
    let mut cause = cause;
    super::names::complete(&mut cause);
    let attempts = fields.value(ATTEMPTS).and_then(|value| whole(&value, Numeral::Count));
    Some(Letter {
        target: origin.clone().ok_or(NO_ORIGIN),
        origin,
        cause,
        attempts: attempts.and_then(|count| u64::try_from(count).ok()),
        consumer: fields.text(CONSUMER),
        failed_at: fields.value(FAILED_AT).as_ref().and_then(instant),
        ..silent(&DIALECT, seen)
    })
}

fn silent(dialect: &Dialect, seen: &Seen) -> Letter {
    let fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::No);
    Letter { evidence: Evidence::Headers, ..Letter::silent(dialect.name, seen.location.clone(), fidelity) }
}

/// An entry's fields under folded names: headers, and the members of the value where that is made of fields.
struct Fields(Vec<(String, HeaderValue)>);

impl Fields {
    fn of(seen: &Seen) -> Self {
        let fold = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let mut all: Vec<_> = seen.headers.iter().map(|(name, value)| (fold(name), value.clone())).collect();
        let made_of_fields = seen.record.get("value_field").is_none();
        if let (true, Some(members)) = (made_of_fields, seen.record.get("value").and_then(|value| value.as_object())) {
            all.extend(members.iter().filter_map(|(name, value)| {
                let text =
                    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))?;
                Some((fold(name), HeaderValue::from(text)))
            }));
        }
        Self(all)
    }

    fn value(&self, names: &[&str]) -> Option<HeaderValue> {
        names
            .iter()
            .find_map(|name| self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| crate::analysis::dead_letters::seen::text(&self.value(&[name])?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter, no_letter};
    use super::*;
    use crate::analysis::dead_letters::letter::Stage;

    #[test]
    fn golden_pending() {
        let pending = json!({"group": "billing", "consumer": "c1", "deliveries": 7, "idle_ms": 60_000, "delivered_ms": 1_771_257_402_000_i64});
        let found =
            letter(json!({"stream": "orders", "entry": "1771237800123-0", "pending": pending, "value": {}}), &[]);
        assert_eq!((found.dialect.as_str(), found.stage, found.attempts), ("redis-pending", Stage::Dead, Some(7)));
        assert_eq!((found.target, found.consumer.as_deref()), (Ok(Location::queue("orders")), Some("billing")));
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_257_402_000_000_000));
        no_letter(json!({"stream": "orders", "entry": "1771237800123-0", "value": {}}), &[]);
    }

    #[test]
    fn golden_with_a_field_for_the_value() {
        let found = letter(
            json!({"stream": "orders:dlq", "entry": "1771237800123-0", "value_field": "data", "value": {"error": "of the event"}}),
            &[
                ("original_stream", bytes("orders")),
                ("error", bytes("no such customer")),
                ("delivery-count", bytes("5")),
                ("failedAt", bytes("2026-02-16T15:56:42Z")),
            ],
        );
        assert_eq!((found.dialect.as_str(), found.attempts), ("redis", Some(5)));
        assert_eq!(found.target, Ok(Location::queue("orders")));
        assert_eq!(found.cause.message.as_deref(), Some("no such customer"));
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_257_402_000_000_000));
    }

    #[test]
    fn golden_with_all_fields_as_the_value() {
        let value = json!({"orderId": "o-1", "sourceStream": "orders", "errorType": "Timeout", "retries": 3});
        let found = letter(json!({"stream": "orders.dead", "entry": "1-0", "value": value}), &[]);
        assert_eq!((found.cause.class(), found.attempts), (Some("Timeout"), Some(3)));
        assert_eq!(found.origin, Some(Location::queue("orders")));
        no_letter(json!({"stream": "orders", "entry": "1-0", "value": {"error": "x"}}), &[]);
        let bare = letter(json!({"stream": "orders:dlq", "entry": "1-0", "value": {"orderId": "o-1"}}), &[]);
        assert_eq!((bare.dialect.as_str(), bare.target), ("by-name", Err(NO_ORIGIN)));
    }
}
