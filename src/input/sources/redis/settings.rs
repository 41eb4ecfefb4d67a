//! What a URL says: the server, the login, the streams, and which of their entries are read.
//!
//! `redis(s)://user:password@host[:port][/database]/stream[,stream…]`. A first part that is a number is the
//! database. In names `*` stands for any characters; `\,`, `\*` and `\\` are the characters themselves.

use crate::base::text::parse_duration;
use crate::input::sources::broker::Url;
use crate::input::sources::broker::options::{self, wrong};
use crate::input::sources::broker::{reading, url};
use crate::model::error::Result;
use crate::model::filter::Pattern;
use crate::model::message::EntryId;
use crate::model::secret::Secret;

/// Options that belong to the server and not to what is read of it.
const OF_SERVER: [&str; 4] = ["two_steps", "ca", "certificate", "certificate_key"];

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub url: Url,
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// The password is the environment's, which may be meant for another server.
    pub password_is_a_guess: bool,
    pub database: u32,
    pub names: Vec<Name>,
    pub window: Window,
    /// Where a cluster keeps source and target apart: send first, delete then.
    pub two_steps: bool,
    pub ca: Option<String>,
    pub identity: Option<(String, String)>,
}

/// A stream's name, or a pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Without escapes; in a pattern with them.
    pub text: String,
    pub is_pattern: bool,
}

/// Which entries are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// At most so many of the last ones of each stream.
    pub newest: Option<u64>,
    /// The first one.
    pub from: Option<EntryId>,
    /// The first one not read.
    pub to: Option<EntryId>,
    /// Only what comes from now on.
    pub live: bool,
    /// Only what is stuck.
    pub pending: Option<Stuck>,
}

/// The rule by which an entry that was delivered and not acknowledged counts as a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stuck {
    /// Names of groups, or patterns.
    pub groups: Vec<String>,
    /// Since its last delivery at least.
    pub idle_ms: u64,
    /// How often it was delivered, at least.
    pub deliveries: u64,
}

impl Settings {
    /// # Errors
    /// What is wrong with the URL, with the part that is.
    pub(super) fn read(url: &Url) -> Result<Self> {
        let [host] = url.hosts.as_slice() else {
            return wrong(url, "The address names several hosts", "Name one node: a cluster tells of the others");
        };
        let (host, port) = url::host(host, 6379);
        options::check(url, &[reading::REDIS, &OF_SERVER])?;
        let (database, streams) = database(url)?;
        let password = url.known_password();
        if let (Some(user), None) = (&url.user, &password) {
            return options::no_password(url, user);
        }
        Ok(Self {
            host,
            port,
            tls: url.scheme == "rediss",
            user: url.user.clone(),
            password_is_a_guess: url.user.is_none() && url.password.is_none(),
            password,
            database,
            names: names(&streams),
            window: window(url)?,
            two_steps: options::yes(url, "two_steps")?,
            ca: url.option("ca").map(str::to_owned),
            identity: options::identity(url)?,
            url: url.clone(),
        })
    }

    pub(super) fn address(&self) -> (String, u16) {
        (self.host.clone(), self.port)
    }

    /// For those who cannot do without a stream.
    ///
    /// # Errors
    /// When the URL names none.
    pub(super) fn has_names(&self) -> Result<()> {
        if !self.names.is_empty() {
            return Ok(());
        }
        wrong(&self.url, "The address names no stream", format!("Write it like {}", super::EXAMPLE))
    }

    /// The URL of one stream of the same server.
    pub(super) fn url_of(&self, stream: &str) -> String {
        let query = reading::left_out(&self.url);
        let path = vec![self.database.to_string(), escaped(stream)];
        Url { path, query, password: None, ..self.url.clone() }.to_string()
    }
}

impl Name {
    pub(super) fn fits(&self, stream: &str) -> bool {
        if self.is_pattern { Pattern::with_stars(&self.text).matches(stream) } else { self.text == stream }
    }
}

/// The database and what is behind it in the path.
fn database(url: &Url) -> Result<(u32, String)> {
    let digits = |part: &&String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = url.path.first().filter(digits) else { return Ok((0, url.path.join("/"))) };
    let Ok(number) = number.parse() else {
        return wrong(url, format!("{number} is no database"), "Databases have small numbers, 0 is the usual one");
    };
    Ok((number, url.path.get(1..).unwrap_or_default().join("/")))
}

fn escaped(name: &str) -> String {
    let escape = |char: char| if matches!(char, '\\' | ',' | '*') { vec!['\\', char] } else { vec![char] };
    name.chars().flat_map(escape).collect()
}

/// Names between commas, blanks around them left out.
fn names(text: &str) -> Vec<Name> {
    let (mut found, mut name, mut is_pattern) = (Vec::new(), String::new(), false);
    let mut chars = text.chars();
    let mut take = |name: &mut String, is_pattern: &mut bool| {
        let text = std::mem::take(name).trim().to_owned();
        if !text.is_empty() {
            found.push(Name { text, is_pattern: *is_pattern });
        }
        *is_pattern = false;
    };
    while let Some(char) = chars.next() {
        match char {
            '\\' => name.extend(chars.next()),
            ',' => take(&mut name, &mut is_pattern),
            '*' => {
                is_pattern = true;
                name.push('*');
            }
            other => name.push(other),
        }
    }
    take(&mut name, &mut is_pattern);
    found
}

fn window(url: &Url) -> Result<Window> {
    let bound = |name: &str| match url.option(name) {
        None => Ok(None),
        Some(text) => bound(text).map_or_else(
            || {
                let next_step = "Write an id (1771237800123-0), a time (2026-02-16T10:00Z) or how long ago (2h)";
                wrong(url, format!("{name}={text} is neither an id nor a time"), next_step)
            },
            |bound| Ok(Some(bound)),
        ),
    };
    let (newest, deliveries) = (options::count(url, "newest")?, options::count(url, "deliveries")?);
    let idle = match url.option("idle").map(|text| (text, parse_duration(text))) {
        None => None,
        Some((_, Ok(ns))) if ns >= 0 => Some(ns.unsigned_abs() / 1_000_000),
        Some((text, _)) => return wrong(url, format!("idle={text} is no length of time"), "Write it like idle=5m"),
    };
    let pending = match url.option("pending") {
        None if idle.or(deliveries).is_some() => {
            let next_step = "Say whose entries are meant: pending=GROUP, or pending=* for all groups";
            return wrong(url, "idle and deliveries are about entries that are pending", next_step);
        }
        None => None,
        Some(groups) => {
            let groups = options::names(groups);
            if groups.is_empty() {
                return wrong(url, "pending names no group", "Write pending=GROUP, or pending=* for all groups");
            }
            Some(Stuck { groups, idle_ms: idle.unwrap_or(0), deliveries: deliveries.unwrap_or(1) })
        }
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let window = Window { newest, from, to, live: options::live(url, ["newest", "from", "to"])?, pending };
    if window.pending.is_some() && (window.newest.is_some() || window.live) {
        return wrong(url, "Of pending entries all are read", "Leave out newest and live; from and to are possible");
    }
    Ok(window)
}

/// Ids begin with the milliseconds since 1970, so a time is one.
fn bound(text: &str) -> Option<EntryId> {
    if let Ok(id) = text.parse() {
        return Some(id);
    }
    let ms = |ns: i64| EntryId { ms: u64::try_from(ns / 1_000_000).unwrap_or(0), seq: 0 };
    options::instant(text).map(|time| ms(time.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::broker::testing::{refused, right};

    fn settings(text: &str) -> Settings {
        right(Settings::read, text)
    }

    #[test]
    fn servers_and_streams() {
        let plain = settings("redis://h/orders");
        assert_eq!((plain.host.as_str(), plain.port, plain.tls, plain.database), ("h", 6379, false, 0));
        let names = |text: &str| -> Vec<(String, bool)> {
            settings(text).names.into_iter().map(|name| (name.text, name.is_pattern)).collect()
        };
        let one = |text: &str| vec![(text.to_owned(), false)];
        assert_eq!(names("redis://h/orders"), one("orders"));
        assert_eq!(names("redis://h/2"), []);
        assert_eq!((settings("redis://h/2/5").database, names("redis://h/2/5")), (2, one("5")));
        assert_eq!(names("redis://h/a/b"), one("a/b"));
        let several = [("orders".to_owned(), false), ("pay*".to_owned(), true)];
        assert_eq!(names("rediss://h:1/0/orders,pay*"), several);
        let odd = r"a,b*c\d";
        assert_eq!(names(&plain.url_of(odd)), one(odd), "{}", plain.url_of(odd));
        assert!(settings("redis://h/x?two_steps=yes").url_of("y").ends_with("/0/y?two_steps=yes"));
    }

    #[test]
    fn windows() {
        let window = |text: &str| settings(&format!("redis://h/s?{text}")).window;
        assert_eq!(window("newest=1_000").newest, Some(1000));
        assert_eq!(window("from=5-3").from, Some(EntryId { ms: 5, seq: 3 }));
        assert_eq!(window("to=2026-02-16T10:30:00.5Z").to, Some(EntryId { ms: 1_771_237_800_500, seq: 0 }));
        assert!(window("from=2h").from.is_some_and(|from| from.ms > 1_771_237_800_500));
        assert!(window("live").live);
        let stuck = Stuck { groups: vec!["billing".to_owned()], idle_ms: 300_000, deliveries: 3 };
        assert_eq!(window("pending=billing&idle=5m&deliveries=3").pending, Some(stuck));
    }

    #[test]
    fn wrong_ones_are_said() {
        let cases = [
            ("redis://a,b/s", "several hosts"),
            ("redis://h/s?partition=1", "no option partition"),
            ("redis://h/99999999999/s", "no database"),
            ("redis://h/s?newest=0", "newest=0"),
            ("redis://h/s?from=then", "neither an id nor a time"),
            ("redis://h/s?idle=5m", "pending"),
            ("redis://h/s?pending=", "no group"),
            ("redis://h/s?pending=g&idle=soon", "idle=soon"),
            ("redis://h/s?pending=g&newest=5", "all are read"),
            ("redis://h/s?live&from=3", "live reads only"),
            ("redis://h/s?two_steps=perhaps", "two_steps"),
            ("rediss://h/s?certificate=x", "key"),
        ];
        refused(Settings::read, &cases);
        assert!(settings("redis://h").has_names().is_err());
    }
}
