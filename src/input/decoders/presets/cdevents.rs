//! CDEvents: what happens in delivery pipelines. The chain id joins events that follow from each other;
//! the type `dev.cdevents.build.finished.0.1.0` says that its subject is a build.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "cdevents",
    label: "CDEvents",
    marks: &["/context/id", "/context/type", "/context/source", "/subject/id"],
    type_name: &["/context/type"],
    id: &["{/context/source}#{/context/id}"],
    time: &[("/context/timestamp", Auto)],
    entities: &[Entity::stream("{/context/type|after:dev.cdevents.|before:.|else:subject}", "/subject/id")],
    correlation: &["/context/chainId"],
    causation: &["/context/links/*/from/contextId"],
    service: &["/context/source"],
    data: &["/subject"],
    payloads: &["/subject/content", "/customData"],
    ..Preset::NONE
};
