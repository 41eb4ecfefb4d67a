//! Kafka Connect's sink connectors, and what is built on them (Debezium's sinks, Confluent's connectors).
//!
//! Source: apache/kafka, `DeadLetterQueueReporter.java`. Headers are off by default; numbers are digits;
//! a missing message is a null header. Key, value, headers and time are the original's.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "kafka-connect",
    label: "Kafka Connect",
    marks: &["__connect.errors."],
    adds: &["__connect.errors."],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("kafka-connect"),
    topic: Borrowed("__connect.errors.topic"),
    partition: Borrowed("__connect.errors.partition"),
    offset: Borrowed("__connect.errors.offset"),
    consumer: Borrowed("__connect.errors.connector.name"),
    wrapper: Borrowed("__connect.errors.exception.class.name"),
    message: Borrowed("__connect.errors.exception.message"),
    stack: Borrowed("__connect.errors.exception.stacktrace"),
    reason: Borrowed("__connect.errors.stage"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let mut letter = NAMES.read(seen)?;
    if let Some(task) = seen.text("__connect.errors.task.id") {
        letter.consumer = letter.consumer.map(|connector| format!("{connector}, task {task}"));
    }
    letter.fidelity = Fidelity::new(Kept::Yes, Kept::Yes, Kept::Yes, Kept::Yes);
    // The record's time is the original's.
    letter.original_time = seen.time;
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::Location;
    use crate::model::message::HeaderValue;

    // Text and digits as `DeadLetterQueueReporter.populateContextHeaders` writes them.
    #[test]
    fn golden() {
        let headers = |topic: &str, offset: &str| {
            vec![
                ("__connect.errors.topic", bytes(topic)),
                ("__connect.errors.partition", bytes("0")),
                ("__connect.errors.offset", bytes(offset)),
                ("__connect.errors.connector.name", bytes("orders-sink")),
                ("__connect.errors.task.id", bytes("1")),
                ("__connect.errors.stage", bytes("VALUE_CONVERTER")),
                ("__connect.errors.class.name", bytes("org.apache.kafka.connect.json.JsonConverter")),
                ("__connect.errors.exception.class.name", bytes("org.apache.kafka.connect.errors.DataException")),
                ("__connect.errors.exception.message", HeaderValue::Null),
                (
                    "__connect.errors.exception.stacktrace",
                    bytes(
                        "org.apache.kafka.connect.errors.DataException\n\tat x.Y.z(Y.java)\nCaused by: com.fasterxml.jackson.core.JsonParseException: Unexpected character\n\tat q.R.s(R.java)",
                    ),
                ),
            ]
        };
        let mut all = headers("orders", "12");
        all.extend(headers("orders-2", "99"));
        let found = letter(json!({"topic": "dlq-orders", "timestamp": 1_771_257_402_487_i64}), &all);
        assert_eq!(found.dialect, "kafka-connect");
        assert_eq!(found.origin, Some(Location::topic("orders", Some(0), Some(12))), "the first of appended headers");
        assert_eq!(found.consumer.as_deref(), Some("orders-sink, task 1"));
        assert_eq!(found.cause.root.as_deref(), Some("com.fasterxml.jackson.core.JsonParseException"));
        assert_eq!(found.cause.message.as_deref(), Some("Unexpected character"));
        assert_eq!(found.cause.reason.as_deref(), Some("VALUE_CONVERTER"));
    }

    /// provectus/kafka-ui 841: a null header made the view of a dead-letter topic fail.
    #[test]
    fn kafka_ui_841_a_null_header_is_a_header() {
        let found = letter(
            json!({"topic": "dlq-orders"}),
            &[
                ("__connect.errors.topic", bytes("orders")),
                ("__connect.errors.exception.class.name", bytes("java.lang.NullPointerException")),
                ("__connect.errors.exception.message", HeaderValue::Null),
            ],
        );
        assert_eq!((found.cause.class(), found.cause.message.clone()), (Some("java.lang.NullPointerException"), None));
    }
}
