//! Whether a column holds what a state says. Tables and states write the same things differently:
//! instants as text or numbers, truth as 0 and 1. Numbers are compared exactly, never as doubles.

use crate::analysis::query::parse_instant;
use crate::analysis::state::value::{Number, Value};
use crate::model::time::TimeNs;

pub(super) fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (a, b) if a == b => true,
        (Value::Bool(truth), Value::Number(number)) | (Value::Number(number), Value::Bool(truth)) => {
            *number == Number::from(i64::from(*truth))
        }
        (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number)) => {
            Number::parse(text.trim()).is_some_and(|of_text| of_text == *number) || is_instant(text, number)
        }
        (Value::Text(a), Value::Text(b)) => instant(a).is_some_and(|a| instant(b) == Some(a)),
        _ => false,
    }
}

/// A whole instant, not a day or a year.
fn instant(text: &str) -> Option<TimeNs> {
    (text.len() >= 16).then(|| parse_instant(text)).flatten().map(|instant| instant.from)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970.
fn is_instant(text: &str, number: &Number) -> bool {
    let Some(time) = instant(text) else { return false };
    [1_000_000_000, 1_000_000, 1_000, 1]
        .into_iter()
        .any(|unit: i64| time.0 % unit == 0 && Number::from(time.0 / unit) == *number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::value::parse;

    #[test]
    fn tables_write_things_in_their_own_way() {
        for (expected, actual, equal) in [
            ("59.98", "59.980", true),
            ("59.98", "\"59.98\"", true),
            ("59.98", "59.979999999999997", false),
            ("9007199254740993", "9007199254740992", false),
            ("null", "null", true),
            ("null", "\"\"", false),
            ("true", "1", true),
            ("false", "1", false),
            ("\"placed\"", "\"Placed\"", false),
            ("\"2026-02-16T10:30:00Z\"", "\"2026-02-16 10:30:00.000\"", true),
            ("\"2026-02-16T10:30:00Z\"", "\"2026-02-16T12:30:00+02:00\"", true),
            ("\"2026-02-16T10:30:00Z\"", "1771237800000", true),
            ("\"2026-02-16T10:30:00Z\"", "1771237801", false),
            ("\"2026\"", "\"2026-01\"", false),
            ("{\"a\":1,\"b\":[2.0]}", "{\"b\":[2],\"a\":1}", true),
        ] {
            let value = |text: &str| parse(text.as_bytes()).expect("JSON");
            assert_eq!(same(&value(expected), &value(actual)), equal, "{expected} {actual}");
        }
    }
}
