//! The stream an event belongs to: `aggregateId` beside `aggregateType`, or a stream's name such as
//! `account-123` and `order:456`, whose part before the separator is the kind.

use std::collections::HashSet;

use serde_json::Value;

use super::fields::{Field, Fields};
use super::names::{entity_kind, fold, is_plumbing};
use super::{add_entity, entities};
use crate::input::decoders::lookup;
use crate::model::mapping::{EntityField, Mapping, Template};

const IDS: &[&str] = &[
    "aggregateid",
    "aggregaterootid",
    "streamid",
    "entityid",
    "streamname",
    "stream",
    "aggregate",
    "aggregateuuid",
    "originatorid",
];
const KINDS: &[&str] = &[
    "aggregatetype",
    "entitytype",
    "streamtype",
    "aggregatename",
    "streamcategory",
    "aggregate",
    "entity",
    "category",
    "aggregaterootname",
];

pub fn add(fields: &Fields, records: &[Value], mapping: &mut Mapping) {
    let by_name = |names: &[&str]| {
        let rank = |field: &&Field| names.iter().position(|name| *name == fold(&field.name));
        let usable = fields.all.iter().filter(|field| field.depth <= 3 && field.is_scalar() && !field.in_list);
        usable
            .filter_map(|field| Some((rank(&field)?, field)))
            .min_by_key(|(rank, field)| (*rank, field.depth))
            .map(|(_, field)| field)
    };
    let Some(id) = by_name(IDS) else {
        add_case(fields, mapping);
        return;
    };
    let kind_field =
        by_name(KINDS).filter(|field| field.pointer != id.pointer && field.is_text() && field.seen * 2 >= id.seen);
    let (kind, id_template, why) = kind_and_id(fields, records, id, kind_field);
    let entity = EntityField { kind: Template(kind), id: Template(id_template), stream: true };
    add_entity(mapping, entity, why, id.seen, fields.records);
}

fn kind_and_id(fields: &Fields, records: &[Value], id: &Field, kind: Option<&Field>) -> (String, String, String) {
    if let Some(kind) = kind {
        let why = format!("“{}” with its kind in “{}”", id.name, kind.name);
        return (format!("{{{}}}", kind.pointer), id.pointer.clone(), why);
    }
    for separator in [":", "/", "-"] {
        if let Some(kinds) = prefixes(id, separator) {
            let whole = equals_another(fields, records, id, &kinds);
            let kind = format!("{{{}|before:{separator}}}", id.pointer);
            let why = format!(
                "“{}” starts with the kind ({})",
                id.name,
                kinds.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
            );
            let id = if whole { id.pointer.clone() } else { format!("{{{}|after:{separator}}}", id.pointer) };
            return (kind, id, why);
        }
    }
    // The aggregate's id is often in the payload again, under the name of its kind.
    let same = fields.all.iter().find(|field| {
        field.pointer != id.pointer
            && field.values.len() * 2 >= id.values.len()
            && entity_kind(&field.name).is_some_and(|kind| !is_plumbing(&kind))
            && equal_in(records, &field.pointer, &id.pointer)
    });
    if let Some(kind) = same.and_then(|field| entity_kind(&field.name)) {
        let why = format!("“{}” is the same as the {kind}'s id", id.name);
        return (kind, id.pointer.clone(), why);
    }
    let kind = entity_kind(&id.name).unwrap_or_else(|| "stream".to_owned());
    (kind, id.pointer.clone(), format!("named “{}”", id.name))
}

/// Case logs have one stream: the case.
fn add_case(fields: &Fields, mapping: &mut Mapping) {
    let case = fields.all.iter().find(|field| entities::is_case(&field.name) && field.is_scalar() && !field.in_list);
    let Some(case) = case else { return };
    let entity = EntityField { kind: "case".into(), id: case.pointer.as_str().into(), stream: true };
    add_entity(mapping, entity, format!("“{}” is the case of a case log", case.name), case.seen, fields.records);
}

/// The few words that all values start with, before the first `separator`.
fn prefixes(field: &Field, separator: &str) -> Option<Vec<String>> {
    let mut kinds = HashSet::new();
    for value in &field.values {
        let (kind, id) = value.split_once(separator)?;
        let word = kind.len() >= 2 && kind.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '.' | '$'));
        if !word || id.is_empty() {
            return None;
        }
        kinds.insert(kind.to_owned());
    }
    let mut kinds: Vec<String> = kinds.into_iter().collect();
    kinds.sort();
    let few = kinds.len() <= 3 || kinds.len() * 3 <= field.values.len();
    few.then_some(kinds)
}

/// Whether the whole name is an id elsewhere in the record (`orderId: "order-456"`).
fn equals_another(fields: &Fields, records: &[Value], id: &Field, kinds: &[String]) -> bool {
    fields.all.iter().any(|field| {
        field.pointer != id.pointer
            && entity_kind(&field.name).is_some_and(|kind| kinds.iter().any(|known| fold(known) == fold(&kind)))
            && equal_in(records, &field.pointer, &id.pointer)
    })
}

/// Equal wherever both are there, and both are there in some record.
fn equal_in(records: &[Value], one: &str, other: &str) -> bool {
    let mut both = 0;
    for record in records {
        if let (Some(one), Some(other)) = (lookup::text(record, one), lookup::text(record, other)) {
            if one != other {
                return false;
            }
            both += 1;
        }
    }
    both > 0
}

/// A stream of the kind `Order` and an `orderId` speak of one thing: the stream's kinds are spelled
/// as the fields spell them.
pub fn spell_kinds(fields: &Fields, mapping: &mut Mapping) {
    let plain: Vec<String> =
        mapping.entities.iter().map(|entity| entity.kind.0.clone()).filter(|kind| !kind.contains('{')).collect();
    for entity in mapping.entities.iter_mut().filter(|entity| entity.stream) {
        let Some(inside) = entity.kind.0.strip_prefix('{').and_then(|kind| kind.strip_suffix('}')) else { continue };
        let mut parts = inside.split('|');
        let Some(field) = parts.next().and_then(|pointer| fields.get(pointer)) else { continue };
        let separator = parts.next().and_then(|filter| filter.strip_prefix("before:"));
        let mut spelled: Vec<String> = Vec::new();
        for value in &field.values {
            let kind =
                separator.map_or(Some(value.as_str()), |separator| value.split_once(separator).map(|(kind, _)| kind));
            let Some(kind) = kind.filter(|kind| !kind.contains(['=', ',', '|', '{', '}'])) else { continue };
            let known = plain.iter().find(|known| fold(known) == fold(kind) && *known != kind);
            if let Some(rule) = known.map(|known| format!("{kind}={known}")).filter(|rule| !spelled.contains(rule)) {
                spelled.push(rule);
            }
        }
        if !spelled.is_empty() {
            spelled.sort();
            entity.kind = Template(format!("{{{inside}|names:{}}}", spelled.join(",")));
        }
    }
}
