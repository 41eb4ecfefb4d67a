//! Eiffel: events of continuous integration, linked to each other by typed links.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Millis;

pub const PRESET: Preset = Preset {
    name: "eiffel",
    label: "Eiffel",
    marks: &["/meta/type", "/meta/id", "/meta/time", "/links /data"],
    type_name: &["/meta/type"],
    id: &["/meta/id"],
    time: &[("/meta/time", Millis)],
    entities: &[
        Entity::of("artifact", "/data/identity"),
        Entity::of("artifact", "/data/gav/artifactId"),
        Entity::of("activity", "/data/name"),
        Entity::of("testCase", "/data/testCase/id"),
        Entity::of("repository", "/data/gitIdentifier/repoName"),
        Entity::of("repository", "/data/svnIdentifier/repoName"),
    ],
    causation: &["/links/*/target"],
    service: &["/meta/source/name", "/meta/source/domainId", "/meta/source/host"],
    data: &["/data"],
    ..Preset::NONE
};
