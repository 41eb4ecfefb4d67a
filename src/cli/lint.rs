//! What is wrong with a log, for people, for programs and for code scanners.

use std::io::{self, Write};

use serde_json::json;

use super::args::{LintArgs, LintFormat};
use super::out::Out;
use super::request::read_text;
use crate::analysis::lints::{self, Config, Context, Finding, LINTS, Lint, Severity, run};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::error::{Error, Place, Result};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// The rules and the configuration that were asked for.
pub(super) struct Request {
    rules: Vec<&'static Lint>,
    config: Config,
}

/// # Errors
/// A rule that there is not, a configuration that cannot be read or makes no sense.
pub(super) fn request(args: &LintArgs) -> Result<Request> {
    let mut rules = Vec::new();
    for name in &args.rules {
        rules.push(lints::find(name).ok_or_else(|| {
            let names: Vec<&str> = LINTS.iter().map(|lint| lint.name).collect();
            let next_step = format!("The rules are {}", names.join(", "));
            Error::new(format!("There is no rule {name}"), Place::Nowhere, next_step)
        })?);
    }
    let Some(path) = &args.config else { return Ok(Request { rules, config: Config::default() }) };
    let text = read_text(path, "lint configuration", "--config")?;
    Ok(Request { rules, config: Config::parse(&text, path)? })
}

pub(super) fn find(snapshot: &Snapshot, request: &Request) -> Vec<Finding> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.ok().and_then(|now| i64::try_from(now.as_nanos()).ok()).map(TimeNs);
    let cancel = Cancel::new();
    run(&Context::new(snapshot, &request.config, now, &cancel), &request.rules).expect("nobody cancels")
}

pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    findings: &[Finding],
    format: LintFormat,
    out: &mut Out<W>,
) -> io::Result<()> {
    match format {
        LintFormat::Text => text(findings, out),
        LintFormat::Sarif => out.json(&bytes(&sarif(snapshot, findings))),
        LintFormat::Json => findings.iter().try_for_each(|finding| {
            let line = json!({
                "rule": finding.rule, "severity": finding.severity, "message": finding.message,
                "count": finding.count, "events": finding.examples,
                "entity": finding.entity.map(|entity| entity_name(snapshot, entity)), "help": help(finding.rule),
            });
            out.json(&bytes(&line))
        }),
    }
}

fn text<W: Write>(findings: &[Finding], out: &mut Out<W>) -> io::Result<()> {
    let mut rule = "";
    for finding in findings {
        if finding.rule != rule {
            rule = finding.rule;
            let about = lints::find(rule).expect("findings come from rules");
            out.text(&format!("{} [{rule}] {}", about.severity.label(), about.what))?;
        }
        let examples: Vec<String> = finding.examples.iter().map(|event| event.0.to_string()).collect();
        let at = if examples.is_empty() { String::new() } else { format!(" (events {})", examples.join(", ")) };
        out.text(&format!("{:>9} × {}{at}", count(finding.count), finding.message))?;
    }
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let (errors, warnings) = (plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"));
    out.text(&format!("{errors}, {warnings}, {}", plural(of(Severity::Note), "note", "notes")))
}

/// SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.
fn sarif(snapshot: &Snapshot, findings: &[Finding]) -> serde_json::Value {
    let rules = LINTS.iter().map(|lint| {
        json!({
            "id": lint.name, "shortDescription": {"text": lint.what}, "fullDescription": {"text": lint.why},
            "help": {"text": lint.mend}, "defaultConfiguration": {"level": lint.severity.label()},
        })
    });
    let rules: Vec<_> = rules.collect();
    let results = findings.iter().map(|finding| {
        let locations = finding.examples.iter().filter_map(|&event| {
            let (source, span) = snapshot.source_of(event)?;
            let source = snapshot.sources().get(source.at())?;
            let region = json!({"byteOffset": span.offset.0, "byteLength": span.len});
            Some(json!({"physicalLocation": {"artifactLocation": {"uri": source.name}, "region": region}}))
        });
        let locations: Vec<_> = locations.collect();
        json!({
            "ruleId": finding.rule, "level": finding.severity.label(), "message": {"text": finding.message},
            "occurrenceCount": finding.count, "locations": locations,
        })
    });
    let results: Vec<_> = results.collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "eventglass", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

fn help(rule: &str) -> String {
    lints::find(rule).map_or_else(String::new, |lint| format!("{}. {}", lint.why, lint.mend))
}

pub(super) fn entity_name(snapshot: &Snapshot, entity: crate::model::ids::EntityIx) -> Option<String> {
    let name = snapshot.entity(entity)?;
    Some(format!("{}:{}", snapshot.kind_name(name.kind), name.id))
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers always become JSON")
}
