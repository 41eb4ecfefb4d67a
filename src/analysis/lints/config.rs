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
    /// A record this many times larger than the median of its type, or a type than that of the log, is bloat.
    pub bloat_times: u32,
    /// …from this size on, in bytes.
    pub bloat_bytes: u32,
    /// The smallest limit of the brokers in use, in bytes.
    pub limit_bytes: u32,
    /// Base64 texts from this length on, in bytes.
    pub base64_bytes: u32,
    /// Of its fields, this share never changes from event to event of an entity.
    pub unchanged_share: f64,
    /// A correlation id with so many events is a constant.
    pub constant_from: u32,
    /// …or with this share of all events of a log with more than ten thousand.
    pub constant_share: f64,
    /// Of a type whose events carry correlation ids at least this share of the time, all should.
    pub correlated_share: f64,
    /// An answer that comes within so many milliseconds of its request is waited for.
    pub waits_ms: i64,
    /// A clock that differs from the others' by more milliseconds is wrong.
    pub skew_ms: i64,
    /// Of the effects of a type, this share are look-ups.
    pub lookup_share: f64,
    /// A field that this share of the records has, from one event on or up to one, has come or gone.
    pub drift_share: f64,
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
            limit_bytes: 256 << 10,
            base64_bytes: 1 << 10,
            unchanged_share: 0.5,
            constant_from: 100_000,
            constant_share: 0.5,
            correlated_share: 0.9,
            waits_ms: 1_000,
            skew_ms: 100,
            lookup_share: 0.8,
            drift_share: 0.95,
            silences: Vec::new(),
        }
    }
}

/// A number of [`Config`] that a person may change.
#[derive(Debug)]
pub struct Threshold {
    /// As in the file.
    pub name: &'static str,
    /// The rule that asks it.
    pub rule: &'static str,
    pub what: &'static str,
    pub unit: Unit,
    pub get: fn(&Config) -> f64,
    pub set: fn(&mut Config, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// From 0 to 1.
    Share,
    Bytes,
    Count,
    Millis,
}

macro_rules! thresholds {
    ($($name:ident $kind:ty, $unit:ident, $rule:literal, $what:literal;)*) => {
        &[$(Threshold {
            name: stringify!($name),
            rule: $rule,
            what: $what,
            unit: Unit::$unit,
            get: |config| config.$name as f64,
            set: |config, value| config.$name = value as $kind,
        }),*]
    };
}

/// All of them, in the order of the file.
#[expect(clippy::cast_lossless, reason = "members are of several types, and one form fits all")]
pub const THRESHOLDS: &[Threshold] = thresholds! {
    soup_share f64, Share, "event-soup", "of the log is one type";
    soup_bytes u32, Bytes, "event-soup", "is the most that its events are large";
    bloat_times u32, Count, "payload-bloat", "times the usual size of the type, or of the log";
    bloat_bytes u32, Bytes, "payload-bloat", "is the least that is bloat";
    limit_bytes u32, Bytes, "oversized", "is the smallest limit of your brokers";
    base64_bytes u32, Bytes, "embedded-base64", "is the least that an encoded file is long";
    unchanged_share f64, Share, "unchanging-fields", "of a type's fields never change";
    constant_from u32, Count, "correlation-constant", "events with one correlation id";
    constant_share f64, Share, "correlation-constant", "of the log has one correlation id";
    correlated_share f64, Share, "missing-correlation", "of the others have a correlation id";
    waits_ms i64, Millis, "synchronous-mindset", "is the longest that a caller waits";
    skew_ms i64, Millis, "clock-skew", "is the most that clocks may differ";
    lookup_share f64, Share, "lookup-follows", "of a type's effects are look-ups";
    drift_share f64, Share, "schema-drift", "of the records have a field, from or up to one event";
};

impl Threshold {
    /// A value brought into what makes sense for its unit.
    #[must_use]
    pub fn bounded(&self, value: f64) -> f64 {
        let (least, most) = match self.unit {
            Unit::Share => (0.0, 1.0),
            Unit::Bytes => (1.0, f64::from(1 << 30)),
            Unit::Count => (1.0, f64::from(1_000_000_000)),
            Unit::Millis => (0.0, 86_400_000.0),
        };
        if value.is_finite() { value.clamp(least, most) } else { least }
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

    /// The file: what differs from the defaults, so that a team sees what it decided.
    #[must_use]
    pub fn to_file(&self) -> String {
        let default = Self::default();
        let mut members = serde_json::Map::new();
        for threshold in THRESHOLDS {
            let value = (threshold.get)(self);
            if value.to_bits() != (threshold.get)(&default).to_bits() {
                let number = if threshold.unit == Unit::Share { value.into() } else { (value as i64).into() };
                members.insert(threshold.name.to_owned(), number);
            }
        }
        let silences = serde_json::to_value(&self.silences).unwrap_or_default();
        members.insert("silences".to_owned(), silences);
        serde_json::to_string_pretty(&members).unwrap_or_default() + "\n"
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

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let silence =
            Silence { rule: "event-soup".to_owned(), type_name: Some("Ping".to_owned()), reason: "so".to_owned() };
        let config = Config { soup_share: 0.25, waits_ms: 7, silences: vec![silence], ..Config::default() };
        let file = config.to_file();
        assert!(file.contains("\"soup_share\": 0.25") && !file.contains("soup_bytes"), "{file}");
        assert_eq!(Config::parse(&file, "x").expect("our own file"), config);
    }

    #[test]
    fn every_threshold_is_a_members_name_and_a_rules() {
        let members = serde_json::to_value(Config::default()).expect("JSON");
        let names: Vec<&str> = THRESHOLDS.iter().map(|threshold| threshold.name).collect();
        let all: Vec<&str> = members.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, all.iter().copied().filter(|name| *name != "silences").collect::<Vec<_>>());
        for threshold in THRESHOLDS {
            assert!(crate::analysis::lints::find(threshold.rule).is_some(), "{}", threshold.rule);
            let mut config = Config::default();
            (threshold.set)(&mut config, threshold.bounded(f64::NAN));
            assert!((threshold.get)(&config).is_finite());
        }
    }
}
