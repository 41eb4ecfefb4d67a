//! A connection: each wait bounded, each failure told with the step that failed and what to do.

use std::future::Future;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, ConnectionProperties, ErrorKind, Queue};
use tokio::runtime::Runtime;

use super::settings::{PATIENCE, Settings};
use crate::input::sources::broker::{Step, place};
use crate::model::error::{Error, Result};

/// Longest that a good-bye may take.
const GOOD_BYE: Duration = Duration::from_secs(2);

/// A connection and the thread that keeps it alive, also while nobody waits for an answer.
pub(super) struct Session {
    runtime: Runtime,
    connection: Connection,
    settings: Settings,
}

/// What a wait ends with, when not with an answer.
#[derive(Debug)]
pub(super) enum Failure {
    TimedOut,
    Broken(lapin::Error),
}

pub(super) type Answer<T> = std::result::Result<T, Failure>;

impl From<lapin::Error> for Failure {
    fn from(error: lapin::Error) -> Self {
        Self::Broken(error)
    }
}

impl Failure {
    /// The reply code of AMQP where it was the server that said no.
    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Broken(error) => match error.kind() {
                ErrorKind::ProtocolError(error) => Some(error.get_id()),
                _ => None,
            },
            Self::TimedOut => None,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TimedOut => write!(f, "no answer within {} s", PATIENCE.as_secs()),
            Self::Broken(error) => match error.kind() {
                ErrorKind::ProtocolError(error) => f.write_str(error.get_message().as_str()),
                ErrorKind::IOError(error) => error.fmt(f),
                _ => error.fmt(f),
            },
        }
    }
}

/// A step that failed.
struct Fault {
    step: &'static str,
    error: Error,
}

impl Session {
    /// # Errors
    /// The step that failed and what to do.
    pub(super) fn connect(settings: &Settings) -> Result<Self> {
        resolve(settings).and_then(|_| log_in(settings)).map_err(|fault| fault.error)
    }

    /// Runs `work` to its end, which has to bound its waits itself.
    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Waits for one answer.
    pub(super) fn ask<T>(&self, question: impl Future<Output = lapin::Result<T>>) -> Answer<T> {
        self.run(patiently(question))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn channel(&self) -> Result<Channel> {
        self.ask(self.connection.create_channel()).map_err(|failure| self.explain("open a channel", &failure))
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.status().connected()
    }

    pub(super) fn frame_max(&self) -> u32 {
        self.connection.configuration().frame_max()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many messages are ready and how many consumers there are. Asks on a channel of its own, since a
    /// queue that is not there costs the channel.
    ///
    /// # Errors
    /// When there is no such queue, or it may not be seen.
    pub(super) fn queue(&self, name: &str) -> Result<Queue> {
        let channel = self.channel()?;
        let queue = self.ask(look(&channel, name)).map_err(|failure| self.explain_queue(name, &failure))?;
        let _closed = self.ask(channel.close(200, "done".into()));
        Ok(queue)
    }

    /// The failure of something that the server was asked to do, in words.
    pub(super) fn explain(&self, doing: &str, failure: &Failure) -> Error {
        let next_step = match failure.code() {
            Some(403) => format!("Ask for the permission, or log in as somebody else than {}", self.settings.user),
            Some(405) => "Wait until its exclusive consumer is gone".to_owned(),
            Some(_) => "See what RabbitMQ says".to_owned(),
            None => "Check the connection and try again".to_owned(),
        };
        Error::new(format!("Cannot {doing}"), place(&self.settings.url), next_step).because(failure)
    }

    pub(super) fn explain_queue(&self, queue: &str, failure: &Failure) -> Error {
        if failure.code() == Some(404) {
            let summary = format!("There is no queue {queue} in the virtual host {}", self.settings.vhost);
            let next_step = "Check both names; %2F in an address is the usual virtual host /";
            return Error::new(summary, place(&self.settings.url), next_step).because(failure);
        }
        self.explain(&format!("look at the queue {queue}"), failure)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.is_connected() {
            let good_bye = self.connection.close(200, "done".into());
            let _in_time = self.runtime.block_on(async { tokio::time::timeout(GOOD_BYE, good_bye).await });
        }
    }
}

/// Bounds one wait.
pub(super) async fn patiently<T>(question: impl Future<Output = lapin::Result<T>>) -> Answer<T> {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Failure::TimedOut),
    }
}

/// Asks for a queue without making it.
pub(super) async fn look(channel: &Channel, queue: &str) -> lapin::Result<Queue> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(short(queue), options, FieldTable::default()).await
}

/// Names of AMQP have at most 255 bytes; a longer one is one that does not exist.
pub(super) fn short(text: &str) -> ShortString {
    let mut end = text.len().min(255);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    ShortString::from(text.get(..end).unwrap_or_default())
}

/// The connection's steps one after another, up to the first that fails; `metadata` is asked last.
pub(super) fn steps(settings: &Settings, metadata: impl FnOnce(&Session) -> Result<String>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done = |name, result: std::result::Result<String, Error>| {
        let good = result.is_ok();
        steps.push(Step { name, result });
        good
    };
    let addresses = match resolve(settings) {
        Ok(addresses) => addresses,
        Err(fault) => {
            done(fault.step, Err(fault.error));
            return steps;
        }
    };
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    done("name", Ok(format!("{} is {}", settings.host, shown.join(", "))));
    if !done("connection", reach(settings, &addresses)) {
        return steps;
    }
    match log_in(settings) {
        Ok(session) => {
            let encryption = if settings.tls { "The certificate is good" } else { "None: the address says amqp://" };
            done("encryption", Ok(encryption.to_owned()));
            done("login", Ok(format!("{} may use the virtual host {}", settings.user, settings.vhost)));
            done("metadata", metadata(&session));
        }
        Err(fault) => {
            if fault.step == "login" && settings.tls {
                done("encryption", Ok("The certificate is good".to_owned()));
            }
            done(fault.step, Err(fault.error));
        }
    }
    steps
}

fn resolve(settings: &Settings) -> std::result::Result<Vec<SocketAddr>, Fault> {
    let found = (settings.host.as_str(), settings.port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let next_step = "Check the host's spelling and the network";
    match found {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(fault("name", settings, format!("No address is known for {}", settings.host), next_step)),
        Err(cause) => {
            let mut fault = fault("name", settings, format!("No address is known for {}", settings.host), next_step);
            fault.error = fault.error.because(cause);
            Err(fault)
        }
    }
}

fn reach(settings: &Settings, addresses: &[SocketAddr]) -> std::result::Result<String, Error> {
    let mut refused = None;
    for address in addresses {
        match TcpStream::connect_timeout(address, PATIENCE / 2) {
            Ok(_) => return Ok(format!("{address} answers")),
            Err(cause) => refused = Some(cause),
        }
    }
    let error = unreachable(settings).error;
    Err(refused.map_or(error.clone(), |cause| error.because(cause)))
}

fn unreachable(settings: &Settings) -> Fault {
    let what = format!("Nothing answers at {} port {}", settings.host, settings.port);
    fault("connection", settings, what, "Check that RabbitMQ runs there, the port, and firewalls")
}

fn fault(step: &'static str, settings: &Settings, what: impl Into<String>, next_step: impl Into<String>) -> Fault {
    Fault { step, error: Error::new(what, place(&settings.url), next_step) }
}

fn log_in(settings: &Settings) -> std::result::Result<Session, Fault> {
    let tls = settings.certificates().map_err(|error| Fault { step: "encryption", error })?;
    // One worker drives the connection at all times: with a runtime that works only while somebody waits,
    // heartbeats would stop and the server would hang up on a plan that a person thinks about.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("eventglass amqp")
        .enable_all()
        .build()
        .map_err(|cause| {
            let mut fault = fault("connection", settings, "Cannot start a thread", "Close other programs");
            fault.error = fault.error.because(cause);
            fault
        })?;
    let properties = ConnectionProperties::default().with_connection_name("eventglass".into());
    let connected = runtime.block_on(patiently(async {
        Connection::connect_uri_with_config(settings.uri(), properties, tls, lapin::runtime::default_runtime()?).await
    }));
    match connected {
        Ok(connection) => Ok(Session { runtime, connection, settings: settings.clone() }),
        Err(failure) => Err(refused(settings, &failure)),
    }
}

/// Why there is no connection, as far as the words of others tell.
fn refused(settings: &Settings, failure: &Failure) -> Fault {
    let words = failure.to_string();
    let mut fault = match failure.code() {
        // ACCESS_REFUSED
        Some(403) => fault(
            "login",
            settings,
            format!("RabbitMQ refuses the login of {}", settings.user),
            "Check user and password; the user guest is let in from the same machine only",
        ),
        // NOT_ALLOWED
        Some(530) => fault(
            "login",
            settings,
            format!("{} cannot use the virtual host {}", settings.user, settings.vhost),
            "Check its name (%2F in an address is the usual one, /) and the user's permissions",
        ),
        Some(_) => fault("login", settings, "RabbitMQ refuses the connection", "See what it says"),
        None if words.contains("refused") || matches!(failure, Failure::TimedOut) => unreachable(settings),
        None if settings.tls => fault(
            "encryption",
            settings,
            "There is no encrypted connection",
            "Check the port (5671 is usual); for a certificate of your own authority add ca=FILE",
        ),
        None => fault(
            "login",
            settings,
            "The server hung up",
            "Check that it is RabbitMQ's AMQP port; where it expects encryption write amqps://",
        ),
    };
    fault.error = fault.error.because(words);
    fault
}
