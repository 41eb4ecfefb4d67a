//! SNS notifications, also inside SQS messages that were written down without their wrapper.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "sns",
    label: "SNS notifications",
    marks: &["/Type /Sns/Type", "/MessageId /Sns/MessageId", "/TopicArn /Sns/TopicArn", "/Message /Sns/Message"],
    type_name: &[
        "/Message/{}/eventType",
        "/Message/{}/type",
        "/Message/{}/detail-type",
        "/Sns/Message/{}/eventType",
        "/Subject",
        "/Sns/Subject",
        "/Type",
        "/Sns/Type",
    ],
    id: &["/MessageId", "/Sns/MessageId"],
    time: &[("/Timestamp", Auto), ("/Sns/Timestamp", Auto)],
    entities: &[Entity::of("topic", "/TopicArn"), Entity::of("topic", "/Sns/TopicArn")],
    service: &["/TopicArn", "/Sns/TopicArn"],
    data: &["/Message", "/Sns/Message"],
    payloads: &["/Message/{}", "/Sns/Message/{}"],
    ..Preset::NONE
};
