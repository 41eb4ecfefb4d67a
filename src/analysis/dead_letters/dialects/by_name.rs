//! Letters without a word of their own, known by the name of the topic or queue in which they lie. The
//! weaker evidence, and said as such.

use super::Dialect;
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::message::is_dead_letter_name;

pub static DIALECT: Dialect = Dialect { name: "by-name", label: "by name alone", marks: &[], adds: &[], read };

/// In a record's bytes: a topic or queue whose name says that dead letters lie there. Nothing but letters,
/// so that whole blocks can be searched; what follows a queue's name is as our records have it.
pub const NAME_PATTERN: &str = concat!(
    r#"-dlt"|-DLT"|\.dlt"|\.DLT"|-dlq"|-DLQ"|\.dlq"|\.DLQ"|_dlq"|_DLQ"|dead-letter"|dead-letter-queue"|dead-letter-topic-|"#,
    r#"parkingLot"|parking-lot"|deadletterqueue"|"topic":"error\.|"topic":"dlq|"queue":"error|"queue":"dlq|"#,
    r#"_error","exchange"|_skipped","exchange"|:dlt"|:DLT"|:dlq"|:DLQ"|[.:_-]dead","entry"|"stream":"error|"stream":"dl|"#,
    r#"_error","entry"|_skipped","entry"|[Dd]ead-?_?[Ll]etters?","entry""#
);

fn read(seen: &Seen) -> Option<Letter> {
    let location = seen.location.clone()?;
    if !is_dead_letter_name(location.name()) {
        return None;
    }
    // Nobody knows: Connect without its headers keeps all, Karafka's free edition the value alone.
    let fidelity = Fidelity::new(Kept::Perhaps, Kept::Yes, Kept::Perhaps, Kept::Perhaps);
    Some(Letter::silent(DIALECT.name, Some(location), fidelity))
}

#[cfg(test)]
mod tests {
    use regex::Regex;
    use serde_json::json;

    use super::super::testing::{letter, no_letter};
    use super::*;
    use crate::analysis::dead_letters::letter::{Evidence, NO_ORIGIN};

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
            ("stream", "orders:dlq"),
            ("stream", "orders:dead-letter"),
            ("stream", "orders.dead"),
            ("stream", "dlq:orders"),
            ("stream", "orders:deadletters"),
            ("stream", "submit-order_error"),
        ] {
            assert!(is_dead_letter_name(name), "{name}");
            let next = if member == "stream" { "entry" } else { "exchange" };
            let record = format!(r#"{{"{member}":"{name}","{next}":""}}"#);
            assert!(pattern.is_match(&record), "{record}");
        }
    }

    #[test]
    fn golden() {
        let found = letter(json!({"topic": "invoices-dlq", "partition": 0, "offset": 4}), &[]);
        assert_eq!((found.evidence, found.target), (Evidence::Name, Err(NO_ORIGIN)));
        no_letter(json!({"topic": "invoices"}), &[]);
    }
}
