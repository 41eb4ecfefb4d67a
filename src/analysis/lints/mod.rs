//! Lints: what tends to be wrong with event logs, one rule a file in `rules/`.
//!
//! To add one: copy the smallest rule, name it in [`LINTS`], and give it a log on which it fires and
//! one on which it is silent. A rule that fires a million times is one finding with a count and a few
//! examples, never a million findings.

pub mod config;
mod context;
mod found;
pub mod rules;
mod run;
mod shared;

pub use config::{Config, Silence};
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
    /// Looks at the whole log. `None` when cancelled.
    pub look: fn(&Context<'_>, &mut Found<'_>) -> Option<()>,
}

/// All rules, in the order in which they are listed.
pub static LINTS: &[&Lint] = &[
    &rules::undecodable::LINT,
    &rules::duplicate_id::LINT,
    &rules::version_gap::LINT,
    &rules::version_repeat::LINT,
    &rules::time_backwards::LINT,
    &rules::effect_before_cause::LINT,
    &rules::unknown_cause::LINT,
    &rules::missing_correlation::LINT,
    &rules::correlation_constant::LINT,
    &rules::event_soup::LINT,
    &rules::synchronous_mindset::LINT,
    &rules::payload_bloat::LINT,
    &rules::name_inconsistency::LINT,
    &rules::time_units::LINT,
    &rules::missing_time::LINT,
];

/// A rule by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.name == name)
}
