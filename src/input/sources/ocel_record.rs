//! The record that object-centric logs in XML and SQLite become: `id`, `type`, `time`, `attributes`, and
//! `objects`: for each kind a list of ids, so that each kind is a plain field of the mapping. What a
//! link says about its object is in `qualifiers`.

use super::json;
use crate::model::mapping::{EntityField, Mapping, Template, TimeField, TimeUnit};

/// One object of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ObjectLink {
    pub id: String,
    /// A clean one; none where the log has no such object.
    pub kind: Option<String>,
    pub qualifier: Option<String>,
}

/// The kind of objects that the log names but does not list.
pub(super) const UNKNOWN_KIND: &str = "object";

/// A kind as templates and pointers can hold it: no braces, no star alone.
pub(super) fn clean_kind(kind: &str) -> String {
    let kind = kind.trim().trim_start_matches('/').replace('{', "(").replace(['}'], ")").replace(['|', '*'], "_");
    if kind.is_empty() { UNKNOWN_KIND.to_owned() } else { kind }
}

impl ObjectLink {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or(UNKNOWN_KIND)
    }
}

/// Adds `objects` and `qualifiers` to a record that is being written.
pub(super) fn write_objects(record: &mut Vec<u8>, links: &[ObjectLink]) {
    json::key(record, "objects");
    record.push(b'{');
    for (ix, link) in links.iter().enumerate() {
        let kind = link.kind();
        let is_first = !links.iter().take(ix).any(|other| other.kind() == kind);
        if is_first {
            json::key(record, kind);
            record.push(b'[');
            for same in links.iter().skip(ix).filter(|other| other.kind() == kind) {
                json::next(record);
                json::string(record, &same.id);
            }
            record.push(b']');
        }
    }
    record.push(b'}');
    if links.iter().any(|link| link.qualifier.as_deref().is_some_and(|text| !text.is_empty())) {
        json::key(record, "qualifiers");
        record.push(b'[');
        for link in links {
            json::next(record);
            record.push(b'{');
            json::key(record, "object");
            json::string(record, &link.id);
            json::key(record, "qualifier");
            json::string(record, link.qualifier.as_deref().unwrap_or_default());
            record.push(b'}');
        }
        record.push(b']');
    }
}

/// The mapping of such records; the kinds are clean ones.
pub(super) fn mapping<'k>(envelope: &str, kinds: impl Iterator<Item = &'k str>) -> Mapping {
    let mut kinds: Vec<&str> = kinds.collect();
    if !kinds.contains(&UNKNOWN_KIND) {
        kinds.push(UNKNOWN_KIND);
    }
    let entity = |kind: &&str| {
        let segment = kind.replace('~', "~0").replace('/', "~1");
        EntityField { kind: Template((*kind).to_owned()), id: Template(format!("/objects/{segment}/*")), stream: false }
    };
    Mapping {
        envelope: envelope.to_owned(),
        type_name: vec!["/type".into()],
        id: vec!["/id".into()],
        time: vec![TimeField { field: "/time".into(), unit: TimeUnit::Auto, zone_minutes: 0 }],
        entities: kinds.iter().map(entity).collect(),
        data: vec!["/attributes".into()],
        ..Mapping::default()
    }
}
