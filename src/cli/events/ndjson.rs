//! One JSON object a line, the payload in it as the source holds it. Field names are a contract.

use serde::Serialize;
use serde::ser::SerializeMap as _;

use super::{Position, Seen, What};

#[derive(Serialize)]
struct Head<'a> {
    ix: u64,
    time: Option<String>,
    #[serde(rename = "type")]
    type_name: &'a str,
    id: Option<&'a str>,
    entities: Vec<String>,
    version: Option<u32>,
    service: Option<&'a str>,
    correlation: Vec<&'a str>,
    causation: Vec<&'a str>,
    source: Source<'a>,
}

#[derive(Serialize)]
struct NoEvent<'a> {
    ix: u64,
    source: Source<'a>,
    undecodable: Undecodable,
}

#[derive(Serialize)]
struct Undecodable {
    reason: &'static str,
    /// The byte within the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<u32>,
}

/// `position` is a byte of the file, or words where a byte would mean nothing.
struct Source<'a>(&'a Seen<'a>);

impl Serialize for Source<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("name", &self.0.source.name)?;
        match &self.0.position {
            Position::Byte(byte) => map.serialize_entry("position", byte)?,
            Position::Place(place) => map.serialize_entry("position", place)?,
        }
        map.end()
    }
}

/// Without its line end.
pub(super) fn line(seen: &Seen<'_>) -> Vec<u8> {
    let source = Source(seen);
    match &seen.what {
        What::Undecodable(_) | What::Unread => {
            let (reason, at) = seen.reason().unwrap_or_default();
            json(&NoEvent { ix: seen.ix.0, source, undecodable: Undecodable { reason, at } })
        }
        What::Event { envelope, data } => {
            let mut line = json(&Head {
                ix: seen.ix.0,
                time: envelope.time.map(crate::model::time::TimeNs::to_rfc3339),
                type_name: &envelope.type_name,
                id: envelope.id.as_deref(),
                entities: envelope.entities.iter().map(ToString::to_string).collect(),
                version: envelope.version,
                service: envelope.service.as_deref(),
                correlation: envelope.correlations.iter().map(|id| id.value.as_str()).collect(),
                causation: envelope.causes.iter().map(|id| id.value.as_str()).collect(),
                source,
            });
            // The payload goes in as bytes: no number is read and written again.
            line.pop();
            line.extend_from_slice(b",\"data\":");
            line.extend_from_slice(data);
            line.push(b'}');
            line
        }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers always become JSON")
}
