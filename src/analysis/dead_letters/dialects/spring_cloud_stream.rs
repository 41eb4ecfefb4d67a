//! Spring Cloud Stream's Kafka binder.
//!
//! Source: spring-cloud-stream, `KafkaMessageChannelBinder.java`. Text; partition of four bytes, offset and
//! time of eight; appended at each failure.

use std::borrow::Cow::Borrowed;

use super::spring_kafka::of_the_root;
use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "spring-cloud-stream",
    label: "Spring Cloud Stream",
    marks: &["x-original-", "x-exception-"],
    adds: &["x-original-", "x-exception-"],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("spring-cloud-stream"),
    topic: Borrowed("x-original-topic"),
    partition: Borrowed("x-original-partition"),
    offset: Borrowed("x-original-offset"),
    timestamp: Borrowed("x-original-timestamp"),
    wrapper: Borrowed("x-exception-fqcn"),
    message: Borrowed("x-exception-message"),
    stack: Borrowed("x-exception-stacktrace"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    // Spring AMQP uses the same names for what failed, and others for where it was.
    if !seen.has("x-original-topic") {
        return None;
    }
    let mut letter = NAMES.read(seen)?;
    of_the_root(&mut letter.cause);
    letter.fidelity = Fidelity::new(Kept::Perhaps, Kept::Perhaps, Kept::Yes, Kept::No);
    // `error.<topic>.<group>`
    let group = letter.location.as_ref().zip(letter.origin.as_ref()).and_then(|(location, origin)| {
        let rest = location.name().strip_prefix("error.")?;
        rest.strip_prefix(origin.name())?.strip_prefix('.')
    });
    letter.consumer = group.map(str::to_owned);
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::Location;

    // As `KafkaMessageChannelBinder.getErrorMessageHandler` writes them.
    #[test]
    fn golden() {
        let found = letter(
            json!({"topic": "error.orders.billing"}),
            &[
                ("x-original-topic", bytes("orders")),
                ("x-original-partition", bytes([0, 0, 0, 2])),
                ("x-original-offset", bytes([0, 0, 0, 0, 0, 0, 1, 0])),
                ("x-original-timestamp", bytes(1_771_257_402_487_i64.to_be_bytes())),
                ("x-original-timestamp-type", bytes("CreateTime")),
                ("x-exception-fqcn", bytes("org.springframework.messaging.MessageHandlingException")),
                ("x-exception-message", bytes("error occurred in message handler")),
                (
                    "x-exception-stacktrace",
                    bytes(
                        "org.springframework.messaging.MessageHandlingException: error\n\tat a.B.c(B.java)\nCaused by: java.lang.ArithmeticException: / by zero\n\tat d.E.f(E.java)",
                    ),
                ),
            ],
        );
        assert_eq!(found.dialect, "spring-cloud-stream");
        assert_eq!(found.origin, Some(Location::topic("orders", Some(2), Some(256))));
        assert_eq!(found.consumer.as_deref(), Some("billing"), "from the topic's name");
        assert_eq!(found.cause.class(), Some("java.lang.ArithmeticException"));
        assert_eq!(found.cause.message.as_deref(), Some("/ by zero"));
    }
}
