//! How the bodies of a source are read, as options of its address: `value=`, `schema=`, `message=` for all topics,
//! or with a topic's name behind (`value.orders=avro`), and `registry=` with the address of a schema registry.

use std::collections::BTreeSet;

use super::{CODECS, by_option};
use crate::model::error::{Error, Place, Result};
use crate::model::secret::Secret;

/// The options' names.
pub const OPTIONS: [&str; 4] = ["registry", "value", "schema", "message"];

/// Bodies stay as they are.
pub const RAW: &str = "raw";

/// Where the password of the registry's user may stand.
pub const PASSWORD: &str = "EVENTGLASS_REGISTRY_PASSWORD";

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settings {
    /// In their order, without the password of the registry.
    pub options: Vec<(String, String)>,
    pub registry_password: Option<Secret>,
}

/// Where a registry is and who asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryAt {
    /// `http://host:8081`, without a slash at its end.
    pub base: String,
    pub user: Option<String>,
    pub password: Option<Secret>,
}

impl Settings {
    /// Whether an option of an address is one of these.
    #[must_use]
    pub fn takes(name: &str) -> bool {
        OPTIONS.contains(&name)
            || OPTIONS.iter().skip(1).any(|known| {
                name.strip_prefix(known).and_then(|rest| rest.strip_prefix('.')).is_some_and(|topic| !topic.is_empty())
            })
    }

    /// Adds an option. A password in a registry's address is taken out of it: options are shown.
    pub fn add(&mut self, name: &str, value: &str) {
        let mut value = value.to_owned();
        if name == "registry"
            && let Some((shown, password)) = without_password(&value)
        {
            value = shown;
            self.registry_password = Some(Secret::new(password));
        }
        self.options.push((name.to_owned(), value));
    }

    /// Takes over what is not said here: options of the command line count for all addresses without their own.
    pub fn fill_from(&mut self, others: &Self) {
        for (name, value) in &others.options {
            if !self.options.iter().any(|(known, _)| known == name) {
                self.options.push((name.clone(), value.clone()));
                if name == "registry" {
                    self.registry_password.clone_from(&others.registry_password);
                }
            }
        }
    }

    /// The value for one topic, else for all of them.
    #[must_use]
    pub fn of(&self, name: &str, topic: &str) -> Option<&str> {
        let own = |(known, _): &&(String, String)| {
            known.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) == Some(topic)
        };
        let mut newest_first = self.options.iter().rev();
        let found = newest_first.clone().find(own).or_else(|| newest_first.find(|(known, _)| known == name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Topics with options of their own.
    pub(super) fn topics(&self) -> BTreeSet<&str> {
        let named = self.options.iter().filter(|(name, _)| !OPTIONS.contains(&name.as_str()));
        named.filter_map(|(name, _)| Some(name.split_once('.')?.1)).collect()
    }

    /// # Errors
    /// Which option is wrong.
    pub fn registry(&self) -> Result<Option<RegistryAt>> {
        let Some(text) = self.of("registry", "") else { return Ok(None) };
        let wrong = |why: &str| {
            let what = format!("registry={text} is no address: {why}");
            Error::new(what, Place::Nowhere, "Write it like http://host:8081")
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it has no scheme"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(wrong("it is neither http nor https"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()).filter(|user| !user.is_empty()), host),
            None => (None, authority),
        };
        if host.is_empty() || host.contains(char::is_whitespace) || text.contains(['?', '#']) {
            return Err(wrong("it names no host, or more than a host and a path"));
        }
        let base = format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned();
        let password = self.registry_password.clone();
        let password = password.or_else(|| std::env::var(PASSWORD).ok().map(Secret::new)).filter(|_| user.is_some());
        Ok(Some(RegistryAt { base, user, password }))
    }

    /// What can be told without reading a file or asking anyone.
    ///
    /// # Errors
    /// Which option is wrong.
    pub fn check(&self) -> Result<()> {
        self.registry()?;
        for (name, value) in &self.options {
            if name.split('.').next() == Some("value")
                && value != RAW
                && !value.is_empty()
                && by_option(value).is_none()
            {
                let known: Vec<&str> = CODECS.iter().map(|codec| codec.option()).chain([RAW]).collect();
                let next_step = format!("It is one of {}; without it, bodies are recognised", known.join(", "));
                return Err(Error::new(format!("{name}={value} is not known"), Place::Nowhere, next_step));
            }
        }
        Ok(())
    }

    /// Who logs in at the registry, as passwords are kept by; none where nobody does.
    #[must_use]
    pub fn registry_login(&self) -> Option<String> {
        let at = self.registry().ok()??;
        Some(format!("{}@{}", at.user?, at.base))
    }
}

/// `http://me:secret@host` → `http://me@host` and `secret`
fn without_password(address: &str) -> Option<(String, String)> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (login, host) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
    Some((format!("{scheme}://{user}@{host}{path}"), decoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(options: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in options {
            assert!(Settings::takes(name), "{name}");
            settings.add(name, value);
        }
        settings
    }

    #[test]
    fn a_topic_s_own_option_counts_first() {
        let settings = settings(&[("value", "avro"), ("value.orders.v2", "json"), ("schema.orders.v2", "a.avsc")]);
        assert_eq!(settings.of("value", "orders.v2"), Some("json"));
        assert_eq!(settings.of("value", "payments"), Some("avro"));
        assert_eq!(settings.of("schema", "payments"), None);
        assert_eq!(settings.topics().into_iter().collect::<Vec<_>>(), ["orders.v2"]);
        assert!(!Settings::takes("newest") && !Settings::takes("value.") && !Settings::takes("registry.x"));
    }

    #[test]
    fn options_of_the_command_line_fill_what_is_open() {
        let mut own = settings(&[("value", "avro")]);
        own.fill_from(&settings(&[("value", "json"), ("registry", "http://me:pw@host")]));
        assert_eq!((own.of("value", ""), own.of("registry", "")), (Some("avro"), Some("http://me@host")));
        assert_eq!(own.registry_password.expect("one").reveal(), "pw");
    }

    #[test]
    fn a_registry_s_password_is_never_an_option() {
        let settings = settings(&[("registry", "http://me:p%40ss@host:8081/apis/ccompat/v7/")]);
        assert_eq!(settings.options, [("registry".to_owned(), "http://me@host:8081/apis/ccompat/v7/".to_owned())]);
        assert!(!format!("{settings:?}").contains("p@ss"));
        let at = settings.registry().expect("right").expect("one");
        assert_eq!((at.base.as_str(), at.user.as_deref()), ("http://host:8081/apis/ccompat/v7", Some("me")));
        assert_eq!(at.password.expect("one").reveal(), "p@ss");
        assert_eq!(settings.registry_login().as_deref(), Some("me@http://host:8081/apis/ccompat/v7"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (name, value, words) in [
            ("value", "toml", "value=toml"),
            ("value.orders", "toml", "value.orders=toml"),
            ("registry", "host:8081", "scheme"),
            ("registry", "ftp://host", "neither"),
            ("registry", "http://", "host"),
        ] {
            let error = settings(&[(name, value)]).check().expect_err(value);
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(settings(&[("value", "raw"), ("registry", "https://host")]).check().is_ok());
    }
}
