//! A value of a state on one line, numbers as they were written.

use crate::analysis::state::value::Value;
use crate::base::text::{count, plural};
use crate::gui::panels::parts::preview::one_line;

/// Longest text on a row, in characters.
const VALUE_CHARS: usize = 240;

/// `"open"`, `150.00`, `{3}`, `[12]`; `12 events so far` for a history kept as its length.
#[must_use]
pub fn short(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => history(value).unwrap_or_else(|| format!("{{{}}}", count(members.len() as u64))),
        Value::List(elements) if elements.is_empty() => "[]".to_owned(),
        Value::List(elements) => format!("[{}]", count(elements.len() as u64)),
        Value::Text(text) => format!("\"{}\"", one_line(text, VALUE_CHARS)),
        _ => value.to_string(),
    }
}

/// What was or is at a place where there may be nothing.
#[must_use]
pub fn short_or_nothing(value: Option<&Value>) -> String {
    value.map_or_else(|| "–".to_owned(), short)
}

/// `{"$events": 12}` stands for an array that every event was pushed to.
#[must_use]
pub fn history(value: &Value) -> Option<String> {
    let Value::Object(members) = value else { return None };
    let events = members.get("$events").filter(|_| members.len() == 1)?;
    let n: u64 = events.to_string().parse().ok()?;
    Some(format!("{} so far", plural(n, "event", "events")))
}
