//! Options of addresses that say what is read of a system; all others are about the system itself.
//!
//! They are known here, and not beside their clients, because letters name addresses also of systems whose client is
//! not compiled in.

use super::Url;

pub const KAFKA: &[&str] = &["newest", "from", "to", "partition", "key", "live", "isolation"];
pub const RABBITMQ: &[&str] = &["limit", "newest", "from"];
pub const REDIS: &[&str] = &["newest", "from", "to", "live", "pending", "idle", "deliveries"];
pub const POSTGRES: &[&str] =
    &["table", "newest", "from", "to", "after", "until", "stream", "category", "type", "listen", "live"];
pub const KURRENT: &[&str] = &["newest", "from", "to", "type", "streams", "system", "live", "parked", "links"];
pub const SQS: &[&str] = &["limit"];

/// Said behind a window that ends where the source ended when it was opened, where what comes later is read too.
pub const THEN: &str = ", then what comes";

/// Those of the system that `url` leads to.
fn of(url: &Url) -> &'static [&'static str] {
    match url.scheme.as_str() {
        "kafka" => KAFKA,
        "amqp" | "amqps" => RABBITMQ,
        "redis" | "rediss" => REDIS,
        "postgres" | "postgresql" => POSTGRES,
        "sqs" | "sns" => SQS,
        scheme if Url::is_kurrent(scheme) => KURRENT,
        _ => &[],
    }
}

/// The options of `url` that are about the system.
#[must_use]
pub fn left_out(url: &Url) -> Vec<(String, String)> {
    let reading = of(url);
    url.query.iter().filter(|(name, _)| !reading.contains(&name.as_str())).cloned().collect()
}
