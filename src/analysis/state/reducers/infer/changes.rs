//! Rows of tables (change data capture), snapshots, and attributes that are named by the event.

use super::draft::Draft;
use super::sample::Event;
use super::types::{Shape, Type};
use crate::analysis::state::reducers::rules::word;
use crate::analysis::state::value::Value;

/// Envelopes whose payload is the row itself.
const ROWS: [&str; 7] = ["debezium", "debezium_schema", "maxwell", "canal", "dms", "goldengate", "dynamodb"];

pub fn draft(seen: &Type<'_>, all: &[Type<'_>]) -> Option<Draft> {
    row(seen, all).or_else(|| images(seen)).or_else(|| snapshot(seen)).or_else(|| named_attribute(seen))
}

/// The envelope names the operation, the payload is the row.
fn row(seen: &Type<'_>, all: &[Type<'_>]) -> Option<Draft> {
    let envelope = &seen.events.first()?.1.envelope;
    if !ROWS.contains(&&**envelope) {
        return None;
    }
    let name = seen.name.to_lowercase();
    if matches!(name.as_str(), "delete" | "remove" | "truncate" | "d" | "t") {
        return Some(seen.draft(vec!["delete".to_owned()], 0.95, "a row that was deleted"));
    }
    if matches!(name.as_str(), "message" | "m" | "control") {
        return Some(seen.draft(vec!["ignore".to_owned()], 0.8, "no row"));
    }
    let (value, confidence, evidence) = match &**envelope {
        "dynamodb" => ("plain(.)", 0.95, "an item after the change, its types taken off"),
        "canal" if all.iter().all(|other| other.events.iter().all(|(_, event)| rows(event) <= 1)) => {
            (".[0]", 0.95, "the row after the change, the only one in its message")
        }
        "canal" => (
            ".[id = state.id] or .[0]",
            0.4,
            "messages hold several rows; which is this one is known only once it has an id",
        ),
        _ => (".", 0.95, "the row after the change"),
    };
    if value == "." && loses_columns(all) {
        let evidence = "the row's columns that have changed: others are missing in some events";
        return Some(seen.draft(vec!["merge .".to_owned()], 0.85, evidence));
    }
    Some(seen.draft(vec![format!("replace {value}")], confidence, evidence))
}

fn rows(event: &Event) -> usize {
    if let Value::List(rows) = &event.data { rows.len() } else { 1 }
}

/// Whether some image has fewer columns than the one before it.
fn loses_columns(all: &[Type<'_>]) -> bool {
    let mut histories: Vec<_> = all.iter().flat_map(|seen| seen.events.iter().map(|(history, _)| *history)).collect();
    histories.sort_by_key(|history| &history.id);
    histories.dedup_by_key(|history| &history.id);
    histories.iter().any(|history| {
        history.events.windows(2).any(|pair| match pair {
            [before, after] => match (&before.data, &after.data) {
                (Value::Object(before), Value::Object(after)) => before.keys().any(|name| !after.contains_key(name)),
                _ => false,
            },
            _ => false,
        })
    })
}

/// Images before and after in the payload of an envelope that is not known.
fn images(seen: &Type<'_>) -> Option<Draft> {
    let after = seen.field("after").filter(|after| matches!(after.shape, Shape::Object | Shape::Null))?;
    seen.field("before").filter(|before| matches!(before.shape, Shape::Object | Shape::Null))?;
    let value = if seen.always(after) { "after" } else { "after or null" };
    let evidence = "it has the images `before` and `after`; no image after means deleted";
    Some(seen.draft(vec![format!("replace {value}")], 0.9, evidence))
}

fn snapshot(seen: &Type<'_>) -> Option<Draft> {
    let says = |words: &[String]| words.iter().any(|word| word == "snapshot" || word == "snapshotted");
    if !says(&seen.phrase.noun) && !says(&seen.phrase.verb) {
        return None;
    }
    let inner = ["state", "snapshot", "data"].into_iter().filter_map(|name| seen.field(name));
    let mut inner = inner.filter(|field| field.shape == Shape::Object && seen.always(field));
    let value = inner.next().map_or_else(|| ".".to_owned(), |field| word(&field.name));
    let evidence = "a snapshot: the state begins with it, or is compared with it";
    Some(seen.draft(vec![format!("snapshot {value}")], 0.75, evidence))
}

/// `{name, value}`: which attribute is changed stands in the event.
fn named_attribute(seen: &Type<'_>) -> Option<Draft> {
    let find = |names: &[&str]| {
        names.iter().filter_map(|name| seen.field(name)).find(|field| !field.is_own && seen.always(field))
    };
    let value = find(&["newValue", "new_value", "new", "to", "value"])?;
    let name =
        find(&["attribute", "attributeName", "attribute_name", "field", "fieldName", "property", "key", "name"])?;
    let names_many = name.shape == Shape::Text && seen.phrase.root() == "changed" || seen.phrase.root() == "set";
    if !names_many {
        return None;
    }
    let (name, value) = (word(&name.name), word(&value.name));
    let evidence = format!("`{name}` says which attribute is `{value}`");
    Some(seen.draft(vec![format!(".[{name}] = {value}")], 0.8, &evidence))
}
