//! Thresholds and silences, as a JSON file that a team keeps beside its CI configuration.

use serde::{Deserialize, Serialize};

use super::{Finding, LINTS, Severity};
use crate::model::error::{Error, Place, Result};

/// Members that are not there have these defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A type with this share of all events may be event soup.
    pub soup_share: f64,
    /// …if its records are at most this large, in bytes.
    pub soup_bytes: u32,
    /// A record this many times larger than the median of its type is bloat.
    pub bloat_times: u32,
    /// …from this size on, in bytes.
    pub bloat_bytes: u32,
    /// A correlation id with so many events is a constant.
    pub constant_from: u32,
    /// …or with this share of all events of a log with more than ten thousand.
    pub constant_share: f64,
    /// Of a type whose events carry correlation ids at least this share of the time, all should.
    pub correlated_share: f64,
    /// An answer that comes within so many milliseconds of its request is waited for.
    pub waits_ms: i64,
    pub silences: Vec<Silence>,
}

/// A rule that is not told, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    pub rule: String,
    /// Everywhere, where none is given.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    pub reason: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            soup_share: 0.4,
            soup_bytes: 400,
            bloat_times: 20,
            bloat_bytes: 16 << 10,
            constant_from: 100_000,
            constant_share: 0.5,
            correlated_share: 0.9,
            waits_ms: 1_000,
            silences: Vec::new(),
        }
    }
}

impl Config {
    /// A configuration file's text; `path` is for the error's place.
    ///
    /// # Errors
    /// Malformed JSON, members that there are not, rules that there are not, silences without a reason.
    pub fn parse(text: &str, path: &str) -> Result<Self> {
        let place = || Place::File { path: path.to_owned(), offset: None };
        let config: Self = serde_json::from_str(text).map_err(|error| {
            let next_step = format!("Correct line {} of the configuration", error.line().max(1));
            Error::new("The lint configuration cannot be used", place(), next_step).because(error)
        })?;
        for silence in &config.silences {
            if super::find(&silence.rule).is_none() {
                let names: Vec<&str> = LINTS.iter().map(|lint| lint.name).collect();
                let next_step = format!("The rules are {}", names.join(", "));
                return Err(Error::new(format!("There is no rule {}", silence.rule), place(), next_step));
            }
            if silence.reason.trim().is_empty() {
                let summary = format!("Rule {} is silenced without a reason", silence.rule);
                return Err(Error::new(summary, place(), "Say why in \"reason\": who reads it later will ask"));
            }
        }
        Ok(config)
    }

    /// Whether a finding is not to be told.
    #[must_use]
    pub fn silences(&self, finding: &Finding) -> bool {
        self.silences.iter().any(|silence| {
            silence.rule == finding.rule
                && silence.type_name.as_deref().is_none_or(|name| Some(name) == finding.type_name.as_deref())
        })
    }

    /// The least severe findings that `--fail-on`-like callers count: notes never fail a run.
    #[must_use]
    pub fn fails(finding: &Finding) -> bool {
        finding.severity > Severity::Note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_in_the_file_are_told() {
        for (text, told) in [
            ("{\"soup\": 1}", "soup"),
            ("{\"silences\": [{\"rule\": \"nobody\", \"reason\": \"x\"}]}", "no rule nobody"),
            ("{\"silences\": [{\"rule\": \"version-gap\", \"reason\": \" \"}]}", "without a reason"),
            ("{", "EOF"),
        ] {
            let error = Config::parse(text, "lint.json").expect_err(text);
            assert!(format!("{error} {}", error.details).contains(told), "{error}");
        }
        assert_eq!(Config::parse("{\"waits_ms\": 5}", "x").expect("a configuration").waits_ms, 5);
    }
}
