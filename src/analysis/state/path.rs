//! Places in a state, as JSON Pointers (RFC 6901): `/items/0/sku`. The empty one is the whole state.

use std::sync::Arc;

use super::value::Value;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Vec<Arc<str>>);

impl Path {
    /// `/a/b` or, as people write it, `a.b` and `a[0]`; a leading `/` decides.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(pointer) = text.strip_prefix('/') {
            return Self(pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~").into()).collect());
        }
        let steps = text.split(['.', '[', ']']).filter(|step| !step.is_empty());
        Self(steps.map(Arc::from).collect())
    }

    #[must_use]
    pub fn child(&self, step: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, steps)| Self(steps.to_vec()))
    }

    #[must_use]
    pub fn steps(&self) -> &[Arc<str>] {
        &self.0
    }

    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `other` is this place or lies inside it.
    #[must_use]
    pub fn holds(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    /// As people write it: `items[0].sku`; `state` for the root.
    #[must_use]
    pub fn dotted(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            if step.parse::<usize>().is_ok() {
                text.push_str(&format!("[{step}]"));
            } else {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(step);
            }
        }
        if text.is_empty() { "state".to_owned() } else { text }
    }

    /// What is there.
    #[must_use]
    pub fn get<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(root, |value, step| match value {
            Value::Object(members) => members.get(&**step),
            Value::List(elements) => elements.get(step.parse().ok()?),
            _ => None,
        })
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "/{}", step.replace('~', "~0").replace('/', "~1")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::value::parse;

    #[test]
    fn both_spellings_lead_to_the_same_place() {
        let state = parse(br#"{"items":[{"sku":"W"}],"a/b":{"~":1}}"#).expect("JSON");
        for (text, pointer, dotted, there) in [
            ("/items/0/sku", "/items/0/sku", "items[0].sku", Some(r#""W""#)),
            ("items[0].sku", "/items/0/sku", "items[0].sku", Some(r#""W""#)),
            ("/a~1b/~0", "/a~1b/~0", "a/b.~", Some("1")),
            ("", "", "state", Some(r#"{"items":[{"sku":"W"}],"a/b":{"~":1}}"#)),
            ("items.5", "/items/5", "items[5]", None),
        ] {
            let path = Path::parse(text);
            assert_eq!((path.to_string().as_str(), path.dotted().as_str()), (pointer, dotted));
            assert_eq!(path.get(&state).map(ToString::to_string).as_deref(), there, "{text}");
        }
    }
}
