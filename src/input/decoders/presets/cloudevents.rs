//! CloudEvents 1.0 and 0.3 in JSON. An event's identity is its source and its id together; ids alone
//! are used where the log links events by `causationid`, which names ids alone.

use serde_json::Value;

use super::{Entity, Preset, lookup};
use crate::model::mapping::Mapping;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "cloudevents",
    label: "CloudEvents",
    marks: &["/specversion", "/id", "/source", "/type"],
    type_name: &["/type"],
    id: &["{/source}#{/id}"],
    time: &[("/time", Auto)],
    entities: &[Entity::stream("subject", "/subject")],
    version: &["/sequence"],
    correlation: &["/correlationid", "{/traceparent|after:-|before:-}"],
    causation: &["/causationid"],
    service: &["/source"],
    key: &["/partitionkey"],
    data: &["/data", "/data_base64"],
    payloads: &["/data"],
    refine,
    ..Preset::NONE
};

fn refine(records: &[Value], mapping: &mut Mapping) {
    if records.iter().any(|record| lookup::has(record, "/causationid")) {
        mapping.id = vec!["/id".into()];
    }
    let subjects: Vec<String> = records.iter().filter_map(|record| lookup::text(record, "/subject")).collect();
    if subjects.is_empty() {
        mapping.entities = vec![Entity::of("source", "/source").field()];
        return;
    }
    for separator in [":", "/"] {
        if subjects.iter().all(|subject| is_kind_and_id(subject, separator)) {
            let kind = format!("{{/subject|before:{separator}}}");
            let id = format!("{{/subject|after:{separator}}}");
            for entity in &mut mapping.entities {
                entity.kind = kind.as_str().into();
                entity.id = id.as_str().into();
            }
            return;
        }
    }
}

/// `order/123`: one separator, a word before it.
fn is_kind_and_id(subject: &str, separator: &str) -> bool {
    subject.split_once(separator).is_some_and(|(kind, id)| {
        let word = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_');
        word && !id.is_empty() && !id.contains(separator)
    })
}
