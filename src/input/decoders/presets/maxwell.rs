//! Maxwell: MySQL changes, one row a line. `primary_key_columns`, where it is there, names the key.

use super::{Preset, debezium, lookup};
use crate::model::mapping::EntityField;
use crate::model::mapping::TimeUnit::Seconds;

pub const PRESET: Preset = Preset {
    name: "maxwell",
    label: "Maxwell",
    marks: &["/database", "/table", "/type", "/ts", "/xid /xoffset /position /server_id"],
    type_name: &["/type"],
    time: &[("/ts", Seconds)],
    correlation: &["/xid"],
    service: &["/database"],
    data: &["/data"],
    payloads: &["/data"],
    refine: |records, mapping| {
        let named = records.iter().find_map(|record| lookup::text(record, "/primary_key_columns/0"));
        let Some(key) = named.or_else(|| debezium::key_column(records, &["/data".to_owned()])) else { return };
        let id = format!("/data/{}", lookup::escape(&key));
        mapping.entities.push(EntityField { kind: "{/table}".into(), id: id.as_str().into(), stream: true });
    },
    ..Preset::NONE
};
