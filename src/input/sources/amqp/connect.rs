//! A connection: each wait bounded, each failure told with the step that failed and what to do.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use lapin::options::QueueDeclareOptions;
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, ConnectionProperties, ErrorKind, Queue};
use tokio::runtime::Runtime;

use super::guard;
use super::settings::{HEARTBEAT, PATIENCE, Settings};
use crate::base::cancel::Cancel;
use crate::input::sources::broker::steps::{self, Steps, unless_cancelled};
use crate::input::sources::broker::{Step, Url, place};
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

    /// Whether it may go well over a new connection: nothing was said, or the server stops or starts
    /// (CONNECTION_FORCED).
    pub(super) fn is_loss(&self) -> bool {
        matches!(self.code(), None | Some(320))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TimedOut => write!(f, "no answer within {} s", PATIENCE.as_secs()),
            Self::Broken(error) => match error.kind() {
                ErrorKind::ProtocolError(error) => f.write_str(error.get_message().as_str()),
                ErrorKind::IOError(error) => error.fmt(f),
                ErrorKind::MissingHeartbeatError => {
                    write!(f, "the connection fell silent: no sign of life for {} s", 2 * HEARTBEAT)
                }
                // What lapin says of everything that is asked after the loss.
                ErrorKind::InvalidConnectionState(_) | ErrorKind::InvalidChannelState(..) => {
                    f.write_str("the connection was lost")
                }
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
        let cancel = Cancel::new();
        steps::names(&settings.url, &[settings.address()], &cancel)?;
        log_in(settings, &cancel).map_err(|fault| fault.error)
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

/// The connection's steps one after another, up to the first that fails; `metadata` is asked last, on a thread of
/// its own.
pub(super) fn steps(
    settings: &Settings,
    cancel: &Cancel,
    metadata: impl FnOnce(&Session) -> Result<String> + Send + 'static,
) -> Vec<Step> {
    let url: &Url = &settings.url;
    let mut steps = Steps::default();
    if steps.reach(url, &[settings.address()], "RabbitMQ", cancel).is_none() {
        return steps.done();
    }
    match log_in(settings, cancel) {
        Ok(session) => {
            let encryption = if settings.tls { "The certificate is good" } else { "None: the address says amqp://" };
            steps.told("encryption", Ok(encryption.to_owned()));
            steps.told("login", Ok(format!("{} may use the virtual host {}", settings.user, settings.vhost)));
            let told = unless_cancelled(url, cancel, move || metadata(&session)).and_then(|told| told);
            steps.told("metadata", told);
        }
        Err(fault) => {
            if fault.step == "login" && settings.tls {
                steps.told("encryption", Ok("The certificate is good".to_owned()));
            }
            steps.told(fault.step, Err(fault.error));
        }
    }
    steps.done()
}

fn fault(step: &'static str, settings: &Settings, what: impl Into<String>, next_step: impl Into<String>) -> Fault {
    Fault { step, error: Error::new(what, place(&settings.url), next_step) }
}

fn log_in(settings: &Settings, cancel: &Cancel) -> std::result::Result<Session, Fault> {
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
    let connected = runtime.block_on(async {
        let connecting = pin!(patiently(guard::connect(settings.uri(), properties, tls)));
        match select(connecting, pin!(cancelled(cancel))).await {
            Either::Left((connected, _)) => Some(connected),
            Either::Right(_) => None,
        }
    });
    match connected {
        Some(Ok(connection)) => Ok(Session { runtime, connection, settings: settings.clone() }),
        Some(Err(failure)) => Err(refused(settings, &failure)),
        None => {
            runtime.shutdown_background();
            Err(fault("login", settings, "The test was cancelled", "Try again"))
        }
    }
}

/// Ends when a person cancels.
async fn cancelled(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(Duration::from_millis(30)).await;
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
        None if words.contains("refused") || matches!(failure, Failure::TimedOut) => {
            Fault { step: "connection", error: steps::unreachable(&settings.url, &[settings.address()], "RabbitMQ") }
        }
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
