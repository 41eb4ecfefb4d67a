//! Lints: what tends to be wrong with event logs, one rule a file in `rules/`.
//!
//! To add one: copy the smallest rule, name it in [`LINTS`], and give it a log on which it fires and
//! one on which it is silent. A rule that fires a million times is one finding with a count and a few
//! examples, never a million findings. What payloads say is gathered in one pass for all of them
//! ([`payload`]); what several rules ask of the columns is made once ([`Need`]).

pub mod config;
mod context;
mod found;
pub mod payload;
pub mod rules;
mod run;
mod shared;
mod sizes;
mod streams;

pub use config::{Config, Silence, THRESHOLDS, Threshold, Unit};
pub use context::Context;
pub use found::{Finding, Found, MAX_EXAMPLES, Severity};
pub use run::run;

/// A rule.
#[derive(Debug)]
pub struct Lint {
    /// As in configurations and reports: `version-gap`.
    pub name: &'static str,
    pub severity: Severity,
    /// What it finds, as a sentence without its full stop.
    pub what: &'static str,
    /// What goes wrong because of it.
    pub why: &'static str,
    /// What to do about it.
    pub mend: &'static str,
    /// What it looks at besides the columns.
    pub needs: &'static [Need],
    /// Looks at the whole log. `None` when cancelled.
    pub look: fn(&Context<'_>, &mut Found<'_>) -> Option<()>,
}

/// What several rules share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// All ids, sorted.
    Ids,
    /// All causes with the events they name.
    Causes,
    /// Versions, times and ends of entities.
    Streams,
    /// How large the events of each type are.
    Sizes,
    /// What all records hold: the only one that reads them.
    Payloads,
}

/// All rules, in the order in which they are listed.
pub static LINTS: &[&Lint] = &[
    &rules::undecodable::LINT,
    &rules::duplicate_id::LINT,
    &rules::version_gap::LINT,
    &rules::version_fork::LINT,
    &rules::version_repeat::LINT,
    &rules::version_start::LINT,
    &rules::time_backwards::LINT,
    &rules::effect_before_cause::LINT,
    &rules::clock_skew::LINT,
    &rules::unknown_cause::LINT,
    &rules::missing_correlation::LINT,
    &rules::correlation_constant::LINT,
    &rules::never_closed::LINT,
    &rules::partition_spread::LINT,
    &rules::partition_key::LINT,
    &rules::event_soup::LINT,
    &rules::synchronous_mindset::LINT,
    &rules::lookup_follows::LINT,
    &rules::payload_bloat::LINT,
    &rules::oversized::LINT,
    &rules::embedded_base64::LINT,
    &rules::unchanging_fields::LINT,
    &rules::schema_drift::LINT,
    &rules::name_inconsistency::LINT,
    &rules::time_units::LINT,
    &rules::time_zones::LINT,
    &rules::missing_time::LINT,
    &rules::secret_in_clear::LINT,
    &rules::personal_data::LINT,
];

/// A rule by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.name == name)
}
