//! What a log holds, as a page for people or as one JSON object.

use std::io::{self, Write};

use super::args::InfoFormat;
use super::out::Out;
use super::text::cut;
use crate::analysis::summary::Summary;
use crate::base::text::{bytes, count, duration_ns, plural};
use crate::model::mapping::Mapping;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Names of a list that are shown; the rest is counted.
const SHOWN: usize = 30;
const NAME: usize = 48;

pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    summary: &Summary,
    format: InfoFormat,
    out: &mut Out<W>,
) -> io::Result<()> {
    match format {
        InfoFormat::Json => {
            let json = serde_json::to_string_pretty(summary).expect("texts and numbers always become JSON");
            out.json_lines((json + "\n").as_bytes())
        }
        InfoFormat::Text => {
            for line in page(snapshot, summary) {
                out.text(&line)?;
            }
            Ok(())
        }
    }
}

fn page(snapshot: &Snapshot, summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    for source in snapshot.sources() {
        lines.push(format!("{}  {}", source.address, source.format));
    }
    let mut events = format!("{} in {}", plural(summary.events, "event", "events"), bytes(summary.bytes));
    if summary.undecodable > 0 {
        events += &format!(", {} undecodable", count(summary.undecodable));
    }
    match summary.duplicate_ids {
        Some(0) => {}
        Some(repeats) => events += &format!(", {} with an id that had occurred", count(repeats)),
        None => events += ", ids not yet compared",
    }
    lines.push(events);
    if let (Some((first, last)), Some(from), Some(to)) = (snapshot.time_range(), &summary.first, &summary.last) {
        let TimeNs(first) = first;
        lines.push(format!("{from} to {to}, {}", duration_ns(last.0.saturating_sub(first))));
    }
    lines.push(format!("seen {} of {}", count(summary.coverage.seen), count(summary.coverage.total)));

    let kinds = summary
        .entity_kinds
        .iter()
        .map(|kind| (kind.kind.as_str(), format!("{:>12}  {:>12} events", count(kind.entities), count(kind.events))));
    section(&mut lines, &plural(summary.entities, "entity", "entities"), kinds);
    let types =
        summary.types.iter().map(|counted| (counted.type_name.as_str(), format!("{:>12}", count(counted.events))));
    section(&mut lines, &plural(summary.types.len() as u64, "type", "types"), types);
    let services =
        summary.services.iter().map(|counted| (counted.service.as_str(), format!("{:>12}", count(counted.events))));
    section(&mut lines, &plural(summary.services.len() as u64, "service", "services"), services);
    lines.push(String::new());
    lines.push(plural(summary.correlations, "correlation", "correlations"));
    let roles = roles(&summary.mapping);
    section(
        &mut lines,
        &format!("mapping: {}", summary.mapping.envelope),
        roles.iter().map(|(role, fields)| (*role, format!("  {fields}"))),
    );
    lines
}

/// A heading and rows with their names in one column.
fn section<'a>(lines: &mut Vec<String>, heading: &str, rows: impl Iterator<Item = (&'a str, String)> + Clone) {
    let all = rows.clone().count();
    lines.push(String::new());
    lines.push(heading.to_owned());
    let width = rows.clone().take(SHOWN).map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(NAME);
    lines.extend(rows.take(SHOWN).map(|(name, rest)| format!("  {:<width$}{rest}", cut(name, NAME))));
    if all > SHOWN {
        lines.push(format!("  … and {} more", count((all - SHOWN) as u64)));
    }
}

/// Roles with the fields that play them.
fn roles(mapping: &Mapping) -> Vec<(&'static str, String)> {
    let mut roles = Vec::new();
    for (role, templates) in [
        ("type", &mapping.type_name),
        ("id", &mapping.id),
        ("version", &mapping.version),
        ("service", &mapping.service),
        ("correlation", &mapping.correlation),
        ("causation", &mapping.causation),
        ("data", &mapping.data),
    ] {
        roles.push((role, templates.iter().map(|template| template.0.as_str()).collect::<Vec<_>>().join(", ")));
    }
    roles.push(("time", mapping.time.iter().map(|time| time.field.0.as_str()).collect::<Vec<_>>().join(", ")));
    for entity in &mapping.entities {
        let stream = if entity.stream { " (stream)" } else { "" };
        roles.push(("entity", format!("{} {}{stream}", entity.kind.0, entity.id.0)));
    }
    roles.retain(|(_, fields)| !fields.is_empty());
    roles
}
