//! SQS messages as functions receive them. The body may hold an SNS notification, whose message may
//! hold the event: entities are looked for at each depth.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::{Auto, Millis};

pub const PRESET: Preset = Preset {
    name: "sqs",
    label: "SQS messages",
    marks: &["/messageId /MessageId", "/body /Body", "/receiptHandle /ReceiptHandle /attributes /Attributes"],
    type_name: &[
        "/body/{}/Message/{}/eventType",
        "/body/{}/Message/{}/type",
        "/body/{}/detail-type",
        "/body/{}/eventType",
        "/body/{}/type",
        "/body/{}/Type",
        "/messageAttributes/eventType/stringValue",
        "/eventSource",
    ],
    id: &["/messageId", "/MessageId"],
    time: &[("/attributes/SentTimestamp", Millis), ("/Attributes/SentTimestamp", Millis), ("/body/{}/Timestamp", Auto)],
    entities: &[
        Entity::of("queue", "/eventSourceARN"),
        Entity::of("group", "/attributes/MessageGroupId"),
        Entity::of("queue", "/attributes/DeadLetterQueueSourceArn"),
    ],
    correlation: &[
        "/body/{}/MessageId",
        "/messageAttributes/correlationId/stringValue",
        "{/attributes/AWSTraceHeader|after:Root=|before:;}",
    ],
    service: &["/eventSourceARN"],
    data: &["/body"],
    payloads: &["/body/{}", "/body/{}/Message/{}", "/body/{}/detail"],
    ..Preset::NONE
};
