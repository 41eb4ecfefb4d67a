//! JSON merge patches (RFC 7396), and the check of a snapshot against the state.

use std::sync::Arc;

use super::ast::Pick;
use crate::analysis::state::diff::diff;
use crate::analysis::state::value::{Members, Value};

/// Merges an object's members into `target`; null takes one away. What is no object is replaced.
pub fn merge(target: &mut Value, patch: &Members, pick: &Pick) {
    if !matches!(target, Value::Object(_)) {
        *target = Value::object();
    }
    let Value::Object(members) = target else { return };
    let members = Arc::make_mut(members);
    for (name, part) in patch.iter().filter(|(name, _)| picked(pick, name)) {
        match part {
            Value::Null => {
                members.shift_remove(name);
            }
            Value::Object(part) => match members.get_mut(name) {
                Some(member) => merge(member, part, &Pick::All),
                None => {
                    let mut member = Value::Null;
                    merge(&mut member, part, &Pick::All);
                    members.insert(name.clone(), member);
                }
            },
            part => match members.get_mut(name) {
                Some(member) => *member = part.clone(),
                None => {
                    members.insert(name.clone(), part.clone());
                }
            },
        }
    }
}

/// How the state differs from a snapshot of it, in words; members that only the state has do not count.
pub fn difference(state: &Value, snapshot: &Value) -> Option<String> {
    let changes = diff(state, snapshot, 1_000);
    let change = changes.iter().find(|change| change.after.is_some())?;
    let show = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), super::eval::describe);
    Some(format!(
        "the snapshot differs: {} is {} there and {} here",
        change.path.dotted(),
        show(&change.after),
        show(&change.before)
    ))
}

fn picked(pick: &Pick, name: &str) -> bool {
    match pick {
        Pick::All => true,
        Pick::Only(names) => names.iter().any(|picked| &**picked == name),
        Pick::Without(names) => !names.iter().any(|left| &**left == name),
    }
}
