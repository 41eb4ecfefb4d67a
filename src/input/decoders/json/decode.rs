//! Reads single records again, by the same plan that indexed them.
//!
//! A record of a document whose events are members of an object starts with its key:
//! `"e1": {…}`. That key is `/@key` here as it is in rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::issues::issue;
use super::locate::{Located, locate};
use super::payload::PayloadFinder;
use super::scan::{Fail, Why, space};
use super::skip::key;
use super::unescape::unescape;
use super::walk::Walker;
use crate::input::decoders::plan::{Captures, Expr, Found, Plan, Program, Setting, first, one, parse_version, text};
use crate::model::envelope::{EntityRef, Envelope, NamedId};
use crate::model::issue::{Issue, IssueCode};
use crate::model::message::HeaderValue;
use crate::model::source::Decode;
use crate::model::time::TimeReader;

#[derive(Debug)]
pub struct JsonDecode {
    plan: Arc<Plan>,
    /// For its first place, where that is a member of the record.
    payload: Option<PayloadFinder>,
}

impl JsonDecode {
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let payload = plan.data.first().and_then(|pointer| PayloadFinder::new(pointer));
        Self { plan, payload }
    }

    /// Where the payload is: the first of the mapping's places that is there.
    fn data(&self, record: &[u8], start: usize) -> Option<Located> {
        self.plan.data.iter().find_map(|pointer| {
            let found = locate(record, start, pointer)?;
            let null = found.text.is_none() && record.get(found.range.clone()) == Some(b"null");
            (!null).then_some(found)
        })
    }

    fn headers(&self, record: &[u8], start: usize) -> Vec<(String, HeaderValue)> {
        let Some(pointer) = &self.plan.headers else { return Vec::new() };
        let Some(found) = locate(record, start, pointer) else { return Vec::new() };
        let bytes = found.text.as_deref().or_else(|| record.get(found.range)).unwrap_or_default();
        header_list(serde_json::from_slice(bytes).unwrap_or_default())
    }
}

impl Decode for JsonDecode {
    fn envelope(&self, record: &[u8]) -> Envelope {
        let program = &*self.plan.full;
        let mut walker = Walker::new(program);
        walker.begin();
        let (key, start) = member_key(record);
        if let (Some(slot), Some(key)) = (program.key_slot(), &key) {
            let text = walker.captures.keep(key);
            walker.captures.set(slot, text);
        }
        let undecodable = |fail| {
            let issue = issue(record.get(start..).unwrap_or_default(), fail, false);
            Envelope { data: 0..record.len(), issue: Some(issue), ..Envelope::default() }
        };
        if record.get(start) != Some(&b'{') {
            return undecodable(None);
        }
        match walker.object::<false>(program, record, start, 0) {
            Ok(end) if space::<false>(record, end) == record.len() => {}
            Ok(end) => return undecodable(Some(Fail { at: end - start, why: Why::Broken })),
            Err(fail) => return undecodable(Some(Fail { at: fail.at.saturating_sub(start), ..fail })),
        }
        let mut envelope = Reading { program, captures: walker.captures, record }.envelope();
        envelope.data = self.data(record, start).map_or(start..record.len(), |found| found.range);
        envelope.headers = self.headers(record, start);
        if let Err(error) = std::str::from_utf8(record) {
            let at = u32::try_from(error.valid_up_to()).ok();
            envelope.issue = Some(Issue { code: IssueCode::InvalidUtf8, at });
        }
        envelope
    }

    fn json(&self, record: &[u8]) -> Option<Value> {
        let (key, start) = member_key(record);
        let bytes = record.get(start..)?;
        let mut value: Value = match std::str::from_utf8(bytes) {
            Ok(text) => serde_json::from_str(text).ok()?,
            Err(_) => serde_json::from_str(&String::from_utf8_lossy(bytes)).ok()?,
        };
        if let (Some(key), Some(members)) = (key, value.as_object_mut()) {
            members.entry("@key").or_insert_with(|| Value::String(String::from_utf8_lossy(&key).into_owned()));
        }
        Some(value)
    }

    fn data_json(&self, record: &[u8]) -> Option<String> {
        let (_, start) = member_key(record);
        let bytes = match self.data(record, start) {
            Some(Located { text: Some(text), .. }) => return Some(String::from_utf8_lossy(&text).into_owned()),
            Some(Located { range, .. }) => record.get(range)?,
            None => record.get(start..)?.trim_ascii_end(),
        };
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    fn data_range(&self, record: &[u8]) -> Option<Range<usize>> {
        let start = space::<false>(record, 0);
        if record.get(start) != Some(&b'{') {
            return None;
        }
        if let Some(range) = self.payload.as_ref().and_then(|payload| payload.find(record)) {
            return Some(range);
        }
        match self.data(record, start) {
            Some(found) => found.text.is_none().then_some(found.range),
            None => Some(start..record.len()),
        }
    }
}

/// The key before a member's object, and where the object starts.
fn member_key(record: &[u8]) -> (Option<Vec<u8>>, usize) {
    let start = space::<false>(record, 0);
    if record.get(start) == Some(&b'"')
        && let Ok(key) = key::<false>(record, start)
    {
        let mut name = Vec::new();
        unescape(key.name, &mut name);
        return (Some(name), key.value);
    }
    (None, start)
}

struct Reading<'a> {
    program: &'a Program,
    captures: Captures,
    record: &'a [u8],
}

impl Reading<'_> {
    fn envelope(mut self) -> Envelope {
        let program = self.program;
        let (time, time_text) = self.time();
        Envelope {
            type_name: self.first(&program.type_name).unwrap_or_default(),
            id: self.first(&program.id),
            time,
            time_text,
            service: self.first(&program.service),
            version: self.first(&program.version).and_then(|text| parse_version(text.as_bytes())),
            entities: self.entities(),
            correlations: self.named(&program.correlation),
            causes: self.named(&program.causation),
            key: self.first(&program.key),
            ..Envelope::default()
        }
    }

    fn string(&self, found: Found<'_>) -> Option<String> {
        let bytes = found.bytes(self.record, &self.captures.scratch);
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    }

    fn first(&mut self, list: &[Setting<Expr>]) -> Option<String> {
        let found = first(self.program, list, &mut self.captures, self.record);
        self.string(found)
    }

    /// The first time that can be read, else the text of the first that is there.
    fn time(&mut self) -> (Option<crate::model::time::TimeNs>, Option<String>) {
        let mut unread = None;
        for (setting, unit, zone) in &self.program.time {
            let found = one(self.program, setting, &mut self.captures, self.record);
            let Some(text) = self.string(found) else { continue };
            let time = TimeReader::new(*unit, *zone).read(text.as_bytes());
            if time.is_some() {
                return (time, Some(text));
            }
            unread.get_or_insert(text);
        }
        (None, unread)
    }

    /// The matches for which a setting is made; 0 where it has no `*`.
    fn matches(&self, driver: Option<u8>) -> Vec<u64> {
        driver.map_or(vec![0], |slot| self.captures.matches(slot).iter().map(|(stamp, _)| *stamp).collect())
    }

    fn entities(&mut self) -> Vec<EntityRef> {
        let (mut list, mut seen) = (Vec::new(), BTreeSet::new());
        for setting in &self.program.entities {
            for of_match in self.matches(setting.driver) {
                let kind = self.text(&setting.value.0, of_match);
                let id = self.text(&setting.value.1, of_match);
                let (Some(kind), Some(id)) = (kind, id) else { continue };
                let entity = EntityRef { kind, id };
                if seen.insert(entity.clone()) {
                    list.push(entity);
                }
            }
        }
        list
    }

    fn named(&mut self, settings: &[(Setting<Expr>, String)]) -> Vec<NamedId> {
        let (mut list, mut seen) = (Vec::new(), BTreeSet::new());
        for (setting, name) in settings {
            for of_match in self.matches(setting.driver) {
                let Some(value) = self.text(&setting.value, of_match) else { continue };
                if seen.insert(value.clone()) {
                    list.push(NamedId { name: name.clone(), value });
                }
            }
        }
        list
    }

    fn text(&mut self, expr: &Expr, of_match: u64) -> Option<String> {
        let text = text(self.program, expr, of_match, &mut self.captures, self.record);
        self.string(Found::of(expr, text))
    }
}

/// Headers as an object, as a list of objects, of pairs (our messages), or of names and values in turn (kcat).
fn header_list(value: Value) -> Vec<(String, HeaderValue)> {
    let pair = |name: Option<&Value>, value: Option<&Value>| {
        (name.map(plain).unwrap_or_default(), value.map_or(HeaderValue::Null, header))
    };
    match value {
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, header(&value))).collect(),
        Value::Array(items) if items.iter().all(Value::is_object) => items.iter().flat_map(header_object).collect(),
        Value::Array(items) if items.iter().all(Value::is_array) => {
            items.iter().map(|item| pair(item.get(0), item.get(1))).collect()
        }
        Value::Array(items) => items.chunks(2).map(|two| pair(two.first(), two.get(1))).collect(),
        _ => Vec::new(),
    }
}

/// `{"key": "a", "value": "b"}`, `{"name": …}`, or `{"a": "b"}`.
fn header_object(item: &Value) -> Vec<(String, HeaderValue)> {
    let Some(members) = item.as_object() else { return Vec::new() };
    let name = ["key", "name", "Key", "Name"].iter().find_map(|name| members.get(*name));
    let value = ["value", "Value"].iter().find_map(|name| members.get(*name));
    match (name, value) {
        (Some(name), Some(value)) => vec![(plain(name), header(value))],
        _ => members.iter().map(|(name, value)| (name.clone(), header(value))).collect(),
    }
}

/// In the forms of a message's record; anything else as text.
fn header(value: &Value) -> HeaderValue {
    HeaderValue::from_json(value).unwrap_or_else(|| plain(value).into())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
