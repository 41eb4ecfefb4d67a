//! One step over many messages: a jq filter or a JSON patch on the value, headers set and removed. What it does not
//! fit is left out and said, never sent half edited.
//!
//! A body that a codec reads is edited as the JSON that stands for it and written back by the same schema, in the same
//! frame and packings. A new value of JSON keeps to its JSON Schema, where there is one.

mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::cancel::Cancel;
use crate::base::json::squeezed;
use crate::input::codecs::JsonSchema;
use crate::input::codecs::bodies::{Answer, Bodies, Body};
use crate::model::error::{Error, Place, Result};
use crate::model::message::{HeaderValue, Message};
use crate::requeue::patch::JsonPatch;
use crate::sandbox::{Host, Language, MAX_EVENT_BYTES, Run, Told};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edit {
    /// From the value as JSON to the new value: exactly one.
    pub jq: Option<String>,
    /// RFC 6902, as JSON; after `jq` where there are both.
    pub json_patch: Option<String>,
    /// In place of the value, to the byte.
    pub value: Option<String>,
    /// Headers by name: all of this name are replaced by one, or taken off where there is no value.
    pub headers: BTreeMap<String, Option<String>>,
    /// In place of the key.
    pub key: Option<String>,
}

impl Edit {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Edits all messages; one answer for each: whether it changed, or why the step does not fit it. `bodies` says how
    /// each message's body is read; where it has none, only what needs no schema is. May ask a registry.
    ///
    /// # Errors
    /// When the step itself makes no sense, or its process cannot be started.
    pub fn apply(&self, messages: &mut [Message], bodies: &[Arc<Bodies>], cancel: &Cancel) -> Result<Vec<Fits>> {
        let patch = self.json_patch.as_deref().map(JsonPatch::parse).transpose()?;
        let befores = messages.to_vec();
        let usual = Arc::default();
        let bodies_of = |at: usize| bodies.get(at).unwrap_or(&usual);
        let forms: Vec<Form> =
            befores.iter().enumerate().map(|(at, message)| Form::of(message, bodies_of(at))).collect();
        for message in messages.iter_mut() {
            self.set_headers(message);
        }
        let mut values: Vec<Edited> = forms.iter().map(|form| self.first(form)).collect();
        if let Some(filter) = &self.jq {
            values = edit_values(filter, values.into_iter().zip(&forms).map(|(value, form)| form.json(value)), cancel)?;
        }
        if let Some(patch) = &patch {
            values = values.into_iter().zip(&forms).map(|(value, form)| patched(patch, form.json(value))).collect();
        }
        let changed = |at: usize, value: &Edited| match (value, forms.get(at)) {
            (Ok(value), Some(form)) => *value != form.value().cloned(),
            _ => false,
        };
        let mut by_schema: BTreeMap<Arc<JsonSchema>, Vec<usize>> = BTreeMap::new();
        for (at, (value, before)) in values.iter().zip(&befores).enumerate() {
            if changed(at, value)
                && let Some(schema) = Body::of(before).and_then(|body| bodies_of(at).json_schema(body))
            {
                by_schema.entry(schema).or_default().push(at);
            }
        }
        for (schema, these) in by_schema {
            schema::keep_to(&schema, &these, &mut values, cancel)?;
        }
        let mut told = Vec::with_capacity(messages.len());
        for (at, (message, value)) in messages.iter_mut().zip(values).enumerate() {
            let (Some(before), Some(form)) = (befores.get(at), forms.get(at)) else { continue };
            let is_new = changed(at, &value);
            told.push(value.and_then(|value| {
                message.value = match (is_new, form) {
                    (false, _) => before.value.clone(),
                    (true, Form::Coded { .. }) => Some(coded(before, value, bodies_of(at))?),
                    (true, _) => value,
                };
                Ok(*message != *before)
            }));
        }
        Ok(told)
    }

    /// The value that the steps begin with.
    fn first(&self, form: &Form) -> Edited {
        match (&self.value, form) {
            (None, _) => Ok(form.value().cloned()),
            (Some(text), Form::Coded { codec, .. }) => match serde_json::from_str::<&RawValue>(text.trim()) {
                Ok(json) => keep_same(&Ok(form.value().cloned()), Ok(Some(json.get().as_bytes().to_vec()))),
                Err(_) => Err(format!("its value is {codec}, edited as JSON, and the new one is none")),
            },
            (Some(text), _) => Ok(Some(text.clone().into_bytes())),
        }
    }

    fn set_headers(&self, message: &mut Message) {
        for (name, value) in &self.headers {
            let at = message.headers.iter().position(|(known, _)| known == name);
            message.headers.retain(|(known, _)| known != name);
            if let Some(value) = value {
                let at = at.unwrap_or(message.headers.len()).min(message.headers.len());
                message.headers.insert(at, (name.clone(), HeaderValue::from(value.as_str())));
            }
        }
        if let Some(key) = &self.key {
            message.key = Some(key.clone().into_bytes());
        }
    }
}

/// What stands in a message's value.
enum Form {
    /// JSON as it is, or nothing.
    Plain(Option<Vec<u8>>),
    /// What a codec reads, as JSON.
    Coded { codec: String, json: Option<Vec<u8>> },
    /// Text or bytes, and why a step over JSON does not fit them.
    Other { value: Option<Vec<u8>>, why: String },
}

impl Form {
    fn of(message: &Message, bodies: &Bodies) -> Self {
        let Some(body) = Body::of(message) else { return Self::Plain(None) };
        let value = message.value.clone();
        let other = |why: &str| Self::Other { value: message.value.clone(), why: why.to_owned() };
        if body.bytes.len() > MAX_EVENT_BYTES {
            return other("its value is too large to be edited");
        }
        if !bodies.wants(body.place) && serde_json::from_slice::<&RawValue>(body.bytes).is_ok() {
            return Self::Plain(value);
        }
        match bodies.read(body) {
            None => other("its value is no JSON"),
            Some(Answer { json: Some(json), decoding }) => {
                Self::Coded { codec: decoding.written_in().unwrap_or_default(), json: Some(json) }
            }
            Some(Answer { json: None, decoding }) => {
                let each = decoding.reasons().into_iter().map(|(codecs, why)| format!("{codecs}: {why}"));
                other(&format!("its value is no JSON, and no codec reads it ({})", each.collect::<Vec<_>>().join("; ")))
            }
        }
    }

    /// As it is edited.
    fn value(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Plain(value) | Self::Coded { json: value, .. } | Self::Other { value, .. } => value.as_ref(),
        }
    }

    /// The value on its way, as far as it is JSON.
    fn json(&self, value: Edited) -> Edited {
        let value = value?.ok_or("it has no value")?;
        match (self, serde_json::from_slice::<&RawValue>(&value)) {
            (_, Ok(json)) => Ok(Some(json.get().as_bytes().to_vec())),
            (Self::Other { why, .. }, Err(_)) => Err(why.clone()),
            (_, Err(_)) => Err("its value is no JSON".to_owned()),
        }
    }
}

/// The bytes of a value that was edited as JSON.
fn coded(before: &Message, value: Option<Vec<u8>>, bodies: &Bodies) -> std::result::Result<Vec<u8>, String> {
    let body = Body::of(before).ok_or("it has no value")?;
    let value = value.ok_or("it has no value")?;
    bodies.write(body, &String::from_utf8_lossy(&value))
}

/// Whether the step changed a message, or why it does not fit it.
pub type Fits = std::result::Result<bool, String>;

/// Most bytes of values that go to the filter's process at once.
const CHUNK_BYTES: usize = 8 << 20;

type Edited = std::result::Result<Option<Vec<u8>>, String>;

fn edit_values(filter: &str, values: impl Iterator<Item = Edited>, cancel: &Cancel) -> Result<Vec<Edited>> {
    const BEFORE: &str = "[.event|(";
    // A list, so that no output and two can be told from one. The newline ends a comment at the end.
    let program = format!("{BEFORE}{filter}\n)]");
    let start = || {
        Host::start(Language::Jq, &program).map(|(host, _)| host).map_err(|refused| {
            let column = refused.column.map_or(0, |column| (column as usize).saturating_sub(BEFORE.len() + 1));
            let error = Error::new("The filter cannot be read", Place::Text { column }, "Mend it; jq's manual helps");
            error.because(refused.message)
        })
    };
    let mut host = start()?;
    let mut edited: Vec<Edited> = values.collect();
    let fits: Vec<usize> =
        (0..edited.len()).filter(|&at| edited.get(at).is_some_and(std::result::Result::is_ok)).collect();
    let mut next = 0;
    while next < fits.len() {
        let (mut events, mut lengths) = (vec![b'['], Vec::new());
        let first = next;
        while let Some(Ok(Some(value))) = fits.get(next).and_then(|&at| edited.get(at)) {
            if !lengths.is_empty() {
                if events.len() + value.len() > CHUNK_BYTES {
                    break;
                }
                events.push(b',');
            }
            events.extend_from_slice(value);
            lengths.push(value.len() as u32);
            next += 1;
        }
        events.push(b']');
        let mut told: Vec<Edited> = lengths.iter().map(|_| Err("the filter said nothing".to_owned())).collect();
        let run = Run { state: Some("null".to_owned()), every: true, careful: true, events, lengths, last: false };
        let mut failed = vec![false; told.len()];
        let done = host.fold(run, cancel, &mut |one| match one {
            Told::Failed { at, message, .. } => {
                let at = at as usize;
                if let (Some(slot), Some(failed)) = (told.get_mut(at), failed.get_mut(at)) {
                    (*slot, *failed) = (Err(message), true);
                }
            }
            // After a failure the state of the message before is told once more.
            Told::State { at, json } => {
                let at = at as usize;
                if let (Some(slot), Some(false)) = (told.get_mut(at), failed.get(at)) {
                    *slot = only_one(&json);
                }
            }
            Told::Warned { .. } => {}
        });
        if let Err(failure) = done {
            // The process is gone with this message; those after it get a new one.
            let at = failure.at.unwrap_or(0) as usize;
            if cancel.is_cancelled() {
                return Err(Error::new("Cancelled", Place::Nowhere, "Start again"));
            }
            told.truncate(at);
            told.push(Err(failure.message));
            next = first + told.len();
            host = start()?;
        }
        for (at, new) in fits.iter().skip(first).zip(told) {
            if let Some(slot) = edited.get_mut(*at) {
                *slot = keep_same(slot, new);
            }
        }
    }
    Ok(edited)
}

fn patched(patch: &JsonPatch, value: Edited) -> Edited {
    let value = value?;
    let new = patch.apply(value.as_deref().ok_or("it has no value")?).map(Some);
    keep_same(&Ok(value), new)
}

/// `[…]` with one value in it.
fn only_one(list: &str) -> Edited {
    let outputs: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| "the filter's output is no JSON")?;
    match outputs.as_slice() {
        [one] => Ok(Some(one.get().as_bytes().to_vec())),
        [] => Err("the filter gives nothing for it".to_owned()),
        _ => Err("the filter gives more than one value for it".to_owned()),
    }
}

/// A filter prints JSON its own way: where nothing else is different the bytes stay as they were.
fn keep_same(before: &Edited, new: Edited) -> Edited {
    match (before, &new) {
        (Ok(Some(old)), Ok(Some(now))) if squeezed(old) == squeezed(now) => before.clone(),
        _ => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(values: &[&str]) -> Vec<Message> {
        let of = |value: &&str| Message { value: Some(value.as_bytes().to_vec()), ..Message::default() };
        values.iter().map(of).collect()
    }

    fn edited(edit: &Edit, values: &[&str]) -> Vec<std::result::Result<String, String>> {
        let mut messages = messages(values);
        let told = edit.apply(&mut messages, &[], &Cancel::new()).expect("it makes sense");
        let text = |message: Message| String::from_utf8(message.value.expect("a value")).expect("text");
        told.into_iter().zip(messages).map(|(told, message)| told.map(|_| text(message))).collect()
    }

    fn jq(filter: &str) -> Edit {
        Edit { jq: Some(filter.to_owned()), ..Edit::default() }
    }

    #[test]
    fn each_message_gets_its_own_answer() {
        let told = edited(
            &jq(".amount = 1 # mended\n"),
            &[r#"{"id":12345678901234567890123,"amount":0}"#, "no json", "[1]", r#"{ "amount" : 1 }"#],
        );
        assert_eq!(told[0].as_deref(), Ok(r#"{"id":12345678901234567890123,"amount":1}"#));
        assert!(told[1].as_ref().is_err_and(|why| why.contains("no JSON")), "{told:?}");
        assert!(told[2].is_err(), "{told:?}");
        assert_eq!(told[3].as_deref(), Ok(r#"{ "amount" : 1 }"#), "nothing changed, so its bytes stay");
    }

    #[test]
    fn a_patch_after_the_filter() {
        let json_patch = Some(r#"[{"op":"replace","path":"/amount","value":2}]"#.to_owned());
        let edit = Edit { json_patch, ..jq(".seen = true") };
        let told = edited(&edit, &[r#"{"amount":1}"#, r#"{"other":1}"#]);
        assert_eq!(told[0].as_deref(), Ok(r#"{"amount":2,"seen":true}"#));
        assert!(told[1].as_ref().is_err_and(|why| why.contains("step 1 of the patch at /amount")), "{told:?}");
        let same = Edit { jq: None, json_patch: Some(r#"[{"op":"add","path":"/a","value":1}]"#.to_owned()), ..edit };
        assert_eq!(edited(&same, &[r#"{ "a": 1 }"#])[0].as_deref(), Ok(r#"{ "a": 1 }"#), "its bytes stay");
        let wrong = Edit { json_patch: Some("{}".to_owned()), ..Edit::default() };
        assert!(wrong.apply(&mut messages(&["{}"]), &[], &Cancel::new()).is_err());
    }

    #[test]
    fn one_output_and_no_other_number() {
        for (filter, why) in [("empty", "nothing"), (".,.", "more than one"), ("error(\"no\")", "no")] {
            let told = edited(&jq(filter), &["{}"]);
            assert!(told[0].as_ref().is_err_and(|told| told.contains(why)), "{filter}: {told:?}");
        }
        let wrong = jq(".a |").apply(&mut messages(&["{}"]), &[], &Cancel::new()).expect_err("half a filter");
        assert!(wrong.summary.contains("filter"), "{wrong:?}");
    }

    #[test]
    fn headers_are_replaced_where_they_stand() {
        let mut edit = Edit::default();
        edit.headers.insert("tenant".to_owned(), Some("fr".to_owned()));
        edit.headers.insert("old".to_owned(), None);
        edit.headers.insert("new".to_owned(), Some("1".to_owned()));
        let mut message = messages(&["{}"]);
        let header = |name: &str, value: &str| (name.to_owned(), HeaderValue::from(value));
        message[0].headers = vec![header("tenant", "de"), header("old", "x"), header("tenant", "de"), header("z", "z")];
        assert_eq!(edit.apply(&mut message, &[], &Cancel::new()).expect("it makes sense"), [Ok(true)]);
        assert_eq!(message[0].headers, [header("tenant", "fr"), header("z", "z"), header("new", "1")]);
    }

    /// Bodies of all topics by these options, with a file that is there.
    fn bodies(options: &[(&str, &str)], files: &[(&str, &str)]) -> Arc<Bodies> {
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("files can be written");
        }
        let mut settings = crate::input::codecs::settings::Settings::default();
        for (name, value) in options {
            let here = |file: &str| folder.path().join(file).display().to_string();
            let is_file = *name == "schema";
            let value =
                if is_file { value.split(',').map(here).collect::<Vec<_>>().join(",") } else { (*value).to_owned() };
            settings.add(name, &value);
        }
        Arc::new(Bodies::open(&settings).expect("right options"))
    }

    fn told(edit: &Edit, values: &[&[u8]], bodies: &Arc<Bodies>) -> Vec<std::result::Result<Vec<u8>, String>> {
        let of = |value: &&[u8]| Message { value: Some(value.to_vec()), ..Message::default() };
        let mut messages: Vec<Message> = values.iter().map(of).collect();
        let all = vec![Arc::clone(bodies); messages.len()];
        let told = edit.apply(&mut messages, &all, &Cancel::new()).expect("it makes sense");
        told.into_iter().zip(messages).map(|(told, message)| told.map(|_| message.value.expect("a value"))).collect()
    }

    #[test]
    fn a_body_that_a_codec_reads_is_edited_as_json_and_written_back() {
        let order = b"\x82\xA2id\xA1a\xA5total\x01";
        let bodies = Arc::default();
        let edited = told(&jq(".total = 300"), &[order, b"paid", b"\xFF\x00"], &bodies);
        assert_eq!(edited[0].as_deref(), Ok(&b"\x82\xA2id\xA1a\xA5total\xCD\x01\x2C"[..]));
        assert!(edited[1].as_ref().is_err_and(|why| why == "its value is no JSON"), "{edited:?}");
        assert!(
            edited[2]
                .as_ref()
                .is_err_and(|why| why.contains("no codec reads it (JSON, XML: not UTF-8; Avro, Protobuf: no frame")),
            "{edited:?}"
        );
        let same = told(&jq("."), &[order], &bodies);
        assert_eq!(same[0].as_deref(), Ok(&order[..]), "its bytes stay");
        // By hand too, with the layout that people like.
        let by_hand = |text: &str| Edit { value: Some(text.to_owned()), ..Edit::default() };
        let edited = told(&by_hand("{\n  \"id\": \"b\",\n  \"total\": 1\n}\n"), &[order], &bodies);
        assert_eq!(edited[0].as_deref(), Ok(&b"\x82\xA2id\xA1b\xA5total\x01"[..]));
        assert_eq!(told(&by_hand("{\n \"id\": \"a\", \"total\": 1}"), &[order], &bodies)[0].as_deref(), Ok(&order[..]));
        assert!(told(&by_hand("paid"), &[order], &bodies)[0].as_ref().is_err_and(|why| why.contains("MessagePack")));
        assert_eq!(told(&by_hand("paid"), &[b"open"], &bodies)[0].as_deref(), Ok(&b"paid"[..]), "text stays text");
    }

    #[test]
    fn a_new_value_keeps_to_its_json_schema() {
        let order = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Order","type":"object",
            "required":["id"],"properties":{"total":{"type":"number"},"to":{"$ref":"address.json"}}}"#;
        let address = r#"{"type":"object","properties":{"zip":{"type":"string"}}}"#;
        let files = [("order.json", order), ("address.json", address)];
        let bodies = bodies(&[("schema", "address.json,order.json")], &files);
        let values: [&[u8]; 3] =
            [br#"{"id":"a","to":{"zip":"1"}}"#, br#"{"to":{"zip":7}}"#, br#"{"id":"c","to":{"zip":"3"}}"#];
        let edited = told(&jq("if .to.zip == \"1\" then .to.zip = 1 else .seen = true end"), &values, &bodies);
        assert!(edited[0].as_ref().is_err_and(|why| why.starts_with("Order: at /to/zip: ")), "{edited:?}");
        assert!(edited[1].as_ref().is_err_and(|why| why.contains("'id'")), "{edited:?}");
        assert_eq!(edited[2].as_deref(), Ok(&br#"{"id":"c","to":{"zip":"3"},"seen":true}"#[..]));
        // What is not changed is sent as it was, whatever it is.
        assert_eq!(told(&jq("."), &values[1..2], &bodies)[0].as_deref(), Ok(values[1]));
        let wrong = self::bodies(&[("schema", "a.json")], &[("a.json", r#"{"$ref":"http://elsewhere/a.json"}"#)]);
        let mut message = messages(&["{}"]);
        let error = jq(".a = 1").apply(&mut message, &[wrong], &Cancel::new()).expect_err("nothing is fetched");
        assert!(error.summary.contains("cannot be read"), "{error:?}");
    }
}
