//! From an address to librdkafka's settings: hosts, login, encryption, any property, a Java client's file.
//!
//! Secrets come from the user part of the address, the environment or a file, never from its options: an
//! address is shown, and its options with it.

use std::collections::BTreeMap;
use std::path::Path;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use super::super::broker::url::host_and_port;
use super::super::broker::{Url, place, reading};
use super::token::{self, Tokens};
use super::{properties, put};
use crate::model::error::{Error, Result};

/// Options of an address that say how to connect. Those that say what to read are [`reading::KAFKA`].
const OPTIONS: &[&str] = &["sasl", "token", "scope", "tls", "ca", "certificate", "certificate_key", "properties"];

/// Any setting of librdkafka: `?property.socket.timeout.ms=5000`.
const PROPERTY: &str = "property.";

/// What eventglass decides itself, so that looking changes nothing.
const OURS: &[&str] = &[
    "bootstrap.servers",
    "metadata.broker.list",
    "group.id",
    "group.instance.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "allow.auto.create.topics",
    "auto.offset.reset",
    "enable.partition.eof",
];

const MECHANISMS: &[&str] = &["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", token::MECHANISM];

pub(super) const DEFAULT_PORT: u16 = 9092;

/// The options that can be wrong without asking anyone.
///
/// # Errors
/// The first that is.
pub(super) fn check(url: &Url) -> Result<()> {
    let known = [reading::KAFKA, put::OPTIONS, OPTIONS].concat();
    for (name, _) in &url.query {
        if let Some(property) = name.strip_prefix(PROPERTY) {
            if is_secret(property) {
                let next_step = "Write it into a file and say ?properties=FILE: addresses are shown";
                return Err(Error::new(format!("{property} is a secret"), place(url), next_step));
            }
            if OURS.contains(&property) {
                let next_step = "Leave it out: reading commits nothing and joins no group of yours";
                return Err(Error::new(format!("eventglass sets {property} itself"), place(url), next_step));
            }
        } else if !known.contains(&name.as_str()) {
            let known = known.join(", ");
            let next_step = format!("Options are {known} and property.NAME");
            return Err(Error::new(
                format!("The address has an option that is not known: {name}"),
                place(url),
                next_step,
            ));
        }
    }
    mechanism(url)?;
    tls(url)?;
    Ok(())
}

/// Settings for any client of this cluster: a reader, a writer, the admin.
///
/// # Errors
/// What is wrong with an option or a file, or a setting that librdkafka does not take.
pub fn client(url: &Url) -> Result<ClientConfig> {
    check(url)?;
    let mut settings = BTreeMap::new();
    if let Some(file) = url.option("properties") {
        settings.extend(properties::read(Path::new(file))?);
    }
    encryption(url, &mut settings)?;
    login(url, &mut settings)?;
    for (name, value) in &url.query {
        if let Some(property) = name.strip_prefix(PROPERTY) {
            settings.insert(property.to_owned(), value.clone());
        }
    }
    for ours in OURS {
        settings.remove(*ours);
    }
    settings.retain(|name, _| !name.starts_with(token::SETTINGS));
    let hosts: Vec<String> = url.hosts.iter().map(|host| with_port(host)).collect();
    settings.insert("bootstrap.servers".to_owned(), hosts.join(","));
    for (name, value) in DEFAULTS {
        settings.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
    }
    let mut config = ClientConfig::new();
    for (name, value) in settings {
        config.set(name, value);
    }
    config.create_native_config().map_err(|error| refused(url, &error))?;
    Ok(config)
}

/// Where tokens for the login come from; none where it is by another mechanism.
///
/// # Errors
/// What is wrong with an option or a file.
pub(super) fn tokens(url: &Url) -> Result<Option<Tokens>> {
    let mut settings = BTreeMap::new();
    if let Some(file) = url.option("properties") {
        settings.extend(properties::read(Path::new(file))?);
    }
    by_token(url, &settings)?.then(|| Tokens::of(url, &settings)).transpose()
}

fn by_token(url: &Url, settings: &BTreeMap<String, String>) -> Result<bool> {
    let mechanism = mechanism(url)?.or_else(|| settings.get("sasl.mechanism").cloned());
    Ok(mechanism.is_some_and(|mechanism| mechanism.eq_ignore_ascii_case(token::MECHANISM)))
}

/// Settings for a reader that leaves no trace: no commits, no group of the application's, no topics made.
///
/// # Errors
/// As [`client`].
pub fn reader(url: &Url) -> Result<ClientConfig> {
    let mut config = client(url)?;
    for (name, value) in [
        // Never joined: partitions are assigned. The library wants one.
        ("group.id", "eventglass"),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("allow.auto.create.topics", "false"),
        // A place that is gone is said, never skipped over in silence.
        ("auto.offset.reset", "error"),
        ("enable.partition.eof", "true"),
        (AHEAD, "16384"),
    ] {
        config.set(name, value);
    }
    Ok(config)
}

/// The same for one that reads so many partitions: what is fetched ahead counts for each of them, and memory
/// for all. None where the usual reader does.
pub(super) fn reader_of_many(config: &ClientConfig, partitions: usize) -> Option<ClientConfig> {
    let share = AHEAD_KIB.checked_div(partitions)?.max(256);
    let mut config = config.clone();
    config.set(AHEAD, share.to_string());
    (share < 16_384).then_some(config)
}

const AHEAD: &str = "queued.max.messages.kbytes";
/// Fetched ahead over all partitions.
const AHEAD_KIB: usize = 64 << 10;

const DEFAULTS: &[(&str, &str)] = &[
    ("client.id", "eventglass"),
    // A broker that asks its clients for their figures gets none of somebody who looks on; gathering them costs
    // something for each message.
    ("enable.metrics.push", "false"),
    // A full queue is emptied within milliseconds; the usual second of waiting would be most of the time of reading.
    ("fetch.queue.backoff.ms", "10"),
    ("socket.connection.setup.timeout.ms", "8000"),
    ("reconnect.backoff.max.ms", "2000"),
];

fn with_port(host: &str) -> String {
    match host_and_port(host) {
        (_, Some(_)) => host.to_owned(),
        (name, None) if name.contains(':') && !name.starts_with('[') => format!("[{name}]:{DEFAULT_PORT}"),
        (name, None) => format!("{name}:{DEFAULT_PORT}"),
    }
}

/// The file's settings are the base; what the address says wins.
fn encryption(url: &Url, settings: &mut BTreeMap<String, String>) -> Result<()> {
    let wanted = tls(url)?;
    let files = [
        ("ca", "ssl.ca.location"),
        ("certificate", "ssl.certificate.location"),
        ("certificate_key", "ssl.key.location"),
    ];
    for (option, name) in files {
        let Some(path) = url.option(option) else { continue };
        if !Path::new(path).is_file() {
            let what = format!("{option}={path} is no file that can be read");
            return Err(Error::new(what, place(url), "Give the path of a PEM file"));
        }
        settings.insert(name.to_owned(), path.to_owned());
    }
    let known = settings.get("security.protocol").map(|known| known.to_ascii_lowercase());
    let sasl = known.as_deref().is_some_and(|known| known.starts_with("sasl"))
        || url.user.is_some()
        || by_token(url, settings)?;
    let encrypted = match wanted {
        Some(wanted) => wanted != Tls::Off,
        None => known.as_deref().is_some_and(|known| known.ends_with("ssl")),
    };
    if wanted == Some(Tls::Unverified) {
        settings.insert("enable.ssl.certificate.verification".to_owned(), "false".to_owned());
    }
    let protocol = match (sasl, encrypted) {
        (false, false) => "plaintext",
        (false, true) => "ssl",
        (true, false) => "sasl_plaintext",
        (true, true) => "sasl_ssl",
    };
    settings.insert("security.protocol".to_owned(), protocol.to_owned());
    if encrypted && !cfg!(windows) && !settings.keys().any(|name| name.starts_with("ssl.ca.")) {
        // A TLS library of our own does not know where the system keeps its authorities.
        settings.insert("ssl.ca.location".to_owned(), "probe".to_owned());
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    Off,
    On,
    /// Encrypted, but whoever answers is believed.
    Unverified,
}

/// What the address says about it; files of certificates say that it is on.
fn tls(url: &Url) -> Result<Option<Tls>> {
    Ok(match url.option("tls") {
        Some("" | "on" | "true") => Some(Tls::On),
        Some("off" | "false") => Some(Tls::Off),
        Some("unverified") => Some(Tls::Unverified),
        Some(other) => {
            let what = format!("tls={other} is not known");
            return Err(Error::new(what, place(url), "It is on, off or unverified"));
        }
        None if ["ca", "certificate"].iter().any(|option| url.option(option).is_some()) => Some(Tls::On),
        None => None,
    })
}

fn login(url: &Url, settings: &mut BTreeMap<String, String>) -> Result<()> {
    let chosen = mechanism(url)?;
    if let Some(mechanism) = &chosen {
        settings.insert("sasl.mechanism".to_owned(), mechanism.clone());
    }
    if by_token(url, settings)? {
        // The token is given later, by the client's context; what is missing for it is said now.
        return Tokens::of(url, settings).map(drop);
    }
    let Some(user) = &url.user else { return Ok(()) };
    let Some(password) = url.known_password() else {
        let what = format!("The password of {user} is missing");
        return Err(Error::new(what, place(url), "Set EVENTGLASS_PASSWORD, or write user:password@ in the address"));
    };
    settings.insert("sasl.username".to_owned(), user.clone());
    settings.insert("sasl.password".to_owned(), password.reveal().to_owned());
    settings.entry("sasl.mechanism".to_owned()).or_insert_with(|| "PLAIN".to_owned());
    Ok(())
}

fn mechanism(url: &Url) -> Result<Option<String>> {
    let Some(text) = url.option("sasl") else { return Ok(None) };
    let name = text.to_ascii_uppercase();
    if !MECHANISMS.contains(&name.as_str()) {
        let next_step = format!("It is one of {}", MECHANISMS.join(", ").to_ascii_lowercase());
        return Err(Error::new(format!("sasl={text} is not known"), place(url), next_step));
    }
    if url.user.is_none() && url.option("properties").is_none() && name != token::MECHANISM {
        return Err(Error::new("sasl= needs a user", place(url), "Write kafka://user@host/topic?sasl=…"));
    }
    Ok(Some(name))
}

/// Whether a setting's value must not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    ["password", "secret", "jaas", "key.pem", "token", "keystore.key", "oauthbearer.config"]
        .iter()
        .any(|part| name.contains(part))
}

/// librdkafka tells the setting and why; a secret's value stays out of it.
fn refused(url: &Url, error: &KafkaError) -> Error {
    let next_step = "See librdkafka's CONFIGURATION.md for names and values";
    match error {
        KafkaError::ClientConfig(_, why, name, _) if is_secret(name) => {
            let _ = why;
            Error::new(format!("The setting {name} is not accepted"), place(url), next_step)
        }
        KafkaError::ClientConfig(_, why, name, _) => {
            Error::new(format!("The setting {name} is not accepted"), place(url), next_step).because(why)
        }
        other => Error::new("The settings are not accepted", place(url), next_step).because(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    /// Settings of the address as `name=value`, those of all addresses left out.
    fn settings(text: &str) -> Vec<String> {
        let config = client(&url(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
        let of_all = |name: &str| DEFAULTS.iter().any(|(known, _)| *known == name);
        let names = config.config_map().into_keys().filter(|name| !of_all(name));
        let mut shown: Vec<String> =
            names.map(|name| format!("{name}={}", config.get(name).expect("it is set"))).collect();
        shown.sort();
        shown
    }

    #[test]
    fn addresses_become_settings() {
        assert_eq!(
            settings("kafka://a,b:9093,[::1]/t?newest=5"),
            ["bootstrap.servers=a:9092,b:9093,[::1]:9092", "security.protocol=plaintext"]
        );
        assert_eq!(
            settings("kafka://me:pw@a/t?sasl=scram-sha-256&tls=unverified&property.socket.timeout.ms=5000"),
            [
                "bootstrap.servers=a:9092",
                "enable.ssl.certificate.verification=false",
                "sasl.mechanism=SCRAM-SHA-256",
                "sasl.password=pw",
                "sasl.username=me",
                "security.protocol=sasl_ssl",
                "socket.timeout.ms=5000",
                "ssl.ca.location=probe",
            ]
        );
        assert!(settings("kafka://me:pw@a/t").contains(&"sasl.mechanism=PLAIN".to_owned()));
        // The client's secret goes to its endpoint, not to the library.
        assert_eq!(
            settings("kafka://app:pw@a/t?sasl=oauthbearer&token=https://login/x"),
            ["bootstrap.servers=a:9092", "sasl.mechanism=OAUTHBEARER", "security.protocol=sasl_plaintext"]
        );
    }

    #[test]
    fn many_partitions_share_the_memory() {
        let config = reader(&url("kafka://a/t")).expect("settings");
        assert!(reader_of_many(&config, 4).is_none() && reader_of_many(&config, 0).is_none());
        for (partitions, share) in [(8, "8192"), (64, "1024"), (5000, "256")] {
            let config = reader_of_many(&config, partitions).expect("another");
            assert_eq!(config.get(AHEAD), Some(share));
        }
    }

    #[test]
    fn a_reader_leaves_no_trace() {
        let config = reader(&url("kafka://a/t")).expect("settings");
        assert_eq!(config.get("enable.auto.commit"), Some("false"));
        assert_eq!(config.get("allow.auto.create.topics"), Some("false"));
    }

    #[test]
    fn a_file_of_a_java_client_is_the_base() {
        let dir = tempfile::tempdir().expect("temporary folders can be made");
        let file = dir.path().join("client.properties");
        std::fs::write(
            &file,
            "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nbootstrap.servers=elsewhere:1\ngroup.id=app\n\
             sasl.jaas.config=x.ScramLoginModule required username=\"bob\" \\\n  password=\"b\\\\\"ob\";\n",
        )
        .expect("files can be written");
        let found = settings(&format!("kafka://a/t?properties={}", file.display()));
        assert_eq!(
            found,
            [
                "bootstrap.servers=a:9092",
                "sasl.mechanism=SCRAM-SHA-512",
                "sasl.password=b\"ob",
                "sasl.username=bob",
                "security.protocol=sasl_ssl",
                "ssl.ca.location=probe",
            ]
        );
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (text, words) in [
            ("kafka://a/t?newst=5", "not known: newst"),
            ("kafka://a/t?property.sasl.password=x", "is a secret"),
            ("kafka://a/t?property.group.id=x", "sets group.id itself"),
            ("kafka://a/t?property.no.such=x", "no.such is not accepted"),
            ("kafka://a/t?sasl=plain", "needs a user"),
            ("kafka://u:p@a/t?sasl=digest", "sasl=digest"),
            ("kafka://a/t?tls=maybe", "tls=maybe"),
            ("kafka://a/t?sasl=oauthbearer&token=login", "token endpoint"),
            ("kafka://a/t?ca=/no/such.pem", "no file"),
            ("kafka://a/t?properties=/no/such", "no/such"),
        ] {
            let error = client(&url(text)).expect_err(text);
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("ssl.key.location") && !is_secret("socket.timeout.ms"));
    }
}
