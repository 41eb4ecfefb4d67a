//! Places in the state that is being changed. A place is found or made whole: what fails fails before
//! anything was changed.

use std::borrow::Cow;
use std::sync::Arc;

use super::ast::{Place, Step};
use super::eval::{Fault, describe, eval, member_name, position, shown};
use crate::analysis::state::event::Input;
use crate::analysis::state::value::{Elements, Value};

/// The values of a place's selectors, in order. Without selectors nothing is allocated.
pub type Keys<'e> = Vec<Cow<'e, Value>>;

pub fn keys<'e>(place: &'e Place, event: &'e Input, state: &Value) -> Result<Keys<'e>, Fault<'e>> {
    let mut keys = Keys::new();
    for step in &place.0 {
        if let Step::Find { value, .. } = step {
            keys.push(eval(value, event, state)?);
        }
    }
    Ok(keys)
}

/// The place, made where it is not there (null then). An element that is not found is made only where
/// it is the place itself and `upsert` says so.
pub fn slot<'s, 'e>(
    root: &'s mut Value,
    place: &'e Place,
    keys: &Keys<'e>,
    upsert: bool,
) -> Result<&'s mut Value, Fault<'e>> {
    let mut keys = keys.iter();
    let mut at = root;
    for (i, step) in place.0.iter().enumerate() {
        let is_last = i + 1 == place.0.len();
        let key = if matches!(step, Step::Find { .. }) { keys.next() } else { None };
        let before = place.0.get(..i).unwrap_or_default();
        at = match step {
            Step::Member(name) => member(at, name, before)?,
            Step::Index(index) => {
                let Value::List(elements) = at else {
                    return Fault::wrong(format!("{} is {}, not a list", shown(before), describe(at)));
                };
                let found = position(*index, elements.len());
                match found.and_then(|at| elements.get_mut(at)) {
                    Some(element) => element,
                    None => return Fault::wrong(format!("{} has no element {index}", shown(before))),
                }
            }
            Step::Find { key: name, .. } => {
                let key = key.map_or(&Value::Null, |key| &**key);
                match at {
                    Value::List(_) => element(at, name.as_deref(), key, upsert && is_last, before)?,
                    _ => {
                        let name: Arc<str> = member_name(key)?.into();
                        member(at, &name, before)?
                    }
                }
            }
        };
    }
    Ok(at)
}

/// What is there now, `None` where it is not.
pub fn get<'s>(root: &'s Value, place: &Place, keys: &Keys<'_>) -> Option<&'s Value> {
    let mut keys = keys.iter();
    place.0.iter().try_fold(root, |at, step| match (step, at) {
        (Step::Member(name), Value::Object(members)) => members.get(name),
        (Step::Index(index), Value::List(elements)) => elements.get(position(*index, elements.len())?),
        (Step::Find { key, .. }, Value::List(elements)) => elements.get(find(elements, key.as_deref(), keys.next()?)?),
        (Step::Find { .. }, Value::Object(members)) => members.get(&*member_name(keys.next()?).ok()?),
        _ => None,
    })
}

/// Takes the last step's member or element away; nothing happens where it is not there.
pub fn remove<'e>(root: &mut Value, place: &'e Place, keys: &Keys<'e>) -> Result<(), Fault<'e>> {
    let Some((last, before)) = place.0.split_last() else { return Ok(()) };
    if get(root, place, keys).is_none() {
        return Ok(());
    }
    let parent = slot(root, &Place(before.to_vec()), keys, false).map_err(|_| Fault::Wrong(String::new()));
    let Ok(parent) = parent else { return Ok(()) };
    match (last, parent) {
        (Step::Member(name), Value::Object(members)) => {
            Arc::make_mut(members).shift_remove(name);
        }
        (Step::Index(index), Value::List(elements)) => {
            let gone = position(*index, elements.len());
            *elements = without(elements, |i, _| Some(i) == gone);
        }
        (Step::Find { key, .. }, Value::List(elements)) => {
            let value = keys.last().map_or(&Value::Null, |key| &**key);
            *elements = without(elements, |_, element| fits(element, key.as_deref(), value));
        }
        (Step::Find { .. }, Value::Object(members)) => {
            let name = member_name(keys.last().map_or(&Value::Null, |key| &**key))?;
            Arc::make_mut(members).shift_remove(&*name);
        }
        _ => (),
    }
    Ok(())
}

/// The elements that are kept.
pub fn without(elements: &Elements, is_gone: impl Fn(usize, &Value) -> bool) -> Elements {
    elements
        .iter()
        .enumerate()
        .filter(|(i, element)| !is_gone(*i, element))
        .map(|(_, element)| element.clone())
        .collect()
}

/// The first element that fits.
pub fn find(elements: &Elements, key: Option<&str>, value: &Value) -> Option<usize> {
    elements.iter().position(|element| fits(element, key, value))
}

/// Whether an object's member has the value, or anything else is the value.
pub fn fits(element: &Value, key: Option<&str>, value: &Value) -> bool {
    match (element, key) {
        (Value::Object(members), Some(key)) => members.get(key) == Some(value),
        _ => element == value,
    }
}

fn member<'s, 'e>(at: &'s mut Value, name: &Arc<str>, before: &[Step]) -> Result<&'s mut Value, Fault<'e>> {
    if at.is_null() {
        *at = Value::object();
    }
    let Value::Object(members) = at else {
        return Fault::wrong(format!("{} is {}, it has no members", shown(before), describe(at)));
    };
    let members = Arc::make_mut(members);
    let at = match members.get_index_of(&**name) {
        Some(at) => at,
        None => members.insert_full(name.clone(), Value::Null).0,
    };
    match members.get_index_mut(at) {
        Some((_, member)) => Ok(member),
        None => Fault::wrong("a member was lost"),
    }
}

fn element<'s, 'e>(
    at: &'s mut Value,
    key: Option<&str>,
    value: &Value,
    make: bool,
    before: &[Step],
) -> Result<&'s mut Value, Fault<'e>> {
    let Value::List(elements) = at else { return Fault::wrong("a list was lost") };
    let found = match find(elements, key, value) {
        Some(at) => at,
        None if make => {
            elements.push_back_mut(Value::Null);
            elements.len() - 1
        }
        None => {
            let key = key.unwrap_or("value");
            return Fault::wrong(format!("{} has no element whose {key} is {}", shown(before), describe(value)));
        }
    };
    match elements.get_mut(found) {
        Some(element) => Ok(element),
        None => Fault::wrong("an element was lost"),
    }
}
