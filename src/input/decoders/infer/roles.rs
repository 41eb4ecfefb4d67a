//! Which field plays which part: scores by name, corrected by what the values are like.

use std::collections::HashMap;

use super::fields::{Field, Fields, looks_like_time_text, looks_like_uuid};
use super::names::fold;
use super::traces::is_traceparent;
pub use super::vocabulary::Role;
use crate::model::mapping::TimeUnit;

#[derive(Clone, Debug)]
pub struct Found {
    pub pointer: String,
    pub score: i32,
    pub why: String,
    pub seen: usize,
    pub unit: TimeUnit,
}

/// Below this a field does not get a role. A doubtful time is better than none: without one nothing
/// can be placed on the axis.
fn enough(role: Role) -> i32 {
    if role == Role::Time { 15 } else { 30 }
}

/// The fields of a role, best first.
pub fn candidates(fields: &Fields, role: Role) -> Vec<Found> {
    let known: HashMap<&str, i32> = role.known().iter().copied().collect();
    let mut found: Vec<Found> = fields
        .all
        .iter()
        .filter_map(|field| candidate(fields, field, role, &known))
        .filter(|found| found.score >= enough(role))
        .collect();
    if found.is_empty() {
        found = fields.all.iter().filter_map(|field| by_values_alone(fields, field, role)).collect();
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

/// Where no name tells: the column of times, and the one of a few names that come again and again.
fn by_values_alone(fields: &Fields, field: &Field, role: Role) -> Option<Found> {
    let everywhere = fields.records >= 3 && field.seen * 5 >= fields.records * 4;
    if field.in_list || field.depth > 2 || !everywhere {
        return None;
    }
    let above = i32::try_from(field.depth).unwrap_or(9) - 1;
    let (score, why) = match role {
        Role::Time if field.is_text() && field.percent(looks_like_time_text) >= 95 => {
            (40, "the values of this one are times")
        }
        Role::Type => {
            let distinct = field.distinct();
            let few = distinct >= 2 && distinct * 3 <= field.values.len() * 2 && distinct <= 200;
            let words = |value: &str| looks_like_type_name(value) && value.len() >= 3;
            let named = field.is_text() && field.percent(words) >= 95;
            if !few || !named || field.percent(looks_like_time_text) > 5 || field.percent(looks_like_uuid) > 5 {
                return None;
            }
            (
                30 - i32::try_from(distinct * 20 / field.values.len()).unwrap_or(20) + 20,
                "this one has a few names that come again",
            )
        }
        _ => return None,
    };
    let why = format!("no field is named like a {}; {why}", role.name());
    Some(Found {
        pointer: field.pointer.clone(),
        score: score - above * 8,
        why,
        seen: field.seen,
        unit: TimeUnit::Text,
    })
}

fn candidate(fields: &Fields, field: &Field, role: Role, known: &HashMap<&str, i32>) -> Option<Found> {
    if field.name.is_empty() || (field.in_list && !matches!(role, Role::Causation | Role::Correlation)) {
        return None;
    }
    let folded = fold(&field.name);
    let by_name = known.get(folded.as_str()).copied().or_else(|| by_ending(role, &folded))?;
    let (by_values, unit, what) = values_fit(fields, field, role)?;
    let share = field.seen * 100 / fields.records.max(1);
    // A field that few records have is seldom the envelope's.
    let rare = if matches!(role, Role::Correlation | Role::Causation) {
        0
    } else {
        (100 - i32::try_from(share).unwrap_or(0)) / 3
    };
    let score = by_name + by_values - rare - depth_penalty(field, role);
    Some(Found {
        pointer: field.pointer.clone(),
        score,
        why: format!("named “{}”, {what}", field.name),
        seen: field.seen,
        unit,
    })
}

/// Names that only end like a role's.
fn by_ending(role: Role, folded: &str) -> Option<i32> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| folded.len() > ending.len() && folded.ends_with(ending));
    match role {
        Role::Time if ends(&["timestamp", "datetime"]) => Some(70),
        Role::Time if ends(&["time", "at", "date"]) => Some(52),
        Role::Type if ends(&["eventtype", "eventname", "messagetype"]) => Some(80),
        Role::Correlation if ends(&["correlationid"]) => Some(80),
        Role::Causation if ends(&["causationid"]) => Some(80),
        Role::Service if ends(&["servicename"]) => Some(70),
        _ => None,
    }
}

/// Envelopes are at the top or in a part of their own; payloads have fields of the same names.
fn depth_penalty(field: &Field, role: Role) -> i32 {
    let above = i32::try_from(field.depth).unwrap_or(9) - 1;
    if above == 0 {
        return 0;
    }
    let parent = fold(&field.parent);
    let envelope_part = matches!(
        parent.as_str(),
        "metadata"
            | "meta"
            | "header"
            | "headers"
            | "envelope"
            | "context"
            | "properties"
            | "eventmetadata"
            | "event"
            | "info"
            | "tracing"
            | "trace"
    );
    let base = match role {
        Role::Correlation | Role::Causation => 4,
        Role::Time => 16,
        _ => 24,
    };
    if envelope_part { 4 * above } else { base * above }
}

/// How well the values fit: a correction of the score, the unit of times, and what was seen.
fn values_fit(fields: &Fields, field: &Field, role: Role) -> Option<(i32, TimeUnit, String)> {
    let few = fields.records < 8;
    let distinct = field.distinct();
    let fits = |by: i32, what: &str| Some((by, TimeUnit::Auto, what.to_owned()));
    match role {
        Role::Type => {
            let names = field.percent(looks_like_type_name);
            if !field.is_text() || names < 80 || field.percent(looks_like_time_text) > 20 || field.is_uuid() {
                return None;
            }
            if !few && distinct * 2 > field.values.len() && distinct > 40 {
                return fits(-45, "with too many different values for types");
            }
            let spoken = field
                .percent(|value| value.chars().any(char::is_uppercase) || value.contains(['.', '_', ' ', '-']))
                > 50;
            let by = if spoken { 6 } else { 0 } - if !few && distinct == 1 { 20 } else { 0 };
            fits(by, &format!("{distinct} different names"))
        }
        Role::Id => {
            if !field.is_scalar() || field.in_list {
                return None;
            }
            let unique = distinct * 100 / field.values.len().max(1);
            match (few, unique, field.is_uuid()) {
                (true, 100, _) | (false, 97.., true) => fits(8, "another one in each record"),
                (false, 90.., _) => fits(0, "nearly another one in each record"),
                (true, ..) => fits(-10, "not another one in each record"),
                (false, ..) => fits(-70, "repeated too often"),
            }
        }
        Role::Time => {
            let unit = field.time_unit()?;
            let what = if unit == TimeUnit::Text { "values are times" } else { "numbers of the size of times" };
            Some((if unit == TimeUnit::Text { 2 } else { 0 }, unit, what.to_owned()))
        }
        Role::Version => {
            if field.percent(|value| value.parse::<u32>().is_ok()) < 100 || !field.is_scalar() {
                return None;
            }
            let steps = field.values.iter().filter_map(|value| value.parse::<u32>().ok()).max().unwrap_or(0);
            let named = fold(&field.name);
            let plain = named == "version" || named == "eventversion";
            if plain && distinct == 1 && fields.records > 3 {
                return fits(-90, "always the same, so it is the schema's");
            }
            fits(0, &format!("whole numbers up to {steps}"))
        }
        Role::Correlation | Role::Causation => {
            if !field.is_scalar() || field.values.iter().any(|value| value.contains('\n') || value.len() > 200) {
                return None;
            }
            // More than an id: `traces` takes the trace out of it.
            if field.percent(is_traceparent) > 50 {
                return None;
            }
            let shared = if role == Role::Correlation && !few && field.is_unique() { -30 } else { 0 };
            fits(shared, &format!("{distinct} different ids"))
        }
        Role::Service => {
            if !field.is_text() || field.percent(|value| value.len() <= 120 && !value.contains('\n')) < 100 {
                return None;
            }
            if !few && distinct > 30 && distinct * 4 > field.values.len() {
                return None;
            }
            let ids = if field.percent(looks_like_uuid) > 50 { -40 } else { 0 };
            fits(ids, &format!("{distinct} different names"))
        }
        Role::Key => {
            if !field.is_scalar() || field.depth > 2 {
                return None;
            }
            fits(0, &format!("{distinct} different keys"))
        }
        Role::Data => {
            let json_text = field.texts > 0 && field.percent(|value| value.starts_with('{')) > 80;
            if field.objects == 0 && !json_text || field.depth > 2 {
                return None;
            }
            fits(0, "holds the rest of the record")
        }
    }
}

/// A short text that names something: not a sentence, a number or a path.
fn looks_like_type_name(value: &str) -> bool {
    let words = value.split(' ').count();
    value.len() <= 96 && words <= 6 && value.chars().any(char::is_alphabetic) && !value.contains(['\n', '{', '"'])
}
