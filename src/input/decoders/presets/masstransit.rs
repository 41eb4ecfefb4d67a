//! MassTransit's JSON envelope. Message types are URNs, the most derived first.

use super::Preset;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "masstransit",
    label: "MassTransit",
    marks: &["/messageId", "/messageType", "/message", "/destinationAddress /sourceAddress /conversationId"],
    type_name: &["{/messageType/0|after:message:}", "/messageType/0"],
    id: &["/messageId"],
    time: &[("/sentTime", Auto)],
    correlation: &["/conversationId", "/correlationId"],
    causation: &["/initiatorId"],
    service: &["/host/processName", "/sourceAddress"],
    headers: Some("/headers"),
    data: &["/message"],
    payloads: &["/message"],
    ..Preset::NONE
};
