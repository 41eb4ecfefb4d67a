//! The record that object-centric logs in XML and SQLite become: `id`, `type`, `time`, `attributes`, and
//! `objects`, each with its id, its kind and what the link says about it.

use super::json;
use crate::model::mapping::{EntityField, Mapping, TimeField, TimeUnit};

/// One object of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ObjectLink {
    pub id: String,
    /// None where the log has no such object.
    pub kind: Option<String>,
    pub qualifier: Option<String>,
}

/// The kind of objects that the log names but does not list.
const UNKNOWN_KIND: &str = "object";

pub(super) fn kind_or_unknown(kind: Option<&str>) -> &str {
    kind.filter(|kind| !kind.is_empty()).unwrap_or(UNKNOWN_KIND)
}

/// Adds `objects` to a record that is being written.
pub(super) fn write_objects(record: &mut Vec<u8>, links: &[ObjectLink]) {
    json::key(record, "objects");
    record.push(b'[');
    for link in links {
        json::next(record);
        record.push(b'{');
        json::key(record, "id");
        json::string(record, &link.id);
        json::key(record, "kind");
        json::string(record, kind_or_unknown(link.kind.as_deref()));
        if let Some(qualifier) = link.qualifier.as_deref().filter(|text| !text.is_empty()) {
            json::key(record, "qualifier");
            json::string(record, qualifier);
        }
        record.push(b'}');
    }
    record.push(b']');
}

/// The mapping of such records.
pub(super) fn mapping(envelope: &str) -> Mapping {
    let object = EntityField { kind: "{/objects/*/kind}".into(), id: "/objects/*/id".into(), stream: false };
    Mapping {
        envelope: envelope.to_owned(),
        type_name: vec!["/type".into()],
        id: vec!["/id".into()],
        time: vec![TimeField { field: "/time".into(), unit: TimeUnit::Auto, zone_minutes: 0 }],
        entities: vec![object],
        data: vec!["/attributes".into()],
        ..Mapping::default()
    }
}
