//! What the connection tests of all systems share: the list of steps, and the first two of them, the host's name
//! and the connection.
//!
//! ```ignore
//! let mut steps = Steps::default();
//! let Some(_reached) = steps.reach(url, &[(host, 5432)], "PostgreSQL", cancel) else { return steps.done() };
//! steps.add("login", …);
//! ```

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::url::Url;
use super::{Step, place};
use crate::base::cancel::Cancel;
use crate::model::error::{Error, Result};

/// Longest wait for one address to accept a connection.
pub const ACCEPT: Duration = Duration::from_secs(3);

/// Addresses that are tried in turn.
const TRIED: usize = 5;

/// How soon a person who cancels gets an answer.
const TICK: Duration = Duration::from_millis(30);

/// The steps so far; the last may be one that failed.
#[derive(Debug, Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// Keeps what a step found, in words, and hands on what it is good for. `None` where it failed.
    pub fn add<T>(&mut self, name: &'static str, result: Result<(T, String)>) -> Option<T> {
        let (value, result) = match result {
            Ok((value, found)) => (Some(value), Ok(found)),
            Err(error) => (None, Err(error)),
        };
        self.0.push(Step { name, result });
        value
    }

    /// A step that leaves nothing behind but words. Says whether it is good.
    pub fn told(&mut self, name: &'static str, result: Result<String>) -> bool {
        self.add(name, result.map(|found| ((), found))).is_some()
    }

    /// The steps “name” and “connection”: an address that accepts connections, `None` where there is none.
    pub fn reach(&mut self, url: &Url, hosts: &[(String, u16)], system: &str, cancel: &Cancel) -> Option<SocketAddr> {
        let addresses = self.add("name", names(url, hosts, cancel))?;
        self.add("connection", accepted(url, hosts, addresses, system, cancel))
    }

    #[must_use]
    pub fn done(self) -> Vec<Step> {
        self.0
    }
}

/// Addresses of all hosts, and them in words; some hosts may be unknown as long as one is known.
///
/// # Errors
/// When none is known, and when it was cancelled.
pub fn names(url: &Url, hosts: &[(String, u16)], cancel: &Cancel) -> Result<(Vec<SocketAddr>, String)> {
    let asked = hosts.to_vec();
    let (addresses, failed) = unless_cancelled(url, cancel, move || {
        let mut addresses: Vec<SocketAddr> = Vec::new();
        let mut failed = Vec::new();
        for (host, port) in asked {
            match (host.as_str(), port).to_socket_addrs() {
                Ok(found) => addresses.extend(found),
                Err(cause) => failed.push(format!("{host}: {cause}")),
            }
        }
        (addresses, failed)
    })?;
    if addresses.is_empty() {
        let next_step = "Check its spelling, the network and the VPN";
        return Err(Error::new("The host's name is not known", place(url), next_step).because(failed.join("; ")));
    }
    let mut words: Vec<String> = Vec::new();
    for address in addresses.iter().map(|address| address.ip().to_string()).chain(failed) {
        if !words.contains(&address) {
            words.push(address);
        }
    }
    Ok((addresses, words.join(", ")))
}

/// An address of these hosts that accepts a connection.
///
/// # Errors
/// When no name is known, when nothing answers, and when it was cancelled.
#[cfg(feature = "kurrent")]
pub fn answers(url: &Url, hosts: &[(String, u16)], system: &str, cancel: &Cancel) -> Result<SocketAddr> {
    let (addresses, _) = names(url, hosts, cancel)?;
    accepted(url, hosts, addresses, system, cancel).map(|(address, _)| address)
}

/// The first address that accepts a connection, and it in words.
fn accepted(
    url: &Url,
    hosts: &[(String, u16)],
    addresses: Vec<SocketAddr>,
    system: &str,
    cancel: &Cancel,
) -> Result<(SocketAddr, String)> {
    let tried = unless_cancelled(url, cancel, move || {
        let mut failed = Vec::new();
        for address in addresses.into_iter().take(TRIED) {
            match TcpStream::connect_timeout(&address, ACCEPT) {
                Ok(_) => return Ok(address),
                Err(cause) => failed.push(format!("{address}: {cause}")),
            }
        }
        Err(failed.join("; "))
    })?;
    match tried {
        Ok(address) => Ok((address, format!("{address} answers"))),
        Err(causes) => Err(unreachable(url, hosts, system).because(causes)),
    }
}

/// Nobody accepts connections at any of these.
#[must_use]
pub fn unreachable(url: &Url, hosts: &[(String, u16)], system: &str) -> Error {
    let known: Vec<String> = hosts.iter().map(|(host, port)| format!("{host} port {port}")).collect();
    let next_step = format!("Check that {system} runs there, the port, and firewalls");
    Error::new(format!("Nothing answers at {}", known.join(", ")), place(url), next_step)
}

/// Does what blocks without a way to stop it (a name asked for, an HTTP call) on a thread that is left to itself
/// when a person cancels. `work` has to end some time by itself.
///
/// # Errors
/// When it was cancelled.
pub fn unless_cancelled<T: Send + 'static>(
    url: &Url,
    cancel: &Cancel,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let stopped = |what: &str| Error::new(what, place(url), "Try again");
    let (to, from) = sync_channel(1);
    let send = move || {
        // Nobody listens any more where it was cancelled.
        let _ = to.send(work());
    };
    thread::Builder::new()
        .name("connection test".to_owned())
        .spawn(send)
        .map_err(|cause| stopped("Cannot start a thread").because(cause))?;
    loop {
        if cancel.is_cancelled() {
            return Err(stopped("The test was cancelled"));
        }
        match from.recv_timeout(TICK) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(stopped("The test ended without an answer")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Instant;

    use super::super::url::host;
    use super::*;

    fn url() -> Url {
        Url::parse("kafka://x/y").expect("an address")
    }

    fn tried(hosts: &[(String, u16)]) -> Vec<Step> {
        let mut steps = Steps::default();
        steps.reach(&url(), hosts, "Kafka", &Cancel::new());
        steps.done()
    }

    #[test]
    fn names_and_connections_succeed_or_say_what_to_do() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let open = server.local_addr().expect("an address").port();
        let steps = tried(&[host("[::ffff:127.0.0.1]", open), host(&format!("no-such-host.invalid:{open}"), 1)]);
        assert!(steps.iter().all(|step| step.result.is_ok()), "{steps:?}");
        assert!(steps[0].result.as_ref().is_ok_and(|found| found.contains("no-such-host.invalid")), "{steps:?}");
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        for (host, step, words) in [
            (host("no-such-host.invalid", 1), "name", "not known"),
            (host("127.0.0.1", closed), "connection", "Nothing answers at 127.0.0.1 port"),
        ] {
            let steps = tried(&[host]);
            let last = steps.last().expect("a step");
            let error = last.result.as_ref().expect_err("it fails");
            assert_eq!(last.name, step);
            assert!(error.summary.contains(words) && !error.details.is_empty(), "{error:?}");
        }
    }

    #[test]
    fn a_person_does_not_wait_for_what_they_cancelled() {
        let cancel = Cancel::new();
        cancel.cancel();
        let started = Instant::now();
        let error = unless_cancelled(&url(), &cancel, || thread::sleep(Duration::from_secs(5))).expect_err("cancelled");
        assert!(error.summary.contains("cancelled") && started.elapsed() < Duration::from_secs(2));
        assert!(unless_cancelled(&url(), &Cancel::new(), || panic!("a fault")).is_err());
    }
}
