//! Stripe's events. The object that changed says of what kind it is.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Seconds;

pub const PRESET: Preset = Preset {
    name: "stripe",
    label: "Stripe events",
    marks: &["/object=event", "/type", "/data/object"],
    type_name: &["/type"],
    id: &["/id"],
    time: &[("/created", Seconds)],
    entities: &[
        Entity::stream("{/data/object/object|else:object}", "/data/object/id"),
        Entity::of("customer", "/data/object/customer"),
        Entity::of("subscription", "/data/object/subscription"),
        Entity::of("invoice", "/data/object/invoice"),
        Entity::of("charge", "/data/object/charge"),
        Entity::of("payment_intent", "/data/object/payment_intent"),
        Entity::of("account", "/account"),
    ],
    correlation: &["/request/id", "/request", "/request/idempotency_key"],
    data: &["/data/object"],
    ..Preset::NONE
};
