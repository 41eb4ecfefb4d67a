//! SARIF 2.1.0, for code scanners: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.
//!
//! A fingerprint is made of what does not change from run to run: the rule, the type, the field, and the
//! message without its numbers. So a finding that was there before is known again when its count grows.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::analysis::lints::{Finding, LINTS};
use crate::base::hash::hash64;
use crate::model::ids::EventIx;
use crate::model::source::SourceInfo;
use crate::store::snapshot::Snapshot;

/// Places that one result names: scanners show a few.
const MAX_PLACES: usize = 10;

pub(super) fn report(snapshot: &Snapshot, findings: &[Finding]) -> Value {
    let rules: Vec<Value> = LINTS
        .iter()
        .map(|lint| {
            json!({
                "id": lint.name, "name": lint.name,
                "shortDescription": {"text": sentence(lint.what)}, "fullDescription": {"text": sentence(lint.why)},
                "help": {"text": sentence(lint.mend)}, "defaultConfiguration": {"level": lint.severity.label()},
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(snapshot, finding)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "eventglass", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

fn result(snapshot: &Snapshot, finding: &Finding) -> Value {
    let places: Vec<Value> =
        finding.examples.iter().take(MAX_PLACES).filter_map(|event| place(snapshot, *event)).collect();
    let index = LINTS.iter().position(|lint| lint.name == finding.rule);
    json!({
        "ruleId": finding.rule, "ruleIndex": index, "level": finding.severity.label(),
        "message": {"text": finding.message}, "occurrenceCount": finding.count.max(1), "locations": places,
        "partialFingerprints": {"eventglass/v1": fingerprint(snapshot, finding)},
        "properties": {"events": finding.examples, "type": finding.type_name, "field": finding.field},
    })
}

fn place(snapshot: &Snapshot, event: EventIx) -> Option<Value> {
    let (source, span) = snapshot.source_of(event)?;
    let source = snapshot.sources().get(source.at())?;
    let artifact = json!({"uri": uri(source)});
    // Bytes of what was unpacked, or read from a store, are no bytes of the file.
    let origin = source.origin.as_ref().map(|origin| origin.place(span));
    let physical = match &origin {
        Some(_) => json!({"artifactLocation": artifact}),
        None => json!({
            "artifactLocation": artifact, "region": {"byteOffset": span.offset.0, "byteLength": span.len},
        }),
    };
    let words = origin.unwrap_or_else(|| format!("event {}", event.0));
    Some(json!({"physicalLocation": physical, "message": {"text": words}}))
}

/// The file as seen from the folder that the command runs in, else its name; a URI has neither spaces nor
/// backslashes.
fn uri(source: &SourceInfo) -> String {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| {
        let path = std::path::Path::new(&source.address).strip_prefix(here).ok()?;
        path.to_str().map(|path| path.replace('\\', "/"))
    });
    let plain = inside.filter(|path| !path.is_empty()).unwrap_or_else(|| source.name.clone());
    let mut uri = String::with_capacity(plain.len());
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn fingerprint(snapshot: &Snapshot, finding: &Finding) -> String {
    let words: String = finding.message.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).collect();
    let entity = finding.entity.and_then(|entity| snapshot.entity_label(entity));
    let parts = [Some(finding.rule.to_owned()), finding.type_name.clone(), finding.field.clone(), entity, Some(words)];
    let parts: Vec<String> = parts.into_iter().map(Option::unwrap_or_default).collect();
    format!("{:016x}", hash64(parts.join("\u{0}").as_bytes()))
}

fn sentence(words: &str) -> String {
    format!("{words}.")
}
