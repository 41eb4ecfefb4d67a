//! Which field of a record is its id, type, time, entities and so on. A mapping is data: presets,
//! inference and people all produce this one structure, and a mapping file is its JSON form.
//!
//! A [`Template`] is text with fields in braces, each a JSON pointer: `{/source}#{/id}`. Text that starts
//! with `/` and has no braces is one pointer: `/eventId`. Pointers know four things more than RFC 6901: `*`
//! stands for every element or member (each match gives a value of its own), `{}` as a whole segment means
//! "this string holds JSON, go on inside", `[name]` as the last one is the value of the pair with that name
//! in a list of pairs (`/headers/[correlation-id]`), and for tables a column is `/name`. A field in braces
//! may end in a filter: `{/stream|before:-}`, `{/stream|after:-}` (split at the first occurrence; `before`
//! gives nothing where the separator is absent), `{/id|object}` (the kind of an object in an object-centric
//! log's own table of objects), `{/op|names:c=insert,d=delete}` (a name for each listed value, other values
//! as they are), `{/kind|else:object}` (text to use where the field is absent).
//!
//! Two fields are not in the record: `{@file}` is the source's file name and `{@file|time}` the first date
//! and time in it (`003--2022-12-03--00-00-01--usage.json` gives `2022-12-03T00:00:01`); `/@key` is the name
//! under which a record is a member of its object, as in OCEL 1.0.

use serde::{Deserialize, Serialize};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(pub String);

impl From<&str> for Template {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// How the digits of a time are to be read. Found once per field, never per value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Text in any known form, numbers by the magnitude of the sample.
    #[default]
    Auto,
    Text,
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// 100 ns since 0001-01-01 (.NET).
    Ticks,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeField {
    pub field: Template,
    #[serde(default)]
    pub unit: TimeUnit,
    /// Minutes east of UTC for texts that name no zone.
    #[serde(default)]
    pub zone_minutes: i32,
}

/// One way to find entities: each value of `id` is an entity of the kind that `kind` gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityField {
    /// A plain word, or a template such as `{/entityType}`.
    pub kind: Template,
    pub id: Template,
    /// This entity is the stream: the aggregate instance that `version` counts.
    #[serde(default)]
    pub stream: bool,
}

/// Why a field was given its role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub role: String,
    pub field: String,
    pub why: String,
    /// Records of the sample that have it, of how many.
    pub seen: u32,
    pub of: u32,
}

/// Lists of one role hold alternatives for `type`, `id`, `time`, `version`, `service`, `key` and
/// `data` (the first that is there counts); for `entities`, `correlation` and `causation` all count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The envelope's name: `plain`, `cloudevents`, `debezium`, …, `inferred`, `custom`.
    pub envelope: String,
    /// Where a JSON document holds its events, as a JSON pointer to an array or an object of them.
    /// Found by itself where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    #[serde(rename = "type")]
    pub type_name: Vec<Template>,
    pub id: Vec<Template>,
    pub time: Vec<TimeField>,
    pub entities: Vec<EntityField>,
    pub version: Vec<Template>,
    pub correlation: Vec<Template>,
    pub causation: Vec<Template>,
    pub service: Vec<Template>,
    pub key: Vec<Template>,
    /// An object or a flat alternating array of names and values.
    pub headers: Option<Template>,
    pub data: Vec<Template>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}
