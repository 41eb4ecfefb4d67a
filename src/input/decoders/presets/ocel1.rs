//! OCEL 1.0: object-centric logs whose events are members of `ocel:events`, named by their ids.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "ocel1",
    label: "OCEL 1.0",
    marks: &["/ocel:activity", "/ocel:timestamp"],
    type_name: &["/ocel:activity"],
    id: &["/@key", "/ocel:id"],
    time: &[("/ocel:timestamp", Auto)],
    entities: &[Entity::of("{/ocel:omap/*|object}", "/ocel:omap/*")],
    data: &["/ocel:vmap"],
    ..Preset::NONE
};
