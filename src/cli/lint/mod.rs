//! What is wrong with a log, for people, for programs and for code scanners; and the rules themselves.

mod rules;
mod sarif;

use std::io::{self, Write};

use serde_json::json;

use super::args::{LintArgs, LintFormat};
use super::out::Out;
use super::request::read_text;
use crate::analysis::lints::{self, Config, Context, Finding, LINTS, Lint, Severity, run};
use crate::base::cancel::Cancel;
use crate::base::clock::now_ns;
use crate::base::text::{count, plural};
use crate::model::error::{Error, Place, Result};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

pub(super) use rules::print as print_rules;

/// Events that a line names; JSON has more of them.
const SHOWN: usize = 5;

/// The rules and the configuration that were asked for.
pub(super) struct Request {
    rules: Vec<&'static Lint>,
    config: Config,
}

/// # Errors
/// A rule that there is not, a configuration that cannot be read or makes no sense.
pub(super) fn request(args: &LintArgs) -> Result<Request> {
    let rules = args.rules.iter().map(|name| rule(name)).collect::<Result<_>>()?;
    let Some(path) = &args.config else { return Ok(Request { rules, config: Config::default() }) };
    let text = read_text(path, "lint configuration", "--config")?;
    Ok(Request { rules, config: Config::parse(&text, path)? })
}

/// # Errors
/// When there is none of this name.
fn rule(name: &str) -> Result<&'static Lint> {
    lints::find(name).ok_or_else(|| {
        let names: Vec<&str> = LINTS.iter().map(|lint| lint.name).collect();
        let next_step = format!("The rules are {}", names.join(", "));
        Error::new(format!("There is no rule {name}"), Place::Nowhere, next_step)
    })
}

pub(super) fn find(snapshot: &Snapshot, request: &Request) -> Vec<Finding> {
    let now = now_ns().filter(|now| *now >= 0).map(TimeNs);
    let cancel = Cancel::new();
    run(&Context::new(snapshot, &request.config, now, &cancel), &request.rules).expect("nobody cancels")
}

pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    findings: &[Finding],
    request: &Request,
    format: LintFormat,
    out: &mut Out<W>,
) -> io::Result<()> {
    match format {
        LintFormat::Text => text(snapshot, findings, request, out),
        LintFormat::Sarif => out.json(&bytes(&sarif::report(snapshot, findings))),
        LintFormat::Json => findings.iter().try_for_each(|finding| {
            let line = json!({
                "rule": finding.rule, "severity": finding.severity, "message": finding.message,
                "count": finding.count, "events": finding.examples, "type": finding.type_name,
                "field": finding.field, "filter": finding.filter,
                "entity": finding.entity.and_then(|entity| snapshot.entity_label(entity)), "help": help(finding.rule),
            });
            out.json(&bytes(&line))
        }),
    }
}

fn text<W: Write>(snapshot: &Snapshot, findings: &[Finding], request: &Request, out: &mut Out<W>) -> io::Result<()> {
    let mut told = ("", Severity::Note);
    for finding in findings {
        if (finding.rule, finding.severity) != told {
            told = (finding.rule, finding.severity);
            let what = lints::find(finding.rule).map_or("", |lint| lint.what);
            out.text(&format!("{} [{}] {what}", finding.severity.label(), finding.rule))?;
        }
        let mut examples: Vec<String> = finding.examples.iter().take(SHOWN).map(|event| event.0.to_string()).collect();
        if finding.examples.len() > SHOWN {
            examples.push("…".to_owned());
        }
        let at = if examples.is_empty() { String::new() } else { format!(" (events {})", examples.join(", ")) };
        out.text(&format!("{:>9} × {}{at}", count(finding.count), finding.message))?;
    }
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let (errors, warnings) = (plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"));
    let rules = if request.rules.is_empty() { LINTS.len() } else { request.rules.len() };
    let (rules, events) = (plural(rules as u64, "rule", "rules"), plural(snapshot.len(), "event", "events"));
    let notes = plural(of(Severity::Note), "note", "notes");
    out.text(&format!("{errors}, {warnings}, {notes} by {rules} in {events}"))
}

fn help(rule: &str) -> String {
    lints::find(rule).map_or_else(String::new, |lint| format!("{}. {}", lint.why, lint.mend))
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers always become JSON")
}
