//! The table of objects of an object-centric log: which kind an object's id has. Read once, as a
//! stream, when the log is opened; templates ask it through the filter `|object`.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plan::ObjectKinds;

/// Object id → kind.
#[derive(Debug, Default)]
pub struct ObjectTable(HashMap<Vec<u8>, Box<[u8]>>);

impl ObjectTable {
    fn add(&mut self, id: String, kind: &str) {
        self.0.insert(id.into_bytes(), kind.as_bytes().into());
    }
}

impl ObjectKinds for ObjectTable {
    fn kind(&self, id: &[u8]) -> Option<&[u8]> {
        self.0.get(id).map(|kind| &**kind)
    }
}

/// Reads the table of an OCEL document, 1.0 (`ocel:objects`) or 2.0 (`objects`). What is cut off or
/// malformed leaves those objects out that come after it.
pub fn object_kinds(document: impl Read) -> ObjectTable {
    let mut kinds = ObjectTable::default();
    let mut json = serde_json::Deserializer::from_reader(document);
    let _ = json.deserialize_map(Document(&mut kinds));
    kinds
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "type", alias = "ocel:type")]
    kind: Option<String>,
}

struct Document<'k>(&'k mut ObjectTable);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object-centric log")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if matches!(name.as_str(), "objects" | "ocel:objects") {
                map.next_value_seed(Objects(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Objects<'k>(&'k mut ObjectTable);

impl<'de> serde::de::DeserializeSeed<'de> for Objects<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(object) = seq.next_element::<Object>()? {
            if let (Some(id), Some(kind)) = (object.id, object.kind) {
                self.0.add(id, &kind);
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((id, object)) = map.next_entry::<String, Object>()? {
            if let Some(kind) = object.kind {
                self.0.add(id, &kind);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_table_are_read() {
        for text in [
            r#"{"events":[{"id":"e"}],"objects":[{"id":"o1","type":"Order","attributes":[]},{"id":"i1","type":"Item"}]}"#,
            r#"{"ocel:events":{},"ocel:objects":{"o1":{"ocel:type":"Order","ocel:ovmap":{}},"i1":{"ocel:type":"Item"}}}"#,
            r#"{"objects":[{"id":"o1","type":"Order"},{"id":"i1","type":"Item"},{"id":"#,
        ] {
            let kinds = object_kinds(text.as_bytes());
            assert_eq!(kinds.0.len(), 2, "{text}");
            assert_eq!(kinds.kind(b"o1"), Some(&b"Order"[..]), "{text}");
        }
    }
}
