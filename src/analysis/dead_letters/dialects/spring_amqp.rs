//! Spring AMQP's `RepublishMessageRecoverer`.
//!
//! Source: spring-projects/spring-amqp, the class of that name. Mind the capital K of `routingKey`.

use std::borrow::Cow::Borrowed;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter, Location};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "spring-amqp",
    label: "Spring AMQP republish",
    marks: &["x-original-", "x-exception-"],
    adds: &["x-original-exchange", "x-original-routingKey", "x-exception-"],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("spring-amqp"),
    message: Borrowed("x-exception-message"),
    stack: Borrowed("x-exception-stacktrace"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let key = seen.text("x-original-routingKey")?;
    let mut letter = NAMES.read(seen)?;
    // A missing exchange is the default one.
    let exchange = seen.text("x-original-exchange").unwrap_or_default();
    let origin = if exchange.is_empty() {
        Location::queue(key)
    } else {
        Location::Exchange { name: exchange, routing_keys: vec![key] }
    };
    letter.origin = Some(origin.clone());
    letter.target = Ok(origin);
    letter.fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::Yes);
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use super::*;

    #[test]
    fn golden() {
        let found = letter(
            json!({"queue": "orders.errors"}),
            &[
                (
                    "x-exception-stacktrace",
                    bytes(
                        "org.a.ListenerExecutionFailedException: Listener threw\n\tat a.B.c(B.java)\nCaused by: java.lang.IllegalArgumentException: no such currency: XTS\n\tat d.E.f(E.java)",
                    ),
                ),
                ("x-exception-message", bytes("Listener threw exception")),
                ("x-original-exchange", bytes("shop")),
                ("x-original-routingKey", bytes("order.placed")),
            ],
        );
        assert_eq!(found.dialect, "spring-amqp");
        let expected = Location::Exchange { name: "shop".to_owned(), routing_keys: vec!["order.placed".to_owned()] };
        assert_eq!(found.target, Ok(expected));
        assert_eq!(found.cause.class(), Some("java.lang.IllegalArgumentException"));
        assert_eq!(found.cause.message.as_deref(), Some("no such currency: XTS"));
    }
}
