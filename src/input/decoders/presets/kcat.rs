//! `kcat -J`: one Kafka message a line. The payload is a string that may hold JSON, whose own type,
//! id and time then count before those of the message.

use serde_json::Value;

use super::{Entity, Preset, time};
use crate::input::decoders::infer;
use crate::input::decoders::lookup;
use crate::model::mapping::TimeUnit::{Auto, Millis};
use crate::model::mapping::{Mapping, Template};

pub const PRESET: Preset = Preset {
    name: "kcat",
    label: "kcat -J",
    marks: &["/topic", "/partition", "/offset", "/tstype /ts /broker"],
    type_name: &["/topic"],
    id: &["{/topic}/{/partition}/{/offset}"],
    time: &[("/ts", Millis)],
    entities: &[Entity::stream("{/topic}", "/key")],
    service: &["/topic"],
    key: &["/key"],
    headers: Some("/headers"),
    data: &["/payload"],
    payloads: &["/payload/{}"],
    refine: |records, mapping| drop(inside("/payload/{}", records, mapping)),
    ..Preset::NONE
};

/// The messages' own envelope, below a place where text holds JSON. Returns where that has its payload.
pub(super) fn inside(place: &str, records: &[Value], mapping: &mut Mapping) -> Vec<Template> {
    let inner: Vec<Value> =
        records.iter().flat_map(|record| lookup::values(record, place)).map(std::borrow::Cow::into_owned).collect();
    if inner.is_empty() || inner.len() * 2 < records.len() {
        return Vec::new();
    }
    let found = infer::recognise(&inner);
    let below = |template: &Template| infer::below(place, template);
    mapping.type_name.splice(0..0, found.type_name.iter().map(below));
    mapping.id.splice(0..0, found.id.iter().map(below));
    mapping.time.splice(0..0, found.time.iter().map(|field| time(below(&field.field), Auto)));
    mapping.version.extend(found.version.iter().map(below));
    mapping.correlation.extend(found.correlation.iter().map(below));
    mapping.causation.extend(found.causation.iter().map(below));
    mapping.service.splice(0..0, found.service.iter().map(below));
    found.data.iter().map(below).collect()
}
