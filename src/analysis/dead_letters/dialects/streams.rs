//! Kafka Streams from 4.2 on (KIP-1034). The original's headers are lost: better fetch the original.
//!
//! Source: apache/kafka, `ExceptionHandlerUtils.java`. Text and digits; `exception` is Java's `toString`.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;
use crate::analysis::dead_letters::stack;

pub static DIALECT: Dialect = Dialect {
    name: "kafka-streams",
    label: "Kafka Streams",
    marks: &["__streams.errors."],
    adds: &["__streams.errors."],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("kafka-streams"),
    topic: Borrowed("__streams.errors.topic"),
    partition: Borrowed("__streams.errors.partition"),
    offset: Borrowed("__streams.errors.offset"),
    wrapper: Borrowed("__streams.errors.exception"),
    message: Borrowed("__streams.errors.message"),
    stack: Borrowed("__streams.errors.stacktrace"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let mut letter = NAMES.read(seen)?;
    if let Some((class, message)) = letter.cause.wrapper.as_deref().and_then(stack::root) {
        let (class, message) = (class.to_owned(), message.map(str::to_owned));
        letter.cause.message = letter.cause.message.or(message);
        // The trace begins with the same class.
        letter.cause.root = letter.cause.root.filter(|root| *root != class);
        letter.cause.wrapper = Some(class);
    }
    letter.fidelity = Fidelity::new(Kept::Yes, Kept::Yes, Kept::No, Kept::Yes);
    letter.original_time = seen.time;
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use super::*;
    use crate::analysis::dead_letters::letter::Location;
    use crate::model::message::HeaderValue;

    // As `ExceptionHandlerUtils.buildDeadLetterQueueRecord` writes them.
    #[test]
    fn golden() {
        let found = letter(
            json!({"topic": "stream-dlq"}),
            &[
                (
                    "__streams.errors.exception",
                    bytes("org.apache.kafka.common.errors.SerializationException: Size of data is not 8"),
                ),
                (
                    "__streams.errors.stacktrace",
                    bytes(
                        "org.apache.kafka.common.errors.SerializationException: Size of data is not 8\n\tat a.B.c(B.java)",
                    ),
                ),
                ("__streams.errors.message", HeaderValue::Null),
                ("__streams.errors.topic", bytes("stock")),
                ("__streams.errors.partition", bytes("2")),
                ("__streams.errors.offset", bytes("77")),
            ],
        );
        assert_eq!(found.origin, Some(Location::topic("stock", Some(2), Some(77))));
        assert_eq!(found.cause.class(), Some("org.apache.kafka.common.errors.SerializationException"));
        assert_eq!(found.cause.message.as_deref(), Some("Size of data is not 8"));
        assert_eq!(found.fidelity.headers, Kept::No);
    }
}
