//! Spans as the Jaeger UI exports them.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Micros;

pub const PRESET: Preset = Preset {
    name: "jaeger",
    label: "Jaeger spans",
    marks: &["/traceID", "/spanID", "/operationName", "/startTime"],
    type_name: &["/operationName"],
    id: &["/spanID"],
    time: &[("/startTime", Micros)],
    entities: &[Entity::of("service", "/process/serviceName"), Entity::of("process", "/processID")],
    correlation: &["/traceID"],
    causation: &["/references/*/spanID"],
    service: &["/process/serviceName", "/processID"],
    data: &["/tags"],
    ..Preset::NONE
};
