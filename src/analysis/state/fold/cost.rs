//! What a state costs beyond what it shares with the one before it.

use std::cell::Cell;

use crate::analysis::state::value::{Elements, Value};

/// Parts looked at for one state: what is left is estimated from them.
const MOST_LOOKED_AT: usize = 4_096;
/// A member's place in its object's table, with the name it usually shares.
const MEMBER_BYTES: usize = 64;
const TEXT_BYTES: usize = 16;
const OBJECT_BYTES: usize = 120;
/// A list's element, with its share of the tree.
const ELEMENT_BYTES: usize = 48;

/// An estimate in bytes.
pub(super) fn cost(value: &Value, before: &Value) -> usize {
    size_of::<(u32, Value)>() + beyond(value, Some(before), &Cell::new(MOST_LOOKED_AT))
}

fn beyond(value: &Value, before: Option<&Value>, looks: &Cell<usize>) -> usize {
    look(looks);
    if before.is_some_and(|before| value.is_same(before)) {
        return 0;
    }
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(number) => number.heap_bytes(),
        Value::Text(text) => TEXT_BYTES + text.len(),
        Value::List(elements) => of_list(elements, before, looks),
        Value::Object(members) => {
            let (mut bytes, mut seen) = (0, 0);
            for (name, member) in members.iter().take_while(|_| looks.get() > 0) {
                bytes += beyond(member, before.and_then(|before| before.member(name)), looks);
                seen += 1;
            }
            OBJECT_BYTES + members.len() * MEMBER_BYTES + scaled(bytes, seen, members.len())
        }
    }
}

/// Lists share their tree: only what is new at its place counts.
fn of_list(elements: &Elements, before: Option<&Value>, looks: &Cell<usize>) -> usize {
    let Some(Value::List(before)) = before else {
        let (mut bytes, mut seen) = (0, 0);
        for element in elements.iter().take_while(|_| looks.get() > 0) {
            bytes += ELEMENT_BYTES + beyond(element, None, looks);
            seen += 1;
        }
        return ELEMENT_BYTES + scaled(bytes, seen, elements.len());
    };
    // Most lists grow at their end, so the end is looked at first.
    let (mut bytes, mut seen) = (0, 0);
    for i in (0..elements.len()).rev().take_while(|_| looks.get() > 0) {
        let Some(element) = elements.get(i) else { break };
        let was = before.get(i);
        seen += 1;
        if was.is_none_or(|was| !is_shared(element, was)) {
            bytes += ELEMENT_BYTES + beyond(element, was, looks);
        } else {
            look(looks);
        }
    }
    // What was not looked at and has stood there before is taken for shared.
    ELEMENT_BYTES + scaled(bytes, seen, elements.len().saturating_sub(before.len()))
}

fn look(looks: &Cell<usize>) {
    looks.set(looks.get().saturating_sub(1));
}

/// Whether an element is surely the one that stood there before.
fn is_shared(element: &Value, was: &Value) -> bool {
    match element {
        Value::Null | Value::Bool(_) | Value::Number(_) => element == was,
        _ => element.is_same(was),
    }
}

fn scaled(bytes: usize, seen: usize, all: usize) -> usize {
    if seen == 0 || seen >= all { bytes } else { bytes.saturating_mul(all) / seen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::value::{Number, parse};

    fn state(json: &str) -> Value {
        parse(json.as_bytes()).expect("JSON")
    }

    #[test]
    fn what_is_shared_costs_nothing() {
        let long = "x".repeat(10_000);
        let before = state(&format!("{{\"text\":\"{long}\",\"list\":[1,2,3],\"n\":1}}"));
        let Value::Object(members) = &before else { panic!("an object") };
        let mut changed = (**members).clone();
        changed.insert("n".into(), Value::Number(Number::from(2)));
        let after = Value::Object(changed.into());
        assert!(cost(&after, &before) < 600, "{}", cost(&after, &before));
        assert!(cost(&after, &Value::Null) > 10_000);
        assert!(cost(&before, &before.clone()) < 100);
        assert!(cost(&state(&after.to_string()), &before) > 10_000, "equal but not shared");
    }

    #[test]
    fn long_lists_are_estimated() {
        let list = |n: i64| Value::list((0..n).map(|i| Value::text(&format!("element number {i:06}"))));
        let (before, of_each) = (list(100_000), ELEMENT_BYTES + TEXT_BYTES + 21);
        let whole = cost(&before, &Value::Null);
        assert!((of_each * 90_000..of_each * 110_000).contains(&whole), "{whole}");
        let Value::List(elements) = &before else { panic!("a list") };
        let grown =
            Value::List((0..500).fold(elements.clone(), |list, i| list.push_back(Value::text(&format!("{i}")))));
        let added = cost(&grown, &before);
        assert!((500 * ELEMENT_BYTES..1000 * ELEMENT_BYTES).contains(&added), "{added}");
    }
}
