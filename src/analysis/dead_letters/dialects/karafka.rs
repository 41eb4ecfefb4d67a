//! Karafka Pro. The free edition sends the bare payload: its letters are known by their topic alone.
//!
//! Source: karafka, `lib/karafka/pro/…/dlq/default.rb`. Text; the names are common words, so the first
//! three have to be there together.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "karafka",
    label: "Karafka",
    marks: &["source_offset"],
    adds: &[
        "source_topic",
        "source_partition",
        "source_offset",
        "source_consumer_group",
        "source_attempts",
        "source_trace_id",
    ],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("karafka"),
    topic: Borrowed("source_topic"),
    partition: Borrowed("source_partition"),
    offset: Borrowed("source_offset"),
    consumer: Borrowed("source_consumer_group"),
    attempts: Borrowed("source_attempts"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    if !["source_topic", "source_partition", "source_offset"].iter().all(|name| seen.has(name)) {
        return None;
    }
    let mut letter = NAMES.read(seen)?;
    letter.fidelity = Fidelity::new(Kept::Yes, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter, no_letter};
    use crate::analysis::dead_letters::letter::Location;

    #[test]
    fn golden() {
        let headers = [
            ("source_topic", bytes("orders")),
            ("source_partition", bytes("6")),
            ("source_offset", bytes("1234")),
            ("source_consumer_group", bytes("app_orders")),
            ("source_attempts", bytes("2")),
            ("source_trace_id", bytes("4f6f")),
        ];
        let found = letter(json!({"topic": "dead"}), &headers);
        assert_eq!(found.origin, Some(Location::topic("orders", Some(6), Some(1234))));
        assert_eq!((found.attempts, found.consumer.as_deref()), (Some(2), Some("app_orders")));
        no_letter(json!({"topic": "copies"}), &headers[..2]);
    }
}
