//! Temporal's workflow histories: one document is one run, and events name their causes by number.

use super::Preset;
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "temporal",
    label: "Temporal history",
    marks: &["/eventId", "/eventType", "/eventTime", "/taskId /version"],
    type_name: &["/eventType"],
    id: &["/eventId"],
    time: &[("/eventTime", Auto)],
    entities: &[
        super::Entity::stream("workflow", "{@file}"),
        super::Entity::of("activity", "/activityTaskScheduledEventAttributes/activityId"),
        super::Entity::of("timer", "/timerStartedEventAttributes/timerId"),
        super::Entity::of("timer", "/timerFiredEventAttributes/timerId"),
    ],
    version: &["/eventId"],
    causation: &[
        "/*/scheduledEventId",
        "/*/startedEventId",
        "/*/workflowTaskCompletedEventId",
        "/*/initiatedEventId",
        "/*/acceptedEventId",
        "/*/acceptedRequestSequencingEventId",
        "/*/parentInitiatedEventId",
    ],
    ..Preset::NONE
};
