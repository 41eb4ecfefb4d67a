//! S3's own notifications (`Records` with `s3`).

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "s3",
    label: "S3 notification",
    marks: &["/eventName", "/s3/object/key", "/s3/bucket/name"],
    type_name: &["/eventName"],
    id: &["{/s3/object/key}@{/s3/object/sequencer}"],
    time: &[("/eventTime", Auto)],
    entities: &[
        Entity::stream("object", "{/s3/bucket/name}/{/s3/object/key}"),
        Entity::of("bucket", "/s3/bucket/name"),
    ],
    correlation: &["/responseElements/x-amz-request-id"],
    service: &["/eventSource"],
    data: &["/s3"],
    ..Preset::NONE
};
