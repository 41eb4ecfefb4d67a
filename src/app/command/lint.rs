//! The rules that look at the log: when they look, what they are not to tell, their thresholds.

use std::sync::Arc;

use crate::analysis::lints::Config;

#[derive(Clone, Debug, PartialEq)]
pub enum LintCommand {
    /// Looks at the log as it is now, however large it is.
    Run,
    /// Stops looking; what was found before stays.
    Stop,
    /// Does not tell a rule, or what it says of one type, with the reason.
    Silence {
        rule: String,
        type_name: Option<String>,
        reason: String,
    },
    /// Tells it again.
    Tell {
        rule: String,
        type_name: Option<String>,
    },
    /// A threshold by its name.
    Threshold(&'static str, f64),
    /// All thresholds as they are by default; silences stay.
    DefaultThresholds,
    /// Reads a configuration file.
    Open(String),
    /// What the file says takes the place of what was set for this log.
    Opened(Arc<Config>),
    /// Whether the timeline marks events that findings name.
    Marks(bool),
    ToggleMarks,
}
