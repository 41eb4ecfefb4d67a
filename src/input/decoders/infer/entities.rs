//! Entities by the names of fields: `orderId` anywhere is an order, `/customer/id` is a customer.
//!
//! Fields that tell every event apart (`requestId` under another name) and fields that never change
//! (`tenantId`) are left out, unless nothing else is there to follow.

use super::fields::{Field, Fields, looks_like_time_text};
use super::names::{entity_kind, fold, is_plumbing, kind_of_parent, words};
use super::{MAX_ENTITIES, add_entity};
use crate::model::mapping::{EntityField, Mapping, Template};

/// Enough records to say that a field is always new or always the same.
const TELLING: usize = 24;

struct Candidate<'f> {
    field: &'f Field,
    kind: String,
    why: String,
    dull: bool,
}

/// Adds the entities that fields within `areas` (pointers; empty for the whole record) name. `data` is
/// where the payload is: things in it go before things of the same number of records elsewhere.
pub fn add(fields: &Fields, mapping: &mut Mapping, areas: &[&str], data: &str) {
    let used: Vec<String> = used_pointers(mapping);
    let mut found: Vec<Candidate<'_>> = fields
        .all
        .iter()
        .filter(|field| !used.contains(&field.pointer) && areas.iter().any(|area| within(&field.pointer, area)))
        .filter_map(|field| candidate(fields, field))
        .collect();
    let known = mapping.entities.iter().any(|entity| is_there(fields, entity));
    if found.iter().any(|candidate| !candidate.dull) || known {
        found.retain(|candidate| !candidate.dull);
    }
    if found.is_empty() && mapping.entities.is_empty() {
        found = by_plain_names(fields, &used, areas);
    }
    share_kinds(&mut found, mapping);
    found.sort_by_key(|candidate| {
        let inside = !data.is_empty() && within(&candidate.field.pointer, data);
        (std::cmp::Reverse(candidate.field.seen), !inside, candidate.field.depth)
    });
    for candidate in found.into_iter().take(MAX_ENTITIES) {
        let pointer = candidate.field.pointer.as_str();
        let entity = EntityField { kind: Template(candidate.kind), id: pointer.into(), stream: false };
        add_entity(mapping, entity, candidate.why, candidate.field.seen, fields.records);
    }
}

fn candidate<'f>(fields: &Fields, field: &'f Field) -> Option<Candidate<'f>> {
    // `orderIds` holds the ids as its elements.
    if !holds_ids(field) {
        return None;
    }
    let (kind, why) = match entity_kind(&field.name) {
        Some(kind) => (kind, format!("“{}” names it by its id", field.name)),
        None if is_case(&field.name) => ("case".to_owned(), format!("“{}” is the case of a case log", field.name)),
        None if matches!(fold(&field.name).as_str(), "id" | "uuid" | "guid") => {
            (kind_of_parent(&field.parent)?, format!("the id of “{}”", field.parent))
        }
        None => return None,
    };
    if is_plumbing(&kind) || matches!(fold(&kind).as_str(), "aggregate" | "stream" | "entity") && field.depth > 9 {
        return None;
    }
    Some(Candidate { field, kind, why, dull: is_dull(fields, field) })
}

/// Some record has it: a preset's entities stand for all logs of its kind (messages of a queue have no key).
fn is_there(fields: &Fields, entity: &EntityField) -> bool {
    let pointer = &entity.id.0;
    !pointer.starts_with('/') || fields.all.iter().any(|field| field.pointer == *pointer)
}

/// Always new, or always the same.
fn is_dull(fields: &Fields, field: &Field) -> bool {
    if field.values.len() < TELLING {
        return false;
    }
    let everywhere = field.seen * 10 >= fields.records * 9;
    (everywhere && field.is_unique()) || (field.distinct() == 1 && field.seen * 2 > fields.records)
}

fn holds_ids(field: &Field) -> bool {
    if field.values.is_empty() || field.objects > field.values.len() && !field.pointer.ends_with("/*") {
        return false;
    }
    let shape = |value: &str| {
        let whole = value.bytes().all(|b| b.is_ascii_digit());
        let number = !whole && value.parse::<f64>().is_ok();
        let flag = matches!(value, "true" | "false");
        value.len() <= 128 && !value.contains(['\n', '{']) && !number && !flag
    };
    field.percent(shape) >= 95 && field.percent(looks_like_time_text) < 20
}

/// Case logs: `case:concept:name`, `case_id`, `Case ID`.
pub fn is_case(name: &str) -> bool {
    matches!(fold(name).as_str(), "caseconceptname" | "case" | "caseid" | "tracename")
}

/// Where no field ends in an id's suffix, things are sometimes named by themselves.
fn by_plain_names<'f>(fields: &'f Fields, used: &[String], areas: &[&str]) -> Vec<Candidate<'f>> {
    const NAMES: &[&str] = &[
        "subject",
        "user",
        "username",
        "account",
        "accountnumber",
        "customer",
        "order",
        "ordernumber",
        "orderno",
        "device",
        "email",
        "login",
        "sku",
        "iban",
        "resource",
        "object",
        "uid",
        "key",
        "client",
        "host",
        "hostname",
        "ip",
        "player",
        "vehicle",
    ];
    let mut found: Vec<(usize, Candidate<'f>)> = Vec::new();
    for field in &fields.all {
        let folded = fold(&field.name);
        let place = NAMES.iter().position(|name| *name == folded);
        let usable = !used.contains(&field.pointer) && areas.iter().any(|area| within(&field.pointer, area));
        if let (Some(place), true, true) = (place, usable, holds_ids(field)) {
            let kind = words(&field.name).first().cloned().unwrap_or_else(|| "key".to_owned());
            let why = format!("nothing is named by an id, and “{}” repeats", field.name);
            found.push((place, Candidate { field, kind, why, dull: is_dull(fields, field) }));
        }
    }
    found.retain(|(_, candidate)| !candidate.dull);
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, candidate)| candidate).take(2).collect()
}

/// `fromAccountId` and `toAccountId` are accounts where the log has accounts.
fn share_kinds(found: &mut [Candidate<'_>], mapping: &Mapping) {
    const PARTS: &[&str] = &[
        "from",
        "to",
        "source",
        "target",
        "destination",
        "old",
        "new",
        "previous",
        "next",
        "parent",
        "original",
        "sender",
        "receiver",
        "recipient",
        "debit",
        "credit",
        "primary",
        "secondary",
    ];
    let mut kinds: Vec<String> = found.iter().map(|candidate| fold(&candidate.kind)).collect();
    kinds.extend(mapping.entities.iter().map(|entity| fold(&entity.kind.0)));
    for candidate in found {
        let words = words(&candidate.kind);
        let Some((first, rest)) = words.split_first() else { continue };
        let rest: String = rest.concat();
        if PARTS.contains(&first.as_str()) && kinds.contains(&rest) {
            candidate.kind = rest;
        }
    }
}

fn used_pointers(mapping: &Mapping) -> Vec<String> {
    let roles = mapping
        .id
        .iter()
        .chain(&mapping.correlation)
        .chain(&mapping.causation)
        .chain(&mapping.type_name)
        .chain(&mapping.service);
    let times = mapping.time.iter().map(|time| &time.field);
    let entities = mapping.entities.iter().map(|entity| &entity.id);
    let templates = roles.chain(times).chain(entities);
    templates.flat_map(|template| super::lookup::pointers(&template.0)).map(str::to_owned).collect()
}

fn within(pointer: &str, area: &str) -> bool {
    pointer.strip_prefix(area).is_some_and(|rest| rest.starts_with('/'))
}
