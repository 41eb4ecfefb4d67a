//! Matrix room events: a graph. What came before is named by `prev_events`, and what allowed it by
//! `auth_events`, which is no cause.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Millis;

pub const PRESET: Preset = Preset {
    name: "matrix",
    label: "Matrix",
    marks: &["/event_id", "/room_id", "/type", "/origin_server_ts"],
    type_name: &["/type"],
    id: &["/event_id"],
    time: &[("/origin_server_ts", Millis)],
    entities: &[Entity::stream("room", "/room_id"), Entity::of("user", "/sender"), Entity::of("{/type}", "/state_key")],
    causation: &["/prev_events/*"],
    service: &["/origin"],
    data: &["/content"],
    ..Preset::NONE
};
