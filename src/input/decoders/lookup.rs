//! Values of a sample's records by pointer, for presets and inference. The sample is small, so this
//! reads JSON trees; indexing never does.
//!
//! Pointers are those of [`crate::model::mapping`], with `*` and `{}` but without braces and filters.

use std::borrow::Cow;

use serde_json::Value;

/// Every non-null value at `pointer`.
pub fn values<'v>(root: &'v Value, pointer: &str) -> Vec<Cow<'v, Value>> {
    let mut found = vec![Cow::Borrowed(root)];
    for segment in pointer.split('/').skip(1) {
        found = found.into_iter().flat_map(|value| step(value, segment)).collect();
    }
    found.retain(|value| !value.is_null());
    found
}

/// The first value at `pointer` as text: strings as they are, numbers and booleans as written.
pub fn text(root: &Value, pointer: &str) -> Option<String> {
    values(root, pointer).iter().find_map(|value| scalar(value))
}

pub fn has(root: &Value, pointer: &str) -> bool {
    !values(root, pointer).is_empty()
}

pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A key as a pointer's segment.
pub fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { Cow::Owned(key.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(key) }
}

/// A pointer's segment as a key.
pub fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// The pointers that a template names: itself, or what its braces hold without their filters.
pub fn pointers(template: &str) -> Vec<&str> {
    if template.starts_with('/') && !template.contains("{/") {
        return vec![template];
    }
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find("{/") {
        let inside = &rest[start + 1..];
        // `{}` segments hold braces of their own.
        let mut depth = 1;
        let end = inside.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        let Some(end) = end else { break };
        let field = &inside[..end];
        found.push(field.split('|').next().unwrap_or(field));
        rest = &inside[end..];
    }
    found
}

fn step<'v>(value: Cow<'v, Value>, segment: &str) -> Vec<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(value) if segment == "{}" => inner(value).into_iter().map(Cow::Owned).collect(),
        Cow::Borrowed(value) => children(value, segment).into_iter().map(Cow::Borrowed).collect(),
        Cow::Owned(value) if segment == "{}" => inner(&value).into_iter().map(Cow::Owned).collect(),
        Cow::Owned(value) => children(&value, segment).into_iter().map(|child| Cow::Owned(child.clone())).collect(),
    }
}

fn inner(value: &Value) -> Option<Value> {
    serde_json::from_str(value.as_str()?).ok()
}

fn children<'v>(value: &'v Value, segment: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(items) if segment == "*" => items.iter().collect(),
        Value::Array(items) if segment.starts_with('[') => {
            let name = unescape(segment.trim_start_matches('[').trim_end_matches(']'));
            let named = |item: &&Value| {
                item.get(0).and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(&name))
            };
            items.iter().filter(named).filter_map(|item| item.get(1)).collect()
        }
        Value::Object(members) if segment == "*" => members.values().collect(),
        Value::Object(members) => members.get(&*unescape(segment)).into_iter().collect(),
        Value::Array(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_reach_members_elements_and_strings_that_hold_json() {
        let record =
            json!({"a": {"b/c": 1}, "items": [{"id": 1}, {"id": 2}], "body": "{\"x\":{\"y\":\"z\"}}", "n": null});
        for (pointer, expected) in [
            ("/a/b~1c", vec!["1"]),
            ("/items/*/id", vec!["1", "2"]),
            ("/items/1/id", vec!["2"]),
            ("/body/{}/x/y", vec!["z"]),
            ("/n", vec![]),
            ("/missing/x", vec![]),
        ] {
            let found: Vec<_> = values(&record, pointer).iter().filter_map(|value| scalar(value)).collect();
            assert_eq!(found, expected, "{pointer}");
        }
    }

    #[test]
    fn templates_name_their_pointers() {
        for (template, expected) in [
            ("/a/b", vec!["/a/b"]),
            ("/body/{}/x", vec!["/body/{}/x"]),
            ("{/a}#{/b|before:-}", vec!["/a", "/b"]),
            ("{/body/{}/x|else:y}", vec!["/body/{}/x"]),
            ("order", vec![]),
            ("{@file|time}", vec![]),
            ("{/broken", vec![]),
        ] {
            assert_eq!(pointers(template), expected, "{template}");
        }
    }
}
