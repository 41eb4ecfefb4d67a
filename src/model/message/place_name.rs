//! What the name of a topic, queue or stream says of the messages in it. Weak evidence, but often all there is.

use std::sync::LazyLock;

use regex::Regex;

/// Whether a topic's or queue's name says that it holds dead letters.
#[must_use]
pub fn is_dead_letter_name(name: &str) -> bool {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix) [-._:](dlt|dlq)$ | [-._:]dead$ | [-._:]dead[-_]?letters?$ | ^dead-letter-topic- | ^error\..+\..+ | ^dlq[-._:].+
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for name in [
            "orders-dlt",
            "dlq.orders",
            "error.orders.billing",
            "submit-order_error",
            "orders.parkingLot",
            "orders:dlq",
            "orders.dead",
        ] {
            assert!(is_dead_letter_name(name), "{name}");
        }
        for name in
            ["orders", "errors", "dlqs", "order-errors", "terror", "orders.retry", "deadletterbox", "undead", ""]
        {
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
}
