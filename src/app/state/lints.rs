//! Where the rules stand: whether they may look, and what is set for the log that is open.

use std::sync::LazyLock;

use super::State;
use crate::analysis::lints::Config;
use crate::store::snapshot::Snapshot;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, Default)]
pub struct LintView {
    /// A person asked for it, so that size does not matter.
    pub wanted: bool,
    /// A person stopped it.
    pub stopped: bool,
    /// How often it was asked for.
    pub runs: u64,
}

static DEFAULT: LazyLock<Config> = LazyLock::new(Config::default);

impl State {
    /// Thresholds and silences for this log: those of its first source.
    #[must_use]
    pub fn lint_config(&self, log: &Snapshot) -> &Config {
        let kept = log.sources().first().and_then(|source| self.settings.lints.get(&source.address));
        kept.unwrap_or(&DEFAULT)
    }
}
