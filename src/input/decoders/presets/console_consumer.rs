//! `kafka-console-consumer`: what its layer made of a printed message. Which topic it is of is not
//! printed; the value may hold JSON with an envelope of its own, which then counts first.

use super::kcat::inside;
use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Millis;

pub const PRESET: Preset = Preset {
    name: "console_consumer",
    label: "kafka-console-consumer",
    marks: &["/value /value=null", "/tstype=CreateTime /tstype=LogAppendTime /offset /partition"],
    type_name: &["message"],
    id: &["{/partition}/{/offset}"],
    time: &[("/ts", Millis)],
    entities: &[Entity::stream("key", "/key")],
    key: &["/key"],
    headers: Some("/headers"),
    data: &["/value"],
    payloads: &["/value/{}"],
    refine: |records, mapping| drop(inside("/value/{}", records, mapping)),
    ..Preset::NONE
};
