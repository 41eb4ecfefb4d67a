//! Which queues hold dead letters, exactly: those that a dead-letter exchange leads to.
//!
//! Sources: <https://www.rabbitmq.com/docs/dlx>, <https://www.rabbitmq.com/tutorials/amqp-concepts>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::management::{Binding, Exchange, QueueInfo};

/// Exchanges and bindings of one virtual host.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub exchanges: Vec<Exchange>,
    pub bindings: Vec<Binding>,
}

impl Routes {
    /// Names of queues that letters of these queues go to, whatever says so: an argument or a policy. A letter
    /// that keeps its own routing key may go to any queue that is bound to its exchange.
    pub(super) fn letter_queues<'a>(&'a self, queues: &'a [QueueInfo]) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let text = |value: Option<&'a Value>| value.and_then(Value::as_str);
        for queue in queues {
            let Some(exchange) = text(queue.says("dead-letter-exchange")) else { continue };
            let key = text(queue.says("dead-letter-routing-key"));
            match (exchange, key) {
                ("", Some(key)) => found.extend([key]),
                // Back to the queue that its own key names, which nobody can tell.
                ("", None) => {}
                (exchange, key) => self.follow(exchange, key, &mut BTreeSet::new(), &mut found),
            }
        }
        found
    }

    fn follow<'a>(
        &'a self,
        exchange: &'a str,
        key: Option<&str>,
        been: &mut BTreeSet<&'a str>,
        found: &mut BTreeSet<&'a str>,
    ) {
        if !been.insert(exchange) {
            return;
        }
        let kind = self.exchanges.iter().find(|known| known.name == exchange).map_or("", |known| known.kind.as_str());
        for binding in self.bindings.iter().filter(|binding| binding.source == exchange) {
            let fits = key.is_none_or(|key| match kind {
                "direct" => binding.routing_key == key,
                "topic" => fits_topic(&binding.routing_key, key),
                _ => true,
            });
            match binding.destination_type.as_str() {
                _ if !fits => {}
                "queue" => {
                    found.insert(&binding.destination);
                }
                _ => self.follow(&binding.destination, key, been, found),
            }
        }
    }
}

/// `*` is one word, `#` any number of them.
fn fits_topic(pattern: &str, key: &str) -> bool {
    let words = |text: &'_ str| -> Vec<String> {
        if text.is_empty() { Vec::new() } else { text.split('.').map(str::to_owned).collect() }
    };
    let (pattern, key) = (words(pattern), words(key));
    // Which beginnings of the pattern fit the words so far.
    let mut fits = vec![false; pattern.len() + 1];
    fits[0] = true;
    let close = |fits: &mut Vec<bool>| {
        for at in 0..pattern.len() {
            fits[at + 1] |= fits[at] && pattern[at] == "#";
        }
    };
    close(&mut fits);
    for word in &key {
        let mut next = vec![false; fits.len()];
        for at in 0..pattern.len() {
            if fits[at] && (pattern[at] == "*" || pattern[at] == *word) {
                next[at + 1] = true;
            }
            next[at + 1] |= fits[at + 1] && pattern[at] == "#";
        }
        fits = next;
        close(&mut fits);
    }
    fits.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn topics() {
        for (pattern, key, expected) in [
            ("orders.*", "orders.placed", true),
            ("orders.*", "orders.placed.eu", false),
            ("orders.#", "orders", true),
            ("orders.#", "orders.placed.eu", true),
            ("#.eu", "orders.placed.eu", true),
            ("#.eu", "eu", true),
            ("*.#.eu", "eu", false),
            ("#", "", true),
            ("", "", true),
            ("a.#.b.#.c", "a.x.b.y.z.c", true),
            ("a.#.b.#.c", "a.x.y.c", false),
        ] {
            assert_eq!(fits_topic(pattern, key), expected, "{pattern} {key}");
        }
    }

    #[test]
    fn letters_lie_where_the_exchange_leads() {
        let exchange =
            |name: &str, kind: &str| Exchange { name: name.into(), kind: kind.into(), ..Exchange::default() };
        let bound = |source: &str, to: &str, kind: &str, key: &str| Binding {
            source: source.into(),
            destination: to.into(),
            destination_type: kind.into(),
            routing_key: key.into(),
            ..Binding::default()
        };
        let routes = Routes {
            exchanges: vec![exchange("dlx", "topic"), exchange("all", "fanout"), exchange("exact", "direct")],
            bindings: vec![
                bound("dlx", "orders.dead", "queue", "orders.#"),
                bound("dlx", "mails.dead", "queue", "mails.#"),
                bound("dlx", "all", "exchange", "#"),
                bound("all", "archive", "queue", ""),
                // A circle.
                bound("all", "dlx", "exchange", ""),
                bound("exact", "one", "queue", "one"),
                bound("exact", "two", "queue", "two"),
                bound("other", "three", "queue", ""),
            ],
        };
        let check = |arguments: Value, policy: Value, expected: &[&str]| {
            let queue = QueueInfo { arguments, effective_policy_definition: policy, ..QueueInfo::default() };
            let queues = [queue];
            assert_eq!(routes.letter_queues(&queues).into_iter().collect::<Vec<_>>(), expected);
        };
        check(json!({}), json!([]), &[]);
        let keyed = json!({"x-dead-letter-exchange": "dlx", "x-dead-letter-routing-key": "orders.failed"});
        check(keyed, json!([]), &["archive", "orders.dead"]);
        check(json!({"x-dead-letter-exchange": "exact"}), json!([]), &["one", "two"]);
        let policy = json!({"dead-letter-exchange": "exact", "dead-letter-routing-key": "two"});
        check(json!({}), policy, &["two"]);
        check(json!({"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "parked"}), json!([]), &["parked"]);
        check(json!({"x-dead-letter-exchange": ""}), json!([]), &[]);
    }
}
