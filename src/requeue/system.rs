//! The system behind an address: what of it stays the same whichever topic or queue is read and however.

use crate::input::sources::broker::{AwsName, Url, reading};

/// The address of the system alone, without a password, and the topic or queue that was named.
#[must_use]
pub fn of(url: &Url) -> (String, Option<String>) {
    if let Some(aws) = AwsName::of(url) {
        return aws.system(url);
    }
    let mut system = Url { query: reading::left_out(url), ..url.clone() };
    // RabbitMQ's queues lie in a virtual host, tables in a database, Redis's streams in one that may be left out.
    let kept = usize::from(is_amqp(url) || is_postgres(url) || database(url).is_some()).min(system.path.len());
    let rest = system.path.split_off(kept);
    let table = is_postgres(url).then(|| url.option("table").map(str::to_owned)).flatten();
    let name = table.unwrap_or_else(|| rest.join("/"));
    (system.to_string(), (!name.is_empty()).then_some(name))
}

fn is_amqp(url: &Url) -> bool {
    url.scheme.starts_with("amqp")
}

fn is_postgres(url: &Url) -> bool {
    url.scheme.starts_with("postgres")
}

fn is_redis(url: &Url) -> bool {
    url.scheme.starts_with("redis")
}

fn database(url: &Url) -> Option<&String> {
    url.path.first().filter(|part| is_redis(url) && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether what lies at `address` lies in `system`: the same hosts, however one logs in.
#[must_use]
pub fn same(system: &str, address: &str) -> bool {
    if let (Ok(a), Ok(b)) = (Url::parse(system), Url::parse(address))
        && let (Some(a_name), Some(b_name)) = (AwsName::of(&a), AwsName::of(&b))
    {
        return a_name.shares_endpoint(&b_name);
    }
    let place = |text: &str| {
        let url = Url::parse(text).ok()?;
        // None at all is the usual one.
        let named = || url.path.first().filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| "/".to_owned());
        let numbered = || database(&url).cloned().unwrap_or_else(|| "0".to_owned());
        let vhost = (is_amqp(&url) || is_postgres(&url)).then(named).or_else(|| is_redis(&url).then(numbered));
        let scheme = match url.scheme.as_str() {
            scheme if Url::is_kurrent(scheme) => "kurrentdb",
            _ if is_postgres(&url) => "postgres",
            scheme => scheme.trim_end_matches('s'),
        };
        Some((scheme.to_owned(), url.hosts, vhost))
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
            ("redis://a/orders:dlq?pending=g&idle=5m&two_steps=yes", "redis://a?two_steps=yes", Some("orders:dlq")),
            ("rediss://:secret@a/2/orders?newest=5", "rediss://a/2", Some("orders")),
            (
                "postgresql://me:secret@a/shop?schema=w&table=letters&newest=5&sslmode=require",
                "postgresql://me@a/shop?schema=w&sslmode=require",
                Some("letters"),
            ),
            ("esdb://me@a:1,b/orders?parked=g&tls=false", "esdb://me@a:1,b?tls=false", Some("orders")),
            ("sqs://orders-dlq?limit=5&profile=p", "sqs://*?profile=p", Some("orders-dlq")),
            ("sqs://arn:aws:sqs:eu-west-1:1:orders", "sqs://*?region=eu-west-1&account=1", Some("orders")),
            (
                "sns://arn:aws:sns:eu-west-1:1:shop",
                "sns://*?region=eu-west-1&account=1",
                Some("arn:aws:sns:eu-west-1:1:shop"),
            ),
        ] {
            let url = Url::parse(address).expect("an address");
            assert_eq!(of(&url), (system.to_owned(), name.map(str::to_owned)), "{address}");
            assert!(same(system, address), "{address}");
        }
        assert!(!same("kafka://a", "kafka://b/orders") && !same("amqp://a/x", "amqp://a/y/q"));
        assert!(same("postgres://a/x", "postgresql://me@a/x?table=t") && !same("postgres://a/x", "postgres://a/y"));
        assert!(same("redis://a", "redis://a/0/orders") && !same("redis://a/1", "redis://a/orders"));
        assert!(same("esdb://a", "kurrentdb://a/orders?parked=g") && !same("esdb://a", "esdb://b"));
        assert!(!same("kafka://a", "orders.ndjson") && !same("file:orders.ndjson", "orders.ndjson"));
    }
}
