//! What an address says: the servers, the login, which stream, and which of its events are read.
//!
//! `kurrentdb://user@host[:port][,host2]/STREAM[?tls=false&from=…&newest=…]`; options of the connection are those of
//! the client's connection strings, in any case. Without a stream it is `$all`.

use std::fmt::Write as _;

use kurrentdb::{ClientSettings, Credentials};

use crate::input::sources::broker::options::{self, wrong};
use crate::input::sources::broker::reading::{self, KURRENT};
use crate::input::sources::broker::{Url, place, url};
use crate::model::error::{Error, Result};
use crate::model::filter::Pattern;
use crate::model::message::{LogPosition, parked_stream};
use crate::model::time::TimeNs;

/// Options of connection strings, which the client library reads.
const OF_SERVER: [&str; 13] = [
    "tls",
    "tlsverifycert",
    "tlscafile",
    "usercertfile",
    "userkeyfile",
    "nodepreference",
    "maxdiscoverattempts",
    "discoveryinterval",
    "gossiptimeout",
    "keepaliveinterval",
    "keepalivetimeout",
    "defaultdeadline",
    "connectionname",
];

/// Where a server listens unless it was told otherwise.
const PORT: u16 = 2113;

/// The stream of all events.
pub(super) const ALL: &str = "$all";

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub url: Url,
    /// [`ALL`] where the address names none.
    pub stream: String,
    pub window: Window,
    client: ClientSettings,
}

/// Which events are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Window {
    /// At most so many of the last ones.
    pub newest: Option<u64>,
    pub from: Option<Bound>,
    /// The first one not read.
    pub to: Option<Bound>,
    /// Types, or patterns of them; none for all.
    pub types: Vec<String>,
    /// In `$all`: names of streams, or patterns of them; none for all.
    pub streams: Vec<String>,
    /// Also what the store writes for itself: types that begin with `$`.
    pub system: bool,
    /// Only what comes from now on.
    pub live: bool,
    /// Of these groups what is parked, in place of the stream; `*` for all.
    pub parked: Option<String>,
    /// Events that links lead to are read with them.
    pub resolve: bool,
}

/// Where a window begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// In a stream.
    Revision(u64),
    /// In `$all`.
    Position(LogPosition),
    Time(TimeNs),
}

impl Settings {
    /// # Errors
    /// What is wrong with the address, with the part that is.
    pub(super) fn read(url: &Url) -> Result<Self> {
        for (name, _) in &url.query {
            if !KURRENT.contains(&name.as_str()) && !OF_SERVER.contains(&name.to_ascii_lowercase().as_str()) {
                let known = format!("Known are {}, {}", KURRENT.join(", "), OF_SERVER.join(", "));
                return wrong(url, format!("There is no option {name}"), known);
            }
        }
        if let (Some(user), None) = (&url.user, url.known_password()) {
            return options::no_password(url, user);
        }
        let stream = url.path.join("/");
        let stream = if stream.is_empty() { ALL.to_owned() } else { stream };
        let window = window(url, stream == ALL)?;
        Ok(Self { client: client(url)?, stream, window, url: url.clone() })
    }

    pub(super) fn is_all(&self) -> bool {
        self.stream == ALL && self.window.parked.is_none()
    }

    /// Where the servers are.
    pub(super) fn hosts(&self) -> Vec<(String, u16)> {
        self.url.hosts.iter().map(|host| url::host(host, PORT)).collect()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.client.is_secure_mode_enabled()
    }

    /// As the client library takes them, without the login.
    pub(super) fn client(&self) -> ClientSettings {
        self.client.clone()
    }

    pub(super) fn credentials(&self) -> Option<Credentials> {
        let password = self.url.known_password()?;
        Some(Credentials::new(self.url.user.clone()?, password.reveal().to_owned()))
    }

    /// The address of one stream of the same server.
    pub(super) fn url_of(&self, stream: &str) -> Url {
        let query = reading::left_out(&self.url);
        Url { path: stream.split('/').map(str::to_owned).collect(), query, password: None, ..self.url.clone() }
    }

    /// The address of what a group has parked.
    pub(super) fn url_of_parked(&self, stream: &str, group: &str) -> String {
        let mut url = self.url_of(stream);
        url.query.push(("parked".to_owned(), group.to_owned()));
        url.to_string()
    }

    /// The stream of the one group whose parked messages are asked for.
    pub(super) fn parked_stream(&self) -> Option<String> {
        let group = self.window.parked.as_deref().filter(|group| !group.contains(['*', ',']))?;
        Some(parked_stream(&self.stream, group))
    }
}

impl Window {
    /// By the names of its type and its stream.
    pub(super) fn takes(&self, type_name: &str, stream: &str) -> bool {
        let fits = |patterns: &[String], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| Pattern::with_stars(pattern).matches(text))
        };
        fits(&self.types, type_name) && fits(&self.streams, stream)
    }
}

/// The settings of the client library, read by itself from a connection string of its own.
fn client(url: &Url) -> Result<ClientSettings> {
    let scheme = if url.scheme.ends_with("+discover") { "kurrentdb+discover" } else { "kurrentdb" };
    let mut text = format!("{scheme}://{}", url.hosts.join(","));
    let of_server = url.query.iter().filter(|(name, _)| OF_SERVER.contains(&name.to_ascii_lowercase().as_str()));
    for (at, (name, value)) in of_server.enumerate() {
        let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        let _never_fails = write!(text, "{}{name}={value}", if at == 0 { '?' } else { '&' });
    }
    text.parse().map_err(|cause: kurrentdb::ClientSettingsParseError| {
        let next_step = "Options are those of the client's connection strings: tls=false, nodePreference=follower";
        let words = cause.error().map_or_else(|| cause.message().to_owned(), ToString::to_string);
        Error::new("The client does not understand the address", place(url), next_step).because(words)
    })
}

fn window(url: &Url, all: bool) -> Result<Window> {
    let bound = |name: &str| match url.option(name).map(|text| (text, bound(text, all))) {
        None => Ok(None),
        Some((_, Some(bound))) => Ok(Some(bound)),
        Some((text, None)) => {
            let (what, place) = if all { ("position", "C:5120/P:5008") } else { ("revision", "120") };
            let next_step = format!("Write a {what} ({place}), a time (2026-02-16T10:00Z) or how long ago (2h)");
            wrong(url, format!("{name}={text} is neither a {what} nor a time"), next_step)
        }
    };
    let names = |name: &str| options::names(url.option(name).unwrap_or_default());
    let window = Window {
        newest: options::count(url, "newest")?,
        from: bound("from")?,
        to: bound("to")?,
        types: names("type"),
        streams: names("streams"),
        system: options::yes(url, "system")?,
        live: options::live(url, ["newest", "from", "to"])?,
        parked: url.option("parked").map(str::to_owned),
        resolve: match url.option("links") {
            // In `$all` the events themselves are there.
            None => !all || url.option("parked").is_some(),
            Some("resolved") => true,
            Some("plain") => false,
            Some(_) => return wrong(url, "links is neither resolved nor plain", "Write links=plain"),
        },
    };
    if !all && !window.streams.is_empty() {
        return wrong(url, "streams= chooses among all streams", "Leave out the stream, or streams=");
    }
    if window.parked.as_deref().is_some_and(|groups| groups.trim().is_empty()) {
        return wrong(url, "parked names no group", "Write parked=GROUP, or parked=* for all groups");
    }
    if window.parked.is_some() && (window.live || !window.streams.is_empty()) {
        return wrong(url, "Of parked messages those there are are read", "Leave out live and streams");
    }
    Ok(window)
}

fn bound(text: &str, all: bool) -> Option<Bound> {
    if let (Ok(position), true) = (text.parse(), all) {
        return Some(Bound::Position(position));
    }
    if let (Ok(revision), false) = (text.replace(['_', ','], "").parse(), all) {
        return Some(Bound::Revision(revision));
    }
    options::instant(text).map(Bound::Time)
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
        let plain = settings("kurrentdb://h/account-1?tls=false");
        assert_eq!(
            (plain.stream.as_str(), plain.hosts(), plain.is_encrypted()),
            ("account-1", vec![("h".into(), 2113)], false)
        );
        let cluster = settings("esdb://a:1,b:2?nodePreference=Follower&maxDiscoverAttempts=2");
        assert_eq!((cluster.hosts().len(), cluster.is_all(), cluster.is_encrypted()), (2, true, true));
        assert_eq!(cluster.client().hosts().len(), 2);
        assert!(settings("esdb+discover://h").client().is_dns_discovery_enabled());
        assert_eq!(settings("kurrentdb://h/a/b?tls=false").url_of("c/d").to_string(), "kurrentdb://h/c/d?tls=false");
        let parked = settings("kurrentdb://h/orders?parked=billing");
        assert_eq!(parked.parked_stream().as_deref(), Some("$persistentsubscription-orders::billing-parked"));
        assert!(!settings("kurrentdb://h?parked=*").is_all());
    }

    #[test]
    fn passwords_are_taken_as_they_are_and_not_shown() {
        let settings = settings("kurrentdb://me:p%40ss:w@h/orders");
        assert_eq!(settings.credentials(), Some(Credentials::new("me", "p@ss:w")));
        let shown = format!("{:?} {}", settings.client(), settings.url_of("x"));
        assert!(!shown.contains("ss:w"), "{shown}");
    }

    #[test]
    fn windows() {
        let window = |text: &str| settings(&format!("kurrentdb://h/{text}")).window;
        assert_eq!(window("s?newest=1_000").newest, Some(1000));
        assert_eq!(window("s?from=7").from, Some(Bound::Revision(7)));
        assert_eq!(window("?to=C:9/P:8").to, Some(Bound::Position(LogPosition { commit: 9, prepare: 8 })));
        assert!(matches!(window("?from=2026-02-16T10:00Z").from, Some(Bound::Time(_))));
        let some = window("?type=Opened,Money*&streams=account-*&system=yes");
        assert!(
            some.takes("MoneyPaid", "account-1")
                && !some.takes("MoneyPaid", "order-1")
                && !some.takes("Closed", "account-1")
        );
        assert!(some.system && !some.resolve && window("s").resolve && !window("s?links=plain").resolve);
    }

    #[test]
    fn wrong_ones_are_said() {
        let cases = [
            ("kurrentdb://h/s?partition=1", "no option partition"),
            ("kurrentdb://h/s?newest=0", "newest=0"),
            ("kurrentdb://h/s?from=then", "neither a revision nor a time"),
            ("kurrentdb://h?from=7", "neither a position nor a time"),
            ("kurrentdb://h/s?live&from=3", "live reads only"),
            ("kurrentdb://h/s?streams=a", "among all streams"),
            ("kurrentdb://h/s?parked=", "no group"),
            ("kurrentdb://h/s?parked=g&live", "those there are"),
            ("kurrentdb://h/s?links=x", "links is neither"),
            ("kurrentdb://h/s?nodePreference=best", "does not understand"),
            ("kurrentdb://h/s?tls=perhaps", "does not understand"),
        ];
        refused(Settings::read, &cases);
    }
}
