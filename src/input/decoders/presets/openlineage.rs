//! OpenLineage: runs of jobs in data pipelines. A run's parent is a job too, which joins them.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "openlineage",
    label: "OpenLineage",
    marks: &["/eventType", "/eventTime", "/run/runId", "/job/name"],
    type_name: &["/eventType"],
    time: &[("/eventTime", Auto)],
    entities: &[
        Entity::stream("job", "/job/name"),
        Entity::of("run", "/run/runId"),
        Entity::of("dataset", "/inputs/*/name"),
        Entity::of("dataset", "/outputs/*/name"),
    ],
    correlation: &["/run/facets/parent/job/name", "/run/facets/parent/run/runId"],
    service: &["/job/namespace"],
    data: &["/run"],
    ..Preset::NONE
};
