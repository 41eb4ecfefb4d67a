//! A client of SQS and SNS: settings, credentials and region as the SDK finds them, each failure told with the step
//! that failed and what to do.

use std::error::Error as StdError;
use std::future::Future;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use tokio::runtime::Runtime;

use super::http::Http;
use super::settings::Settings;
use crate::base::cancel::Cancel;
use crate::input::sources::broker::steps::{Steps, unless_cancelled};
use crate::input::sources::broker::{Step, place};
use crate::model::error::{Error, Result};

/// A client and the threads that carry its requests.
pub(super) struct Client {
    runtime: Runtime,
    pub sqs: aws_sdk_sqs::Client,
    /// Asks once: for what would be done twice if it were asked again.
    pub sqs_once: aws_sdk_sqs::Client,
    pub sns_once: aws_sdk_sns::Client,
    pub settings: Settings,
    pub region: String,
    credentials: Option<SharedCredentialsProvider>,
}

/// What a request ends with, when not with an answer.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The service's own word for it; none where it did not answer.
    code: Option<String>,
    /// HTTP's; none where nobody answered.
    status: Option<u16>,
    words: String,
    /// The service said that the request itself is wrong.
    pub is_refusal: bool,
}

pub(super) type Answer<T> = std::result::Result<T, Failure>;

impl<E: ProvideErrorMetadata + StdError + Send + Sync + 'static> From<SdkError<E>> for Failure {
    fn from(error: SdkError<E>) -> Self {
        match &error {
            SdkError::ServiceError(service) => {
                let said = service.err();
                // With an empty text the service's own word has to do.
                let words = said.message().filter(|text| !text.is_empty()).map(str::to_owned);
                Self {
                    code: said.code().map(str::to_owned),
                    status: Some(service.raw().status().as_u16()),
                    words: words.unwrap_or_else(|| DisplayErrorContext(said).to_string()),
                    is_refusal: service.raw().status().is_client_error() && !is_busy(said.code()),
                }
            }
            // What answered is not SQS as the SDK knows it.
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                let words = format!("HTTP status {status}: {}", deepest(&error));
                Self { code: None, status: Some(status), words, is_refusal: false }
            }
            _ => Self { code: None, status: None, words: deepest(&error), is_refusal: false },
        }
    }
}

fn is_busy(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.contains("Thrott") || code.contains("OverLimit"))
}

/// The innermost cause: the layers around it say only that something failed.
fn deepest(error: &dyn StdError) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    at.to_string()
}

impl Failure {
    pub(super) fn other(words: impl Into<String>) -> Self {
        Self { code: None, status: None, words: words.into(), is_refusal: true }
    }

    pub(super) fn is(&self, parts: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| parts.iter().any(|part| code.contains(part)))
    }

    pub(super) fn is_denied(&self) -> bool {
        self.is(&["AccessDenied", "AuthorizationError"])
    }

    pub(super) fn is_missing(&self) -> bool {
        self.is(&["NonExistentQueue", "QueueDoesNotExist", "NotFound"])
    }

    /// Nothing says that it was not done.
    pub(super) fn may_be_done(&self) -> bool {
        !self.is_refusal && !is_busy(self.code.as_deref())
    }

    /// What answers does not know what was asked of it, as servers that have a part of SQS: some have a word for that,
    /// others break down without one.
    pub(super) fn is_unknown_action(&self) -> bool {
        self.is(&["InvalidAction", "UnknownOperation", "NotImplemented"])
            || self.code.is_none() && self.status.is_some()
    }

    /// Too many messages are held already.
    pub(super) fn is_over_limit(&self) -> bool {
        self.is(&["OverLimit"])
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{}: {code}", self.words),
            None => f.write_str(&self.words),
        }
    }
}

impl Client {
    /// # Errors
    /// That there is no region, or no credentials.
    pub(super) fn connect(settings: &Settings) -> Result<Self> {
        let client = Self::load(settings)?;
        client.credentials()?;
        Ok(client)
    }

    fn load(settings: &Settings) -> Result<Self> {
        let at = || place(&settings.url);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        let runtime = runtime
            .map_err(|cause| Error::new("Cannot start a thread", at(), "Close other programs").because(cause))?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(Http::new());
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &settings.aws.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &settings.aws.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = runtime.block_on(loader.load());
        let Some(region) = config.region().map(ToString::to_string) else {
            let next_step = "Add ?region=eu-central-1 to the address, or set AWS_REGION or the profile's region";
            return Err(Error::new("No region is known", at(), next_step));
        };
        let once = aws_sdk_sqs::config::Builder::from(&config).retry_config(RetryConfig::disabled()).build();
        let sns_once = aws_sdk_sns::config::Builder::from(&config).retry_config(RetryConfig::disabled()).build();
        Ok(Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            sqs_once: aws_sdk_sqs::Client::from_conf(once),
            sns_once: aws_sdk_sns::Client::from_conf(sns_once),
            runtime,
            settings: settings.clone(),
            credentials: config.credentials_provider(),
            region,
        })
    }

    /// Whose they are, without the secret.
    fn credentials(&self) -> Result<String> {
        let none = |cause: String| {
            let next_step = "Log in as for the AWS command line (aws sso login, aws configure), name a profile \
                             (profile=NAME), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            Error::new("There are no credentials of AWS", place(&self.settings.url), next_step).because(cause)
        };
        let provider = self.credentials.as_ref().ok_or_else(|| none("the SDK looked nowhere".to_owned()))?;
        let found = self.run(provider.provide_credentials()).map_err(|error| none(deepest(&error)))?;
        Ok(format!("the access key {}", found.access_key_id()))
    }

    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The address of a queue, as SQS wants it in each request.
    pub(super) async fn queue_url(&self, name: &str) -> Answer<String> {
        let account = self.settings.aws.account.clone();
        let asked = self.sqs.get_queue_url().queue_name(name).set_queue_owner_aws_account_id(account).send().await?;
        asked.queue_url.ok_or_else(|| Failure::other("SQS tells no URL of the queue"))
    }

    /// `action` is the permission that it needs, as policies have it: `sqs:ReceiveMessage`.
    pub(super) fn explain(&self, action: &str, name: &str, failure: &Failure) -> Error {
        let at = place(&self.settings.url);
        let endpoint = self.settings.aws.endpoint.as_deref();
        let (summary, next_step) = if failure.is_missing() {
            let next_step = "Check name, region and account; sqs://* lists what there is";
            (format!("There is no {name} in {}", self.region), next_step.to_owned())
        } else if failure.is(&["KMS", "Kms"]) {
            let next_step = "Ask for kms:Decrypt (reading) and kms:GenerateDataKey (sending) on the queue's key";
            (format!("The key that {name} is encrypted with cannot be used"), next_step.to_owned())
        } else if failure.is_denied() {
            (format!("{action} on {name} is not allowed"), format!("Ask for the permission {action}"))
        } else if failure.is(&["Token", "Signature", "UnrecognizedClient", "InvalidAccessKey", "InvalidSecurity"]) {
            ("AWS refuses the credentials".to_owned(), "Log in again, or choose another profile".to_owned())
        } else if failure.code.is_none() && failure.status.is_none() {
            let whom = endpoint.map_or_else(|| format!("AWS in {}", self.region), str::to_owned);
            (format!("{whom} does not answer"), "Check the network, the region and the endpoint".to_owned())
        } else {
            (format!("{action} on {name} failed"), "See what AWS says".to_owned())
        };
        Error::new(summary, at, next_step).because(failure)
    }
}

/// Step by step, up to the first that fails; `queue` asks for what the address names.
pub(super) fn steps(
    settings: &Settings,
    cancel: &Cancel,
    queue: impl FnOnce(&Client) -> Result<String> + Send + 'static,
) -> Vec<Step> {
    let (mut steps, url) = (Steps::default(), &settings.url);
    let wanted = settings.clone();
    // The credentials may be asked of a server of their own (SSO, a role), so each step can take long.
    let loaded = unless_cancelled(url, cancel, move || Client::load(&wanted)).and_then(|loaded| loaded);
    let loaded = loaded.map(|client| {
        let region = client.region.clone();
        (client, region)
    });
    let Some(client) = steps.add("region", loaded) else { return steps.done() };
    let told = unless_cancelled(url, cancel, move || client.credentials().map(|whose| (client, whose)));
    let Some(client) = steps.add("credentials", told.and_then(|told| told)) else { return steps.done() };
    let told = unless_cancelled(url, cancel, move || queue(&client)).and_then(|told| told);
    steps.told(if settings.is_sns() { "topics" } else { "queue" }, told);
    steps.done()
}
