//! AWS EventBridge events, as rules deliver them and archives keep them.

use serde_json::Value;

use super::{Entity, Preset, lookup};
use crate::model::mapping::Mapping;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "eventbridge",
    label: "EventBridge",
    marks: &["/detail-type", "/source", "/detail"],
    type_name: &["/detail-type"],
    id: &["/id"],
    time: &[("/time", Auto)],
    entities: &[Entity::of("object", "/detail/object/key"), Entity::of("bucket", "/detail/bucket/name")],
    correlation: &["/detail/correlationId", "/detail/metadata/correlationId", "/detail/request-id"],
    causation: &["/detail/causationId", "/detail/metadata/causationId"],
    service: &["/source"],
    data: &["/detail"],
    payloads: &["/detail"],
    refine,
    ..Preset::NONE
};

/// Resources are entities only where the detail names none.
fn refine(records: &[Value], mapping: &mut Mapping) {
    let objects = records.iter().any(|record| lookup::has(record, "/detail/object/key"));
    if !objects {
        mapping.entities = vec![Entity::of("resource", "/resources/*").field()];
    }
}
