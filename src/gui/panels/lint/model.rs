//! Findings as rows: a line for each rule, and below it one for each of its findings.

use crate::analysis::lints::{Config, Finding, LINTS, Lint, Severity};
use crate::app::jobs::{Linted, Tally};
use crate::base::text::{count, plural};

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A rule with findings of one severity.
    Rule { lint: usize, severity: Severity, count: u64 },
    /// A place in [`Linted::findings`].
    Finding(usize),
}

/// The rows, in the order of severity and then of rules. Silenced findings are left out unless they are
/// to be shown, and then only they are.
#[must_use]
pub fn rows(findings: &[Finding], config: &Config, silenced: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut head: Option<usize> = None;
    for (place, finding) in findings.iter().enumerate().filter(|(_, finding)| config.silences(finding) == silenced) {
        let Some(lint) = LINTS.iter().position(|lint| lint.name == finding.rule) else { continue };
        let same = |row: &Row| matches!(row, Row::Rule { lint: of, severity, .. } if *of == lint && *severity == finding.severity);
        if !head.and_then(|head| rows.get(head)).is_some_and(same) {
            head = Some(rows.len());
            rows.push(Row::Rule { lint, severity: finding.severity, count: 0 });
        }
        if let Some(Row::Rule { count, .. }) = head.and_then(|head| rows.get_mut(head)) {
            *count += finding.count;
        }
        rows.push(Row::Finding(place));
    }
    rows
}

/// The rule of a row.
#[must_use]
pub fn lint_of(row: Row, findings: &[Finding]) -> Option<&'static Lint> {
    match row {
        Row::Rule { lint, .. } => LINTS.get(lint).copied(),
        Row::Finding(place) => findings.get(place).and_then(|finding| crate::analysis::lints::find(finding.rule)),
    }
}

/// `2 errors, 5 warnings, 1 note`, and what is silenced.
#[must_use]
pub fn words(tally: Tally) -> String {
    let mut words = vec![
        plural(tally.errors, "error", "errors"),
        plural(tally.warnings, "warning", "warnings"),
        plural(tally.notes, "note", "notes"),
    ];
    if tally.silenced > 0 {
        words.push(format!("{} silenced", count(tally.silenced)));
    }
    words.join(", ")
}

/// On the tab: errors and warnings; notes call nobody.
#[must_use]
pub fn badge(tally: Tally) -> Option<String> {
    let some = |n: u64, one: &str, many: &str| (n > 0).then(|| plural(n, one, many));
    let parts: Vec<String> = [some(tally.errors, "error", "errors"), some(tally.warnings, "warning", "warnings")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What is said of a log in which nothing was found.
#[must_use]
pub fn nothing(linted: &Linted) -> String {
    let (rules, events) = (LINTS.len() as u64, linted.snapshot.len());
    format!("{} looked at {} and found nothing.", plural(rules, "rule", "rules"), plural(events, "event", "events"))
}

/// A page of events that a finding names, and what is said of the rest.
#[must_use]
pub fn page_words(from: usize, to: usize, finding: &Finding) -> String {
    let named = finding.examples.len() as u64;
    let all = if finding.count > named { format!(" named, of {} in all", count(finding.count)) } else { String::new() };
    format!("{}–{} of {}{all}", count(from as u64 + 1), count(to as u64), count(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::Silence;
    use crate::model::ids::EventIx;

    fn finding(rule: &'static str, severity: Severity, type_name: &str) -> Finding {
        Finding {
            rule,
            severity,
            message: "m".to_owned(),
            count: 7,
            examples: vec![EventIx(1)],
            entity: None,
            type_name: Some(type_name.to_owned()),
            field: None,
            filter: None,
        }
    }

    #[test]
    fn findings_stand_below_their_rule() {
        let findings = [
            finding("version-gap", Severity::Error, "A"),
            finding("schema-drift", Severity::Warning, "A"),
            finding("schema-drift", Severity::Warning, "B"),
            finding("schema-drift", Severity::Note, "A"),
        ];
        let shown = |config: &Config, silenced| -> Vec<String> {
            let row = |row: Row| match row {
                Row::Rule { lint, count, .. } => format!("{} {count}", LINTS[lint].name),
                Row::Finding(place) => place.to_string(),
            };
            rows(&findings, config, silenced).into_iter().map(row).collect()
        };
        let mut config = Config::default();
        let all = ["version-gap 7", "0", "schema-drift 14", "1", "2", "schema-drift 7", "3"];
        assert_eq!(shown(&config, false), all);
        let silence = Silence { rule: "schema-drift".into(), type_name: Some("A".into()), reason: "so".into() };
        config.silences.push(silence);
        assert_eq!(shown(&config, false), ["version-gap 7", "0", "schema-drift 7", "2"]);
        assert_eq!(shown(&config, true), ["schema-drift 7", "1", "schema-drift 7", "3"]);
    }

    #[test]
    fn counts_are_said_as_people_say_them() {
        let tally = Tally { errors: 1, warnings: 2, notes: 0, silenced: 3 };
        assert_eq!(words(tally), "1 error, 2 warnings, 0 notes, 3 silenced");
        assert_eq!(badge(tally).as_deref(), Some("1 error, 2 warnings"));
        assert_eq!(badge(Tally { notes: 4, ..Tally::default() }), None);
        assert_eq!(page_words(0, 1, &finding("version-gap", Severity::Error, "A")), "1–1 of 1 named, of 7 in all");
    }
}
