//! Letters without a word of their own, known by the name of the topic or queue in which they lie. The
//! weaker evidence, and said as such.

use std::sync::LazyLock;

use regex::Regex;

use super::Dialect;
use super::names::NO_ORIGIN;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Stage};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect { name: "by-name", label: "by name alone", marks: &[], adds: &[], read };

/// In a record's bytes: a topic or queue whose name says that dead letters lie there. Nothing but letters,
/// so that whole blocks can be searched; what follows a queue's name is as our records have it.
pub const NAME_PATTERN: &str = concat!(
    r#"-dlt"|-DLT"|\.dlt"|\.DLT"|-dlq"|-DLQ"|\.dlq"|\.DLQ"|_dlq"|_DLQ"|dead-letter"|dead-letter-queue"|dead-letter-topic-|"#,
    r#"parkingLot"|parking-lot"|deadletterqueue"|"topic":"error\.|"topic":"dlq|"queue":"error|"queue":"dlq|"#,
    r#"_error","exchange"|_skipped","exchange""#
);

/// Whether a topic's or queue's name says that it holds dead letters.
#[must_use]
pub fn is_dead_letter_name(name: &str) -> bool {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix) [-._](dlt|dlq)$ | [-._:]dead[-_]?letters?$ | ^dead-letter-topic- | ^error\..+\..+ | ^dlq[-._].+
              | _error$ | _skipped$ | ^error$ | [-._]parking-?lot$ | ^wolverine-dead-letter-queue$
              | ^\$persistentsubscription-.*-parked$ | /\$deadletterqueue$ | ^dead[-_]?letters?$ | ^(dlq|dlt)$",
        )
        .expect("a valid expression")
    });
    NAMES.is_match(name)
}

/// Whether messages there wait to be tried again.
#[must_use]
pub fn is_retry_name(name: &str) -> bool {
    static NAMES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)[-._]retry([-._][0-9a-z]+)*$").expect("a valid expression"));
    NAMES.is_match(name)
}

fn read(seen: &Seen) -> Option<Letter> {
    let location = seen.location.clone()?;
    if !is_dead_letter_name(location.name()) {
        return None;
    }
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Name,
        location: Some(location),
        origin: None,
        cause: Cause::default(),
        attempts: None,
        history: Vec::new(),
        consumer: None,
        failed_at: None,
        original_time: None,
        // Nobody knows: Connect without its headers keeps all, Karafka's free edition the value alone.
        fidelity: Fidelity::new(Kept::Perhaps, Kept::Yes, Kept::Perhaps, Kept::Perhaps),
        target: Err(NO_ORIGIN),
        pointer_only: false,
        undecoded: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{letter, no_letter};
    use super::*;

    #[test]
    fn names_tell() {
        let pattern = Regex::new(NAME_PATTERN).expect("a valid expression");
        for (member, name) in [
            ("topic", "orders-dlt"),
            ("topic", "orders.DLT"),
            ("topic", "orders-dlq"),
            ("topic", "orders_dlq"),
            ("topic", "dlq.orders"),
            ("topic", "dlq-orders-sink"),
            ("topic", "error.orders.billing"),
            ("topic", "dead-letter-topic-stock"),
            ("topic", "wolverine-dead-letter-queue"),
            ("queue", "orders.dlq"),
            ("queue", "orders:dead-letter"),
            ("queue", "submit-order_error"),
            ("queue", "submit-order_skipped"),
            ("queue", "error"),
            ("queue", "orders.parkingLot"),
            ("queue", "orders/$deadletterqueue"),
        ] {
            assert!(is_dead_letter_name(name), "{name}");
            let record = json!({member: name, "exchange": ""}).to_string();
            assert!(pattern.is_match(&record), "{record}");
        }
        for name in ["orders", "errors", "dlqs", "order-errors", "terror", "orders.retry", "deadletterbox", ""] {
            assert!(!is_dead_letter_name(name), "{name}");
        }
        for (name, expected) in [
            ("orders-retry", true),
            ("orders-retry-1000", true),
            ("orders.retry.5s", true),
            ("retrying", false),
            ("orders-dlt", false),
        ] {
            assert_eq!(is_retry_name(name), expected, "{name}");
        }
    }

    #[test]
    fn golden() {
        let found = letter(json!({"topic": "invoices-dlq", "partition": 0, "offset": 4}), &[]);
        assert_eq!((found.evidence, found.target), (Evidence::Name, Err(NO_ORIGIN)));
        no_letter(json!({"topic": "invoices"}), &[]);
    }
}
