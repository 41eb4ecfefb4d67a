//! Canal: MySQL changes, several rows of one table in a line; `pkNames` names the key.

use super::{Preset, debezium, lookup};
use crate::model::mapping::EntityField;
use crate::model::mapping::TimeUnit::Millis;

pub const PRESET: Preset = Preset {
    name: "canal",
    label: "Canal",
    marks: &["/database", "/table", "/type", "/es", "/pkNames /isDdl /mysqlType"],
    type_name: &["{/type|names:INSERT=insert,UPDATE=update,DELETE=delete}"],
    time: &[("/es", Millis), ("/ts", Millis)],
    correlation: &["/gtid"],
    service: &["/database"],
    data: &["/data"],
    payloads: &["/data/*"],
    refine: |records, mapping| {
        let named = records.iter().find_map(|record| lookup::text(record, "/pkNames/0"));
        let Some(key) = named.or_else(|| debezium::key_column(records, &["/data/*".to_owned()])) else { return };
        let id = format!("/data/*/{}", lookup::escape(&key));
        mapping.entities.push(EntityField { kind: "{/table}".into(), id: id.as_str().into(), stream: true });
    },
    ..Preset::NONE
};
