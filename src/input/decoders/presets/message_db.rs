//! Message DB and Eventide. A message's cause is named by its position in the whole store, so that
//! position joins them; the id is the message's own.

use serde_json::Value;

use super::{Entity, Preset, lookup};
use crate::model::mapping::Mapping;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "message_db",
    label: "Message DB",
    marks: &["/stream_name /streamName", "/type", "/position", "/global_position /globalPosition"],
    type_name: &["/type"],
    id: &["/id", "/global_position", "/globalPosition"],
    time: &[("/time", Auto)],
    entities: &[
        Entity::stream("{/stream_name|before:-}", "{/stream_name|after:-}"),
        Entity::stream("{/streamName|before:-}", "{/streamName|after:-}"),
    ],
    version: &["/position"],
    correlation: &[
        "/metadata/correlationStreamName",
        "/metadata/{}/correlationStreamName",
        "/metadata/correlation_stream_name",
        "/metadata/{}/correlation_stream_name",
    ],
    causation: &[
        "/metadata/causationMessageGlobalPosition",
        "/metadata/{}/causationMessageGlobalPosition",
        "/metadata/causation_message_global_position",
        "/metadata/{}/causation_message_global_position",
    ],
    data: &["/data"],
    payloads: &["/data", "/data/{}"],
    refine: join_by_place,
    ..Preset::NONE
};

/// Of the stream and the position in it that caused a message.
const NAMES: [[&str; 2]; 2] = [
    ["causationMessageStreamName", "causationMessagePosition"],
    ["causation_message_stream_name", "causation_message_position"],
];

/// Where records name their cause by its place, events are known by theirs too.
pub fn join_by_place(records: &[Value], mapping: &mut Mapping) {
    let has = |pointer: &str| records.iter().any(|record| lookup::has(record, pointer));
    let global = PRESET.causation;
    if global.iter().any(|pointer| has(pointer)) {
        mapping.causation = global.iter().map(|pointer| (*pointer).into()).collect();
        mapping.id = vec!["/global_position".into(), "/globalPosition".into()];
        return;
    }
    // Older writers name a place in a stream only.
    for (place, [stream, position]) in [("", NAMES[0]), ("/{}", NAMES[0]), ("", NAMES[1]), ("/{}", NAMES[1])] {
        let (stream, position) = (format!("/metadata{place}/{stream}"), format!("/metadata{place}/{position}"));
        if has(&position) {
            mapping.causation = vec![format!("{{{stream}}}/{{{position}}}").as_str().into()];
            mapping.id = vec!["{/stream_name}/{/position}".into(), "{/streamName}/{/position}".into()];
            return;
        }
    }
}
