//! A connection tried step by step: the first that fails says what to do.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::super::broker::{Step, Url, place};
use super::client::{Connected, Failed, attempt};
use super::config;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::model::error::{Error, Result};

/// Longest wait for a connection to be accepted.
const ACCEPT: Duration = Duration::from_secs(3);
/// Brokers of the cluster that are tried in turn.
const TRIED: usize = 5;

pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let mut steps = Steps(Vec::new());
    let config = match config::reader(url) {
        Ok(config) => config,
        Err(error) => return vec![Step { name: "settings", result: Err(error) }],
    };
    let hosts: Vec<String> =
        config.get("bootstrap.servers").unwrap_or_default().split(',').map(str::to_owned).collect();
    let Some(addresses) = steps.add("name", names(url, &hosts)) else { return steps.0 };
    if cancel.is_cancelled() || steps.add("connection", accepted(url, &addresses)).is_none() {
        return steps.0;
    }
    let protocol = config.get("security.protocol").unwrap_or_default();
    let encryption = if protocol.ends_with("ssl") { "the server's certificate is trusted" } else { "none" };
    let login = match config.get("sasl.username").filter(|_| protocol.starts_with("sasl")) {
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
                steps.0.push(Step { name, result: result.map(|_| String::new()) });
                return steps.0;
            }
            _ => steps.0.push(Step { name, result: Ok(found.to_owned()) }),
        }
    }
    steps.0.push(Step { name: "metadata", result });
    steps.0
}

struct Steps(Vec<Step>);

impl Steps {
    fn add<T>(&mut self, name: &'static str, result: Result<(T, String)>) -> Option<T> {
        let (value, result) = match result {
            Ok((value, found)) => (Some(value), Ok(found)),
            Err(error) => (None, Err(error)),
        };
        self.0.push(Step { name, result });
        value
    }
}

/// Addresses of all hosts; some may fail as long as one is known.
fn names(url: &Url, hosts: &[String]) -> Result<(Vec<SocketAddr>, String)> {
    let mut addresses = Vec::new();
    let mut failed = Vec::new();
    for host in hosts {
        match host.to_socket_addrs() {
            Ok(found) => addresses.extend(found),
            Err(cause) => failed.push(format!("{host}: {cause}")),
        }
    }
    if addresses.is_empty() {
        let next_step = "Check its spelling, the network and the VPN";
        return Err(Error::new("The host's name is not known", place(url), next_step).because(failed.join("; ")));
    }
    let known: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    Ok((addresses, known.into_iter().chain(failed).collect::<Vec<_>>().join(", ")))
}

fn accepted(url: &Url, addresses: &[SocketAddr]) -> Result<((), String)> {
    let mut failed = Vec::new();
    for address in addresses.iter().take(TRIED) {
        match TcpStream::connect_timeout(address, ACCEPT) {
            Ok(_) => return Ok(((), format!("{address} answers"))),
            Err(cause) => failed.push(format!("{address}: {cause}")),
        }
    }
    let next_step = "Check the port and the firewall, and whether Kafka runs there";
    Err(Error::new("No connection comes about", place(url), next_step).because(failed.join("; ")))
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
