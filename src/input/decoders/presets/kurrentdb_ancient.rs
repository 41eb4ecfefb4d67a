//! The form in which the earliest versions of Event Store wrote events, and the form in which events
//! are written over HTTP today: no stream, no number.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "kurrentdb_written",
    label: "KurrentDB, written form",
    marks: &["/eventId /eventNumber", "/eventType", "/data", "/metadata /metaData"],
    type_name: &["/eventType"],
    id: &["/eventId", "{/eventStreamId}@{/eventNumber}"],
    time: &[("/created", Auto), ("/timestamp", Auto), ("/metadata/timestamp", Auto)],
    entities: &[Entity::stream("{/eventStreamId|before:-}", "{/eventStreamId|after:-}")],
    version: &["/eventNumber"],
    correlation: &["/correlationId", "/metadata/$correlationId", "/metaData/$correlationId", "/metadata/correlationId"],
    causation: &["/metadata/$causationId", "/metaData/$causationId", "/metadata/causationId"],
    data: &["/data"],
    payloads: &["/data", "/data/{}"],
    ..Preset::NONE
};
