//! GitHub's webhooks: bare payloads, or each with the name of its event beside it. An issue and a
//! pull request share their numbers; a payload has no time of its own, only those of what changed.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "github",
    label: "GitHub webhooks",
    marks: &["/event", "/payload/sender /payload/repository /payload/action /payload/organization"],
    type_name: &["{/event}.{/payload/action}", "/event"],
    id: &["/delivery", "/guid", "/deliveryId"],
    time: &[
        ("/delivered_at", Auto),
        ("/payload/comment/updated_at", Auto),
        ("/payload/review/submitted_at", Auto),
        ("/payload/issue/updated_at", Auto),
        ("/payload/pull_request/updated_at", Auto),
        ("/payload/check_run/started_at", Auto),
        ("/payload/check_suite/updated_at", Auto),
        ("/payload/workflow_run/updated_at", Auto),
        ("/payload/deployment/updated_at", Auto),
        ("/payload/discussion/updated_at", Auto),
        ("/payload/release/published_at", Auto),
        ("/payload/head_commit/timestamp", Auto),
        ("/payload/effective_date", Auto),
        ("/payload/*/updated_at", Auto),
        ("/payload/*/created_at", Auto),
    ],
    entities: &[
        Entity::stream("issue", "{/payload/repository/full_name}#{/payload/issue/number}"),
        Entity::stream("issue", "{/payload/repository/full_name}#{/payload/pull_request/number}"),
        Entity::of("repository", "/payload/repository/full_name"),
        Entity::of("user", "/payload/sender/login"),
    ],
    correlation: &["/payload/check_suite/head_sha", "/payload/check_run/head_sha", "/payload/pull_request/head/sha"],
    service: &["/payload/repository/full_name"],
    data: &["/payload"],
    ..Preset::NONE
};

pub const BARE: Preset = Preset {
    name: "github_bare",
    label: "GitHub webhook payloads",
    marks: &["/sender/login", "/repository/full_name", "/action /ref /commits /hook"],
    type_name: &["/action"],
    time: &[
        ("/comment/updated_at", Auto),
        ("/issue/updated_at", Auto),
        ("/pull_request/updated_at", Auto),
        ("/head_commit/timestamp", Auto),
        ("/repository/updated_at", Auto),
    ],
    entities: &[
        Entity::stream("issue", "{/repository/full_name}#{/issue/number}"),
        Entity::stream("issue", "{/repository/full_name}#{/pull_request/number}"),
        Entity::of("repository", "/repository/full_name"),
        Entity::of("user", "/sender/login"),
    ],
    service: &["/repository/full_name"],
    ..Preset::NONE
};
