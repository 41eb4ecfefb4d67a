//! What may come next while a filter is typed: keys, then names that the log really has, with counts.
//!
//! Costs a pass over the names of entities where ids are asked for, so it belongs into a job.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lexer::{Kind, Term, tokens};
use crate::base::text::{count, plural};
use crate::model::filter::{Condition, NameKey, Path, Pattern, Root, Step};
use crate::model::ids::{EntityIx, EventIx};
use crate::store::names::Name;
use crate::store::snapshot::Snapshot;

/// Suggestions at once; more are not read by anyone.
const MOST: usize = 50;

/// Records that are looked into for names of fields.
const SAMPLE: u64 = 16;

/// Depth to which fields are suggested.
const FIELD_DEPTH: usize = 4;

/// One suggestion: `text` in place of the bytes `replace`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub replace: Range<usize>,
    pub text: String,
    /// What it is, or how often it occurs.
    pub note: String,
}

/// Suggestions for a filter whose caret stands at byte `cursor`, best first.
#[must_use]
pub fn complete(text: &str, cursor: usize, snapshot: &Snapshot) -> Vec<Completion> {
    let cursor = text.floor_char_boundary(cursor);
    let token = tokens(text).into_iter().find(|token| token.at.start < cursor && cursor <= token.at.end);
    let (replace, found) = match token {
        Some(token) => match token.kind {
            Kind::Term(term) if cursor >= term.value_at.start => {
                (term.value_at.clone(), values(text, &term, cursor, snapshot))
            }
            Kind::Term(term) if cursor <= term.key.end => {
                (term.key.clone(), keys(prefix(text, &term.key, cursor), true, snapshot))
            }
            Kind::Text(_) if text[token.at.clone()].starts_with('"') => return Vec::new(),
            Kind::Text(_) | Kind::And | Kind::Or | Kind::Not => {
                (token.at.clone(), keys(prefix(text, &token.at, cursor), false, snapshot))
            }
            Kind::Open => (cursor..cursor, keys("", false, snapshot)),
            _ => return Vec::new(),
        },
        None => (cursor..cursor, keys("", false, snapshot)),
    };
    let make = |(text, note)| Completion { replace: replace.clone(), text, note };
    found.into_iter().take(MOST).map(make).collect()
}

type Found = Vec<(String, String)>;

fn prefix<'t>(text: &'t str, at: &Range<usize>, cursor: usize) -> &'t str {
    text.get(at.start..cursor.min(at.end).max(at.start)).unwrap_or_default()
}

/// Keys, with their operator unless one stands there already; fields once the payload is named.
fn keys(typed: &str, has_op: bool, snapshot: &Snapshot) -> Found {
    let colon = if has_op { "" } else { ":" };
    if let Some(root) = Root::ALL.into_iter().find(|root| typed.starts_with(&format!("{}.", root.word()))) {
        return fields(root, typed, snapshot);
    }
    let note = |key: NameKey| match key {
        NameKey::Type => plural(snapshot.types().len().saturating_sub(1) as u64, "type", "types"),
        NameKey::Service => plural(snapshot.services().len().saturating_sub(1) as u64, "service", "services"),
        NameKey::Kind => plural(snapshot.kinds().len() as u64, "kind of entity", "kinds of entities"),
        NameKey::Entity => plural(u64::from(snapshot.entity_count()), "entity", "entities"),
        NameKey::Id => "the event's own id".to_owned(),
        NameKey::Correlation => "events of one conversation".to_owned(),
        NameKey::Cause => "events caused by this id".to_owned(),
        NameKey::Source => plural(snapshot.sources().len() as u64, "source", "sources"),
    };
    let named = NameKey::ALL.into_iter().map(|key| (format!("{}{colon}", key.word()), note(key)));
    let others = [
        (format!("time{}", if has_op { "" } else { ">=" }), "a day, a minute, an instant"),
        (format!("version{}", if has_op { "" } else { ">=" }), "position in the stream"),
        ("data.".to_owned(), "a field of the payload"),
        ("record.".to_owned(), "a field of the whole record"),
        ("headers.".to_owned(), "a header"),
        (format!("is{colon}"), "undecodable, untimed, doubtful"),
        ("not ".to_owned(), "what does not match"),
        ("or ".to_owned(), "either side"),
        ("and ".to_owned(), "both sides"),
    ];
    let others = others.map(|(text, note)| (text, note.to_owned()));
    named.chain(others).filter(|(key, _)| has_prefix(key, typed)).collect()
}

fn values(text: &str, term: &Term, cursor: usize, snapshot: &Snapshot) -> Found {
    let typed = prefix(text, &term.value_at, cursor).trim_start_matches('"');
    let key = text.get(term.key.clone()).unwrap_or_default();
    match NameKey::ALL.into_iter().find(|name| name.word() == key) {
        Some(NameKey::Type) => names(snapshot.types().get(1..).unwrap_or_default(), typed),
        Some(NameKey::Service) => names(snapshot.services().get(1..).unwrap_or_default(), typed),
        Some(NameKey::Kind) => kinds(typed, "", snapshot),
        Some(NameKey::Entity) => entities(typed, snapshot),
        Some(NameKey::Source) => {
            let sources = snapshot.sources().iter().filter(|s| has_prefix(&s.name, typed));
            sources.map(|s| (quoted(&s.name), s.format.clone())).collect()
        }
        Some(NameKey::Id | NameKey::Correlation | NameKey::Cause) => Vec::new(),
        None if key == "is" => {
            let words = Condition::ALL.into_iter().map(Condition::word).filter(|word| has_prefix(word, typed));
            words.map(|word| (word.to_owned(), String::new())).collect()
        }
        None if key == "time" => {
            let ends = snapshot.time_range().into_iter().flat_map(|(a, b)| [(a, "first event"), (b, "last event")]);
            let ends = ends.map(|(time, note)| (time.to_rfc3339(), note.to_owned()));
            ends.filter(|(time, _)| has_prefix(time, typed)).collect()
        }
        None => Vec::new(),
    }
}

fn names(names: &[Name], typed: &str) -> Found {
    let mut found: Vec<&Name> = names.iter().filter(|name| contains(&name.name, typed)).collect();
    found.sort_by_key(|name| (!has_prefix(&name.name, typed), std::cmp::Reverse(name.events)));
    found.into_iter().map(|name| (quoted(&name.name), count(name.events))).collect()
}

fn kinds(typed: &str, ending: &str, snapshot: &Snapshot) -> Found {
    let mut found: Vec<_> = snapshot.kinds().iter().filter(|kind| has_prefix(&kind.name, typed)).collect();
    found.sort_by_key(|kind| std::cmp::Reverse(kind.entities));
    let note = |entities| plural(entities, "entity", "entities");
    found.into_iter().map(|kind| (format!("{}{ending}", quoted(&kind.name)), note(kind.entities))).collect()
}

/// `KIND:` first, then the ids that start with what was typed.
fn entities(typed: &str, snapshot: &Snapshot) -> Found {
    let mut found = kinds(typed, ":", snapshot);
    let mut events = 0..snapshot.entity_count();
    while found.len() < MOST {
        let Some(ix) = events.next().map(EntityIx) else { break };
        let Some(entity) = snapshot.entity(ix) else { continue };
        let kind = snapshot.kind_name(entity.kind);
        let rest = strip_prefix(typed, kind).and_then(|rest| rest.strip_prefix(':')).unwrap_or(typed);
        if typed.is_empty() || !has_prefix(entity.id, rest) {
            continue;
        }
        let name = quoted(&format!("{kind}:{}", entity.id));
        found.push((name, plural(snapshot.entity_events(ix).take(1000).count() as u64, "event", "events")));
    }
    found
}

/// Names of fields as a few records have them.
fn fields(root: Root, typed: &str, snapshot: &Snapshot) -> Found {
    let mut found = BTreeMap::new();
    let step = (snapshot.len() / SAMPLE).max(1);
    for ix in (0..SAMPLE).map(|i| EventIx(i * step)).take_while(|ix| ix.0 < snapshot.len()) {
        let source = snapshot.source_of(ix).and_then(|(source, _)| snapshot.sources().get(source.at()));
        let (Some(source), Ok(record)) = (source, snapshot.record(ix)) else { continue };
        let value = match root {
            Root::Data => source.decode.data_json(&record).and_then(|json| serde_json::from_str(&json).ok()),
            Root::Record => source.decode.json(&record),
            Root::Headers => {
                for (name, value) in source.decode.envelope(&record).headers {
                    let path = Path { root, steps: vec![Step::Member(name)] };
                    found.entry(path.to_string()).or_insert_with(|| value.as_text().into_owned());
                }
                None
            }
        };
        if let Some(value) = value {
            collect(&value, &mut Path { root, steps: Vec::new() }, &mut found);
        }
    }
    found.into_iter().filter(|(path, _)| contains(path, typed)).collect()
}

fn collect(value: &serde_json::Value, path: &mut Path, found: &mut BTreeMap<String, String>) {
    if path.steps.len() > FIELD_DEPTH || found.len() > 10 * MOST {
        return;
    }
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                path.steps.push(Step::Member(name.clone()));
                collect(member, path, found);
                path.steps.pop();
            }
        }
        serde_json::Value::Array(elements) => elements.iter().take(3).for_each(|e| collect(e, path, found)),
        _ if path.steps.is_empty() => {}
        scalar => {
            let example: String = scalar.to_string().chars().take(40).collect();
            found.entry(path.to_string()).or_insert(example);
        }
    }
}

fn quoted(text: &str) -> String {
    Pattern::exactly(text).to_string()
}

fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    strip_prefix(text, prefix).is_some()
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
