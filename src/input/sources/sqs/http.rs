//! The SDK's requests over `ureq`, so that all connections of the program share one TLS library.

use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_sqs::error::ConnectorError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// Longest wait for an answer; one that waits for messages is asked to wait some seconds at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest wait for a connection where the SDK says nothing.
const CONNECTING: Duration = Duration::from_secs(5);

/// Ten messages of 1 MiB, with room for what JSON adds.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// Makes connectors that share one pool of connections.
#[derive(Debug)]
pub(super) struct Http {
    agent: ureq::Agent,
}

impl Http {
    pub(super) fn new() -> Self {
        let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
        // Redirects are not followed: requests are signed for one host.
        let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).max_redirects(0);
        Self { agent: config.build().new_agent() }
    }
}

impl HttpClient for Http {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            agent: self.agent.clone(),
            connecting: settings.connect_timeout().unwrap_or(CONNECTING),
            answer: settings.read_timeout().unwrap_or(PATIENCE),
        })
    }
}

#[derive(Debug)]
struct Connector {
    agent: ureq::Agent,
    connecting: Duration,
    answer: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (agent, connecting, answer) = (self.agent.clone(), self.connecting, self.answer);
        HttpConnectorFuture::new(async move {
            let sent = tokio::task::spawn_blocking(move || send(&agent, connecting, answer, request));
            sent.await.unwrap_or_else(|broken| Err(ConnectorError::other(broken.into(), None)))
        })
    }
}

fn send(
    agent: &ureq::Agent,
    connecting: Duration,
    answer: Duration,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let user = |cause: Box<dyn StdError + Send + Sync>| ConnectorError::user(cause);
    let request = request.try_into_http1x().map_err(|cause| user(cause.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.bytes().ok_or_else(|| user("the body is not in memory".into()))?.to_vec();
    let asked = if body.is_empty() {
        let request = ureq::http::Request::from_parts(parts, ());
        agent.run(configured(agent, request, connecting, answer))
    } else {
        let request = ureq::http::Request::from_parts(parts, body);
        agent.run(configured(agent, request, connecting, answer))
    };
    let (parts, mut body) = asked.map_err(failed)?.into_parts();
    let bytes = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec().map_err(failed)?;
    let response = ureq::http::Response::from_parts(parts, bytes.into());
    HttpResponse::try_from(response).map_err(|cause| ConnectorError::other(cause.into(), None))
}

fn configured<B: ureq::AsSendBody>(
    agent: &ureq::Agent,
    request: ureq::http::Request<B>,
    connecting: Duration,
    answer: Duration,
) -> ureq::http::Request<B> {
    let config = agent.configure_request(request);
    config.timeout_connect(Some(connecting)).timeout_global(Some(connecting + answer)).build()
}

fn failed(error: ureq::Error) -> ConnectorError {
    match error {
        ureq::Error::Timeout(_) => ConnectorError::timeout(error.into()),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => ConnectorError::io(error.into()).never_connected(),
        _ => ConnectorError::io(error.into()),
    }
}
