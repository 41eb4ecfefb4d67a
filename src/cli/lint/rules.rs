//! The rules as a list, or one of them in full: what, why, how to mend, and its thresholds.

use std::io::{self, Write};

use super::rule;
use crate::analysis::lints::{Config, LINTS, Lint, THRESHOLDS, Unit};
use crate::base::text::bytes;
use crate::cli::out::Out;
use crate::model::error::Result;

/// Writes the rule of this name, or all of them where none is named.
///
/// # Errors
/// When there is no rule of this name.
pub(in crate::cli) fn print<W: Write>(name: &str, out: &mut Out<W>) -> Result<io::Result<()>> {
    if !name.is_empty() {
        return Ok(in_full(rule(name)?, out));
    }
    let width = LINTS.iter().map(|lint| lint.name.len()).max().unwrap_or_default();
    Ok(LINTS
        .iter()
        .try_for_each(|lint| out.text(&format!("{:width$}  {:7}  {}", lint.name, lint.severity.label(), lint.what))))
}

fn in_full<W: Write>(lint: &Lint, out: &mut Out<W>) -> io::Result<()> {
    out.text(&format!("{} ({})", lint.name, lint.severity.label()))?;
    for (title, words) in [("What", lint.what), ("Why", lint.why), ("Mend", lint.mend)] {
        out.text(&format!("  {title:4}  {words}"))?;
    }
    let defaults = Config::default();
    for threshold in THRESHOLDS.iter().filter(|threshold| threshold.rule == lint.name) {
        let value = (threshold.get)(&defaults);
        let value = match threshold.unit {
            Unit::Share => format!("{value}"),
            Unit::Bytes => format!("{value} ({})", bytes(value as u64)),
            Unit::Count | Unit::Millis => format!("{value}"),
        };
        out.text(&format!("  {}: {value}  {}", threshold.name, threshold.what))?;
    }
    Ok(())
}
