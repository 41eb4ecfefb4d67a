//! MassTransit: `<queue>_error` with the fault in headers, `<queue>_skipped` with a reason alone.
//!
//! Source: MassTransit, `MessageHeaders.cs`, `SendContextExtensions.cs`. The input address is a URI whose
//! last part is the queue.

use std::borrow::Cow::Borrowed;

use super::wolverine::last_segment;
use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter, Location};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "masstransit",
    label: "MassTransit",
    marks: &["MT-Fault-", "MT-Reason"],
    adds: &["MT-Fault-", "MT-Reason"],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("masstransit"),
    failed_at: Borrowed("MT-Fault-Timestamp"),
    consumer: Borrowed("MT-Fault-ConsumerType"),
    wrapper: Borrowed("MT-Fault-ExceptionType"),
    message: Borrowed("MT-Fault-Message"),
    stack: Borrowed("MT-Fault-StackTrace"),
    reason: Borrowed("MT-Reason"),
    attempts: Borrowed("MT-Fault-RetryCount"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let mut letter = NAMES.read(seen)?;
    let input = seen.text("MT-Fault-InputAddress").and_then(|uri| last_segment(&uri).map(str::to_owned));
    let by_name = || {
        let name = letter.location.as_ref()?.name();
        name.strip_suffix("_skipped").or_else(|| name.strip_suffix("_error")).map(str::to_owned)
    };
    if let Some(queue) = input.or_else(by_name) {
        letter.origin = Some(Location::queue(queue.clone()));
        letter.target = Ok(Location::queue(queue));
    }
    letter.fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use super::*;
    use crate::model::time::TimeNs;

    #[test]
    fn golden() {
        let found = letter(
            json!({"queue": "submit-order_error"}),
            &[
                ("MT-Reason", bytes("fault")),
                ("MT-Fault-ExceptionType", bytes("System.InvalidOperationException")),
                ("MT-Fault-InputAddress", bytes("rabbitmq://localhost/shop/submit-order?temporary=false")),
                ("MT-Fault-Message", bytes("Customer 17 is blocked")),
                ("MT-Fault-MessageType", bytes("Shop.SubmitOrder")),
                ("MT-Fault-ConsumerType", bytes("Shop.SubmitOrderConsumer")),
                ("MT-Fault-Timestamp", bytes("2026-02-16T15:56:42.4870000Z")),
                ("MT-Fault-StackTrace", bytes("   at Shop.SubmitOrderConsumer.Consume()")),
                ("MT-Fault-RetryCount", bytes("5")),
            ],
        );
        assert_eq!(found.target, Ok(Location::queue("submit-order")));
        assert_eq!((found.attempts, found.consumer.as_deref()), (Some(5), Some("Shop.SubmitOrderConsumer")));
        assert_eq!(found.failed_at.map(TimeNs::to_rfc3339).as_deref(), Some("2026-02-16T15:56:42.487Z"));
        let skipped = letter(json!({"queue": "submit-order_skipped"}), &[("MT-Reason", bytes("dead-letter"))]);
        assert_eq!(skipped.origin, Some(Location::queue("submit-order")));
        assert_eq!(skipped.cause.reason.as_deref(), Some("dead-letter"));
    }
}
