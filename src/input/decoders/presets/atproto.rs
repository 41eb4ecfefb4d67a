//! AT protocol relay frames. A commit's order is its sequence number.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "atproto",
    label: "AT protocol",
    marks: &["/frame/header/t", "/frame/body/seq"],
    type_name: &["/frame/header/t"],
    id: &["/frame/body/seq"],
    time: &[("/frame/body/time", Auto)],
    entities: &[Entity::stream("repo", "/frame/body/repo"), Entity::stream("repo", "/frame/body/did")],
    data: &["/frame/body"],
    ..Preset::NONE
};
