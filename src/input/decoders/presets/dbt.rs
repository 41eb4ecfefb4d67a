//! dbt's structured logs.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "dbt",
    label: "dbt log",
    marks: &["/info/name", "/info/ts", "/info/invocation_id"],
    type_name: &["/info/name"],
    time: &[("/info/ts", Auto)],
    entities: &[Entity::stream("node", "/data/node_info/unique_id")],
    correlation: &["/info/invocation_id"],
    service: &["/info/thread"],
    data: &["/data"],
    ..Preset::NONE
};
