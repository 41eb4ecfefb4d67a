//! Values that say their type or stand in pairs, as plain members: DynamoDB's `{"N": "5"}`, and lists
//! of `{"name": …, "value": …}` (OCEL 2.0, and many others; `key` serves as a name too).

use crate::analysis::state::value::{Members, Number, Value};

/// What has neither form stays as it is, at any depth.
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => typed(members).unwrap_or_else(|| {
            Value::Object(
                members.iter().map(|(name, member)| (name.clone(), plain(member))).collect::<Members>().into(),
            )
        }),
        Value::List(elements) => {
            let pairs: Option<Members> = elements.iter().map(pair).collect();
            match pairs {
                Some(members) if !elements.is_empty() => Value::Object(members.into()),
                _ => Value::list(elements.iter().map(plain)),
            }
        }
        other => other.clone(),
    }
}

fn typed(members: &Members) -> Option<Value> {
    let (kind, inner) = members.first().filter(|_| members.len() == 1)?;
    match (&**kind, inner) {
        ("S" | "B", Value::Text(_)) | ("BOOL", Value::Bool(_)) => Some(inner.clone()),
        ("N", Value::Text(digits)) => Number::parse(digits).map(Value::Number),
        ("NULL", Value::Bool(true)) => Some(Value::Null),
        ("SS" | "BS", Value::List(_)) => Some(inner.clone()),
        ("NS", Value::List(elements)) => {
            Some(Value::list(elements.iter().map(|element| {
                element.as_text().and_then(Number::parse).map_or_else(|| element.clone(), Value::Number)
            })))
        }
        ("L", Value::List(elements)) => Some(Value::list(elements.iter().map(plain))),
        ("M", Value::Object(inner)) => Some(Value::Object(
            inner.iter().map(|(name, member)| (name.clone(), plain(member))).collect::<Members>().into(),
        )),
        _ => None,
    }
}

fn pair(element: &Value) -> Option<(std::sync::Arc<str>, Value)> {
    let name = element.member("name").or_else(|| element.member("key"))?;
    let Value::Text(name) = name else { return None };
    Some((name.clone(), plain(element.member("value")?)))
}
