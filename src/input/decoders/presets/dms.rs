//! AWS Database Migration Service: rows under `data`, what happened under `metadata`.

use super::{Preset, debezium, lookup};
use crate::model::mapping::EntityField;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "dms",
    label: "AWS DMS",
    marks: &["/metadata/operation", "/metadata/record-type", "/metadata/timestamp"],
    type_name: &["/metadata/operation"],
    id: &["/metadata/stream-position"],
    time: &[("/metadata/commit-timestamp", Auto), ("/metadata/timestamp", Auto)],
    correlation: &["/metadata/transaction-id"],
    service: &["/metadata/schema-name"],
    data: &["/data"],
    payloads: &["/data"],
    refine: |records, mapping| {
        let Some(key) = debezium::key_column(records, &["/data".to_owned()]) else { return };
        let id = format!("/data/{}", lookup::escape(&key));
        mapping.entities.push(EntityField {
            kind: "{/metadata/table-name}".into(),
            id: id.as_str().into(),
            stream: true,
        });
    },
    ..Preset::NONE
};
