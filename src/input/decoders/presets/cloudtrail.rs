//! AWS CloudTrail, as written to S3 (`Records` in one document) or flattened by a shipper, which
//! moves the time to `@timestamp`.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "cloudtrail",
    label: "CloudTrail",
    marks: &["/eventName", "/eventSource", "/eventID", "/userIdentity"],
    type_name: &["/eventName"],
    id: &["/eventID"],
    time: &[("/eventTime", Auto), ("/@timestamp", Auto)],
    entities: &[
        Entity::stream("accessKey", "/userIdentity/accessKeyId"),
        Entity::of("instance", "/requestParameters/instancesSet/items/*/instanceId"),
        Entity::of("instance", "/responseElements/instancesSet/items/*/instanceId"),
        Entity::of("instance", "/requestParameters/instanceId"),
        Entity::of("bucket", "/requestParameters/bucketName"),
        Entity::of("role", "/requestParameters/roleArn"),
        Entity::of("secret", "/requestParameters/secretId"),
    ],
    correlation: &["/requestID", "/sharedEventID"],
    service: &["/eventSource"],
    data: &["/requestParameters"],
    ..Preset::NONE
};
