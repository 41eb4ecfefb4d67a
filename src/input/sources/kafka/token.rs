//! Tokens for SASL OAUTHBEARER (RFC 7628): taken from the environment, printed by a command of the person's, or asked
//! for at a token endpoint with a client's credentials (RFC 6749, 4.4). librdkafka asks for a new one in time.
//!
//! A command stands in the environment only: an address may come from somebody else.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rdkafka::client::OAuthToken;
use serde::Deserialize;
use serde_json::json;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::super::broker::{Url, place};
use crate::base::clock::now_ns;
use crate::model::error::{Error, Result};
use crate::model::secret::Secret;

/// The mechanism's name.
pub(super) const MECHANISM: &str = "OAUTHBEARER";

/// A token itself.
const TOKEN: &str = "EVENTGLASS_TOKEN";

/// A command whose output is the token, or the JSON of an endpoint.
const TOKEN_COMMAND: &str = "EVENTGLASS_TOKEN_COMMAND";

/// Value of `token=` for servers in tests, which believe everything: a token without a signature.
const UNSECURED: &str = "unsecured";

/// Settings that a file may have for it, none of which librdkafka is given: it was built without its own client.
pub(super) const SETTINGS: &str = "sasl.oauthbearer.";
pub(super) const ENDPOINT: &str = "sasl.oauthbearer.token.endpoint.url";
pub(super) const CLIENT: &str = "sasl.oauthbearer.client.id";
pub(super) const CLIENT_SECRET: &str = "sasl.oauthbearer.client.secret";
pub(super) const SCOPE: &str = "sasl.oauthbearer.scope";
pub(super) const SUBJECT: &str = "sasl.oauthbearer.unsecured.subject";

/// Longest wait for an endpoint or a command.
const PATIENCE: Duration = Duration::from_secs(8);

const MAX_BYTES: u64 = 256 << 10;

/// How long a token counts that says nothing of it.
const USUAL_SECONDS: i64 = 300;

/// Where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tokens {
    Given(Secret),
    Command(String),
    Endpoint { url: String, client: String, secret: Secret, scope: Option<String> },
    Unsecured { subject: String },
}

impl Tokens {
    /// What the address says, else a file's settings, else the environment.
    ///
    /// # Errors
    /// Where nothing says where a token comes from, or what is said makes no sense.
    pub fn of(url: &Url, settings: &BTreeMap<String, String>) -> Result<Self> {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let wrong = |what: String, next_step: &str| Error::new(what, place(url), next_step);
        let client = || url.user.clone().or_else(|| settings.get(CLIENT).cloned());
        let endpoint = url.option("token").or_else(|| settings.get(ENDPOINT).map(String::as_str));
        let Some(endpoint) = endpoint else {
            if let Some(subject) = settings.get(SUBJECT) {
                return Ok(Self::Unsecured { subject: subject.clone() });
            }
            if let Some(token) = environment(TOKEN) {
                return Ok(Self::Given(Secret::new(token.trim().to_owned())));
            }
            if let Some(command) = environment(TOKEN_COMMAND) {
                return Ok(Self::Command(command));
            }
            let next_step = "Say ?token=https://…/token with client:secret@ before the host, or set EVENTGLASS_TOKEN or EVENTGLASS_TOKEN_COMMAND";
            return Err(wrong("Nothing says where the token for the login comes from".to_owned(), next_step));
        };
        if endpoint == UNSECURED {
            let subject = client().unwrap_or_else(|| "eventglass".to_owned());
            return Ok(Self::Unsecured { subject });
        }
        let authority = endpoint.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
        let is_http = endpoint.starts_with("https://") || endpoint.starts_with("http://");
        if !is_http || authority.is_none_or(|authority| authority.is_empty() || authority.contains('@')) {
            let next_step = "Write it like ?token=https://login.example/oauth2/token; the client's secret stands before the host of the brokers";
            return Err(wrong(format!("token={endpoint} is no address of a token endpoint"), next_step));
        }
        let Some(client) = client() else {
            let next_step = "Write client:secret@ before the host";
            return Err(wrong("The client's id for the token endpoint is missing".to_owned(), next_step));
        };
        let secret = url.known_password().or_else(|| settings.get(CLIENT_SECRET).cloned().map(Secret::new));
        let Some(secret) = secret else {
            let next_step = "Set EVENTGLASS_PASSWORD, or write client:secret@ in the address";
            return Err(wrong(format!("The secret of {client} for the token endpoint is missing"), next_step));
        };
        let scope = url.option("scope").map(str::to_owned).or_else(|| settings.get(SCOPE).cloned());
        Ok(Self::Endpoint { url: endpoint.to_owned(), client, secret, scope })
    }

    /// In words, for a connection test: `a token of https://login.example/token`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Given(_) => format!("the token in {TOKEN}"),
            Self::Command(_) => format!("a token by the command in {TOKEN_COMMAND}"),
            Self::Endpoint { url, client, .. } => format!("as {client}, by a token of {url}"),
            Self::Unsecured { subject } => format!("as {subject}, by a token without a signature"),
        }
    }

    /// A token. Blocks for some seconds at most.
    ///
    /// # Errors
    /// Why there is none, in words that hold no secret.
    pub fn get(&self) -> std::result::Result<OAuthToken, String> {
        let now = now_ns().unwrap_or_default() / 1_000_000_000;
        let (token, seconds, name) = match self {
            Self::Given(token) => (token.clone(), None, None),
            Self::Command(command) => {
                let (token, seconds) = in_answer(&output_of(command)?)?;
                (token, seconds, None)
            }
            Self::Endpoint { url, client, secret, scope } => {
                let (token, seconds) = in_answer(&asked(url, client, secret, scope.as_deref())?)?;
                (token, seconds, Some(client.clone()))
            }
            Self::Unsecured { subject } => (unsecured(subject, now), None, Some(subject.clone())),
        };
        let claims = Claims::of(token.reveal());
        let expires = claims.exp.map(|exp| exp as i64).or_else(|| Some(now + seconds?)).unwrap_or(now + USUAL_SECONDS);
        if expires <= now {
            return Err(format!(
                "the token counted until {}",
                crate::model::time::TimeNs(expires * 1_000_000_000).to_rfc3339()
            ));
        }
        let principal_name = claims.sub.or(name).unwrap_or_else(|| "eventglass".to_owned());
        Ok(OAuthToken { token: token.reveal().to_owned(), principal_name, lifetime_ms: expires.saturating_mul(1000) })
    }
}

/// What a token says of itself, where it is a JWT (RFC 7519) that one may look into.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    sub: Option<String>,
    /// Seconds since 1970, perhaps with a fraction.
    exp: Option<f64>,
}

impl Claims {
    fn of(token: &str) -> Self {
        let middle = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
        middle.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }
}

/// RFC 6749, 5.1; the programs of cloud vendors print `accessToken` too.
#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "accessToken")]
    access_token: String,
    expires_in: Option<i64>,
}

fn in_answer(text: &str) -> std::result::Result<(Secret, Option<i64>), String> {
    let text = text.trim();
    if text.starts_with('{') {
        let answer: Answer = serde_json::from_str(text).map_err(|_| "the answer holds no access_token")?;
        return Ok((Secret::new(answer.access_token), answer.expires_in));
    }
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("the answer is no token".to_owned());
    }
    Ok((Secret::new(text.to_owned()), None))
}

fn asked(url: &str, client: &str, secret: &Secret, scope: Option<&str>) -> std::result::Result<String, String> {
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        // The secret goes to the named server and nowhere else.
        .proxy(None)
        .max_redirects(0)
        .build()
        .new_agent();
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    // RFC 6749, 2.3.1: both parts are encoded as in a form.
    let login = STANDARD.encode(format!("{}:{}", encoded(client), encoded(secret.reveal())));
    let scope = scope.map_or_else(String::new, |scope| format!("&scope={}", encoded(scope)));
    let answer = agent
        .post(url)
        .header("Authorization", format!("Basic {login}"))
        .header("Accept", "application/json")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .send(format!("grant_type=client_credentials{scope}"));
    let mut answer = answer.map_err(|cause| format!("the token endpoint {url} does not answer: {cause}"))?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(MAX_BYTES).read_to_string();
    let text = text.map_err(|cause| format!("the answer of {url} cannot be read: {cause}"))?;
    if status != 200 {
        // RFC 6749, 5.2: a word, and perhaps a sentence for people.
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let word = |name: &str| json.get(name).and_then(serde_json::Value::as_str);
        let said = [word("error"), word("error_description")].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        return Err(format!("the token endpoint {url} answers {status}{said}"));
    }
    Ok(text)
}

fn output_of(command: &str) -> std::result::Result<String, String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|cause| format!("the command in {TOKEN_COMMAND} cannot be started: {cause}"))?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the command in {TOKEN_COMMAND} says nothing for {} seconds", PATIENCE.as_secs()));
            }
        }
    };
    if !status.success() {
        return Err(format!("the command in {TOKEN_COMMAND} failed ({status})"));
    }
    let mut text = String::new();
    let read = child.stdout.take().map(|out| out.take(MAX_BYTES).read_to_string(&mut text));
    match read {
        Some(Ok(_)) => Ok(text),
        _ => Err(format!("what the command in {TOKEN_COMMAND} says cannot be read")),
    }
}

/// RFC 7519, 6: for servers that look at no signature, as Kafka's own does where nothing else is set up.
fn unsecured(subject: &str, now: i64) -> Secret {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let claims = json!({"sub": subject, "iat": now, "exp": now + 3600});
    Secret::new(format!("{}.{}.", part(json!({"alg": "none"})), part(claims)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(address: &str, settings: &[(&str, &str)]) -> Result<Tokens> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Tokens::of(&Url::parse(address).expect("an address"), &settings)
    }

    #[test]
    fn where_a_token_comes_from_is_told_by_address_and_file() {
        let endpoint = tokens("kafka://app:s3cret@h/t?sasl=oauthbearer&token=https://login/x&scope=a", &[]);
        let endpoint = endpoint.expect("right");
        assert_eq!(endpoint.in_words(), "as app, by a token of https://login/x");
        assert!(!format!("{endpoint:?}").contains("s3cret"));
        let file = [(ENDPOINT, "https://login/x"), (CLIENT, "app"), (CLIENT_SECRET, "s3cret"), (SCOPE, "a")];
        assert_eq!(tokens("kafka://h/t", &file).expect("right"), endpoint);
        for (address, words) in [
            ("kafka://app:s@h/t?token=login.example", "no address of a token endpoint"),
            ("kafka://app:s@h/t?token=https://me:pw@login/x", "no address of a token endpoint"),
            ("kafka://h/t?token=https://login/x", "client's id"),
        ] {
            let error = tokens(address, &[]).expect_err(address);
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_token_says_who_it_is_of_and_how_long_it_counts() {
        let token = tokens("kafka://reader@h/t?token=unsecured", &[]).expect("right").get().expect("a token");
        assert_eq!(token.principal_name, "reader");
        let now = now_ns().expect("a clock") / 1_000_000;
        assert!((3_500_000..3_700_000).contains(&(token.lifetime_ms - now)), "{}", token.lifetime_ms - now);
        let opaque = Tokens::Given(Secret::new("abc".to_owned())).get().expect("a token");
        assert_eq!((opaque.token.as_str(), opaque.principal_name.as_str()), ("abc", "eventglass"));
        let old = unsecured("reader", now / 1000 - 7200);
        assert!(Tokens::Given(old).get().err().expect("it is over").contains("counted until"));
    }

    #[test]
    #[cfg(unix)]
    fn a_command_prints_a_token_or_says_why_not() {
        let of = |command: &str| Tokens::Command(command.to_owned()).get();
        assert_eq!(of("echo abc").expect("a token").token, "abc");
        let json = of(r#"echo '{"accessToken":"xyz","expires_in":60}'"#).expect("a token");
        let left = json.lifetime_ms - now_ns().expect("a clock") / 1_000_000;
        assert!(json.token == "xyz" && (1..=60_000).contains(&left), "{left}");
        for (command, words) in
            [("exit 3", "failed"), ("echo a b", "no token"), ("true", "no token"), ("echo '{}'", "access_token")]
        {
            assert!(of(command).err().expect(command).contains(words), "{command}");
        }
    }
}
