//! Dead letters by cause, for people and for programs.

use std::io::{self, Write};

use serde_json::json;

use super::args::{DeadLettersArgs, DeadLettersFormat};
use super::out::Out;
use super::request::read_text;
use crate::analysis::dead_letters::{self, Config, Evidence, Found, Group};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::error::Result;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Entities that a line of text names; JSON names all.
const NAMED: usize = 4;

/// # Errors
/// A configuration that cannot be read or makes no sense.
pub(super) fn config(args: &DeadLettersArgs) -> Result<Config> {
    let Some(path) = &args.config else { return Ok(Config::default()) };
    Config::parse(&read_text(path, "configuration", "--config")?, path)
}

pub(super) fn find(snapshot: &Snapshot, config: &Config) -> Found {
    dead_letters::find(snapshot, config, &Cancel::new(), &|_, _| {}).expect("nobody cancels")
}

pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    found: &Found,
    config: &Config,
    format: DeadLettersFormat,
    out: &mut Out<W>,
) -> io::Result<()> {
    let groups = dead_letters::groups(found, &config.groups);
    match format {
        DeadLettersFormat::Json => groups.iter().try_for_each(|group| {
            let line = json(snapshot, group);
            out.json(&serde_json::to_vec(&line).expect("texts and numbers always become JSON"))
        }),
        DeadLettersFormat::Text => {
            groups.iter().try_for_each(|group| text(snapshot, group, out))?;
            out.text(&coverage(found, groups.len() as u64))
        }
    }
}

fn json(snapshot: &Snapshot, group: &Group) -> serde_json::Value {
    let origins: Vec<_> = group.origins.iter().map(|(topic, n)| json!({"topic": known(topic), "count": n})).collect();
    let entities: Vec<_> = group.entities.iter().filter_map(|(entity, _)| snapshot.entity_label(*entity)).collect();
    json!({
        "fingerprint": group.fingerprint.id, "cause": group.cause, "count": group.count,
        "first": group.first.map(TimeNs::to_rfc3339), "last": group.last.map(TimeNs::to_rfc3339),
        "origins": origins, "entities": entities, "examples": group.examples,
    })
}

fn text<W: Write>(snapshot: &Snapshot, group: &Group, out: &mut Out<W>) -> io::Result<()> {
    out.text(&format!("{:>9} × {}  [{}]", count(group.count), group.cause, group.fingerprint.id))?;
    let from = |(topic, n): &(String, u64)| format!("{} {}", known(topic).unwrap_or("an unknown place"), count(*n));
    let mut parts = vec![format!("from {}", group.origins.iter().map(from).collect::<Vec<_>>().join(", "))];
    if !group.consumers.is_empty() {
        let names: Vec<&str> = group.consumers.iter().map(|(name, _)| name.as_str()).collect();
        parts.push(format!("failed in {}", names.join(", ")));
    }
    parts.extend(group.first.zip(group.last).map(|(first, last)| {
        if first == last { first.to_rfc3339() } else { format!("{} to {}", first.to_rfc3339(), last.to_rfc3339()) }
    }));
    if !group.entities.is_empty() {
        let mut names: Vec<String> =
            group.entities.iter().take(NAMED).filter_map(|(entity, _)| snapshot.entity_label(*entity)).collect();
        if group.entities.len() > NAMED {
            names.push(format!("{} more", group.entities.len() - NAMED));
        }
        parts.push(names.join(" "));
    }
    let events: Vec<String> = group.examples.iter().map(|event| event.0.to_string()).collect();
    parts.push(format!("events {}", events.join(", ")));
    out.text(&format!("            {}", parts.join(" · ")))
}

fn coverage(found: &Found, groups: u64) -> String {
    let letters = plural(found.entries.len() as u64, "dead letter", "dead letters");
    let mut parts = vec![
        format!("{letters} in {}", plural(groups, "group", "groups")),
        format!("looked at {} of {}", count(found.looked), plural(found.of, "record", "records")),
    ];
    let by_name = found.entries.iter().filter(|entry| entry.evidence == Evidence::Name).count() as u64;
    for (n, what) in [
        (by_name, "known by the name of their topic or queue alone"),
        (found.retrying, "not counted: being tried again"),
        (found.put_back, "not counted: put back with a letter's headers on them"),
    ] {
        if n > 0 {
            parts.push(format!("{} {what}", count(n)));
        }
    }
    parts.join("; ")
}

/// An origin that no header names.
fn known(topic: &str) -> Option<&str> {
    Some(topic).filter(|topic| !topic.is_empty())
}
