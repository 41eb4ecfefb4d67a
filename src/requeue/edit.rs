//! One step over many messages: a jq filter or a JSON patch on the value, headers set and removed. What it does not fit is
//! left out and said, never sent half edited.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::cancel::Cancel;
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

    /// Edits all messages; one answer for each: whether it changed, or why the step does not fit it.
    ///
    /// # Errors
    /// When the step itself makes no sense, or its process cannot be started.
    pub fn apply(&self, messages: &mut [Message], cancel: &Cancel) -> Result<Vec<Fits>> {
        let patch = self.json_patch.as_deref().map(JsonPatch::parse).transpose()?;
        let before = messages.to_vec();
        for message in messages.iter_mut() {
            self.set_headers(message);
        }
        let mut values = match &self.jq {
            Some(filter) => edit_values(filter, messages, cancel)?,
            None => messages.iter().map(|message| Ok(message.value.clone())).collect(),
        };
        if let Some(patch) = &patch {
            values = values.into_iter().map(|value| patched(patch, value)).collect();
        }
        let each = messages.iter_mut().zip(values).zip(before);
        Ok(each
            .map(|((message, value), before)| {
                message.value = value?;
                Ok(*message != before)
            })
            .collect())
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
        if let Some(value) = &self.value {
            message.value = Some(value.clone().into_bytes());
        }
        if let Some(key) = &self.key {
            message.key = Some(key.clone().into_bytes());
        }
    }
}

/// Whether the step changed a message, or why it does not fit it.
pub type Fits = std::result::Result<bool, String>;

/// Most bytes of values that go to the filter's process at once.
const CHUNK_BYTES: usize = 8 << 20;

type Edited = std::result::Result<Option<Vec<u8>>, String>;

fn edit_values(filter: &str, messages: &[Message], cancel: &Cancel) -> Result<Vec<Edited>> {
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
    let mut edited: Vec<Edited> = messages.iter().map(json_of).collect();
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

/// A value that the filter can take.
fn json_of(message: &Message) -> Edited {
    let value = message.value.as_deref().ok_or("it has no value")?;
    if value.len() > MAX_EVENT_BYTES {
        return Err("its value is too large to be edited".to_owned());
    }
    let json: &RawValue = serde_json::from_slice(value).map_err(|_| "its value is no JSON")?;
    Ok(Some(json.get().as_bytes().to_vec()))
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

/// JSON without the spaces between its parts.
fn squeezed(json: &[u8]) -> Vec<u8> {
    let (mut out, mut in_text, mut escaped) = (Vec::with_capacity(json.len()), false, false);
    for &byte in json {
        if in_text || !byte.is_ascii_whitespace() {
            out.push(byte);
        }
        in_text = if in_text { escaped || byte != b'"' } else { byte == b'"' };
        escaped = in_text && byte == b'\\' && !escaped;
    }
    out
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
        let told = edit.apply(&mut messages, &Cancel::new()).expect("it makes sense");
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
        assert!(wrong.apply(&mut messages(&["{}"]), &Cancel::new()).is_err());
    }

    #[test]
    fn one_output_and_no_other_number() {
        for (filter, why) in [("empty", "nothing"), (".,.", "more than one"), ("error(\"no\")", "no")] {
            let told = edited(&jq(filter), &["{}"]);
            assert!(told[0].as_ref().is_err_and(|told| told.contains(why)), "{filter}: {told:?}");
        }
        let wrong = jq(".a |").apply(&mut messages(&["{}"]), &Cancel::new()).expect_err("half a filter");
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
        assert_eq!(edit.apply(&mut message, &Cancel::new()).expect("it makes sense"), [Ok(true)]);
        assert_eq!(message[0].headers, [header("tenant", "fr"), header("z", "z"), header("new", "1")]);
    }
}
