//! OCEL 2.0: events name their objects in `relationships`, which may be absent.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "ocel2",
    label: "OCEL 2.0",
    marks: &["/id", "/type", "/time", "/relationships/0/objectId /attributes/0/name"],
    type_name: &["/type"],
    id: &["/id"],
    time: &[("/time", Auto)],
    entities: &[Entity::of("{/relationships/*/objectId|object}", "/relationships/*/objectId")],
    data: &["/attributes"],
    ..Preset::NONE
};
