//! The plain envelope: `eventType`, `eventId`, `timestamp`, `data`, in any usual spelling.

use super::Preset;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "plain",
    label: "plain events",
    marks: &["/eventType", "/eventId", "/timestamp", "/data"],
    type_name: &["/eventType"],
    id: &["/eventId"],
    time: &[("/timestamp", Auto)],
    data: &["/data"],
    payloads: &[""],
    ..Preset::NONE
};
