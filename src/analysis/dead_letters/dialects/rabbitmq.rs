//! RabbitMQ's own dead-lettering: `x-death`, one entry per queue and reason, the newest first, counted
//! together; AMQP 1.0 has the same as the annotation `x-opt-deaths`.
//!
//! Source: rabbitmq-server, `deps/rabbit/src/mc.erl`, `mc_amqpl.erl`; documentation "Dead letter exchanges".
//! Up to 3.12 and from 3.13.3 to 3.13 the broker goes on with what a client republishes; from 4.0 on headers
//! that begin with `x-` are the broker's own. Either way the oldest entry is where it failed first.

use super::Dialect;
use crate::analysis::dead_letters::letter::{
    Cause, Evidence, Failure, Fidelity, Kept, Letter, Location, NO_ORIGIN, Stage,
};
use crate::analysis::dead_letters::seen::{Seen, text};
use crate::model::message::HeaderValue;
use crate::model::time::TimeNs;

pub static DIALECT: Dialect = Dialect {
    name: "rabbitmq",
    label: "RabbitMQ",
    marks: &["x-death", "x-first-death", "x-opt-deaths"],
    adds: &["x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count", "x-opt-deaths"],
    read,
};

fn read(seen: &Seen) -> Option<Letter> {
    let deaths = seen.value("x-death").or_else(|| seen.value("x-opt-deaths"));
    let mut history: Vec<Failure> = deaths.iter().flat_map(HeaderValue::list).map(failure).collect();
    // Oldest first, as everywhere.
    history.reverse();
    let first = seen.text("x-first-death-queue").map(Location::queue);
    if history.is_empty() && first.is_none() {
        return None;
    }
    // Continued by a client of 3.x, the entry that was moved to the front is not the oldest one.
    let oldest = history.iter().find(|failure| failure.location == first).or_else(|| history.first());
    let origin = first.clone().or_else(|| oldest.and_then(|failure| failure.location.clone()));
    let newest = history.last();
    let reason = seen.text("x-last-death-reason").or_else(|| newest.and_then(|failure| failure.reason.clone()));
    let reason = reason.or_else(|| seen.text("x-first-death-reason"));
    let deaths: u64 = history.iter().filter_map(|failure| failure.count).sum();
    let consumer = newest.and_then(|failure| failure.location.as_ref()).map(|at| at.name().to_owned());
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Headers,
        location: seen.location.clone(),
        // Queue-exact: the exchange would tell all queues that are bound, and the others have had it.
        target: origin.clone().ok_or(NO_ORIGIN),
        origin,
        cause: Cause { reason, ..Cause::default() },
        attempts: (deaths > 0).then_some(deaths),
        failed_at: newest.and_then(|failure| failure.at),
        history,
        consumer,
        original_time: None,
        fidelity: Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::Yes),
        pointer_only: false,
        undecoded: Vec::new(),
    })
}

fn failure(entry: &HeaderValue) -> Failure {
    let member = |name: &str| entry.member(name);
    // `time` is the first time for this queue and reason; AMQP 1.0 has both.
    let at = member("last-time").or_else(|| member("time")).or_else(|| member("first-time"));
    Failure {
        location: member("queue").and_then(text).map(Location::queue),
        reason: member("reason").and_then(text),
        at: at.and_then(time),
        count: member("count").and_then(HeaderValue::whole).and_then(|count| u64::try_from(count).ok()),
    }
}

/// Seconds where the type or the magnitude says so, else milliseconds (AMQP 1.0).
fn time(value: &HeaderValue) -> Option<TimeNs> {
    let number = value.whole()?;
    let seconds = matches!(value, HeaderValue::Time(_)) || number < 100_000_000_000;
    number.checked_mul(if seconds { 1_000_000_000 } else { 1_000_000 }).map(TimeNs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use super::*;

    fn death(queue: &str, reason: &str, count: i64, time: u64) -> HeaderValue {
        let keys = HeaderValue::List(vec!["order.placed".into()]);
        HeaderValue::Table(vec![
            ("count".to_owned(), HeaderValue::Int { value: count, bits: 64 }),
            ("reason".to_owned(), reason.into()),
            ("queue".to_owned(), queue.into()),
            ("time".to_owned(), HeaderValue::Time(time)),
            ("exchange".to_owned(), "shop".into()),
            ("routing-keys".to_owned(), keys),
        ])
    }

    // The types of `rabbit_basic:make_table` entries as the documentation lists them.
    #[test]
    fn golden() {
        let list = HeaderValue::List(vec![
            death("orders", "rejected", 3, 1_771_257_402),
            death("orders.wait", "expired", 2, 1_771_257_300),
            death("orders", "delivery_limit", 1, 1_771_257_200),
        ]);
        let found = letter(
            json!({"queue": "orders.dlq", "exchange": "", "routing_key": "orders.dlq"}),
            &[
                ("x-death", list),
                ("x-first-death-queue", bytes("orders")),
                ("x-first-death-reason", bytes("delivery_limit")),
                ("x-last-death-reason", bytes("rejected")),
            ],
        );
        assert_eq!(found.target, Ok(Location::queue("orders")));
        assert_eq!((found.attempts, found.cause.reason.as_deref()), (Some(6), Some("rejected")));
        let reasons: Vec<_> = found.history.iter().filter_map(|failure| failure.reason.as_deref()).collect();
        assert_eq!(reasons, ["delivery_limit", "expired", "rejected"], "oldest first");
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_257_402_000_000_000));
    }

    /// RabbitMQ 4. Names, types and units as in its documentation (`docs/dlx.md`) and code (`mc.erl`,
    /// `mc_amqpl.erl`), set down in the project's table of conventions; a server of 4.x was not at hand, so these
    /// bytes are written by that table, not recorded.
    #[test]
    fn golden_of_rabbitmq_4() {
        let number = |value: i64| HeaderValue::Int { value, bits: 64 };
        let keys = HeaderValue::List(vec!["order.placed".into(), "cc.audit".into()]);
        let entry = HeaderValue::Table(vec![
            ("count".to_owned(), number(1)),
            ("reason".to_owned(), "delivery_limit".into()),
            ("queue".to_owned(), "orders".into()),
            ("time".to_owned(), HeaderValue::Time(1_771_257_402)),
            ("exchange".to_owned(), "shop".into()),
            ("routing-keys".to_owned(), keys),
            ("original-expiration".to_owned(), "60000".into()),
        ]);
        let headers = [
            ("x-death", HeaderValue::List(vec![entry])),
            ("x-first-death-queue", bytes("orders")),
            ("x-first-death-reason", bytes("delivery_limit")),
            ("x-first-death-exchange", bytes("shop")),
            ("x-last-death-queue", bytes("orders")),
            ("x-last-death-reason", bytes("delivery_limit")),
            ("x-last-death-exchange", bytes("shop")),
            ("x-delivery-count", number(21)),
            ("x-acquired-count", number(24)),
        ];
        let found = letter(json!({"queue": "orders.dlq", "exchange": "dlx", "routing_key": "dead"}), &headers);
        assert_eq!((found.dialect.as_str(), &found.target), ("rabbitmq", &Ok(Location::queue("orders"))));
        assert_eq!((found.cause.reason.as_deref(), found.attempts), (Some("delivery_limit"), Some(1)));
        // All of it belongs to the broker, so all of it is taken off before the letter goes back.
        for (name, _) in &headers {
            assert!(DIALECT.adds.iter().any(|start| name.starts_with(start)), "{name} would be sent");
        }
    }

    /// 4.x does not go on with what a client sent, so after going back and failing again the count is 1 anew and
    /// `x-first-death-queue` may be the newer queue (rabbitmq-server 15385): attempts are counted by a header of ours,
    /// whose name is not the broker's.
    #[test]
    fn a_letter_of_rabbitmq_4_that_came_back_keeps_its_attempts() {
        let list = HeaderValue::List(vec![death("orders", "rejected", 1, 1_771_257_500)]);
        let ours = "eventglass-requeue-id";
        let found = letter(
            json!({"queue": "orders.dlq"}),
            &[("x-death", list), ("x-first-death-queue", bytes("orders")), (ours, bytes("4f1c"))],
        );
        assert_eq!((found.attempts, found.history.len()), (Some(1), 1));
        assert!(!DIALECT.adds.iter().any(|start| ours.starts_with(start)), "it stays on the message");
    }

    /// The same as an annotation of AMQP 1.0, its times in milliseconds.
    #[test]
    fn deaths_of_amqp_1_have_both_times() {
        let number = |value: i64| HeaderValue::Int { value, bits: 64 };
        let entry = HeaderValue::Table(vec![
            ("queue".to_owned(), "orders".into()),
            ("reason".to_owned(), "maxlen".into()),
            ("count".to_owned(), number(5)),
            ("first-time".to_owned(), number(1_771_257_402_000)),
            ("last-time".to_owned(), number(1_771_257_499_250)),
            ("ttl".to_owned(), number(60_000)),
        ]);
        let found = letter(json!({"queue": "dlq"}), &[("x-opt-deaths", HeaderValue::List(vec![entry]))]);
        assert_eq!((found.attempts, found.target), (Some(5), Ok(Location::queue("orders"))));
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_257_499_250_000_000), "the last time");
    }

    /// The management interface's export has no types: numbers and lists as plain JSON.
    #[test]
    fn exports_without_types_read_the_same() {
        let deaths = json!([{"count": 1, "reason": "expired", "queue": "mails", "time": 1_771_257_402, "exchange": "", "routing-keys": ["mails"]}]);
        let record = json!({"payload": "{}", "exchange": "", "routing_key": "mails.dlq", "properties": {"headers": {"x-death": deaths}}});
        let found = letter(record, &[]);
        assert_eq!((found.dialect.as_str(), found.attempts), ("rabbitmq", Some(1)));
        assert_eq!(found.target, Ok(Location::queue("mails")));
    }

    /// rabbitmq-server 15385: after a republish `x-first-death-queue` of 4.1 names the newer queue; it is
    /// what the broker says, and the list beside it is shown as it is.
    #[test]
    fn rabbitmq_15385_both_stories_are_kept() {
        let list = HeaderValue::List(vec![death("second", "rejected", 1, 20), death("first", "rejected", 1, 10)]);
        let found = letter(json!({"queue": "dlq"}), &[("x-death", list), ("x-first-death-queue", bytes("second"))]);
        assert_eq!(found.origin, Some(Location::queue("second")));
        assert_eq!(found.history.len(), 2);
    }
}
