//! Debezium change events: the flat form, and the one with `payload` beside `schema`. An entity is a
//! row: its table and its key, from the image after the change and from the one before it.

use serde_json::Value;

use super::{Preset, lookup};
use crate::model::mapping::TimeUnit::{Micros, Millis, Nanos};
use crate::model::mapping::{EntityField, Mapping};

pub const PRESET: Preset = Preset {
    name: "debezium",
    label: "Debezium",
    marks: &["/op", "/source/table /source/collection /source/connector", "/after /before /ts_ms"],
    type_name: &["{/op|names:c=insert,u=update,d=delete,r=snapshot,t=truncate,m=message}"],
    time: &[("/ts_ms", Millis), ("/source/ts_ms", Millis), ("/ts_us", Micros), ("/ts_ns", Nanos)],
    correlation: &["/transaction/id", "/source/txId", "/source/gtid"],
    service: &["/source/name", "/source/db"],
    data: &["/after", "/before"],
    payloads: &["/after", "/before"],
    refine: |records, mapping| add_rows(records, mapping, ""),
    ..Preset::NONE
};

pub const WITH_SCHEMA: Preset = Preset {
    name: "debezium_schema",
    label: "Debezium with schema",
    marks: &["/payload/op", "/payload/source", "/payload/after /payload/before /payload/ts_ms"],
    type_name: &["{/payload/op|names:c=insert,u=update,d=delete,r=snapshot,t=truncate,m=message}"],
    time: &[("/payload/ts_ms", Millis), ("/payload/source/ts_ms", Millis)],
    correlation: &["/payload/transaction/id", "/payload/source/txId", "/payload/source/gtid"],
    service: &["/payload/source/name", "/payload/source/db"],
    data: &["/payload/after", "/payload/before"],
    payloads: &["/payload/after", "/payload/before"],
    refine: |records, mapping| add_rows(records, mapping, "/payload"),
    ..Preset::NONE
};

fn add_rows(records: &[Value], mapping: &mut Mapping, at: &str) {
    let table = format!("{{{at}/source/table}}");
    let images = [format!("{at}/after"), format!("{at}/before")];
    let Some(key) = key_column(records, &images) else { return };
    for image in &images {
        let id = format!("{image}/{}", lookup::escape(&key));
        mapping.entities.push(EntityField { kind: table.as_str().into(), id: id.as_str().into(), stream: true });
    }
}

/// The column that names a row: `id`, `_id`, else the first that ends in an id's suffix, else the first.
pub fn key_column(records: &[Value], images: &[String]) -> Option<String> {
    let mut columns: Vec<String> = Vec::new();
    for record in records {
        for image in images {
            for row in lookup::values(record, image) {
                let Value::Object(members) = &*row else { continue };
                columns.extend(members.keys().filter(|name| !columns.contains(name)).cloned().collect::<Vec<_>>());
            }
        }
    }
    let is = |wanted: &'static [&str]| move |name: &&String| wanted.contains(&name.to_lowercase().as_str());
    let suffixed = |name: &&String| crate::input::decoders::infer::names::entity_kind(name).is_some();
    let exact =
        columns.iter().find(is(&["id", "_id"])).or_else(|| columns.iter().find(is(&["uuid", "guid", "pk", "key"])));
    exact.or_else(|| columns.iter().find(suffixed)).or_else(|| columns.first()).cloned()
}
