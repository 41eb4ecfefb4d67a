//! NATS JetStream has no dead-letter queue, only advisories that a message was delivered too often or
//! given up: pointers into the stream by sequence number.
//!
//! Source: nats-server, `jetstream_events.go`, `jetstream_api.go`.

use serde_json::Value;

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, Stage};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::time::parse_text;

pub static DIALECT: Dialect =
    Dialect { name: "nats-advisory", label: "NATS advisory", marks: &["jetstream.advisory"], adds: &[], read };

const TYPE: &str = "io.nats.jetstream.advisory.v1.";

fn read(seen: &Seen) -> Option<Letter> {
    let document = [&seen.record, seen.payload()].into_iter().find(|json| {
        json.get("type").and_then(Value::as_str).is_some_and(|of| of.starts_with(TYPE))
            && json.get("stream_seq").is_some()
    })?;
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let reason = match text("type")?.strip_prefix(TYPE)? {
        "max_deliver" => "delivered too often",
        "terminated" => "terminated",
        // Told again and again while it is still being delivered.
        _ => return None,
    };
    let origin = Location::topic(text("stream")?, None, document.get("stream_seq").and_then(Value::as_i64));
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Body,
        location: seen.location.clone(),
        origin: Some(origin),
        cause: Cause { reason: Some(reason.to_owned()), message: text("reason"), ..Cause::default() },
        attempts: document.get("deliveries").and_then(Value::as_u64),
        history: Vec::new(),
        consumer: text("consumer"),
        failed_at: text("timestamp").and_then(|time| parse_text(time.as_bytes(), 0)),
        original_time: None,
        fidelity: Fidelity::new(Kept::Without, Kept::No, Kept::No, Kept::No),
        target: Err("it is still in its stream: publish it again from there"),
        pointer_only: true,
        undecoded: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{letter, no_letter};
    use super::*;

    #[test]
    fn golden() {
        let advisory = |kind: &str| {
            json!({"type": format!("io.nats.jetstream.advisory.v1.{kind}"), "id": "a", "timestamp": "2026-02-16T15:56:42.487Z",
                "stream": "ORDERS", "consumer": "billing", "stream_seq": 1041, "deliveries": 5})
        };
        let found = letter(advisory("max_deliver"), &[]);
        assert_eq!(found.origin, Some(Location::topic("ORDERS", None, Some(1041))));
        assert_eq!((found.attempts, found.pointer_only), (Some(5), true));
        no_letter(advisory("nak"), &[]);
    }
}
