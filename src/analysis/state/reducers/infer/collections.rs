//! Lists that grow and shrink: `ItemAdded`, `ItemRemoved`, and changes to one of the elements.

use super::draft::Draft;
use super::phrase::camel;
use super::roles::{Kind, Role};
use super::types::{Field, Shape, Type};
use crate::analysis::state::reducers::rules::word;
use crate::base::words::{singular, words};

const ADDED: [&str; 8] = ["added", "appended", "attached", "joined", "enrolled", "inserted", "tagged", "linked"];
const REMOVED: [&str; 8] = ["removed", "deleted", "detached", "left", "unenrolled", "dropped", "untagged", "unlinked"];
const CHANGED: [&str; 6] = ["changed", "updated", "adjusted", "set", "corrected", "modified"];

/// A list of the state and the types that add to it.
pub struct Collection {
    noun: Vec<String>,
    /// In the state.
    name: String,
    /// The member that tells elements apart; none for lists of plain values.
    key: Option<String>,
    /// What is appended, as a rule writes it.
    element: String,
    evidence: String,
}

/// The lists of a kind, from the types that add to them.
pub fn collections(kind: &Kind<'_>, types: &[Type<'_>]) -> Vec<Collection> {
    let adding = types.iter().filter(|seen| {
        ADDED.contains(&seen.phrase.root()) && !kind.is_itself(seen) && kind.role(seen) == Role::Subject
    });
    adding.filter_map(|seen| collection(seen, types)).collect()
}

fn collection(seen: &Type<'_>, types: &[Type<'_>]) -> Option<Collection> {
    let noun = singular_of(&seen.phrase.noun);
    let name = name_of(&noun, types);
    let removing =
        types.iter().find(|other| REMOVED.contains(&other.phrase.root()) && singular_of(&other.phrase.noun) == noun);
    let plural_field = seen.content().find(|field| field.shape == Shape::List && singular(&field.name) == camel(&noun));
    if let Some(list) = plural_field {
        return Some(Collection {
            element: format!("each {}", word(&list.name)),
            evidence: format!("the elements of `{}` are added", list.name),
            key: removing.and_then(|removing| key_of(removing, &noun)).map(|field| field.name.to_string()),
            noun,
            name,
        });
    }
    if let Some(inner) = seen.content().find(|field| field.shape == Shape::Object && *field.name == *camel(&noun)) {
        return Some(Collection {
            element: word(&inner.name),
            evidence: format!("`{}` is added", inner.name),
            key: removing.and_then(|removing| key_of(removing, &noun)).map(|field| field.name.to_string()),
            noun,
            name,
        });
    }
    let shared = |field: &&Field| removing.is_none_or(|removing| removing.field(&field.name).is_some());
    let mut content: Vec<&Field> = seen.content().collect();
    if let [only] = content.as_slice()
        && matches!(only.shape, Shape::Text | Shape::Number | Shape::NumberText)
    {
        return Some(Collection {
            element: word(&only.name),
            evidence: format!("`{}` is all it holds", only.name),
            key: None,
            noun,
            name,
        });
    }
    let key = key_of(seen, &noun).filter(shared)?;
    content.retain(|field| seen.always(field));
    let element = if seen.content().count() == seen.fields.len() {
        ".".to_owned()
    } else {
        let members: Vec<String> =
            content.iter().map(|field| format!("{}: {}", word(&field.name), word(&field.name))).collect();
        format!("{{{}}}", members.join(", "))
    };
    let evidence = format!("`{}` tells one {} from another", key.name, camel(&noun));
    Some(Collection { key: Some(key.name.to_string()), element, evidence, noun, name })
}

/// Rules for a type that adds to one of the lists, takes from it, or changes an element.
pub fn draft(seen: &Type<'_>, lists: &[Collection]) -> Option<Draft> {
    let noun = singular_of(&seen.phrase.noun);
    let root = seen.phrase.root();
    if let Some(list) = lists.iter().find(|list| list.noun == noun) {
        if ADDED.contains(&root) {
            return Some(seen.draft(
                vec![format!("{} append {}", word(&list.name), list.element)],
                0.85,
                &list.evidence,
            ));
        }
        if REMOVED.contains(&root) {
            return removal(seen, list);
        }
    }
    let list = lists.iter().find(|list| noun.starts_with(&list.noun) || CHANGED.contains(&root))?;
    let key = list.key.as_deref()?;
    let field = seen.content().find(|field| *field.name == *key && seen.always(field))?;
    let rest: Vec<&Field> = seen.content().filter(|other| other.name != field.name && seen.always(other)).collect();
    if rest.is_empty() || !CHANGED.contains(&root) {
        return None;
    }
    let place = format!("{}[{}]", word(&list.name), word(key));
    let lines = rest.iter().map(|other| format!("{place}.{} = {}", word(&other.name), word(&other.name))).collect();
    Some(seen.draft(lines, 0.8, &format!("changes the element of `{}` whose `{key}` it names", list.name)))
}

fn removal(seen: &Type<'_>, list: &Collection) -> Option<Draft> {
    let name = word(&list.name);
    let inner = camel(&list.noun);
    let line = match &list.key {
        None => format!("{name} remove {}", word(&seen.content().next()?.name)),
        Some(_) if seen.field(&inner).is_some_and(|field| field.shape == Shape::Object) => {
            format!("{name} remove {}.{}", word(&inner), word(list.key.as_deref()?))
        }
        Some(key) if seen.field(key).is_some() && list.element != "." && !list.element.starts_with('{') => {
            // `itemId` in the event is the element's `id` where elements are objects of their own.
            let plain = strip_noun(key, &list.noun);
            if plain == *key {
                format!("{name} remove {}", word(key))
            } else {
                format!("{name} remove {} = {}", word(&plain), word(key))
            }
        }
        Some(key) if seen.field(key).is_some() => format!("{name} remove {}", word(key)),
        Some(_) => return None,
    };
    Some(seen.draft(vec![line], 0.85, &format!("takes out of `{}` what was added", list.name)))
}

/// `itemId` → `id` for items.
fn strip_noun(key: &str, noun: &[String]) -> String {
    match words(key).strip_prefix(noun) {
        Some(rest) if !rest.is_empty() => camel(rest),
        _ => key.to_owned(),
    }
}

/// The field that names an element.
fn key_of<'a>(seen: &'a Type<'_>, noun: &[String]) -> Option<&'a Field> {
    let own = [camel(noun) + "Id", camel(noun) + "_id", camel(noun)];
    let fields: Vec<&Field> = seen
        .content()
        .filter(|field| seen.always(field) && matches!(field.shape, Shape::Text | Shape::Number | Shape::NumberText))
        .collect();
    let by = |is: &dyn Fn(&str) -> bool| fields.iter().copied().find(|field| is(&field.name));
    by(&|name| own.iter().any(|own| own == name))
        .or_else(|| by(&|name| matches!(name, "id" | "sku" | "code" | "key" | "uuid" | "ean" | "isbn")))
        .or_else(|| {
            by(&|name| words(name).last().is_some_and(|last| matches!(last.as_str(), "id" | "sku" | "code" | "key")))
        })
        .or_else(|| by(&|name| name == "name" || name == "email"))
}

/// The list's name where the state has one already, from the event that opens it.
fn name_of(noun: &[String], types: &[Type<'_>]) -> String {
    let fields = types.iter().filter(|seen| seen.opens > 0).flat_map(|seen| seen.fields.iter());
    let mut lists = fields.filter(|field| field.shape == Shape::List && singular(&field.name) == camel(noun));
    lists.next().map_or_else(|| plural(&camel(noun)), |field| field.name.to_string())
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with(['s', 'x']) || name.ends_with("ch") => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

fn singular_of(noun: &[String]) -> Vec<String> {
    let mut noun = noun.to_vec();
    if let Some(last) = noun.last_mut() {
        *last = singular(last);
    }
    noun
}

impl Collection {
    pub fn name(&self) -> &str {
        &self.name
    }
}
