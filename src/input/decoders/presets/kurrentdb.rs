//! KurrentDB and EventStoreDB exports over HTTP and from the clients. Streams are named
//! `category-id`; correlation and causation are in the metadata, which may be JSON in a string.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "kurrentdb",
    label: "KurrentDB",
    marks: &[
        "/eventId /id",
        "/eventType /type",
        "/streamId /positionStreamId /eventStreamId",
        "/eventNumber /revision /positionEventNumber",
    ],
    type_name: &["/eventType", "/type"],
    id: &["/eventId", "/id"],
    time: &[
        ("/created", Auto),
        ("/updated", Auto),
        ("/createdUtc", Auto),
        ("/createdEpoch", Auto),
        ("/timestamp", Auto),
    ],
    entities: &[
        Entity::stream("{/streamId|before:-}", "{/streamId|after:-}"),
        Entity::stream("{/eventStreamId|before:-}", "{/eventStreamId|after:-}"),
    ],
    version: &["/eventNumber", "/revision", "/positionEventNumber"],
    correlation: &[
        "/metaData/$correlationId",
        "/metadata/$correlationId",
        "/metaData/{}/$correlationId",
        "/metadata/{}/$correlationId",
    ],
    causation: &[
        "/metaData/$causationId",
        "/metadata/$causationId",
        "/metaData/{}/$causationId",
        "/metadata/{}/$causationId",
    ],
    data: &["/data"],
    payloads: &["/data", "/data/{}"],
    ..Preset::NONE
};
