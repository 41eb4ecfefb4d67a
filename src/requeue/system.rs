//! The system behind an address: what of it stays the same whichever topic or queue is read and however.

use crate::input::sources::broker::Url;

/// Options that say what is read, of Kafka and of RabbitMQ, where `key` is a certificate's.
const READING: [&str; 7] = ["newest", "from", "to", "partition", "key", "live", "isolation"];
const READING_QUEUES: [&str; 3] = ["limit", "newest", "from"];

/// The address of the system alone, without a password, and the topic or queue that was named.
#[must_use]
pub fn of(url: &Url) -> (String, Option<String>) {
    let mut system = url.clone();
    // RabbitMQ's queues lie in a virtual host.
    let kept = usize::from(is_amqp(url)).min(system.path.len());
    let rest = system.path.split_off(kept);
    let reading = if is_amqp(url) { &READING_QUEUES[..] } else { &READING[..] };
    system.query.retain(|(name, _)| !reading.contains(&name.as_str()));
    let name = rest.join("/");
    (system.to_string(), (!name.is_empty()).then_some(name))
}

fn is_amqp(url: &Url) -> bool {
    url.scheme.starts_with("amqp")
}

/// Whether what lies at `address` lies in `system`: the same hosts, however one logs in.
#[must_use]
pub fn same(system: &str, address: &str) -> bool {
    let place = |text: &str| {
        let url = Url::parse(text).ok()?;
        // None at all is the usual one.
        let named = || url.path.first().filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| "/".to_owned());
        let vhost = is_amqp(&url).then(named);
        Some((url.scheme.trim_end_matches('s').to_owned(), url.hosts, vhost))
    };
    matches!((place(system), place(address)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_what_leads_to_the_system() {
        for (address, system, name) in [
            ("kafka://me:secret@a:1,b/orders-dlt?newest=5&ledger=x", "kafka://me@a:1,b?ledger=x", Some("orders-dlt")),
            ("kafka://a", "kafka://a", None),
            ("amqp://a/%2F/orders.dlq?limit=3&key=my.pem", "amqp://a/%2F?key=my.pem", Some("orders.dlq")),
            ("amqp://a//orders/dlq", "amqp://a/", Some("orders/dlq")),
        ] {
            let url = Url::parse(address).expect("an address");
            assert_eq!(of(&url), (system.to_owned(), name.map(str::to_owned)), "{address}");
            assert!(same(system, address), "{address}");
        }
        assert!(!same("kafka://a", "kafka://b/orders") && !same("amqp://a/x", "amqp://a/y/q"));
        assert!(!same("kafka://a", "orders.ndjson") && !same("file:orders.ndjson", "orders.ndjson"));
    }
}
