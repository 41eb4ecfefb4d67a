//! Where a JSON document keeps its events: walks it as a stream, never as one tree, and collects the
//! first records of each list on the way. A document that is cut off gives what came before the cut.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::lookup::escape;
use super::sample::MAX_RECORDS;
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// A list of objects in a document.
#[derive(Debug)]
pub struct Candidate {
    /// JSON pointer to the list; empty for a list that is the whole document.
    pub pointer: String,
    /// The list is an object whose members are the records, named by their ids.
    pub keyed: bool,
    pub records: Vec<Value>,
}

/// Lists are looked for this deep.
const MAX_LEVELS: usize = 5;
const MAX_CANDIDATES: usize = 64;

/// The lists of objects in a document, in its order.
pub fn lists(document: &[u8]) -> Vec<Candidate> {
    collect(serde_json::Deserializer::from_slice(document))
}

/// The same for a document that is larger than what is in memory.
pub fn lists_of(source: &Arc<dyn ReadAt>) -> Vec<Candidate> {
    collect(serde_json::Deserializer::from_reader(Bytes::from_start(source)))
}

fn collect<'de>(mut json: serde_json::Deserializer<impl serde_json::de::Read<'de>>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let node = Node { pointer: String::new(), level: 0, keyed: false, found: &mut found };
    // What broke off still gave its first records.
    let _ = node.deserialize(&mut json);
    found.retain(|candidate| !candidate.records.is_empty());
    found
}

/// Reads a source's bytes in order.
pub struct Bytes {
    source: Arc<dyn ReadAt>,
    at: u64,
}

impl Bytes {
    /// From the start, buffered, without a byte-order mark.
    pub fn from_start(source: &Arc<dyn ReadAt>) -> io::BufReader<Self> {
        let mut mark = [0; 3];
        let read = source.read_at(&mut mark, ByteOffset(0)).unwrap_or(0);
        let at = if read == 3 && mark == *b"\xEF\xBB\xBF" { 3 } else { 0 };
        io::BufReader::with_capacity(256 << 10, Self { source: Arc::clone(source), at })
    }
}

impl Read for Bytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buf, ByteOffset(self.at))?;
        self.at += read as u64;
        Ok(read)
    }
}

struct Node<'f> {
    pointer: String,
    level: usize,
    /// Its name says that its members may be the events.
    keyed: bool,
    found: &'f mut Vec<Candidate>,
}

impl Node<'_> {
    fn candidate(&mut self, keyed: bool) -> Option<usize> {
        if self.found.len() >= MAX_CANDIDATES {
            return None;
        }
        self.found.push(Candidate { pointer: self.pointer.clone(), keyed, records: Vec::new() });
        Some(self.found.len() - 1)
    }

    fn keep(&mut self, at: usize, record: Value) {
        if let (Some(candidate), true) = (self.found.get_mut(at), record.is_object()) {
            candidate.records.push(record);
        }
    }

    fn is_full(&self, at: usize) -> bool {
        self.found.get(at).is_none_or(|candidate| candidate.records.len() >= MAX_RECORDS)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if let Some(at) = self.candidate(false) {
            while !self.is_full(at) {
                let Some(record) = seq.next_element::<Value>()? else { return Ok(()) };
                self.keep(at, record);
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.keyed
            && let Some(at) = self.candidate(true)
        {
            while !self.is_full(at) {
                let Some((_, record)) = map.next_entry::<String, Value>()? else { return Ok(()) };
                self.keep(at, record);
            }
        }
        let deeper = self.level < MAX_LEVELS && !self.keyed;
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !deeper || !names.insert(name.clone()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            map.next_value_seed(Node {
                pointer: format!("{}/{}", self.pointer, escape(&name)),
                level: self.level + 1,
                keyed: name.to_lowercase().ends_with("events"),
                found: &mut *self.found,
            })?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_objects_are_found_even_before_a_cut() {
        for (text, expected) in [
            (r#"[{"a":1},{"a":2}]"#, vec![("", false, 2)]),
            (r#"{"Records":[{"a":1}],"n":[1,2]}"#, vec![("/Records", false, 1)]),
            (r#"{"data":{"spans":[{"a":1},{"b":2}]},"x":"y"}"#, vec![("/data/spans", false, 2)]),
            (r#"{"ocel:events":{"e1":{"a":1},"e2":{"a":2}}}"#, vec![("/ocel:events", true, 2)]),
            (r#"{"events":[{"a":1},{"a":2},{"a":"#, vec![("/events", false, 2)]),
            (r#"{"a~b/c":[{"x":1}]}"#, vec![("/a~0b~1c", false, 1)]),
            ("not JSON", vec![]),
        ] {
            let found = lists(text.as_bytes());
            let found: Vec<_> = found.iter().map(|c| (c.pointer.as_str(), c.keyed, c.records.len())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
