//! Message DB and Eventide. A message's cause is named by its position in the whole store, so that
//! position joins them; the id is the message's own.

use super::{Entity, Preset};
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
    causation: &["/metadata/causationMessageGlobalPosition", "/metadata/{}/causationMessageGlobalPosition"],
    data: &["/data"],
    payloads: &["/data", "/data/{}"],
    refine: |records, mapping| {
        let by_position = |pointer| records.iter().any(|record| super::lookup::has(record, pointer));
        if mapping.causation.iter().any(|template| by_position(&template.0)) {
            mapping.id = vec!["/global_position".into(), "/globalPosition".into()];
        }
    },
    ..Preset::NONE
};
