//! What an address says: the server, the login, which tables, and which of their rows.
//!
//! `postgres://user@host[:port]/database[?schema=…&table=…&newest=…]`; option names for encryption are libpq's.

use std::sync::Mutex;
use std::time::Duration;

use native_tls::{Certificate, TlsConnector};
use postgres::Config;
use postgres::config::SslMode;
use postgres_native_tls::MakeTlsConnector;

use super::super::broker::options::{self, wrong};
use super::super::broker::{Url, place, reading, url};
use crate::base::sync::lock;
use crate::base::text::parse_duration;
use crate::model::error::{Error, Result};
use crate::model::time::TimeNs;

/// Options that belong to the server and not to what is read of it.
const OF_SERVER: &[&str] = &["schema", "sslmode", "sslrootcert", "timeout"];

/// Where a server listens unless it was told otherwise.
const PORT: u16 = 5432;

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest time that the server may spend on one question, where the address does not say.
const STATEMENT: Duration = Duration::from_mins(1);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub url: Url,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub window: Window,
    pub statement_timeout: Duration,
    pub listen: Listen,
    ssl: Ssl,
    root: Option<String>,
}

/// Which rows are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Window {
    /// The last ones by the store's global position.
    pub newest: Option<u64>,
    /// By the events' own times.
    pub from: Option<TimeNs>,
    pub to: Option<TimeNs>,
    /// Global positions: the last one not read, and the last one read.
    pub after: Option<i64>,
    pub until: Option<i64>,
    pub stream: Option<String>,
    /// Streams whose names begin alike, or whose aggregates are of one kind.
    pub category: Option<String>,
    pub type_name: Option<String>,
    /// Only what comes from now on.
    pub live: bool,
}

/// Which channel tells of new rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Listen {
    /// The one that the store is known to notify, if there is one.
    AsKnown,
    Off,
    Channel(String),
}

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ssl {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Settings {
    /// # Errors
    /// What is wrong with the address, with the part that is.
    pub fn read(url: &Url) -> Result<Self> {
        options::check(url, &[reading::POSTGRES, OF_SERVER])?;
        if url.path.len() > 1 {
            return wrong(url, "A database's name has no slash", "Write postgres://user@host/database?table=events");
        }
        let time = |name: &str| match url.option(name) {
            None => Ok(None),
            Some(text) => options::instant(text).map(Some).ok_or_else(|| {
                let next_step =
                    "Write a time (2026-02-16T10:00Z) or how long ago (2h); positions are after= and until=";
                Error::new(format!("{name}={text} is no time"), place(url), next_step)
            }),
        };
        let ssl = match url.option("sslmode") {
            None | Some("prefer" | "allow") => Ssl::Prefer,
            Some("disable") => Ssl::Disable,
            Some("require") => Ssl::Require,
            Some("verify-ca") => Ssl::VerifyCa,
            Some("verify-full") => Ssl::VerifyFull,
            Some(other) => {
                let next_step = "It is disable, prefer, require, verify-ca or verify-full";
                return wrong(url, format!("sslmode={other} is not known"), next_step);
            }
        };
        let window = Window {
            newest: options::count(url, "newest")?,
            from: time("from")?,
            to: time("to")?,
            after: options::number(url, "after")?,
            until: options::number(url, "until")?,
            stream: url.option("stream").map(str::to_owned),
            category: url.option("category").map(str::to_owned),
            type_name: url.option("type").map(str::to_owned),
            live: options::live(url, ["newest", "after", "until"])?,
        };
        let statement_timeout = match url.option("timeout") {
            None => STATEMENT,
            Some(text) => match parse_duration(text) {
                Ok(ns) if ns > 0 => Duration::from_nanos(ns.unsigned_abs()),
                _ => return wrong(url, format!("timeout={text} is no duration"), "Write it like timeout=5m"),
            },
        };
        Ok(Self {
            schema: url.option("schema").map(str::to_owned),
            table: url.option("table").map(str::to_owned),
            window,
            statement_timeout,
            listen: match url.option("listen") {
                None => Listen::AsKnown,
                Some("off") => Listen::Off,
                Some(channel) => Listen::Channel(channel.to_owned()),
            },
            ssl,
            root: url.option("sslrootcert").map(str::to_owned),
            url: url.clone(),
        })
    }

    /// Where the servers are.
    pub fn hosts(&self) -> Vec<(String, u16)> {
        self.url.hosts.iter().map(|host| url::host(host, PORT)).collect()
    }

    /// As the client library takes it.
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        for (name, port) in self.hosts() {
            config.host(&name).port(port);
        }
        let user = self.url.user.clone().unwrap_or_else(|| "postgres".to_owned());
        config.user(&user).application_name("eventglass").connect_timeout(PATIENCE);
        if let Some(database) = self.url.path.first().filter(|name| !name.is_empty()) {
            config.dbname(database);
        }
        if let Some(password) = self.url.known_password() {
            config.password(password.reveal());
        }
        config.ssl_mode(match self.ssl {
            Ssl::Disable => SslMode::Disable,
            Ssl::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        });
        config
    }

    /// As libpq does: a certificate is looked at where the mode says so, or where a root is named.
    ///
    /// # Errors
    /// When the root certificate cannot be read.
    pub fn tls(&self) -> Result<MakeTlsConnector> {
        let unreadable = |path: &str, cause: String| {
            let next_step = "Check sslrootcert; it is a file in PEM form";
            Error::new(format!("{path} is no certificate"), place(&self.url), next_step).because(cause)
        };
        let root =
            self.root.as_ref().map(|path| std::fs::read(path).map_err(|cause| unreadable(path, cause.to_string())));
        let trust = Trust {
            root: root.transpose()?,
            certificate: matches!(self.ssl, Ssl::VerifyCa | Ssl::VerifyFull) || self.root.is_some(),
            name: self.ssl == Ssl::VerifyFull,
        };
        let mut known = lock(&KNOWN);
        if let Some((_, connector)) = known.iter().find(|(known, _)| *known == trust) {
            return Ok(MakeTlsConnector::new(connector.clone()));
        }
        let mut builder = TlsConnector::builder();
        if let (Some(pem), Some(path)) = (&trust.root, &self.root) {
            let root = Certificate::from_pem(pem).map_err(|cause| unreadable(path, cause.to_string()))?;
            builder.add_root_certificate(root);
        }
        builder.danger_accept_invalid_certs(!trust.certificate);
        builder.danger_accept_invalid_hostnames(!trust.name);
        let connector = builder.build().map_err(|cause| {
            Error::new("Encryption cannot be set up", place(&self.url), "Write sslmode=disable").because(cause)
        })?;
        known.push((trust, connector.clone()));
        Ok(MakeTlsConnector::new(connector))
    }
}

/// Whom a connection believes.
#[derive(PartialEq)]
struct Trust {
    root: Option<Vec<u8>>,
    certificate: bool,
    name: bool,
}

/// The system's certificates take longer to read than a stream of events, so each way is made once a program.
static KNOWN: Mutex<Vec<(Trust, TlsConnector)>> = Mutex::new(Vec::new());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::broker::testing::{refusal, right};

    #[test]
    fn addresses_are_read() {
        let settings = right(
            Settings::read,
            "postgres://me@db:6432/shop?schema=es&table=events&newest=1_000&from=2026-02-16T10:00Z&stream=a-1&type=Opened&timeout=5s",
        );
        assert_eq!((settings.schema.as_deref(), settings.table.as_deref()), (Some("es"), Some("events")));
        assert_eq!(settings.window.newest, Some(1000));
        assert_eq!(settings.window.from, Some(TimeNs(1_771_236_000_000_000_000)));
        assert_eq!(settings.window.stream.as_deref(), Some("a-1"));
        assert_eq!(settings.statement_timeout, Duration::from_secs(5));
        let config = settings.config();
        assert_eq!(
            (config.get_user(), config.get_dbname(), config.get_ports()),
            (Some("me"), Some("shop"), &[6432][..])
        );
    }

    #[test]
    fn wrong_ones_say_what_is_wrong() {
        for (text, expected) in [
            ("postgres://h/db?newst=1", "There is no option newst"),
            ("postgres://h/db/table", "A database's name has no slash"),
            ("postgres://h/db?newest=many", "newest=many is no number above 0"),
            ("postgres://h/db?newest=0", "newest=0 is no number above 0"),
            ("postgres://h/db?from=7", "from=7 is no time"),
            ("postgres://h/db?sslmode=yes", "sslmode=yes is not known"),
            ("postgres://h/db?live&newest=1", "live reads only what comes from now on"),
            ("postgres://h/db?timeout=soon", "timeout=soon is no duration"),
        ] {
            assert_eq!(refusal(Settings::read, text).summary, expected);
        }
    }
}
