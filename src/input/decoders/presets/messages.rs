//! Brokers' messages in our own record (`model::message`): what a broker's spool, a file of dead letters
//! and the journal of requeues hold. An envelope inside the value counts before that of the message, and
//! one in the headers beside it: producers in binary mode of CloudEvents have it there alone.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::kcat::inside;
use super::{Entity, Preset, time};
use crate::input::decoders::infer::{self, Role};
use crate::input::decoders::lookup;
use crate::model::mapping::TimeUnit::{Auto, Millis, Seconds};
use crate::model::mapping::{EntityField, Mapping, Template};
use crate::model::message::ENVELOPE;
use crate::model::message::decoding::DECODED_KEY;

pub const PRESET: Preset = Preset {
    name: ENVELOPE,
    label: "messages of a broker",
    marks: &[
        "/topic /queue /stream /event_stream",
        "/partition /exchange /entry /message_id /revision",
        "/offset /routing_key /entry /message_id /event_id",
        "/value /value_text /value_base64 /key_base64 /timestamp_type",
    ],
    type_name: &["/properties/type", "/topic", "/queue", "/stream"],
    id: &["/properties/message_id", "{/topic}/{/partition}/{/offset}", "{/stream}/{/entry}", "/message_id"],
    time: &[("/timestamp", Millis), ("/properties/timestamp", Seconds)],
    entities: &[Entity::stream("{/topic}", "/key")],
    correlation: &["/properties/correlation_id", "{/attributes/AWSTraceHeader|after:Root=|before:;}"],
    service: &["/properties/app_id", "/topic", "/queue", "/stream"],
    key: &["/decoded_key", "/key", "/routing_key", "/attributes/MessageGroupId"],
    headers: Some("/headers"),
    data: &["/decoded", "/value", "/value_text", "/value_base64"],
    payloads: &["/value", "/decoded"],
    refine,
    ..Preset::NONE
};

fn refine(records: &[Value], mapping: &mut Mapping) {
    for place in ["/value", "/decoded"] {
        let data = inside(place, records, mapping);
        mapping.data.splice(0..0, data);
    }
    from_headers(records, mapping);
    if records.iter().filter(|record| record.get(DECODED_KEY).is_some()).count() * 2 > records.len() {
        // What stands behind the frame is the id, not the frame.
        for entity in &mut mapping.entities {
            if entity.id.0 == "/key" {
                entity.id = format!("/{DECODED_KEY}").as_str().into();
            }
        }
    }
    entities_of_fields(records, mapping);
    of_events(records, mapping);
    let named = named_by_key(records);
    if !named.is_empty() {
        // The payload's own field tells the same entity by its better name.
        mapping.entities = named;
    }
}

/// Fields by their usual names, as far as the sample's headers have them.
fn from_headers(records: &[Value], mapping: &mut Mapping) {
    let names: BTreeSet<String> = records.iter().flat_map(names_of).collect();
    let binary_mode = names.iter().any(|name| infer::names::fold(name) == "specversion");
    for role in [Role::Type, Role::Id, Role::Time, Role::Correlation, Role::Causation, Role::Service] {
        let score = |name: &str| {
            let folded = infer::names::fold(name);
            let of_event = binary_mode && name.to_ascii_lowercase().starts_with("ce");
            let enough = match role {
                _ if of_event => 20,
                // Names that mean nothing else: `NServiceBus.RelatedTo`, `rbs2-in-reply-to`.
                Role::Correlation | Role::Causation => 84,
                _ => 90,
            };
            role.known().iter().find(|(known, _)| *known == folded).map(|(_, score)| *score).filter(|s| *s >= enough)
        };
        let mut found: Vec<(i32, &String)> = names.iter().filter_map(|name| Some((score(name)?, name))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let found = found.into_iter().map(|(_, name)| format!("/headers/[{}]", lookup::escape(name)));
        let found: Vec<Template> = found.map(Template).collect();
        // In binary mode the headers are the envelope; else they only fill what the value leaves open.
        let before = |len: usize| if binary_mode { 0 } else { len };
        let own_first = |list: &mut Vec<Template>, own: usize| {
            let at = before(list.len().saturating_sub(own));
            list.splice(at..at, found.iter().cloned());
        };
        match role {
            Role::Type => own_first(&mut mapping.type_name, PRESET.type_name.len()),
            Role::Id => own_first(&mut mapping.id, PRESET.id.len()),
            Role::Service => own_first(&mut mapping.service, PRESET.service.len()),
            Role::Correlation => mapping.correlation.extend(found),
            Role::Causation => mapping.causation.extend(found),
            Role::Time => {
                let at = before(mapping.time.len().saturating_sub(PRESET.time.len()));
                mapping.time.splice(at..at, found.into_iter().map(|field| time(field, Auto)));
            }
            _ => {}
        }
    }
    for name in &names {
        let value = records.iter().find_map(|record| header(record, name));
        if let Some(filters) = value.and_then(|value| infer::traces::trace_in(name, value)) {
            mapping.correlation.push(format!("{{/headers/[{}]{filters}}}", lookup::escape(name)).as_str().into());
        }
    }
}

/// Fields of an entry of Redis beside its value are headers here, and are where producers name the aggregate.
fn entities_of_fields(records: &[Value], mapping: &mut Mapping) {
    let of_redis = records.iter().filter(|record| record.get("entry").is_some());
    let flat = |record: &Value| {
        let pairs = record.get("headers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let names: BTreeSet<String> = names_of(record).into_iter().collect();
        let named = |pair: &Value| {
            let name = pair.get(0)?.as_str().filter(|name| names.contains(*name))?;
            Some((name.to_owned(), pair.get(1)?.clone()))
        };
        Value::Object(pairs.iter().filter_map(named).collect())
    };
    let flat: Vec<Value> =
        of_redis.map(flat).filter(|flat| flat.as_object().is_some_and(|flat| !flat.is_empty())).collect();
    if flat.is_empty() {
        return;
    }
    let inferred = infer::infer(&flat);
    mapping.entities.extend(inferred.entities.into_iter().map(|entity| EntityField {
        kind: in_headers(&entity.kind),
        id: in_headers(&entity.id),
        ..entity
    }));
    mapping.version.extend(inferred.version.iter().map(in_headers));
}

/// Records of KurrentDB are events by themselves: a stream is an entity, and a place in it a version. Where there are
/// none yet nobody can tell whose will come.
fn of_events(records: &[Value], mapping: &mut Mapping) {
    if !records.is_empty() && !records.iter().any(|record| record.get("event_stream").is_some()) {
        return;
    }
    mapping.type_name.push("/event_type".into());
    mapping.id.push("/event_id".into());
    // With all its digits, which the milliseconds beside it lack.
    mapping.time.insert(0, time("/created".into(), Auto));
    mapping.entities.push(EntityField {
        kind: "{/event_stream|before:-|else:stream}".into(),
        id: "{/event_stream|after:-}".into(),
        stream: true,
    });
    mapping.version.push("/revision".into());
    mapping.correlation.push("/metadata/$correlationId".into());
    mapping.causation.push("/metadata/$causationId".into());
}

/// A template of flat records for the same names as headers.
fn in_headers(template: &Template) -> Template {
    let text = &template.0;
    if text.starts_with('/') && !text.contains("{/") {
        return Template(format!("/headers/[{}]", text.trim_start_matches('/')));
    }
    let mut pieces = text.split("{/");
    let mut found = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(['|', '}']).unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        found.push_str(&format!("{{/headers/[{name}]{rest}"));
    }
    Template(found)
}

/// The text of a header.
fn header<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    let pairs = record.get("headers")?.as_array()?;
    pairs.iter().find(|pair| pair.get(0).and_then(Value::as_str) == Some(name))?.get(1)?.as_str()
}

/// Names of text headers that a template can hold.
fn names_of(record: &Value) -> Vec<String> {
    let pairs = record.get("headers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = pairs.iter().filter(|pair| pair.get(1).is_some_and(Value::is_string));
    let names = text.filter_map(|pair| pair.get(0)?.as_str());
    names.filter(|name| !name.is_empty() && !name.contains(['{', '}', '|', '[', ']'])).map(str::to_owned).collect()
}

/// Fields of the values, at most two levels down, that hold the key where they are there at all, and whose names say
/// what it is the id of. None where they are seen in less than half of the messages with a key.
fn named_by_key(records: &[Value]) -> Vec<EntityField> {
    let mut fields: IndexMap<(String, String), (usize, usize)> = IndexMap::new();
    let (mut keyed, mut told) = (0, 0);
    for record in records {
        let key = record.get(DECODED_KEY).or_else(|| record.get("key"));
        let Some(key) = key.and_then(lookup::scalar) else { continue };
        keyed += 1;
        let mut tells = false;
        let place = if record.get("decoded").is_some() { "decoded" } else { "value" };
        each_member(record.get(place), &format!("/{place}"), 2, &mut |pointer, name, value| {
            let (Some(kind), Some(text)) = (infer::names::entity_kind(name), lookup::scalar(value)) else { return };
            let (seen, same) = fields.entry((pointer, kind)).or_default();
            *seen += 1;
            *same += usize::from(text == key);
            tells |= text == key;
        });
        told += usize::from(tells);
    }
    if told * 2 <= keyed {
        return Vec::new();
    }
    let always = fields.into_iter().filter(|(_, (seen, same))| same * 10 >= seen * 9);
    let entity = |(pointer, kind): (String, String)| EntityField {
        kind: Template(kind),
        id: pointer.as_str().into(),
        stream: false,
    };
    always.map(|(field, _)| entity(field)).collect()
}

/// Members of an object and of the objects in it, with their pointers and names.
fn each_member(value: Option<&Value>, at: &str, levels: u32, see: &mut impl FnMut(String, &str, &Value)) {
    for (name, member) in value.and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("{at}/{}", lookup::escape(name));
        if levels > 1 {
            each_member(Some(member), &pointer, levels - 1, see);
        }
        see(pointer, name, member);
    }
}
