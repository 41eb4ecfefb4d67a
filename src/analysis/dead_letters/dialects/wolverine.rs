//! Wolverine on any transport, and its tiers of Kafka retry topics.
//!
//! Source: JasperFx/wolverine, `DeadLetterQueueConstants.cs`, `KafkaRetryNaming.cs`. Text; the stack is cut
//! at 8,192 characters; the destination is one of its own URIs, the first failure in .NET ticks.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter, Location};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::mapping::TimeUnit;
use crate::model::time::parse_number;

pub static DIALECT: Dialect = Dialect {
    name: "wolverine",
    label: "Wolverine",
    marks: &["exception-type", "original-destination"],
    adds: &[
        "exception-type",
        "exception-message",
        "exception-stack",
        "failed-at",
        "original-destination",
        "original-partition",
        "original-offset",
    ],
    read,
};

pub static RETRY: Dialect = Dialect {
    name: "wolverine-retry",
    label: "Wolverine retry topics",
    marks: &["wolverine-kafka-retry-"],
    adds: &["wolverine-kafka-retry-"],
    read: retry,
};

const NAMES: Names = Names {
    label: Borrowed("wolverine"),
    failed_at: Borrowed("failed-at"),
    wrapper: Borrowed("exception-type"),
    message: Borrowed("exception-message"),
    stack: Borrowed("exception-stack"),
    ..Names::NONE
};

const RETRY_NAMES: Names = Names {
    label: Borrowed("wolverine-retry"),
    topic: Borrowed("wolverine-kafka-retry-source"),
    wrapper: Borrowed("wolverine-kafka-retry-exception-type"),
    message: Borrowed("wolverine-kafka-retry-exception-message"),
    attempts: Borrowed("wolverine-kafka-retry-attempt"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    // `exception-type` alone is a word that others use too.
    if !seen.has("original-destination") && !seen.has("failed-at") {
        return None;
    }
    let mut letter = NAMES.read(seen)?;
    let digits = |name: &str| seen.text(name).and_then(|text| text.parse().ok());
    let name = seen.text("original-destination").and_then(|uri| last_segment(&uri).map(str::to_owned));
    let is_topic = seen.text("original-destination").is_some_and(|uri| uri.starts_with("kafka:"));
    let origin = name.map(|name| {
        if is_topic {
            Location::topic(name, digits("original-partition"), digits("original-offset"))
        } else {
            Location::queue(name)
        }
    });
    if let Some(origin) = origin {
        letter.target = Ok(match &origin {
            Location::Topic { name, partition, .. } => Location::topic(name.clone(), *partition, None),
            other => other.clone(),
        });
        letter.origin = Some(origin);
    }
    letter.fidelity = Fidelity::new(Kept::Yes, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

fn retry(seen: &Seen) -> Option<Letter> {
    let mut letter = RETRY_NAMES.read(seen)?;
    let first = seen.text("wolverine-kafka-retry-first-failed");
    letter.original_time = first.and_then(|ticks| parse_number(ticks.as_bytes(), TimeUnit::Ticks));
    letter.fidelity = Fidelity::new(Kept::Yes, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

/// The queue or topic of a bus's address: `kafka://topic/orders`, `rabbitmq://host/vhost/orders?x=y`.
pub(super) fn last_segment(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?;
    path.trim_end_matches('/').rsplit(['/', ':']).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter, no_letter};
    use super::*;
    use crate::analysis::dead_letters::letter::Stage;

    #[test]
    fn golden() {
        let found = letter(
            json!({"topic": "wolverine-dead-letter-queue"}),
            &[
                ("exception-type", bytes("System.DivideByZeroException")),
                ("exception-message", bytes("Attempted to divide by zero.")),
                ("exception-stack", bytes("   at Shop.Orders.Handle() in a.cs:line 3... (truncated)")),
                ("failed-at", bytes("1771257402487")),
                ("original-destination", bytes("kafka://topic/orders")),
                ("original-partition", bytes("1")),
                ("original-offset", bytes("8")),
            ],
        );
        assert_eq!(found.dialect, "wolverine");
        assert_eq!(found.origin, Some(Location::topic("orders", Some(1), Some(8))));
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_257_402_487_000_000));
        assert_eq!(found.cause.class(), Some("System.DivideByZeroException"));
        no_letter(json!({"topic": "logs"}), &[("exception-type", bytes("System.Exception"))]);
    }

    #[test]
    fn golden_retry() {
        let headers = [
            ("wolverine-kafka-retry-source", bytes("orders")),
            ("wolverine-kafka-retry-tier", bytes("5s")),
            ("wolverine-kafka-retry-attempt", bytes("2")),
            ("wolverine-kafka-retry-first-failed", bytes("639068682024870000")),
            ("wolverine-kafka-retry-exception-type", bytes("System.TimeoutException")),
        ];
        let found = letter(json!({"topic": "orders.retry.5s"}), &headers);
        assert_eq!((found.stage, found.attempts), (Stage::Retrying, Some(2)));
        assert_eq!(found.origin.as_ref().map(Location::name), Some("orders"));
    }
}
