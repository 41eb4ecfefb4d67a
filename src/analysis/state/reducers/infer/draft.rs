//! Which idea fits which type. To add one: a file beside this, and a line in [`drafts`].

use std::sync::Arc;

use super::amounts::{Sum, sum};
use super::changes;
use super::collections::{self, Collection, collections};
use super::phrase::{About, camel};
use super::roles::{Kind, Role};
use super::sample::Sample;
use super::types::{Shape, Type, types};
use crate::analysis::state::reducers::rules::word;
use crate::analysis::state::value::Value;
use crate::base::words::words;

/// A block of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub types: Vec<Arc<str>>,
    pub when: Option<String>,
    pub lines: Vec<String>,
    pub confidence: f32,
    pub evidence: String,
    /// Of each type.
    pub counts: Vec<usize>,
}

#[derive(Debug, Default)]
pub struct Drafts {
    pub starts: Vec<(String, String)>,
    pub blocks: Vec<Draft>,
}

/// Verbs after which the thing is as it was, but for what the payload says.
const ALTERED: [&str; 14] = [
    "changed",
    "updated",
    "modified",
    "edited",
    "renamed",
    "corrected",
    "adjusted",
    "set",
    "altered",
    "amended",
    "revised",
    "defined",
    "synced",
    "moved",
];
const DELETED: [&str; 6] = ["deleted", "purged", "erased", "destroyed", "removed", "dropped"];

pub fn drafts(sample: &Sample) -> Drafts {
    let types = types(sample);
    let kind = Kind::new(sample, &types);
    let lists = collections(&kind, &types);
    let sum = sum(&kind, &types, &lists);
    let mut blocks: Vec<Draft> = Vec::new();
    let mut subjects = 0;
    for seen in &types {
        let role = kind.role(seen);
        subjects += usize::from(role == Role::Subject);
        let draft = (role == Role::Subject)
            .then(|| {
                changes::draft(seen, &types)
                    .or_else(|| collections::draft(seen, &lists))
                    .or_else(|| sum.as_ref().and_then(|sum| sum.draft(seen)))
            })
            .flatten()
            .unwrap_or_else(|| match role {
                Role::Subject => subject(&kind, seen, sum.as_ref(), &types),
                Role::Part => part(seen, &types),
                Role::Mention => mention(&kind, seen),
            });
        let same = |other: &&mut Draft| other.lines == draft.lines && other.evidence == draft.evidence;
        match blocks.iter_mut().find(same) {
            Some(other) => {
                other.types.extend(draft.types);
                other.counts.extend(draft.counts);
            }
            None => blocks.push(draft),
        }
    }
    let is_rows = blocks.iter().any(|block| block.lines.iter().any(|line| line.starts_with("replace ")));
    blocks.push(if subjects == 0 {
        Draft::others("counts[event.type] += 1", "types that were not looked at; nothing here is about it")
    } else if is_rows {
        Draft::others("ignore", "types that were not looked at")
    } else {
        Draft::others("merge . or {}", "types that were not looked at: what they hold is put into the state")
    });
    let mut starts = starts(&lists, sum.as_ref());
    starts
        .retain(|(place, _)| blocks.iter().flat_map(|block| &block.lines).any(|line| line.starts_with(place.as_str())));
    Drafts { starts, blocks }
}

fn starts(lists: &[Collection], sum: Option<&Sum>) -> Vec<(String, String)> {
    let mut starts: Vec<(String, String)> = Vec::new();
    let lists = lists.iter().map(|list| (word(list.name()), "[]".to_owned()));
    for start in sum.map(|sum| (word(sum.target()), "0".to_owned())).into_iter().chain(lists) {
        if !starts.contains(&start) {
            starts.push(start);
        }
    }
    starts
}

/// An event about the entity: its payload goes into the state, its name may say what state that is.
fn subject(kind: &Kind<'_>, seen: &Type<'_>, sum: Option<&Sum>, types: &[Type<'_>]) -> Draft {
    let (itself, root) = (kind.is_itself(seen), seen.phrase.root());
    if itself && DELETED.contains(&root) {
        return seen.draft(vec!["delete".to_owned()], 0.8, &format!("it was {}", seen.phrase.status()));
    }
    if is_value_of_its_kind(kind, seen, types) {
        return seen.draft(vec!["replace .".to_owned()], 0.8, "the only type of its kind: each event states all of it");
    }
    if kind.has_plain_types && seen.is_plain() {
        let evidence = "its name says nothing of what was done: the last of each type is kept apart";
        return seen.draft(vec![".[event.type] = .".to_owned()], 0.5, evidence);
    }
    let mut lines: Vec<String> = Vec::new();
    let opening = sum.and_then(|sum| sum.opening_line(seen));
    let mut without: Vec<&str> = opening.iter().map(|(_, field)| *field).collect();
    without.extend(seen.fields.iter().filter(|field| is_envelope(seen, &field.name)).map(|field| &*field.name));
    let is_opening = seen.opens * 2 > seen.count();
    let about = seen.phrase.about(&kind.sample.kind);
    let content = seen.content().count();
    if !kind.has_activities
        && !itself
        && !is_opening
        && !root.is_empty()
        && !ALTERED.contains(&root)
        && about == About::Other
    {
        return part(seen, types);
    }
    lines.extend(seen.merge("", &without));
    lines.extend(opening.map(|(line, _)| line));
    let has_own_status = seen.field("status").is_some() || seen.field("state").is_some();
    let mut evidence =
        if lines.is_empty() { "it holds nothing" } else { "what it holds is put into the state" }.to_owned();
    if let Some(sum) = sum.filter(|sum| sum.opening_line(seen).is_some()) {
        evidence.push_str(&format!("; `{}` begins here", sum.target()));
    }
    let mut confidence = 0.6;
    let repeats = seen.count() > 2 * histories_of(seen);
    match about {
        _ if kind.has_activities => {
            lines.push("activity = event.type".to_owned());
            evidence.push_str("; its name is what was done");
        }
        _ if root.is_empty() || ALTERED.contains(&root) || has_own_status => (),
        _ if content == 0 && repeats => {
            lines.push("counts[event.type] += 1".to_owned());
            evidence.push_str(", and comes again and again: it is counted");
        }
        About::Aspect(aspect) => {
            lines.push(format!(
                "{} = {}",
                camel(&[aspect, vec!["status".to_owned()]].concat()),
                Value::text(&seen.phrase.status())
            ));
            evidence.push_str(&format!("; the name says \"{}\"", seen.phrase.status()));
            confidence = 0.7;
        }
        _ if itself => {
            lines.push(format!("status = {}", Value::text(&seen.phrase.status())));
            evidence.push_str(&format!("; the name says \"{}\"", seen.phrase.status()));
            confidence = 0.75;
        }
        _ => (),
    }
    if lines.is_empty() {
        lines.push("ignore".to_owned());
    }
    seen.draft(lines, confidence, &evidence)
}

/// An event about a part: it has a place of its own in the state, so that it overwrites nothing.
fn part(seen: &Type<'_>, types: &[Type<'_>]) -> Draft {
    let mut name = seen.phrase.member();
    let is_taken = |name: &str| {
        types
            .iter()
            .flat_map(|other| other.fields.iter())
            .any(|field| &*field.name == name && field.shape != Shape::Object)
    };
    if name.is_empty() || is_taken(&name) {
        name.push_str("Details");
    }
    let opening: Vec<&str> = types
        .iter()
        .filter(|other| other.opens > 0)
        .flat_map(|other| other.fields.iter().map(|field| &*field.name))
        .collect();
    let known = |name: &str| words(name).last().is_some_and(|last| last == "id") && opening.contains(&name);
    let without: Vec<&str> =
        seen.fields.iter().filter(|field| field.is_own || known(&field.name)).map(|field| &*field.name).collect();
    let place = word(&name);
    let mut lines: Vec<String> = seen.merge(&place, &without).into_iter().collect();
    let mut evidence = format!("about its {}, which is kept apart", seen.phrase.noun.join(" "));
    if !seen.phrase.verb.is_empty() && seen.field("status").is_none() {
        lines.push(format!("{place}.status = {}", Value::text(&seen.phrase.status())));
        evidence.push_str(&format!("; the name says \"{}\"", seen.phrase.status()));
    }
    if lines.is_empty() {
        lines.push("ignore".to_owned());
    }
    seen.draft(lines, 0.65, &evidence)
}

/// An event about something else: only what is the entity's own is taken.
fn mention(kind: &Kind<'_>, seen: &Type<'_>) -> Draft {
    let own = words(&kind.sample.kind);
    let fields: Vec<String> =
        seen.content().filter(|field| words(&field.name).starts_with(&own)).map(|field| word(&field.name)).collect();
    let mut lines = vec!["counts[event.type] += 1".to_owned()];
    if !fields.is_empty() && seen.shape() == Shape::Object {
        lines.push(format!("merge . only {}", fields.join(", ")));
    }
    let kept = if lines.len() > 1 { ", and what is named after it is kept" } else { "" };
    seen.draft(lines, 0.5, &format!("about something else that it has a part in: it is counted{kept}"))
}

/// A kind that is a type's own name (`m.room.topic`): its events are values.
fn is_value_of_its_kind(kind: &Kind<'_>, seen: &Type<'_>, types: &[Type<'_>]) -> bool {
    types.len() == 1 && *seen.name == *kind.sample.kind && seen.shape() == Shape::Object
}

fn is_envelope(seen: &Type<'_>, name: &str) -> bool {
    seen.events.iter().any(|(_, event)| event.envelope_fields.iter().any(|field| field == name))
}

fn histories_of(seen: &Type<'_>) -> usize {
    let mut ids: Vec<&str> = seen.events.iter().map(|(history, _)| history.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

impl Draft {
    fn others(line: &str, evidence: &str) -> Self {
        Self {
            types: vec!["*".into()],
            when: None,
            lines: vec![line.to_owned()],
            confidence: 0.3,
            evidence: evidence.to_owned(),
            counts: Vec::new(),
        }
    }
}

impl Type<'_> {
    pub fn draft(&self, lines: Vec<String>, confidence: f32, evidence: &str) -> Draft {
        Draft {
            types: vec![self.name.clone()],
            when: None,
            lines,
            confidence,
            evidence: evidence.to_owned(),
            counts: vec![self.count()],
        }
    }
}
