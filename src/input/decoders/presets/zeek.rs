//! Zeek's sensor streams in JSON: `uid` is one connection across all of them. Files name their
//! connections in a list, so that list joins a file's events to the connection.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Seconds;

pub const PRESET: Preset = Preset {
    name: "zeek",
    label: "Zeek",
    marks: &["/ts", "/@stream /_path /uid /fuid", "/@stream /_path /id.orig_h /id_orig_h /tx_hosts"],
    type_name: &["/@stream", "/_path", "{@file}"],
    time: &[("/ts", Seconds)],
    entities: &[Entity::of("connection", "/uid"), Entity::of("file", "/fuid")],
    correlation: &["/uid", "/conn_uids/*"],
    service: &["/@system", "/_system_name"],
    refine: |records, mapping| {
        // Newer sensors write ISO times.
        if records.iter().any(|record| record.get("ts").is_some_and(serde_json::Value::is_string)) {
            mapping.time = vec![super::time("/ts".into(), crate::model::mapping::TimeUnit::Auto)];
        }
    },
    ..Preset::NONE
};
