//! What differs between two states, leaf by leaf. What both share is not looked into.

use super::path::Path;
use super::value::Value;

/// One place that differs; `None` where it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub path: Path,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// In the order of `after`'s members, what is gone after what is there. Lists are compared place by
/// place. At most `most` changes: the caller says so where there are more.
#[must_use]
pub fn diff(before: &Value, after: &Value, most: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    walk(&Path::default(), Some(before), Some(after), most, &mut changes);
    changes
}

fn walk(path: &Path, before: Option<&Value>, after: Option<&Value>, most: usize, changes: &mut Vec<Change>) {
    if changes.len() >= most {
        return;
    }
    match (before, after) {
        (Some(a), Some(b)) if a.is_same(b) => (),
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for (name, after) in b.iter() {
                walk(&path.child(name), a.get(name), Some(after), most, changes);
            }
            for (name, before) in a.iter().filter(|(name, _)| !b.contains_key(*name)) {
                walk(&path.child(name), Some(before), None, most, changes);
            }
        }
        (Some(Value::List(a)), Some(Value::List(b))) => {
            for i in 0..a.len().max(b.len()) {
                walk(&path.child(&i.to_string()), a.get(i), b.get(i), most, changes);
            }
        }
        (Some(a), Some(b)) if a == b => (),
        _ => changes.push(Change { path: path.clone(), before: before.cloned(), after: after.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::value::parse;

    #[test]
    fn leaves_that_differ_are_listed() {
        for (before, after, expected) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1.0,"b":3,"c":null}"#, "/b 2>3, /c ->null"),
            (r#"{"a":{"x":1},"l":[1,2]}"#, r#"{"l":[1]}"#, r#"/l/1 2>-, /a {"x":1}>-"#),
            ("null", r#"{"a":1}"#, r#" null>{"a":1}"#),
            ("{}", "{}", ""),
        ] {
            let [before, after] = [before, after].map(|json| parse(json.as_bytes()).expect("JSON"));
            let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
            let changes = diff(&before, &after, 99);
            let shown: Vec<String> =
                changes.iter().map(|c| format!("{} {}>{}", c.path, show(&c.before), show(&c.after))).collect();
            assert_eq!(shown.join(", "), expected);
        }
    }
}
