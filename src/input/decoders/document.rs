//! One JSON document: events in a list inside it (`Records`, `events`, an array at the top), or the
//! document is one event itself.
//!
//! The surprise: a document in which nothing looks like an event (a state, a configuration) is
//! refused, so that a folder of events opens without it.

use std::sync::Arc;

use serde_json::Value;

use super::detect::{JsonShape, json_shape};
use super::infer::{self, names};
use super::json::JsonFormat;
use super::survey::{self, Candidate};
use super::undecodable::OneUndecodable;
use super::{Decoder, Format, Sample, Verdict, opening, presets, sample};
use crate::model::error::Result;
use crate::model::mapping::{Mapping, TimeField, TimeUnit};
use crate::model::source::ReadAt;

#[derive(Debug)]
pub struct JsonDocument;

impl Decoder for JsonDocument {
    fn name(&self) -> &'static str {
        "JSON document"
    }

    fn verdict(&self, sample: &Sample<'_>) -> Verdict {
        match json_shape(sample) {
            Ok(JsonShape::Document) => Ok(80),
            Ok(JsonShape::Lines) => Err("it has a value a line".to_owned()),
            Ok(JsonShape::Values) => Err("it is several documents".to_owned()),
            // Its neighbours are events; that this one cannot be read must be seen beside them.
            Err(_) if is_named_as_one_event(sample.name) => Ok(5),
            Err(why) => Err(why),
        }
    }

    fn open(&self, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
        if json_shape(sample).is_err() {
            let plan = opening::plan(mapping.unwrap_or_else(infer::usual), sample, bytes)?;
            return Ok(Arc::new(OneUndecodable::new(plan)));
        }
        let pointer = mapping.as_ref().and_then(|mapping| mapping.events.clone());
        let found = match pointer {
            Some(pointer) => Found::List(Candidate { pointer, keyed: false, records: Vec::new() }),
            None => find(sample, bytes),
        };
        match found {
            Found::List(list) => {
                let mapping = mapping.unwrap_or_else(|| opening::mapping_of(&list.records));
                let plan = opening::plan(mapping, sample, bytes)?;
                Ok(Arc::new(JsonFormat::document(plan, &list.pointer)?))
            }
            Found::Itself(event) => {
                let mapping = mapping.unwrap_or_else(|| mapping_of_one(*event, sample.name));
                let plan = opening::plan(mapping, sample, bytes)?;
                // One line may be the first of many.
                let one_line = !sample.head.trim_ascii().contains(&b'\n');
                Ok(Arc::new(if one_line { JsonFormat::lines(plan) } else { JsonFormat::values(plan) }))
            }
            Found::Nothing => {
                if let Some(mapping) = mapping {
                    let plan = opening::plan(mapping, sample, bytes)?;
                    let list = sample::without_bom(sample.head).trim_ascii_start().first() == Some(&b'[');
                    let format = if list { JsonFormat::document(plan, "")? } else { JsonFormat::values(plan) };
                    return Ok(Arc::new(format));
                }
                opening::nothing_found(sample, "Nothing in this document looks like an event")
            }
        }
    }
}

enum Found {
    List(Candidate),
    Itself(Box<Value>),
    Nothing,
}

fn find(sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>) -> Found {
    let head = sample::without_bom(sample.head);
    let itself =
        if sample.complete { serde_json::from_slice::<Value>(head).ok().filter(Value::is_object) } else { None };
    if let Some(document) = &itself
        && presets::best(std::slice::from_ref(document)).is_some()
    {
        return Found::Itself(Box::new(document.clone()));
    }
    let mut lists = survey::lists(head);
    if !sample.complete && !lists.iter().any(|list| quality(list) > 0) {
        // The events come after what the sample holds.
        lists = survey::lists_of(bytes);
    }
    let deeper: Vec<Candidate> = lists.iter().flat_map(|list| inner_lists(list, 2)).collect();
    lists.extend(deeper);
    let best = lists.into_iter().map(|list| (quality(&list), list)).filter(|(quality, _)| *quality > 0);
    // Of equally good lists the longest counts, and of those the first.
    let best = best.reduce(|best, next| {
        let better = (next.0, next.1.records.len()) > (best.0, best.1.records.len());
        if better { next } else { best }
    });
    match (best, itself) {
        (Some((quality, list)), document) => match document {
            Some(document) if quality < NAMED && infer::looks_like_one_event(&document) => {
                Found::Itself(Box::new(document))
            }
            _ => Found::List(list),
        },
        (None, Some(document)) if infer::looks_like_one_event(&document) => Found::Itself(Box::new(document)),
        (None, _) if sample.complete && head.trim_ascii() == b"[]" => {
            Found::List(Candidate { pointer: String::new(), keyed: false, records: Vec::new() })
        }
        (None, _) => Found::Nothing,
    }
}

const OF_A_PRESET: u8 = 3;
const NAMED: u8 = 2;

/// 0 for lists that hold no events.
fn quality(list: &Candidate) -> u8 {
    if presets::best(&list.records).is_some() {
        return OF_A_PRESET;
    }
    if !infer::looks_like_events(&list.records) {
        return 0;
    }
    let name = list.pointer.rsplit('/').next().unwrap_or_default();
    let named = ["events", "records", "messages", "logs", "entries", "hits", "history", "log"];
    let folded = names::fold(name);
    if name.is_empty() || named.iter().any(|ending| folded.ends_with(ending)) {
        return NAMED;
    }
    // Parts of a state have times, too: their records must say themselves what happened.
    u8::from(list.records.first().is_some_and(infer::looks_like_one_event))
}

/// Lists of objects inside the records of a list: `/resourceSpans/*/scopeSpans/*/spans`.
pub fn inner_lists(list: &Candidate, levels: u8) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    if levels == 0 || list.keyed {
        return found;
    }
    for record in list.records.iter().take(50) {
        let Value::Object(members) = record else { continue };
        for (name, value) in members {
            let Value::Array(elements) = value else { continue };
            let records: Vec<Value> = elements.iter().filter(|element| element.is_object()).cloned().collect();
            if records.is_empty() {
                continue;
            }
            let pointer = format!("{}/*/{}", list.pointer, super::lookup::escape(name));
            match found.iter_mut().find(|known| known.pointer == pointer) {
                Some(known) => known.records.extend(records),
                None => found.push(Candidate { pointer, keyed: false, records }),
            }
        }
    }
    let deeper: Vec<Candidate> = found.iter().flat_map(|list| inner_lists(list, levels - 1)).collect();
    found.extend(deeper);
    // What presets know is worth reaching for; other inner lists are parts of their records.
    found.retain(|list| presets::best(&list.records).is_some());
    found
}

/// `003--event--2021-11-04--16-12-29--binary-junk.json`
fn is_named_as_one_event(name: &str) -> bool {
    has_a_time(name) && name.to_lowercase().ends_with(".json")
}

fn has_a_time(name: &str) -> bool {
    name.bytes().filter(u8::is_ascii_digit).count() >= 14
}

/// A file that is one event may have its time in its name.
fn mapping_of_one(event: Value, name: &str) -> Mapping {
    let mut mapping = opening::mapping_of(&[event]);
    if has_a_time(name) {
        let own = mapping.time.first().is_some_and(|time| time.field.0.matches('/').count() == 1);
        let of_file = TimeField { field: "{@file|time}".into(), unit: TimeUnit::Auto, zone_minutes: 0 };
        let at = if own { mapping.time.len() } else { 0 };
        mapping.time.insert(at, of_file);
    }
    mapping
}
