//! RabbitMQ's management API, where there is one: what AMQP itself does not tell about queues.
//!
//! Source of paths and members: <https://www.rabbitmq.com/docs/http-api-reference>.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::settings::{PATIENCE, Settings};
use crate::model::secret::Secret;

/// Answers are lists of queues: some hundred bytes each.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

pub(super) struct Management {
    agent: ureq::Agent,
    base: String,
    /// `Basic …`
    login: Secret,
}

/// Why there is no answer, in words.
pub(super) type Why = String;

/// `/api/overview`
#[derive(Deserialize)]
pub(super) struct System {
    #[serde(default)]
    pub rabbitmq_version: String,
}

/// One of `/api/queues`. Numbers come some seconds late and are missing for a new queue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QueueInfo {
    pub name: String,
    pub vhost: String,
    /// `classic`, `quorum`, `stream`
    #[serde(rename = "type")]
    pub kind: String,
    pub messages: Option<u64>,
    pub messages_ready: Option<u64>,
    pub messages_unacknowledged: Option<u64>,
    pub message_bytes: Option<u64>,
    pub exclusive: bool,
    pub arguments: Value,
    /// What the policies say together; an empty one may be a list.
    pub effective_policy_definition: Value,
}

impl QueueInfo {
    /// An argument of the queue, else what a policy says under the same name without its `x-`.
    pub(super) fn says(&self, name: &str) -> Option<&Value> {
        self.arguments.get(format!("x-{name}")).or_else(|| self.effective_policy_definition.get(name))
    }
}

/// One of `/api/exchanges`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    pub name: String,
    pub vhost: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// One of `/api/bindings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Binding {
    pub source: String,
    pub vhost: String,
    pub destination: String,
    /// `queue` or `exchange`
    pub destination_type: String,
    pub routing_key: String,
}

/// One of `/api/consumers`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConsumerInfo {
    pub consumer_tag: String,
    pub queue: QueueName,
    pub active: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QueueName {
    pub name: String,
    pub vhost: String,
}

impl Management {
    /// # Errors
    /// Why it cannot be asked.
    pub(super) fn of(settings: &Settings) -> Result<Self, Why> {
        let base = settings.management.clone().ok_or("the address says management=off")?;
        let tls = settings.certificates().map_err(|error| error.to_string())?;
        let roots = match &tls.cert_chain {
            Some(pem) => RootCerts::new_with_certs(&certificates(pem)),
            None => RootCerts::PlatformVerifier,
        };
        let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(Duration::from_secs(3)))
            .http_status_as_error(false)
            // The password goes to the named server and nowhere else.
            .proxy(None)
            .max_redirects(0)
            .build()
            .new_agent();
        let login = format!("{}:{}", settings.user, settings.password.reveal());
        Ok(Self { agent, base, login: Secret::new(format!("Basic {}", STANDARD.encode(login))) })
    }

    /// # Errors
    /// Why there is no answer.
    pub(super) fn system(&self) -> Result<System, Why> {
        self.get("overview")
    }

    /// `None` where there is no such queue.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn queue(&self, vhost: &str, name: &str) -> Result<QueueInfo, Why> {
        self.get(&format!("queues/{}/{}", encoded(vhost), encoded(name)))
    }

    /// All of a kind in a virtual host: `queues`, `exchanges`, `bindings`, `consumers`.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn all<T: DeserializeOwned>(&self, what: &str, vhost: &str) -> Result<Vec<T>, Why> {
        self.get(&format!("{what}/{}", encoded(vhost)))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Why> {
        let url = format!("{}/api/{path}", self.base);
        let request = self.agent.get(&url).header("Authorization", self.login.reveal());
        let mut answer = request.call().map_err(|cause| format!("{} does not answer: {cause}", self.base))?;
        match answer.status().as_u16() {
            200 => {}
            401 => return Err("the management API refuses the login; the user needs the tag management".to_owned()),
            404 => return Err("the management API knows nothing of it".to_owned()),
            status => return Err(format!("the management API answers {status}")),
        }
        let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json();
        read.map_err(|cause| format!("the answer of the management API cannot be read: {cause}"))
    }
}

fn certificates(pem: &str) -> Vec<Certificate<'static>> {
    let items = parse_pem(pem.as_bytes()).filter_map(Result::ok);
    items.filter_map(|item| if let PemItem::Certificate(it) = item { Some(it) } else { None }).collect()
}

fn encoded(part: &str) -> String {
    utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()
}

/// The first two numbers of a version.
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
