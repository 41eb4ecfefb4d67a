//! What the rules found, grouped by rule: what it is, why it matters, how to mend it, the events it
//! names; silences with their reasons, and thresholds.

mod detail;
mod draw;
mod model;
mod thresholds;

pub use draw::LintPanel;
