//! Kafka's share groups (KIP-1191). By default such a letter is only a pointer: key and value were not
//! copied, and its null value is no tombstone.
//!
//! Source: apache/kafka, `ShareGroupDLQRecordHelper.java`. Text and digits.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "kafka-share-group",
    label: "Kafka share groups",
    marks: &["__dlq.errors."],
    adds: &["__dlq.errors."],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("kafka-share-group"),
    topic: Borrowed("__dlq.errors.topic"),
    partition: Borrowed("__dlq.errors.partition"),
    offset: Borrowed("__dlq.errors.offset"),
    consumer: Borrowed("__dlq.errors.group"),
    attempts: Borrowed("__dlq.errors.delivery.count"),
    message: Borrowed("__dlq.errors.message"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let mut letter = NAMES.read(seen)?;
    let holds = |names: &[&str]| names.iter().any(|name| seen.record.get(name).is_some());
    letter.pointer_only = !holds(&["value", "value_text", "value_base64", "payload", "key", "key_base64"]);
    let copied = if letter.pointer_only { Kept::No } else { Kept::Yes };
    letter.fidelity = Fidelity::new(copied, copied, Kept::No, Kept::No);
    letter.cause.reason = letter.cause.message.take();
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::Location;

    // As `ShareGroupDLQRecordHelper` writes them.
    #[test]
    fn golden() {
        let headers = [
            ("__dlq.errors.topic", bytes("orders")),
            ("__dlq.errors.partition", bytes("1")),
            ("__dlq.errors.offset", bytes("42")),
            ("__dlq.errors.group", bytes("workers")),
            ("__dlq.errors.delivery.count", bytes("5")),
            ("__dlq.errors.message", bytes("Delivery count exceeded")),
        ];
        let pointer = letter(json!({"topic": "dlq.orders"}), &headers);
        assert!(pointer.pointer_only);
        assert_eq!(pointer.origin, Some(Location::topic("orders", Some(1), Some(42))));
        assert_eq!((pointer.attempts, pointer.consumer.as_deref()), (Some(5), Some("workers")));
        assert_eq!(pointer.cause.reason.as_deref(), Some("Delivery count exceeded"));
        let copied = letter(json!({"topic": "dlq.orders", "value": {"a": 1}}), &headers);
        assert!(!copied.pointer_only);
    }
}
