//! Rebus: error details as text of all attempts, and the queue to return to.
//!
//! Source: rebus-org/Rebus, `Headers.cs`.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;
use crate::analysis::dead_letters::stack;

pub static DIALECT: Dialect = Dialect {
    name: "rebus",
    label: "Rebus",
    marks: &["rbs2-error-details", "rbs2-source-queue"],
    adds: &["rbs2-error-details", "rbs2-source-queue"],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("rebus"),
    queue: Borrowed("rbs2-source-queue"),
    stack: Borrowed("rbs2-error-details"),
    attempts: Borrowed("rbs2-delivery-count"),
    timestamp: Borrowed("rbs2-senttime"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let mut letter = NAMES.read(seen)?;
    // `2026-02-16T… : System.Exception: text`, one a delivery: the last one counts.
    let line = letter.cause.stack.as_deref().and_then(|text| text.lines().rev().find_map(exception));
    if let Some((class, message)) = line {
        (letter.cause.root, letter.cause.message) = (Some(class), message);
    }
    letter.fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

fn exception(line: &str) -> Option<(String, Option<String>)> {
    let from = line.split(": ").position(stack::is_class)?;
    let rest: Vec<&str> = line.split(": ").skip(from).collect();
    let (class, message) =
        stack::root(&rest.join(": ")).map(|(class, message)| (class.to_owned(), message.map(str::to_owned)))?;
    Some((class, message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::Location;

    #[test]
    fn golden() {
        let found = letter(
            json!({"queue": "error"}),
            &[
                ("rbs2-msg-id", bytes("3b1c")),
                ("rbs2-source-queue", bytes("orders.input")),
                (
                    "rbs2-error-details",
                    bytes(
                        "5 unhandled exceptions: 2/16/2026 3:56:42 PM +00:00: System.ApplicationException: Card 4111 was declined\r\n   at Shop.Pay.Handle()",
                    ),
                ),
            ],
        );
        assert_eq!(found.target, Ok(Location::queue("orders.input")));
        assert_eq!(found.cause.class(), Some("System.ApplicationException"));
        assert_eq!(found.cause.message.as_deref(), Some("Card 4111 was declined"));
    }
}
