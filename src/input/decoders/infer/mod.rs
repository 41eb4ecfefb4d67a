//! Recognises the envelope of a sample: a preset where one fits, else roles inferred from the names
//! and values of the fields, each with its evidence.
//!
//! Payloads are free-form in either case, so entities are looked for by the fields' names in both.

mod entities;
mod fields;
pub mod names;
mod roles;
mod stream;
pub mod traces;
mod vocabulary;

#[cfg(test)]
mod tests;

use serde_json::Value;

use self::fields::Fields;
pub use self::roles::Role;
use self::roles::{Found, candidates};
use super::lookup;
use super::presets;
use crate::model::mapping::{EntityField, Evidence, Mapping, Template, TimeField, TimeUnit};

/// The envelope's name where no preset fits.
pub const INFERRED: &str = "inferred";

/// Entities of one mapping are not more than this: each costs time in every record.
const MAX_ENTITIES: usize = 20;

/// The best mapping for these records.
pub fn recognise(records: &[Value]) -> Mapping {
    match presets::best(records) {
        Some(preset) => {
            let mut mapping = preset.mapping(records);
            if preset.name == presets::PLAIN {
                complete_plain(records, &mut mapping);
            } else {
                add_entities(records, &mut mapping, preset.payloads);
            }
            mapping
        }
        None => infer(records),
    }
}

/// A mapping from names and values alone.
pub fn infer(records: &[Value]) -> Mapping {
    let fields = Fields::of(records);
    let mut mapping = Mapping { envelope: INFERRED.to_owned(), ..Mapping::default() };
    add_roles(&fields, &mut mapping);
    let data = mapping.data.first().map(|template| template.0.clone()).unwrap_or_default();
    stream::add(&fields, records, &mut mapping);
    entities::add(&fields, &mut mapping, &[""], &data);
    finish(&fields, &mut mapping);
    mapping
}

/// A mapping by the usual names, for a log that has no records yet.
pub fn usual() -> Mapping {
    let list = |names: &[&str]| names.iter().map(|name| Template::from(*name)).collect::<Vec<_>>();
    let time = |name: &&str| TimeField { field: (*name).into(), unit: TimeUnit::Auto, zone_minutes: 0 };
    Mapping {
        envelope: INFERRED.to_owned(),
        type_name: list(&["/eventType", "/event_type", "/type", "/event", "/name"]),
        id: list(&["/eventId", "/event_id", "/id"]),
        time: ["/timestamp", "/time", "/ts", "/occurredAt", "/createdAt", "/@timestamp"].iter().map(time).collect(),
        entities: [
            ("{/aggregateType|else:aggregate}", "/aggregateId"),
            ("{/streamId|before:-}", "{/streamId|after:-}"),
        ]
        .iter()
        .map(|(kind, id)| EntityField { kind: (*kind).into(), id: (*id).into(), stream: true })
        .collect(),
        correlation: list(&["/correlationId", "/correlation_id", "/correlationid"]),
        causation: list(&["/causationId", "/causation_id", "/causationid"]),
        service: list(&["/service", "/source"]),
        data: list(&["/data", "/payload"]),
        ..Mapping::default()
    }
}

/// Whether the records look like events: they say what happened, and when or under which id.
pub fn looks_like_events(records: &[Value]) -> bool {
    if records.is_empty() {
        return false;
    }
    if presets::best(records).is_some() {
        return true;
    }
    let fields = Fields::of(records);
    let good = |role, enough| candidates(&fields, role).first().is_some_and(|found| found.score >= enough);
    let kind = good(Role::Type, 50);
    kind && (good(Role::Time, 15) || good(Role::Data, 86) && good(Role::Id, 70)) || good(Role::Time, 80)
}

/// Whether one record, alone in its document, is an event: it names its type and carries a payload,
/// or a time of its own beside it.
pub fn looks_like_one_event(record: &Value) -> bool {
    let records = std::slice::from_ref(record);
    if presets::best(records).is_some() {
        return true;
    }
    let fields = Fields::of(records);
    let top = |role, enough| {
        candidates(&fields, role).iter().any(|found| found.score >= enough && found.pointer.matches('/').count() == 1)
    };
    top(Role::Type, 66) && (top(Role::Data, 40) || top(Role::Time, 60) || top(Role::Id, 90))
}

/// Whether a cell holds a number, a time or a generated id rather than a column's name.
pub fn looks_like_a_value(cell: &str) -> bool {
    let number = !cell.is_empty() && cell.parse::<f64>().is_ok();
    number || fields::looks_like_time_text(cell) || (cell.len() > 27 && fields::looks_like_uuid(cell))
}

/// `template` for records that lie at `prefix` of larger ones.
pub fn below(prefix: &str, template: &Template) -> Template {
    let mut text = template.0.clone();
    if text.starts_with('/') {
        text.insert_str(0, prefix);
    } else {
        text = text.replace("{/", &format!("{{{prefix}/"));
    }
    Template(text)
}

fn add_roles(fields: &Fields, mapping: &mut Mapping) {
    let mut taken: Vec<String> = Vec::new();
    for role in [Role::Time, Role::Id, Role::Type, Role::Service, Role::Key, Role::Data] {
        let found = candidates(fields, role);
        // Alternatives count where the better ones are missing.
        let mut missing = fields.records;
        for found in found.into_iter().filter(|found| !taken.contains(&found.pointer)).collect::<Vec<_>>() {
            let first = missing == fields.records;
            if missing == 0 || (!first && (found.score < 50 || role == Role::Data)) {
                break;
            }
            missing = missing.saturating_sub(found.seen);
            taken.push(found.pointer.clone());
            take(mapping, role, &found, fields);
        }
    }
    // Parent spans are causes only where the events are spans.
    let are_spans = mapping.id.iter().any(|id| names::fold(last_name(&id.0)).ends_with("spanid"));
    for role in [Role::Correlation, Role::Causation] {
        let mut found = candidates(fields, role);
        found.retain(|found| are_spans || !names::fold(last_name(&found.pointer)).ends_with("parentspanid"));
        let best = found.first().map_or(0, |found| found.score);
        // A session or a request joins events only where nothing better does.
        let enough = if best >= 80 { 66 } else { best.min(66) };
        for found in found.iter().filter(|found| found.score >= enough).take(4) {
            take(mapping, role, found, fields);
        }
    }
    add_traces(fields, mapping);
}

/// Trace ids that are a part of a field's value.
fn add_traces(fields: &Fields, mapping: &mut Mapping) {
    for field in fields.all.iter().filter(|field| !field.in_list) {
        let Some(filters) = field.values.first().and_then(|value| traces::trace_in(&field.name, value)) else {
            continue;
        };
        mapping.correlation.push(Template(format!("{{{}{filters}}}", field.pointer)));
        let why = format!("named “{}”, its values hold a trace id", field.name);
        mapping.evidence.push(evidence(Role::Correlation.name(), &field.pointer, why, field.seen, fields.records));
    }
}

/// Of a pointer, as it is written there.
fn last_name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

fn complete_plain(records: &[Value], mapping: &mut Mapping) {
    let inferred = infer(records);
    mapping.entities = inferred.entities;
    mapping.version = inferred.version;
    mapping.correlation = inferred.correlation;
    mapping.causation = inferred.causation;
    mapping.service = inferred.service;
    mapping.key = inferred.key;
    let more = ["entity", "stream", "version", "correlation", "causation", "service", "key"];
    mapping.evidence.extend(inferred.evidence.into_iter().filter(|evidence| more.contains(&evidence.role.as_str())));
}

/// Entities that the records' free-form parts name, beside those that the mapping has already.
pub fn add_entities(records: &[Value], mapping: &mut Mapping, areas: &[&str]) {
    if areas.is_empty() {
        return;
    }
    let fields = Fields::of(records);
    entities::add(&fields, mapping, areas, "");
    mapping.entities.truncate(MAX_ENTITIES.max(8));
}

/// What depends on the other roles.
fn finish(fields: &Fields, mapping: &mut Mapping) {
    // A number without a stream to count is a schema's version or a place in the file.
    if mapping.entities.iter().any(|entity| entity.stream) {
        let version = candidates(fields, Role::Version).into_iter().find(|found| found.score >= 50);
        if let Some(found) = version.filter(|found| !mapping.id.contains(&found.pointer.as_str().into())) {
            take(mapping, Role::Version, &found, fields);
        }
    }
    mapping.entities.truncate(MAX_ENTITIES);
    stream::spell_kinds(fields, mapping);
    let headers =
        fields.all.iter().find(|field| field.depth == 1 && names::fold(&field.name) == "headers" && field.objects > 0);
    mapping.headers = headers.map(|field| Template(field.pointer.clone()));
}

fn take(mapping: &mut Mapping, role: Role, found: &Found, fields: &Fields) {
    let template = Template(found.pointer.clone());
    match role {
        Role::Type => mapping.type_name.push(template),
        Role::Id => mapping.id.push(template),
        Role::Time => {
            let unit = if found.unit == TimeUnit::Text { TimeUnit::Auto } else { found.unit };
            mapping.time.push(TimeField { field: template, unit, zone_minutes: 0 });
        }
        Role::Version => mapping.version.push(template),
        Role::Correlation => mapping.correlation.push(template),
        Role::Causation => mapping.causation.push(template),
        Role::Service => mapping.service.push(template),
        Role::Key => mapping.key.push(template),
        Role::Data => mapping.data.push(template),
    }
    mapping.evidence.push(evidence(role.name(), &found.pointer, found.why.clone(), found.seen, fields.records));
}

fn evidence(role: &str, field: &str, why: String, seen: usize, of: usize) -> Evidence {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Evidence { role: role.to_owned(), field: field.to_owned(), why, seen: number(seen), of: number(of) }
}

/// Adds an entity unless the mapping has its field already.
fn add_entity(mapping: &mut Mapping, entity: EntityField, why: String, seen: usize, of: usize) {
    let used = |entity: &EntityField| lookup::pointers(&entity.id.0).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let new = used(&entity);
    if mapping.entities.iter().any(|known| used(known) == new) {
        return;
    }
    let role = if entity.stream { "stream" } else { "entity" };
    mapping.evidence.push(evidence(role, &entity.id.0, why, seen, of));
    if entity.stream {
        let at = mapping.entities.iter().take_while(|entity| entity.stream).count();
        mapping.entities.insert(at, entity);
    } else {
        mapping.entities.push(entity);
    }
}
