//! The table of objects of an object-centric log in JSON, 1.0 (`ocel:objects`) or 2.0 (`objects`), as
//! records. The log's events need no layer: the document is read as it stands.

use std::fmt;
use std::io::BufReader;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::marks::Marks;
use super::ocel_objects::{Numbered, Object, PASSES, Pass, Value, mapping};
use super::ocel_record::kind_or_unknown;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage};
use crate::model::error::{Error, Result};

/// Whether these first bytes may be such a log.
pub(super) fn fits(head: &[u8]) -> bool {
    head.trim_ascii_start().first() == Some(&b'{') || head.starts_with(b"\xEF\xBB\xBF{")
}

/// # Errors
/// When there is no place for the records.
pub(super) fn objects(stage: &Stage, context: &Context) -> Result<Stage> {
    let marks = Marks::create(context)?;
    let mut next = stage.clone();
    next.own_records = true;
    next.mapping = Some(mapping());
    next.origin = Some(Arc::new(Numbered { marks: Arc::clone(&marks) }));
    let (stage, cancel) = (stage.clone(), context.cancel.clone());
    let address = stage.address.clone();
    let bytes = pump("OCEL", &address, context, move |out| {
        for pass in PASSES {
            let reader = BufReader::with_capacity(256 << 10, stage.reader(&cancel));
            let mut json = serde_json::Deserializer::from_reader(reader);
            let mut stopped = None;
            let work = Work { pass, marks: &marks, out, stopped: &mut stopped, number: 0 };
            let read = json.deserialize_map(Document(work));
            if let Some(error) = stopped {
                return Err(error);
            }
            read.map_err(|cause| {
                let summary = "The objects cannot be read to their end; what came before is kept";
                Error::new(summary, stage.place(None), "Check that it is an object-centric log").because(cause)
            })?;
        }
        Ok(())
    })?;
    Ok(next.through(bytes, "objects of an OCEL log in JSON"))
}

struct Work<'w> {
    pass: Pass,
    marks: &'w Marks,
    out: &'w mut SpoolWriter,
    /// Why the spool takes no more.
    stopped: &'w mut Option<Error>,
    number: u64,
}

impl Work<'_> {
    fn write<E: serde::de::Error>(&mut self, object: &Object) -> std::result::Result<(), E> {
        self.number += 1;
        object.write(self.pass, self.number, self.marks, self.out).map_err(|error| {
            *self.stopped = Some(error);
            E::custom("stopped")
        })
    }
}

struct Document<'w>(Work<'w>);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object-centric log")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            if matches!(name.as_str(), "objects" | "ocel:objects") {
                found = true;
                map.next_value_seed(Objects(&mut self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(A::Error::custom("it has no member `objects`")) }
    }
}

struct Objects<'o, 'w>(&'o mut Work<'w>);

impl<'de> serde::de::DeserializeSeed<'de> for Objects<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(element) = list.next_element::<Element>()? {
            self.0.write(&element.object(None))?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some((id, element)) = map.next_entry::<String, Element>()? {
            self.0.write(&element.object(Some(id)))?;
        }
        Ok(())
    }
}

/// An object of either version.
#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "type", alias = "ocel:type")]
    kind: Option<String>,
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default, rename = "ocel:ovmap")]
    values: Members,
}

/// Of an object, in its order and each as it is written.
#[derive(Default)]
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<Self, A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    value: Option<Box<RawValue>>,
}

impl Element {
    fn object(self, key: Option<String>) -> Object {
        let of_first = self.values.0.into_iter();
        let of_first = of_first.map(|(name, raw)| Value { name, time: None, json: one_line(raw.get()) });
        let of_second = self.attributes.into_iter().map(|attribute| {
            let json = attribute.value.map_or_else(|| b"null".to_vec(), |raw| one_line(raw.get()));
            Value { name: attribute.name, time: attribute.time, json }
        });
        let values = of_first.chain(of_second).collect();
        Object {
            id: key.or(self.id).unwrap_or_default(),
            kind: kind_or_unknown(self.kind.as_deref()).to_owned(),
            values,
        }
    }
}

/// A record is one line; inside strings JSON has no line breaks.
fn one_line(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }).collect()
}
