//! Spring for Apache Kafka: `DeadLetterPublishingRecoverer`, and retry topics with names of their own.
//!
//! Source: spring-projects/spring-kafka, `KafkaHeaders.java`, `DeadLetterRecordManager.java`,
//! `RetryTopicHeaders.java`. Numbers are binary. Original headers are appended at each failure, exception
//! headers replaced. The message is the wrapper's, `; `, the root's.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Cause, Fidelity, Kept, Letter};

pub static DIALECT: Dialect = Dialect {
    name: "spring-kafka",
    label: "Spring Kafka",
    marks: &["kafka_dlt-"],
    adds: &["kafka_dlt-", "springDeserializerException"],
    read: |seen| NAMES.read(seen).map(finish),
};

pub static RETRY_TOPIC: Dialect = Dialect {
    name: "spring-retry-topic",
    label: "Spring retry topics",
    marks: &["kafka_original-", "kafka_exception-", "retry_topic-"],
    adds: &[
        "kafka_original-",
        "kafka_exception-",
        "kafka_key-exception-",
        "retry_topic-",
        "kafka_dlt-",
        "springDeserializerException",
    ],
    read: |seen| RETRY_NAMES.read(seen).map(failed_attempts).map(finish),
};

const NAMES: Names = Names {
    label: Borrowed("spring-kafka"),
    topic: Borrowed("kafka_dlt-original-topic"),
    partition: Borrowed("kafka_dlt-original-partition"),
    offset: Borrowed("kafka_dlt-original-offset"),
    timestamp: Borrowed("kafka_dlt-original-timestamp"),
    consumer: Borrowed("kafka_dlt-original-consumer-group"),
    wrapper: Borrowed("kafka_dlt-exception-fqcn"),
    root: Borrowed("kafka_dlt-exception-cause-fqcn"),
    message: Borrowed("kafka_dlt-exception-message"),
    stack: Borrowed("kafka_dlt-exception-stacktrace"),
    ..Names::NONE
};

const RETRY_NAMES: Names = Names {
    label: Borrowed("spring-retry-topic"),
    topic: Borrowed("kafka_original-topic"),
    partition: Borrowed("kafka_original-partition"),
    offset: Borrowed("kafka_original-offset"),
    timestamp: Borrowed("kafka_original-timestamp"),
    // A quirk of its constants: the group keeps the other prefix.
    consumer: Borrowed("kafka_dlt-original-consumer-group"),
    wrapper: Borrowed("kafka_exception-fqcn"),
    root: Borrowed("kafka_exception-cause-fqcn"),
    message: Borrowed("kafka_exception-message"),
    stack: Borrowed("kafka_exception-stacktrace"),
    attempts: Borrowed("retry_topic-attempts"),
    ..Names::NONE
};

/// `retry_topic-attempts` numbers the delivery to come: a letter after three failures says 4, as Spring Kafka 3.3.4
/// writes it (`tests/data/golden/spring.ndjson`).
fn failed_attempts(mut letter: Letter) -> Letter {
    letter.attempts = letter.attempts.map(|next| next.saturating_sub(1));
    letter
}

fn finish(mut letter: Letter) -> Letter {
    of_the_root(&mut letter.cause);
    letter.fidelity = Fidelity::new(Kept::Perhaps, Kept::Perhaps, Kept::Yes, Kept::No);
    letter
}

/// Takes the wrapper's sentence off, where there is a root that the rest belongs to.
pub(super) fn of_the_root(cause: &mut Cause) {
    let wrapped = cause.root.is_some() && cause.wrapper.is_some() && cause.root != cause.wrapper;
    let inner = cause.message.as_deref().filter(|_| wrapped).and_then(|message| message.split_once("; "));
    if let Some((_, root)) = inner {
        cause.message = Some(root.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::{Location, Stage};
    use crate::model::message::HeaderValue;
    use crate::model::time::TimeNs;

    fn headers() -> Vec<(&'static str, HeaderValue)> {
        vec![
            ("correlation-id", bytes("req-1")),
            ("kafka_dlt-original-topic", bytes("orders")),
            ("kafka_dlt-original-partition", bytes([0, 0, 0, 3])),
            ("kafka_dlt-original-offset", bytes([0, 0, 0, 0, 0, 0, 4, 0x11])),
            ("kafka_dlt-original-timestamp", bytes(1_771_257_402_487_i64.to_be_bytes())),
            ("kafka_dlt-original-timestamp-type", bytes("CreateTime")),
            ("kafka_dlt-original-consumer-group", bytes("billing")),
            ("kafka_dlt-exception-fqcn", bytes("org.springframework.kafka.listener.ListenerExecutionFailedException")),
            ("kafka_dlt-exception-cause-fqcn", bytes("java.lang.IllegalStateException")),
            ("kafka_dlt-exception-message", bytes("Listener failed; customer cust-7 has no address; none at all")),
            ("kafka_dlt-exception-stacktrace", bytes("org.x.Y: Listener failed\n\tat a.B.c(B.java:1)")),
        ]
    }

    // Bytes as `DeadLetterPublishingRecoverer` writes them: `ByteBuffer.allocate(4).putInt(…)`, `(8).putLong(…)`.
    #[test]
    fn golden() {
        let found = letter(json!({"topic": "orders-dlt", "partition": 3, "offset": 9}), &headers());
        assert_eq!(found.dialect, "spring-kafka");
        assert_eq!(found.origin, Some(Location::topic("orders", Some(3), Some(1041))));
        assert_eq!(found.target, Ok(Location::topic("orders", Some(3), None)));
        assert_eq!(found.consumer.as_deref(), Some("billing"));
        assert_eq!(found.original_time, Some(TimeNs(1_771_257_402_487_000_000)));
        assert_eq!(found.cause.class(), Some("java.lang.IllegalStateException"), "the root before its wrapper");
        assert_eq!(found.cause.message.as_deref(), Some("customer cust-7 has no address; none at all"));
        assert!(found.history.is_empty() && found.undecoded.is_empty() && !found.pointer_only, "{found:?}");
    }

    #[test]
    fn of_appended_headers_the_first_is_the_origin() {
        let mut twice = headers();
        twice.extend([
            ("kafka_dlt-original-topic", bytes("orders-retry")),
            ("kafka_dlt-original-partition", bytes([0, 0, 0, 1])),
            ("kafka_dlt-original-offset", bytes([0, 0, 0, 0, 0, 0, 0, 7])),
        ]);
        let found = letter(json!({"topic": "orders-dlt"}), &twice);
        assert_eq!(found.origin, Some(Location::topic("orders", Some(3), Some(1041))));
        let history: Vec<String> =
            found.history.iter().filter_map(|f| Some(f.location.as_ref()?.to_string())).collect();
        assert_eq!(history, ["orders/3@1041", "orders-retry/1@7"]);
    }

    #[test]
    fn names_with_digits_as_other_languages_write_them() {
        let found = letter(
            json!({"topic": "orders-dlt"}),
            &[
                ("kafka_dlt-original-topic", bytes("orders")),
                ("kafka_dlt-original-partition", bytes("3")),
                ("kafka_dlt-original-offset", bytes("1041")),
                ("kafka_dlt-exception-message", HeaderValue::Null),
            ],
        );
        assert_eq!(found.origin, Some(Location::topic("orders", Some(3), Some(1041))));
        let odd = letter(
            json!({"topic": "orders-dlt"}),
            &[("kafka_dlt-original-topic", bytes("orders")), ("kafka_dlt-original-offset", bytes([1, 2, 3]))],
        );
        assert_eq!(odd.undecoded, ["kafka_dlt-original-offset"], "never guessed");
    }

    // `RetryTopicHeaders`: attempts of 4 bytes, 1 byte before; times are `BigInteger.toByteArray()`.
    #[test]
    fn golden_retry_topic() {
        for attempts in [&[0, 0, 0, 4][..], &[4]] {
            let headers = [
                ("kafka_original-topic", bytes("orders")),
                ("kafka_original-partition", bytes([0, 0, 0, 0])),
                ("kafka_original-offset", bytes([0, 0, 0, 0, 0, 0, 0, 5])),
                ("kafka_exception-fqcn", bytes("com.shop.PaymentDeclined")),
                ("kafka_exception-message", bytes("declined")),
                ("kafka_dlt-original-consumer-group", bytes("payments")),
                ("retry_topic-attempts", bytes(attempts)),
                ("retry_topic-original-timestamp", bytes([1, 0x9c, 0x67, 0x2b, 0x14, 0x77])),
            ];
            let found = letter(json!({"topic": "orders-dlt"}), &headers);
            assert_eq!((found.dialect.as_str(), found.attempts), ("spring-retry-topic", Some(3)));
            assert_eq!((found.consumer.as_deref(), found.stage), (Some("payments"), Stage::Dead));
            let waiting = letter(json!({"topic": "orders-retry-1000"}), &headers);
            assert_eq!(waiting.stage, Stage::Retrying);
        }
    }

    #[test]
    fn a_message_that_was_put_back_is_no_letter_any_more() {
        let found = letter(json!({"topic": "orders", "partition": 3, "offset": 2000}), &headers());
        assert_eq!(found.stage, Stage::PutBack);
    }
}
