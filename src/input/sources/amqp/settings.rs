//! What a URL says: the server, the login, the queue, how much of it to read and how carefully.
//!
//! `amqp(s)://user:password@host[:port]/vhost/queue`; `%2F` or nothing is the virtual host `/`.

use std::time::Duration;

use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};

use crate::input::sources::broker::options::{self, pem, wrong};
use crate::input::sources::broker::url::{self, host_and_port};
use crate::input::sources::broker::{Url, reading};
use crate::model::error::Result;
use crate::model::secret::Secret;

/// Messages looked at where the URL does not say how many: few enough to be given back in no time.
const USUAL_LIMIT: u64 = 1000;

/// Longest wait for each answer of the server.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Seconds between signs of life; RabbitMQ advises 5 to 20 (<https://www.rabbitmq.com/docs/heartbeats>). After two of
/// them without a sign a side gives the connection up, which is the only way in which one that fell silent is noticed
/// where nothing is asked.
pub(super) const HEARTBEAT: u16 = 8;

/// Options that belong to the server and not to what is read of it.
const OF_SERVER: &[&str] = &["disturb", "management", "ca", "certificate", "certificate_key"];

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub url: Url,
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub user: String,
    pub password: Secret,
    pub vhost: String,
    pub queue: Option<String>,
    pub window: Window,
    /// Look even where that counts towards a limit of deliveries, or changes the order.
    pub disturb: bool,
    /// Base address of the management API, without a slash at its end; `None` where it is not to be asked.
    pub management: Option<String>,
    ca: Option<String>,
    identity: Option<(String, String)>,
}

/// Which messages of a queue are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// So many from the head, which are the oldest.
    Oldest(u64),
    /// So many before the end. What lies before them in a queue has to be taken as well, to get there.
    Newest(u64),
    /// A stream from this offset on.
    Offset(u64),
    /// A stream from this second since 1970 on.
    Time(u64),
}

impl Settings {
    /// # Errors
    /// What is wrong with the URL, with the part that is.
    pub(super) fn read(url: &Url) -> Result<Self> {
        let [host] = url.hosts.as_slice() else {
            return wrong(url, "The address names several hosts", "Name one node of the cluster");
        };
        let tls = url.scheme == "amqps";
        // Brackets of a v6 address belong to the management API's URL.
        let (name, _) = host_and_port(host);
        let (host, port) = url::host(host, if tls { 5671 } else { 5672 });
        options::check(url, &[reading::RABBITMQ, OF_SERVER])?;
        let (user, password) = login(url, &host)?;
        let mut parts = url.path.iter();
        let vhost = parts.next().filter(|vhost| !vhost.is_empty()).map_or("/", String::as_str).to_owned();
        let queue = parts.map(String::as_str).collect::<Vec<_>>().join("/");
        Ok(Self {
            host: host.clone(),
            port,
            tls,
            user,
            password,
            vhost,
            queue: (!queue.is_empty()).then_some(queue),
            window: window(url)?,
            disturb: options::yes(url, "disturb")?,
            management: management(url, name, tls)?,
            ca: url.option("ca").map(str::to_owned),
            identity: options::identity(url)?,
            url: url.clone(),
        })
    }

    /// The queue, for those who cannot do without.
    ///
    /// # Errors
    /// When the URL names none.
    pub(super) fn queue(&self) -> Result<&str> {
        self.queue.as_deref().map_or_else(
            || {
                let next_step = format!("Write it like {}; %2F is the usual virtual host", super::EXAMPLE);
                wrong(&self.url, "The address names no queue", next_step)
            },
            Ok,
        )
    }

    pub(super) fn address(&self) -> (String, u16) {
        (self.host.clone(), self.port)
    }

    pub(super) fn uri(&self) -> AMQPUri {
        let userinfo = AMQPUserInfo { username: self.user.clone(), password: self.password.reveal().to_owned() };
        AMQPUri {
            scheme: if self.tls { AMQPScheme::AMQPS } else { AMQPScheme::AMQP },
            authority: AMQPAuthority { userinfo, host: self.host.clone(), port: self.port },
            vhost: self.vhost.clone(),
            query: AMQPQueryString { heartbeat: Some(HEARTBEAT), ..AMQPQueryString::default() },
        }
    }

    /// Certificates beside those of the system.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn certificates(&self) -> Result<OwnedTLSConfig> {
        let cert_chain = self.ca.as_deref().map(pem).transpose()?;
        let cert_chain = cert_chain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let identity = match &self.identity {
            Some((certificate, key)) => Some(OwnedIdentity::PKCS8 { pem: pem(certificate)?, key: pem(key)? }),
            None => None,
        };
        Ok(OwnedTLSConfig { identity, cert_chain })
    }

    /// The URL of another queue of the same server.
    pub(super) fn url_of(&self, vhost: &str, queue: &str) -> String {
        let keep = |(name, _): &&(String, String)| {
            matches!(name.as_str(), "management" | "ca" | "certificate" | "certificate_key")
        };
        let query = self.url.query.iter().filter(keep).cloned().collect();
        let path = vec![vhost.to_owned(), queue.to_owned()];
        Url { path, query, password: None, ..self.url.clone() }.to_string()
    }
}

/// Who goes in. RabbitMQ's own `guest` is let in from the same machine only, so only there it is assumed.
fn login(url: &Url, host: &str) -> Result<(String, Secret)> {
    let Some(user) = url.user.clone() else {
        if is_loopback(host) {
            return Ok(("guest".to_owned(), url.password.clone().unwrap_or_else(|| Secret::new("guest"))));
        }
        return wrong(url, "The address names no user", format!("Write it like {}", super::EXAMPLE));
    };
    let guest = || (user == "guest" && is_loopback(host)).then(|| Secret::new("guest"));
    match url.known_password().or_else(guest) {
        Some(password) => Ok((user, password)),
        None => options::no_password(url, &user),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn window(url: &Url) -> Result<Window> {
    let number = |name: &str| options::count_or_all(url, name);
    let from = url.option("from").map(|text| match (text.parse(), options::instant(text)) {
        (Ok(offset), _) => Ok(Window::Offset(offset)),
        (_, Some(time)) => Ok(Window::Time(u64::try_from(time.0 / 1_000_000_000).unwrap_or(0))),
        _ => {
            let next_step = "Write an offset (1041), a time (2026-02-16T10:00Z) or how long ago (2h)";
            wrong(url, "from cannot be read", next_step)
        }
    });
    match (number("limit")?, number("newest")?, from.transpose()?) {
        (Some(limit), None, None) => Ok(Window::Oldest(limit)),
        (None, Some(newest), None) => Ok(Window::Newest(newest)),
        (None, None, Some(from)) => Ok(from),
        (None, None, None) => Ok(Window::Oldest(USUAL_LIMIT)),
        _ => wrong(url, "limit, newest and from exclude each other", "Keep one of them"),
    }
}

/// `off`, a port, or an address of its own; else where RabbitMQ has it by default.
fn management(url: &Url, host: &str, tls: bool) -> Result<Option<String>> {
    let scheme = if tls { "https" } else { "http" };
    Ok(match url.option("management") {
        None => Some(format!("{scheme}://{host}:{}", if tls { 15671 } else { 15672 })),
        Some("off") => None,
        Some(text) if text.starts_with("http://") || text.starts_with("https://") => {
            Some(text.trim_end_matches('/').to_owned())
        }
        Some(text) => match text.parse::<u16>() {
            Ok(port) => Some(format!("{scheme}://{host}:{port}")),
            Err(_) => {
                let next_step = "Write management=off, a port, or an address that begins with http:// or https://";
                return wrong(url, "The address of the management API cannot be read", next_step);
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::broker::testing::{refused, right};

    fn settings(text: &str) -> Settings {
        right(Settings::read, text)
    }

    #[test]
    fn parts_are_read() {
        let read = settings("amqp://me:pw@mq.example:5673/shop/orders.dlq?limit=50");
        assert_eq!((read.host.as_str(), read.port, read.tls), ("mq.example", 5673, false));
        assert_eq!((read.user.as_str(), read.password.reveal(), read.vhost.as_str()), ("me", "pw", "shop"));
        assert_eq!((read.queue.as_deref(), read.window), (Some("orders.dlq"), Window::Oldest(50)));
        assert_eq!(read.management.as_deref(), Some("http://mq.example:15672"));
        let read = settings("amqps://me:pw@[::1]/%2F/a%2Fb?management=https://x:1/y/");
        assert_eq!((read.host.as_str(), read.port, read.vhost.as_str()), ("::1", 5671, "/"));
        assert_eq!((read.queue.as_deref(), read.management.as_deref()), (Some("a/b"), Some("https://x:1/y")));
        assert_eq!(read.url_of("shop", "a/b"), "amqps://me@[::1]/shop/a%2Fb?management=https%3A%2F%2Fx%3A1%2Fy%2F");
        let read = settings("amqp://localhost?management=off");
        assert_eq!((read.user.as_str(), read.vhost.as_str(), read.queue), ("guest", "/", None));
        assert_eq!((read.management, read.window), (None, Window::Oldest(USUAL_LIMIT)));
        assert_eq!(settings("amqp://localhost//orders").vhost, "/");
    }

    #[test]
    fn windows() {
        for (option, window) in [
            ("limit=all", Window::Oldest(u64::MAX)),
            ("newest=5", Window::Newest(5)),
            ("from=0", Window::Offset(0)),
            ("from=2026-02-16T10:30:00Z", Window::Time(1_771_237_800)),
        ] {
            assert_eq!(settings(&format!("amqp://localhost/%2F/q?{option}")).window, window);
        }
        let Window::Time(then) = settings("amqp://localhost/%2F/q?from=2h").window else {
            panic!("a time");
        };
        let now = crate::base::clock::now_ns().expect("a clock").unsigned_abs() / 1_000_000_000;
        assert!((7199..7300).contains(&(now - then)));
    }

    #[test]
    fn wrong_addresses_say_what_is_wrong() {
        let cases = [
            ("amqp://a,b/%2F/q", "several hosts"),
            ("amqp://mq.example/%2F/q", "no user"),
            ("amqp://localhost/%2F/q?limit=0", "limit"),
            ("amqp://localhost/%2F/q?limit=1&newest=1", "exclude"),
            ("amqp://localhost/%2F/q?from=yesterday", "from"),
            ("amqp://localhost/%2F/q?group=x", "no option group"),
            ("amqp://localhost/%2F/q?certificate=x", "key"),
            ("amqp://localhost/%2F/q?disturb=1", "disturb"),
            ("amqp://localhost/%2F/q?management=here", "management"),
        ];
        refused(Settings::read, &cases);
        assert!(settings("amqp://localhost").queue().is_err());
    }
}
