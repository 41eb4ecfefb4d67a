//! A connection to a cluster, and why there is none: librdkafka tries again for ever and tells the reason
//! beside, so the reasons are kept and asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::{Client, OAuthToken};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;

use super::super::broker::{Url, place};
use super::config;
use super::token::Tokens;
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::model::error::{Error, Result};

/// Longest that one question to a cluster may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

pub(super) type Reader = BaseConsumer<Reasons>;

/// What librdkafka said went wrong, newest last; and where it has tokens for the login from.
#[derive(Default)]
pub(super) struct Reasons {
    kept: Mutex<Vec<Reason>>,
    tokens: Option<Tokens>,
    /// Whether a token was asked for.
    told: AtomicBool,
}

#[derive(Clone, Debug)]
pub(super) struct Reason {
    code: RDKafkaErrorCode,
    text: String,
}

const KEPT: usize = 32;

impl ClientContext for Reasons {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> std::result::Result<OAuthToken, Box<dyn std::error::Error>> {
        self.told.store(true, Ordering::Relaxed);
        Ok(self.tokens.as_ref().ok_or("no token is known")?.get()?)
    }

    fn log(&self, _level: RDKafkaLogLevel, _facility: &str, _text: &str) {}

    fn stats_raw(&self, _statistics: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        self.keep(code, reason);
    }
}

impl ConsumerContext for Reasons {}

impl Reasons {
    fn keep(&self, code: RDKafkaErrorCode, text: &str) {
        let mut kept = lock(&self.kept);
        if kept.len() < KEPT {
            kept.push(Reason { code, text: plain(text).to_owned() });
        }
    }

    pub fn take(&self) -> Vec<Reason> {
        std::mem::take(&mut *lock(&self.kept))
    }
}

/// The step of a connection that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failed {
    Name,
    Connection,
    Encryption,
    Login,
    Metadata,
}

/// A connected reader and all topics that it may see.
pub(super) struct Connected {
    pub reader: Arc<Reader>,
    pub metadata: Metadata,
}

/// # Errors
/// The settings that are wrong, or the step that failed.
pub(super) fn connect(url: &Url, config: &ClientConfig, cancel: &Cancel) -> Result<Connected> {
    attempt(url, config, cancel).map_err(|(_, error)| error)
}

/// # Errors
/// When a certificate or key cannot be used: they are read here.
pub(super) fn reader(url: &Url, config: &ClientConfig) -> Result<Reader> {
    let context = Reasons { tokens: config::tokens(url)?, ..Reasons::default() };
    let made: std::result::Result<Reader, KafkaError> = config.create_with_context(context);
    let reader = made.map_err(|cause| {
        let next_step = "Check the files and settings for encryption and login";
        Error::new("The client cannot be made", place(url), next_step).because(cause)
    })?;
    // A token is asked for by an event, and without one nothing is said to the server.
    let (context, until) = (Arc::clone(reader.client().context()), Instant::now() + PATIENCE);
    while context.tokens.is_some() && !context.told.load(Ordering::Relaxed) && Instant::now() < until {
        let _told = reader.poll(Duration::from_millis(20));
    }
    Ok(reader)
}

/// As [`connect`], with the step.
pub(super) fn attempt(
    url: &Url,
    config: &ClientConfig,
    cancel: &Cancel,
) -> std::result::Result<Connected, (Failed, Error)> {
    let reader = reader(url, config).map_err(|error| (Failed::Encryption, error))?;
    let started = Instant::now();
    let mut wait = Duration::from_millis(400);
    let mut reasons = Vec::new();
    loop {
        // Short at first, since a wrong password is known at once; longer for a slow line.
        match reader.fetch_metadata(None, wait) {
            Ok(metadata) => return Ok(Connected { reader: Arc::new(reader), metadata }),
            Err(cause) => {
                drain(&reader);
                reasons.extend(reader.context().take());
                let final_one = reasons.iter().any(Reason::is_final);
                if final_one || started.elapsed() + wait >= PATIENCE || cancel.is_cancelled() {
                    return Err(explain(url, &reasons, &cause));
                }
                wait *= 2;
            }
        }
    }
}

/// Lets librdkafka call [`Reasons`].
pub(super) fn drain(reader: &Reader) {
    for _ in 0..KEPT {
        // One event a call, and no answer where it was a line of the log.
        let _told = reader.poll(Duration::from_millis(1));
    }
}

/// Whether `client` has said that it cannot reach any broker since it was last asked.
pub(super) fn lost(client: &Client<Reasons>) -> Option<Reason> {
    client.context().take().into_iter().rev().find(|reason| reason.code != RDKafkaErrorCode::GroupAuthorizationFailed)
}

impl Reason {
    /// Trying again would end the same way.
    fn is_final(&self) -> bool {
        match self.code {
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL | RDKafkaErrorCode::SaslAuthenticationFailed => {
                true
            }
            RDKafkaErrorCode::Resolve => true,
            RDKafkaErrorCode::BrokerTransportFailure => self.text.contains("refused") || self.hints_at_encryption(),
            _ => false,
        }
    }

    /// One side speaks TLS and the other does not.
    fn hints_at_encryption(&self) -> bool {
        self.text.contains("security.protocol") || self.text.contains("SSL handshake") || self.is_alert()
    }

    /// What the server says of our side of the encryption.
    fn is_alert(&self) -> bool {
        self.text.contains("SSL alert")
    }

    fn step(&self) -> Failed {
        match self.code {
            RDKafkaErrorCode::Resolve => Failed::Name,
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => Failed::Login,
            RDKafkaErrorCode::SSL => Failed::Encryption,
            _ if self.hints_at_encryption() => Failed::Encryption,
            RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::OperationTimedOut => Failed::Connection,
            _ => Failed::Metadata,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// How librdkafka begins the reason that was given to it.
const NO_TOKEN: &str = "Failed to acquire SASL OAUTHBEARER token";

/// Without librdkafka's names of its threads and states.
fn plain(text: &str) -> &str {
    let text = text.rsplit_once(" (after ").map_or(text, |(text, _)| text);
    text.split_once("]: ").filter(|(thread, _)| thread.starts_with("[thrd:")).map_or(text, |(_, text)| text)
}

/// The farthest that any host came says most: one that is down hides nothing of one that refuses the login.
fn explain(url: &Url, reasons: &[Reason], cause: &KafkaError) -> (Failed, Error) {
    let known = |reason: &&Reason| reason.code != RDKafkaErrorCode::AllBrokersDown;
    let Some(reason) = reasons.iter().filter(known).max_by_key(|reason| reason.step()) else {
        let next_step = "Check the port, the firewall, and whether the server wants ?tls or a login";
        let error = Error::new("The server does not answer", place(url), next_step).because(cause);
        return (Failed::Connection, error);
    };
    let (summary, next_step) = match reason.step() {
        Failed::Name => ("The host's name is not known", "Check its spelling, the network and the VPN"),
        Failed::Connection if reason.text.contains("refused") => {
            ("The server refuses the connection", "Check the port, and whether Kafka runs there")
        }
        Failed::Connection => ("The server cannot be reached", "Check the host, the port and the firewall"),
        Failed::Encryption if reason.text.contains("verify") => {
            let next_step =
                "Give the authority that signed it with ?ca=FILE.pem, or believe anyone with ?tls=unverified";
            ("The server's certificate is not trusted", next_step)
        }
        Failed::Encryption if reason.is_alert() => {
            let next_step =
                "Give a certificate that its authority signed: ?certificate=FILE.pem&certificate_key=FILE.pem";
            ("The server wants a client's certificate, or does not take this one", next_step)
        }
        Failed::Encryption if reason.hints_at_encryption() && url.option("tls").is_none() => {
            ("The server hung up: it may want encryption or a login", "Try ?tls, and user:password@ before the host")
        }
        Failed::Encryption => {
            ("No encrypted connection comes about", "Check whether this port speaks TLS, and ?certificate=")
        }
        Failed::Login if reason.text.contains(NO_TOKEN) => {
            ("There is no token for the login", "Check the token endpoint with its client and secret, or the command")
        }
        Failed::Login => (
            "The login was refused",
            "Check the user, the password and ?sasl= (plain, scram-sha-256, scram-sha-512, oauthbearer)",
        ),
        Failed::Metadata => ("The cluster tells nothing about itself", "Check the user's rights"),
    };
    (reason.step(), Error::new(summary, place(url), next_step).because(&reason.text))
}
