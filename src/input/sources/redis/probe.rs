//! A connection tried step by step: the first that fails says what to do.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::link::{Fault, Link};
use super::settings::Settings;
use super::streams;
use crate::base::text::plural;
use crate::input::sources::broker::{Step, Url, place};
use crate::model::error::{Error, Result};

/// Longest wait for a connection to be accepted.
const ACCEPT: Duration = Duration::from_secs(5);

pub(super) fn test(url: &Url) -> Vec<Step> {
    let settings = match Settings::read(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Step { name: "name", result: Err(error) }],
    };
    let addresses = match resolve(&settings) {
        Ok(addresses) => addresses,
        Err(error) => return vec![Step { name: "name", result: Err(error) }],
    };
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let mut steps = vec![Step { name: "name", result: Ok(format!("{} is {}", settings.host, shown.join(", "))) }];
    let reached = reach(&settings, &addresses);
    let failed = reached.is_err();
    steps.push(Step { name: "connection", result: reached });
    if failed {
        return steps;
    }
    let encryption = if settings.tls { "The certificate is good" } else { "None: the address says redis://" };
    let encryption = || Step { name: "encryption", result: Ok(encryption.to_owned()) };
    match Link::step_by_step(&settings) {
        Ok(mut link) => {
            let who = match (&link.settings.user, &link.settings.password) {
                (Some(user), _) => format!("as {user}"),
                (None, Some(_)) => "with a password, as the user default".to_owned(),
                (None, None) => "none".to_owned(),
            };
            steps.push(encryption());
            steps.push(Step { name: "login", result: Ok(format!("{who}, database {}", settings.database)) });
            steps.push(Step { name: "metadata", result: metadata(&mut link) });
        }
        Err(Fault { step, error }) => {
            if matches!(step, "login" | "metadata") {
                steps.push(encryption());
            }
            steps.push(Step { name: step, result: Err(error) });
        }
    }
    steps
}

/// Addresses of the host.
///
/// # Errors
/// Where none is known.
pub(super) fn resolve(settings: &Settings) -> Result<Vec<SocketAddr>> {
    let what = format!("No address is known for {}", settings.host);
    let error = Error::new(what, place(&settings.url), "Check the host's spelling and the network");
    match (settings.host.as_str(), settings.port).to_socket_addrs().map(Iterator::collect::<Vec<_>>) {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(error),
        Err(cause) => Err(error.because(cause)),
    }
}

fn reach(settings: &Settings, addresses: &[SocketAddr]) -> Result<String> {
    let what = format!("Nothing answers at {} port {}", settings.host, settings.port);
    let next_step = "Check that Redis runs there, the port, and firewalls";
    let mut error = Error::new(what, place(&settings.url), next_step);
    for address in addresses {
        match TcpStream::connect_timeout(address, ACCEPT) {
            Ok(_) => return Ok(format!("{address} answers")),
            Err(cause) => error = error.because(cause),
        }
    }
    Err(error)
}

fn metadata(link: &mut Link) -> Result<String> {
    let version = if link.version.is_empty() { "Redis".to_owned() } else { format!("Redis {}", link.version) };
    let kind = if link.is_cluster() { ", a cluster" } else { "" };
    if link.settings.names.is_empty() {
        return Ok(format!("{version}{kind}"));
    }
    let (names, _) = streams::named(link)?;
    let mut entries = 0;
    for name in &names {
        entries += streams::facts(link, name)?.map_or(0, |facts| facts.length);
    }
    let streams = match names.as_slice() {
        [one] => one.clone(),
        several => plural(several.len() as u64, "stream", "streams"),
    };
    Ok(format!("{version}{kind}; {streams}: {}", plural(entries, "entry", "entries")))
}
