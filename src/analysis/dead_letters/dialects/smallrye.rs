//! Quarkus and SmallRye Reactive Messaging on Kafka: dead letters and delayed retry.
//!
//! Source: smallrye-reactive-messaging-kafka, `KafkaDeadLetterQueue.java`, `KafkaDelayedRetryTopic.java`.
//! Text and digits, written before the original's headers: of equal names the last one is the oldest.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names, Newest};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};

pub static DIALECT: Dialect = Dialect {
    name: "smallrye",
    label: "SmallRye",
    marks: &["dead-letter-"],
    adds: &["dead-letter-"],
    read: |seen| NAMES.read(seen).map(finish),
};

pub static DELAYED_RETRY: Dialect = Dialect {
    name: "smallrye-delayed-retry",
    label: "SmallRye delayed retry",
    marks: &["delayed-retry-"],
    adds: &["delayed-retry-"],
    read: |seen| RETRY_NAMES.read(seen).map(finish),
};

const NAMES: Names = Names {
    label: Borrowed("smallrye"),
    newest: Newest::First,
    topic: Borrowed("dead-letter-topic"),
    partition: Borrowed("dead-letter-partition"),
    offset: Borrowed("dead-letter-offset"),
    wrapper: Borrowed("dead-letter-exception-class-name"),
    root: Borrowed("dead-letter-cause-class-name"),
    message: Borrowed("dead-letter-cause"),
    reason: Borrowed("dead-letter-reason"),
    ..Names::NONE
};

const RETRY_NAMES: Names = Names {
    label: Borrowed("smallrye-delayed-retry"),
    newest: Newest::First,
    topic: Borrowed("delayed-retry-topic"),
    partition: Borrowed("delayed-retry-partition"),
    offset: Borrowed("delayed-retry-offset"),
    timestamp: Borrowed("delayed-retry-original-timestamp"),
    wrapper: Borrowed("delayed-retry-exception-class-name"),
    root: Borrowed("delayed-retry-cause-class-name"),
    message: Borrowed("delayed-retry-cause"),
    reason: Borrowed("delayed-retry-reason"),
    attempts: Borrowed("delayed-retry-count"),
    ..Names::NONE
};

/// The reason is the exception's message, the cause that of the exception behind it.
fn finish(mut letter: Letter) -> Letter {
    let cause = &mut letter.cause;
    if cause.message.is_none() {
        cause.message = cause.reason.take();
    }
    letter.fidelity = Fidelity::new(Kept::Perhaps, Kept::Perhaps, Kept::Yes, Kept::No);
    letter
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::{Location, Stage};

    // As `KafkaDeadLetterQueue.handle` writes them: new headers first, the copied ones behind.
    #[test]
    fn golden() {
        let found = letter(
            json!({"topic": "dead-letter-topic-stock"}),
            &[
                ("dead-letter-exception-class-name", bytes("io.quarkus.arc.ArcUndeclaredThrowableException")),
                ("dead-letter-cause-class-name", bytes("java.net.ConnectException")),
                ("dead-letter-reason", bytes("Error invoking method")),
                ("dead-letter-cause", bytes("Connection refused")),
                ("dead-letter-topic", bytes("stock-again")),
                ("dead-letter-partition", bytes("0")),
                ("dead-letter-offset", bytes("9")),
                ("dead-letter-reason", bytes("older")),
                ("dead-letter-topic", bytes("stock")),
                ("dead-letter-partition", bytes("4")),
                ("dead-letter-offset", bytes("1")),
            ],
        );
        assert_eq!(found.origin, Some(Location::topic("stock", Some(4), Some(1))), "the last one is the oldest");
        assert_eq!(found.history.len(), 2);
        assert_eq!(found.cause.class(), Some("java.net.ConnectException"));
        assert_eq!(found.cause.message.as_deref(), Some("Connection refused"));
        assert_eq!(found.cause.reason.as_deref(), Some("Error invoking method"), "the newest");
    }

    #[test]
    fn golden_delayed_retry() {
        let headers = [
            ("delayed-retry-count", bytes("3")),
            ("delayed-retry-original-timestamp", bytes("1771257402487")),
            ("delayed-retry-exception-class-name", bytes("java.lang.IllegalStateException")),
            ("delayed-retry-reason", bytes("out of stock")),
            ("delayed-retry-topic", bytes("stock")),
            ("delayed-retry-partition", bytes("4")),
            ("delayed-retry-offset", bytes("1")),
        ];
        let found = letter(json!({"topic": "stock-dlq"}), &headers);
        assert_eq!((found.attempts, found.stage), (Some(3), Stage::Dead));
        assert_eq!(found.cause.message.as_deref(), Some("out of stock"));
        assert_eq!(found.original_time.map(|time| time.0), Some(1_771_257_402_487_000_000));
        assert_eq!(letter(json!({"topic": "stock-retry-10000"}), &headers).stage, Stage::Retrying);
    }
}
