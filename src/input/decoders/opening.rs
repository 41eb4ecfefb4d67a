//! What the JSON decoders share when they open a source.

use std::sync::Arc;

use serde_json::Value;

use super::plan::{Objects, Plan};
use super::survey::Candidate;
use super::{Sample, document, infer, objects, survey};
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::Mapping;
use crate::model::source::ReadAt;

/// The mapping that the records ask for; without any, one of the usual names.
pub fn mapping_of(records: &[Value]) -> Mapping {
    if records.is_empty() { infer::usual() } else { infer::recognise(records) }
}

/// Where each record is only a wrapper around events (`{"Records": […]}` a line, OTLP's exports): the
/// pointer to them and some of them.
pub fn wrapped(records: &[Value]) -> Option<(String, Vec<Value>)> {
    if records.is_empty() || infer::looks_like_events(records) {
        return None;
    }
    let wrappers = Candidate { pointer: String::new(), keyed: false, records: records.to_vec() };
    let lists = document::inner_lists(&wrappers, 3).into_iter();
    let list = lists.max_by_key(|list| list.records.len())?;
    Some((list.pointer.strip_prefix("/*")?.to_owned(), list.records))
}

/// # Errors
/// When a template makes no sense.
pub fn plan(mapping: Mapping, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>) -> Result<Plan> {
    let objects = object_table(&mapping, bytes);
    Plan::compile(mapping, sample.name, objects)
}

/// Names that promise a record a line.
pub fn is_named_as_lines(name: &str) -> bool {
    let name = name.to_lowercase();
    [".ndjson", ".jsonl", ".ldjson", ".jsonlines"].iter().any(|ending| name.ends_with(ending))
}

/// # Errors
/// Always: what was looked for and not found.
pub fn nothing_found<T>(sample: &Sample<'_>, summary: &str) -> Result<T> {
    let place = Place::File { path: sample.name.to_owned(), offset: None };
    let next_step = "Say in a mapping file where the events are (\"events\": \"/path\") and which fields they have";
    Err(Error::new(summary, place, next_step).for_no_events())
}

/// Only mappings that ask for objects' kinds pay for the table.
fn object_table(mapping: &Mapping, bytes: &Arc<dyn ReadAt>) -> Objects {
    let asks = mapping.entities.iter().any(|entity| entity.kind.0.contains("|object"));
    asks.then(|| Arc::new(objects::object_kinds(survey::Bytes::from_start(bytes))) as _)
}
