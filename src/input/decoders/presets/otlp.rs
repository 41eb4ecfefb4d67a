//! OpenTelemetry's spans and log records in JSON. Their service is named outside of them, in the
//! resource that holds them.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Nanos;

pub const SPANS: Preset = Preset {
    name: "otlp_spans",
    label: "OTLP spans",
    marks: &["/traceId", "/spanId", "/startTimeUnixNano"],
    type_name: &["/name"],
    id: &["/spanId"],
    time: &[("/startTimeUnixNano", Nanos)],
    entities: &[Entity::of("trace", "/traceId")],
    correlation: &["/traceId"],
    causation: &["/parentSpanId"],
    data: &["/attributes"],
    ..Preset::NONE
};

pub const LOGS: Preset = Preset {
    name: "otlp_logs",
    label: "OTLP logs",
    marks: &["/timeUnixNano /observedTimeUnixNano", "/body", "/severityText /severityNumber /traceId"],
    type_name: &["/eventName", "/severityText"],
    time: &[("/timeUnixNano", Nanos), ("/observedTimeUnixNano", Nanos)],
    entities: &[Entity::of("trace", "/traceId")],
    correlation: &["/traceId"],
    causation: &["/spanId"],
    data: &["/body"],
    ..Preset::NONE
};
