//! Addresses of brokers as people type them: `kafka://host:9092,host2/topic?newest=1000`,
//! `amqp://user:password@host/vhost/queue`. Shown without the password.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::input::codecs::settings::Settings;
use crate::model::error::{Error, Place, Result};
use crate::model::secret::Secret;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Url {
    /// In lower case, without `://`.
    pub scheme: String,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// `host`, `host:port` or `[v6]:port`, as they were typed.
    pub hosts: Vec<String>,
    /// Between slashes after the hosts, decoded: `/%2F/orders` is `/` and `orders`.
    pub path: Vec<String>,
    /// Decoded, in their order.
    pub query: Vec<(String, String)>,
    /// Options that say how bodies are read, which is the same for all brokers.
    pub bodies: Settings,
}

/// Schemes of KurrentDB, the usual one first.
pub const KURRENT: &[&str] =
    &["kurrentdb", "esdb", "kurrentdb+discover", "esdb+discover", "kurrent", "kurrent+discover", "kdb", "kdb+discover"];

/// Whether an argument means a URL and not a file.
#[must_use]
pub fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
}

impl Url {
    /// # Errors
    /// Which part cannot be read. The text itself is not told: it may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |what: &str, next_step: &str| Error::new(what, Place::Nowhere, next_step);
        let next_step = "Write it like kafka://host:9092/topic or amqp://user@host/vhost/queue";
        let (scheme, rest) = text
            .split_once("://")
            .filter(|(scheme, _)| is_scheme(scheme))
            .ok_or_else(|| wrong("The address has no scheme", next_step))?;
        // A queue of SQS is named by its URL, too.
        let rest = rest.strip_prefix("https://").filter(|_| scheme.eq_ignore_ascii_case("sqs")).unwrap_or(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // The last @: passwords are often typed without encoding theirs.
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        let (user, password) =
            match login.map(|login| login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)))) {
                Some((user, password)) => (Some(decode(user)?), password.map(decode).transpose()?.map(Secret::new)),
                None => (None, None),
            };
        let hosts: Vec<String> = hosts.split(',').map(|host| host.trim().to_owned()).collect();
        if hosts.iter().any(String::is_empty) {
            return Err(wrong("The address names no host", next_step));
        }
        for host in &hosts {
            check_host(host)?;
        }
        let path = if path.is_empty() { Vec::new() } else { path.split('/').map(decode).collect::<Result<_>>()? };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let mut url = Self {
            scheme: scheme.to_ascii_lowercase(),
            user: user.filter(|user| !user.is_empty()),
            password,
            hosts,
            path,
            query: Vec::new(),
            bodies: Settings::default(),
        };
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            url.add_option(decode(name)?, decode(value)?);
        }
        Ok(url)
    }

    /// To those of the system, or to those that say how bodies are read. Rows of a database have no bodies, and their
    /// `schema` is another one.
    pub fn add_option(&mut self, name: String, value: String) {
        let has_bodies = !matches!(self.scheme.as_str(), "postgres" | "postgresql");
        if has_bodies && Settings::takes(&name) {
            self.bodies.add(&name, &value);
        } else {
            self.query.push((name, value));
        }
    }

    /// Whether an address means KurrentDB, which has several names: `esdb://`, `kurrentdb+discover://`.
    #[must_use]
    pub fn is_kurrent(address: &str) -> bool {
        let scheme = address.split(':').next().unwrap_or_default();
        KURRENT.iter().any(|known| scheme.eq_ignore_ascii_case(known))
    }

    /// Who logs in where: the same for all topics or queues of a system.
    #[must_use]
    pub fn login(&self) -> String {
        format!("{}://{}@{}", self.scheme, self.user.as_deref().unwrap_or_default(), self.hosts.join(","))
    }

    /// Its password, else the one in the environment variable `EVENTGLASS_PASSWORD`.
    #[must_use]
    pub fn known_password(&self) -> Option<Secret> {
        self.password.clone().or_else(|| std::env::var("EVENTGLASS_PASSWORD").ok().map(Secret::new))
    }

    /// The last value of this name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// `host:port`, split; v6 addresses in brackets keep them.
#[must_use]
pub fn host_and_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse().ok()),
        _ => (host, None),
    }
}

/// `host`, `host:port` or `[v6]:port`, with the port that is usual where there is none; without brackets.
#[must_use]
pub fn host(text: &str, usual: u16) -> (String, u16) {
    let (name, port) = host_and_port(text);
    (name.trim_start_matches('[').trim_end_matches(']').to_owned(), port.unwrap_or(usual))
}

fn check_host(host: &str) -> Result<()> {
    let (name, port) = host_and_port(host);
    let has_port = name.len() < host.len();
    if has_port && port.is_none() {
        let what = format!("The port of {name} is no number up to 65535");
        return Err(Error::new(what, Place::Nowhere, "Write host:port"));
    }
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(Error::new("The address names no host", Place::Nowhere, "Write host:port"));
    }
    Ok(())
}

fn decode(text: &str) -> Result<String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::new("A part of the address is not UTF-8", Place::Nowhere, "Check what follows its % signs"))
}

/// What would end a part early, or cannot be seen.
const RESERVED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'%').add(b'/').add(b'?').add(b'#').add(b'@').add(b':').add(b'&').add(b'=');

/// A colon ends nothing behind the hosts, and streams of Redis have many.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b':');

impl fmt::Display for Url {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{}@", encode(user))?;
        }
        f.write_str(&self.hosts.join(","))?;
        for part in &self.path {
            write!(f, "/{}", utf8_percent_encode(part, RESERVED_IN_PATH))?;
        }
        for (at, (name, value)) in self.query.iter().chain(&self.bodies.options).enumerate() {
            write!(f, "{}{}={}", if at == 0 { '?' } else { '&' }, encode(name), encode(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let url = Url::parse("kafka://a:9092,b/orders?newest=10&from=2026-02-16T10:00Z").expect("an address");
        assert_eq!((url.hosts, url.path), (vec!["a:9092".to_owned(), "b".to_owned()], vec!["orders".to_owned()]));
        assert_eq!(url.query[1], ("from".to_owned(), "2026-02-16T10:00Z".to_owned()));
        let url = Url::parse("AMQP://me:p@ss%2Fword@[::1]:5672/%2F/orders.dlq").expect("an address");
        assert_eq!((url.scheme.as_str(), url.user.as_deref()), ("amqp", Some("me")));
        assert_eq!(url.password.expect("a password").reveal(), "p@ss/word");
        assert_eq!((url.hosts[0].as_str(), url.path), ("[::1]:5672", vec!["/".to_owned(), "orders.dlq".to_owned()]));
        assert_eq!(host_and_port("[::1]:5672"), ("[::1]", Some(5672)));
        assert_eq!(host_and_port("::1"), ("::1", None));
    }

    #[test]
    fn shown_without_the_password_and_read_again() {
        let url = Url::parse("amqps://me:secret@host/%2F/a%20b?x=1%262").expect("an address");
        assert_eq!(url.to_string(), "amqps://me@host/%2F/a%20b?x=1%262");
        assert!(!format!("{url:?}").contains("secret"));
        let again = Url::parse(&url.to_string()).expect("still one");
        assert_eq!(Url { password: None, ..url }, again);
    }

    #[test]
    fn colons_stay_in_names() {
        let url = Url::parse("redis://host/0/orders:dlq").expect("an address");
        assert_eq!(url.to_string(), "redis://host/0/orders:dlq");
    }

    #[test]
    fn wrong_ones_say_which_part() {
        for (text, part) in [
            ("orders.ndjson", "scheme"),
            ("kafka:///orders", "host"),
            ("kafka://host:port/orders", "port"),
            ("kafka://a,,b/orders", "host"),
            ("kafka://host/%FF", "UTF-8"),
        ] {
            let error = Url::parse(text).expect_err(text);
            assert!(error.summary.contains(part), "{text}: {error}");
        }
        assert!(is_url("kafka://x") && !is_url("C:\\logs") && !is_url("a b://c") && !is_url("shop.ndjson"));
    }
}
