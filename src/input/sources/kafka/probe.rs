//! A connection tried step by step: the first that fails says what to do.

use std::net::{TcpStream, ToSocketAddrs as _};

use super::super::broker::steps::{ACCEPT, Steps};
use super::super::broker::url::host;
use super::super::broker::{Step, Url, place};
use super::client::{Connected, Failed, attempt};
use super::config;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::model::error::{Error, Result};

/// Brokers of the cluster that are tried in turn.
const TRIED: usize = 5;

pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let mut steps = Steps::default();
    let config = match config::reader(url) {
        Ok(config) => config,
        Err(error) => return vec![Step { name: "settings", result: Err(error) }],
    };
    let servers = config.get("bootstrap.servers").unwrap_or_default();
    let hosts: Vec<(String, u16)> = servers.split(',').map(|server| host(server, config::DEFAULT_PORT)).collect();
    if steps.reach(url, &hosts, "Kafka", cancel).is_none() {
        return steps.done();
    }
    let protocol = config.get("security.protocol").unwrap_or_default();
    let encryption = if protocol.ends_with("ssl") { "the server's certificate is trusted" } else { "none" };
    let tokens = config::tokens(url).ok().flatten();
    let login = match config.get("sasl.username").filter(|_| protocol.starts_with("sasl")) {
        _ if tokens.is_some() => tokens.map(|tokens| tokens.in_words()).unwrap_or_default(),
        Some(user) => format!("as {user}, by {}", config.get("sasl.mechanism").unwrap_or("PLAIN")),
        None => "none".to_owned(),
    };
    let reached = attempt(url, &config, cancel);
    let (failed, result) = match reached {
        Ok(connected) => (None, metadata(url, &connected)),
        Err((step, error)) => (Some(step), Err(error)),
    };
    let passed = [("encryption", Failed::Encryption, encryption), ("login", Failed::Login, login.as_str())];
    for (name, step, found) in passed {
        match failed {
            Some(failed) if failed <= step => {
                steps.told(name, result);
                return steps.done();
            }
            _ => steps.told(name, Ok(found.to_owned())),
        };
    }
    steps.told("metadata", result);
    steps.done()
}

/// A cluster tells clients where its brokers are, and often it tells names that only its own network knows.
fn metadata(url: &Url, connected: &Connected) -> Result<String> {
    let brokers = connected.metadata.brokers();
    for broker in brokers.iter().take(TRIED) {
        let address = format!("{}:{}", broker.host(), broker.port());
        let reached = (broker.host(), broker.port() as u16)
            .to_socket_addrs()
            .and_then(|mut found| found.next().map(|one| TcpStream::connect_timeout(&one, ACCEPT)).transpose());
        if let Err(cause) = reached {
            let what =
                format!("Broker {} says that it is at {address}, which cannot be reached from here", broker.id());
            let next_step = "Set its advertised.listeners to an address that clients know";
            return Err(Error::new(what, place(url), next_step).because(cause));
        }
    }
    let topics = connected.metadata.topics().iter().filter(|topic| !topic.name().starts_with("__")).count();
    Ok(format!("{}, {}", plural(brokers.len() as u64, "broker", "brokers"), plural(topics as u64, "topic", "topics")))
}
