//! Zipkin v2 spans. Client and server may share one span id.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Micros;

pub const PRESET: Preset = Preset {
    name: "zipkin",
    label: "Zipkin spans",
    marks: &["/traceId", "/id", "/localEndpoint /duration /timestamp"],
    type_name: &["/name", "/kind"],
    id: &["/id"],
    time: &[("/timestamp", Micros)],
    entities: &[Entity::of("service", "/localEndpoint/serviceName")],
    correlation: &["/traceId"],
    causation: &["/parentId"],
    service: &["/localEndpoint/serviceName"],
    data: &["/tags"],
    ..Preset::NONE
};
