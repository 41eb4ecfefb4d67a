//! The event as scripts see it: its payload's members laid flat, with what is known beside the payload.
//!
//! It is made as text, by joining texts, because the payload is parsed only once, in the script's own
//! language. Members that a script never names are left out, so that `{...event}` stays small.

use crate::analysis::state::event::{Input, Need};
use crate::analysis::state::value::{self, MAX_DEPTH, Value};
use crate::sandbox::MAX_EVENT_BYTES;

/// A member beside the payload's own.
struct Field {
    /// The first is the usual one, the others are how stores call it.
    names: &'static [&'static str],
    what: What,
    meaning: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Type,
    Id,
    Time,
    Version,
    Stream,
    Service,
    Correlation,
    Cause,
    Data,
    Metadata,
}

const FIELDS: [Field; 10] = [
    Field { names: &["type", "eventType"], what: What::Type, meaning: "the event's type" },
    Field { names: &["id", "eventId"], what: What::Id, meaning: "the event's id" },
    Field { names: &["time", "timestamp", "created"], what: What::Time, meaning: "its time as ISO text" },
    Field { names: &["version", "sequenceNumber"], what: What::Version, meaning: "its position in its stream" },
    Field { names: &["streamId"], what: What::Stream, meaning: "the id of its stream" },
    Field { names: &["service"], what: What::Service, meaning: "who wrote it" },
    Field { names: &["correlationId"], what: What::Correlation, meaning: "the first of its correlation ids" },
    Field { names: &["causationId"], what: What::Cause, meaning: "the first of its causes" },
    Field { names: &["data", "body"], what: What::Data, meaning: "the whole payload" },
    Field { names: &["metadata"], what: What::Metadata, meaning: "the headers" },
];

/// What an event has in a script, for people: the names and what they are.
pub fn members() -> impl Iterator<Item = (String, &'static str)> {
    FIELDS.iter().map(|field| (field.names.join(", "), field.meaning))
}

/// Which members a script looks at.
pub struct View {
    /// Those that a payload's member of the same name hides.
    below: Vec<(&'static str, What)>,
    /// Those that hide the payload's.
    above: Vec<(&'static str, What)>,
}

/// A view that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub bytes: usize,
    /// Members whose numbers a double cannot hold: their path and what was written.
    pub lossy: Vec<(String, String)>,
}

impl View {
    /// Of a script's text: the members that it names anywhere.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut view = Self { below: Vec::new(), above: vec![("type", What::Type)] };
        for field in &FIELDS {
            for name in field.names.iter().filter(|name| **name != "type" && names(text, name)) {
                let wins = matches!(*name, "data" | "body" | "metadata");
                (if wins { &mut view.above } else { &mut view.below }).push((name, field.what));
            }
        }
        view
    }

    #[must_use]
    pub fn need(&self) -> Need {
        let known = |what: What| matches!(what, What::Type | What::Time | What::Version | What::Data);
        let meta = self.below.iter().chain(&self.above).any(|(_, what)| !known(*what));
        Need { text: true, meta, ..Need::default() }
    }

    /// Appends the event as a JSON object. `exact` asks for numbers that a double cannot hold.
    ///
    /// # Errors
    /// Why it cannot be given to a script.
    pub fn write(&self, event: &Input, exact: bool, into: &mut Vec<u8>) -> Result<Written, String> {
        if let Some(problem) = &event.problem {
            return Err(problem.to_string());
        }
        let payload = if event.text.is_empty() { "null" } else { event.text.trim() };
        if payload.len() > MAX_EVENT_BYTES {
            return Err(format!("the payload is larger than {} MiB", MAX_EVENT_BYTES >> 20));
        }
        if payload.starts_with('{') != payload.ends_with('}') {
            return Err("the payload is no JSON".to_owned());
        }
        let survey = survey(payload);
        if survey.depth > MAX_DEPTH {
            return Err(format!("the payload is nested deeper than {MAX_DEPTH} levels"));
        }
        let start = into.len();
        let inner = payload.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map_or("", str::trim);
        into.push(b'{');
        for (name, what) in &self.below {
            member(name, *what, event, payload, into);
        }
        if !inner.is_empty() {
            into.extend_from_slice(inner.as_bytes());
            into.push(b',');
        }
        for (name, what) in &self.above {
            member(name, *what, event, payload, into);
        }
        // `type` is always there and leaves its comma.
        into.pop();
        into.push(b'}');
        let lossy = if exact && survey.has_long_number { lossy(payload) } else { Vec::new() };
        Ok(Written { bytes: into.len() - start, lossy })
    }
}

fn member(name: &str, what: What, event: &Input, payload: &str, into: &mut Vec<u8>) {
    let start = into.len();
    into.push(b'"');
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(b"\":");
    let meta = event.meta.as_deref();
    let written = match what {
        What::Type => quote(Some(&event.type_name), into),
        What::Time => quote(event.time.map(crate::model::time::TimeNs::to_rfc3339).as_deref(), into),
        What::Version => event.version.map(|version| into.extend_from_slice(version.to_string().as_bytes())),
        What::Data => {
            into.extend_from_slice(payload.as_bytes());
            Some(())
        }
        What::Id => quote(meta.and_then(|meta| meta.id.as_deref()), into),
        What::Service => quote(meta.and_then(|meta| meta.service.as_deref()), into),
        What::Stream => quote(meta.and_then(|meta| meta.entities.first()).map(|entity| entity.id.as_str()), into),
        What::Correlation => quote(meta.and_then(|meta| meta.correlations.first()).map(|id| id.value.as_str()), into),
        What::Cause => quote(meta.and_then(|meta| meta.causes.first()).map(|id| id.value.as_str()), into),
        What::Metadata => {
            let headers = meta.map(|meta| meta.headers.as_slice()).unwrap_or_default();
            let headers: Vec<String> =
                headers.iter().map(|(name, value)| format!("{}:{}", json(name), json(value))).collect();
            into.extend_from_slice(format!("{{{}}}", headers.join(",")).as_bytes());
            Some(())
        }
    };
    match written {
        Some(()) => into.push(b','),
        None => into.truncate(start),
    }
}

fn quote(text: Option<&str>, into: &mut Vec<u8>) -> Option<()> {
    let text = text?;
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        into.push(b'"');
        into.extend_from_slice(text.as_bytes());
        into.push(b'"');
    } else {
        into.extend_from_slice(json(text).as_bytes());
    }
    Some(())
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether the text has this word.
fn names(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && !text[at + word.len()..].chars().next().is_some_and(part)
    })
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Survey {
    depth: usize,
    /// A number of sixteen digits or with an exponent: perhaps more than a double holds.
    has_long_number: bool,
}

fn survey(json: &str) -> Survey {
    let mut survey = Survey::default();
    let (mut depth, mut digits, mut quoted, mut escaped) = (0_usize, 0_u32, false, false);
    for byte in json.bytes() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                survey.has_long_number |= digits >= 16;
                continue;
            }
            b'.' if digits > 0 => continue,
            b'e' | b'E' if digits > 0 => survey.has_long_number = true,
            b'"' => quoted = true,
            b'{' | b'[' => {
                depth += 1;
                survey.depth = survey.depth.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        digits = 0;
    }
    survey
}

/// Paths of the numbers that a double cannot hold, `*` for an element's place.
fn lossy(payload: &str) -> Vec<(String, String)> {
    fn walk(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::Number(number) if number.is_lossy_as_f64() => found.push((path.to_owned(), number.to_string())),
            Value::List(elements) => elements.iter().for_each(|element| walk(element, &format!("{path}[*]"), found)),
            Value::Object(members) => {
                for (name, member) in members.iter() {
                    let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                    walk(member, &path, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = value::parse(payload.as_bytes()) {
        walk(&value, "", &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::state::event::Meta;
    use crate::model::envelope::{EntityRef, NamedId};
    use crate::model::time::TimeNs;

    fn event(payload: &str) -> Input {
        let meta = Meta {
            id: Some("e\"1".to_owned()),
            service: Some("bank".to_owned()),
            entities: vec![EntityRef { kind: "account".to_owned(), id: "acc-1".to_owned() }],
            correlations: vec![NamedId { name: "correlationId".to_owned(), value: "c-1".to_owned() }],
            headers: vec![("user".to_owned(), "ann".to_owned())],
            ..Meta::default()
        };
        Input {
            type_name: "Deposited".into(),
            time: Some(TimeNs(0)),
            version: Some(4),
            text: payload.into(),
            meta: Some(Arc::new(meta)),
            ..Input::default()
        }
    }

    fn view(script: &str, payload: &str) -> String {
        let mut into = Vec::new();
        View::of(script).write(&event(payload), true, &mut into).expect("a view");
        // As scripts read it: of a name that is there twice the last counts.
        value::parse(&into).expect("JSON").to_string()
    }

    #[test]
    fn events_show_what_the_script_names() {
        for (script, payload, expected) in [
            ("", r#"{"amount":5}"#, r#"{"amount":5,"type":"Deposited"}"#),
            ("", " { } ", r#"{"type":"Deposited"}"#),
            ("", "[1,2]", r#"{"type":"Deposited"}"#),
            ("", "", r#"{"type":"Deposited"}"#),
            ("event.body", "[1,2]", r#"{"type":"Deposited","body":[1,2]}"#),
            ("const { id, version } = event", "{}", r#"{"id":"e\"1","version":4,"type":"Deposited"}"#),
            ("event.time", "{}", r#"{"time":"1970-01-01T00:00:00Z","type":"Deposited"}"#),
            ("e.streamId + e.correlationId", "{}", r#"{"streamId":"acc-1","correlationId":"c-1","type":"Deposited"}"#),
            ("e.causationId", "{}", r#"{"type":"Deposited"}"#),
            ("e.metadata", "{}", r#"{"type":"Deposited","metadata":{"user":"ann"}}"#),
            // The payload's own wins, but for the type, the data and the metadata.
            ("event.id", r#"{"id":7,"type":"x"}"#, r#"{"id":7,"type":"Deposited"}"#),
            ("event.data", r#"{"data":1}"#, r#"{"data":{"data":1},"type":"Deposited"}"#),
            ("event.identity", "{}", r#"{"type":"Deposited"}"#),
        ] {
            let shown = view(script, payload);
            assert_eq!(
                value::parse(shown.as_bytes()),
                value::parse(expected.as_bytes()),
                "{script} {payload}: {shown}"
            );
        }
    }

    #[test]
    fn only_what_is_named_is_loaded() {
        assert!(!View::of("event.amount + event.time + event.data").need().meta);
        assert!(View::of("event['id']").need().meta);
    }

    #[test]
    fn numbers_that_lose_digits_are_found() {
        for (payload, expected) in [
            (r#"{"a":9007199254740993}"#, vec!["a"]),
            (r#"{"a":[{"b":1e400}],"c":12345678901234567890}"#, vec!["a[*].b", "c"]),
            (r#"{"a":"9007199254740993","b":12.5,"c":3e5}"#, vec![]),
        ] {
            let written = View::of("").write(&event(payload), true, &mut Vec::new()).expect("a view");
            let paths: Vec<&str> = written.lossy.iter().map(|(path, _)| path.as_str()).collect();
            assert_eq!(paths, expected, "{payload}");
        }
    }

    #[test]
    fn what_cannot_be_given_to_a_script_is_an_error() {
        let deep = "[".repeat(100_000);
        assert!(View::of("").write(&event(&deep), true, &mut Vec::new()).is_err());
        let broken = Input { problem: Some("gone".into()), ..Input::default() };
        assert_eq!(View::of("").write(&broken, true, &mut Vec::new()), Err("gone".to_owned()));
    }
}
