//! The system behind an address: what of it stays the same whichever topic or queue is read and however.

use crate::input::sources::broker::Url;

/// Options that say what is read.
const READING: [&str; 8] = ["newest", "from", "to", "partition", "key", "live", "isolation", "limit"];

/// The address of the system alone, without a password, and the topic or queue that was named.
#[must_use]
pub fn of(url: &Url) -> (String, Option<String>) {
    let mut system = url.clone();
    // RabbitMQ's queues lie in a virtual host.
    let kept = usize::from(is_amqp(url)).min(system.path.len());
    let rest = system.path.split_off(kept);
    system.query.retain(|(name, _)| !READING.contains(&name.as_str()));
    (system.to_string(), rest.into_iter().find(|name| !name.is_empty()))
}

fn is_amqp(url: &Url) -> bool {
    url.scheme.starts_with("amqp")
}

/// Whether what lies at `address` lies in `system`: the same hosts, however one logs in.
#[must_use]
pub fn same(system: &str, address: &str) -> bool {
    let place = |text: &str| {
        let url = Url::parse(text).ok()?;
        let vhost = if is_amqp(&url) { url.path.first().cloned() } else { None };
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
            ("amqp://a/%2F/orders.dlq", "amqp://a/%2F", Some("orders.dlq")),
        ] {
            let url = Url::parse(address).expect("an address");
            assert_eq!(of(&url), (system.to_owned(), name.map(str::to_owned)), "{address}");
            assert!(same(system, address), "{address}");
        }
        assert!(!same("kafka://a", "kafka://b/orders") && !same("amqp://a/x", "amqp://a/y/q"));
        assert!(!same("kafka://a", "orders.ndjson") && !same("file:orders.ndjson", "orders.ndjson"));
    }
}
