//! The answers as JSON. Field names are a contract; states are written number for number as they were
//! read.

use serde::Serialize;
use serde_json::value::RawValue;

use super::ask::Place;
use crate::analysis::state::blame::Touch;
use crate::analysis::state::diff::Change;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::analysis::state::value::Value;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Who is asked about, and how its states are made.
#[derive(Serialize)]
pub(super) struct Named {
    pub(super) entity: String,
    pub(super) reducer: ReducerJson,
}

#[derive(Serialize)]
pub(super) struct ReducerJson {
    pub(super) kind: ReducerKind,
    pub(super) source: String,
}

/// A step by its event; all null before the first.
#[derive(Serialize)]
pub(super) struct At {
    pub(super) ix: Option<u64>,
    pub(super) time: Option<String>,
    pub(super) version: Option<u32>,
    #[serde(rename = "type")]
    pub(super) type_name: Option<String>,
    /// Counted from 1 in the entity's own history.
    pub(super) step: u32,
}

#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) about: Named,
    pub(super) at: At,
    pub(super) events: u32,
    /// Events left out because their id came before.
    pub(super) repeats: usize,
    pub(super) state: Box<RawValue>,
    pub(super) errors: Vec<Problem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<Problem>,
    pub(super) complete: bool,
}

#[derive(Serialize)]
pub(super) struct Problem {
    pub(super) ix: Option<u64>,
    pub(super) message: String,
}

/// A line of `--every`.
#[derive(Serialize)]
pub(super) struct Line {
    #[serde(flatten)]
    pub(super) at: At,
    pub(super) state: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    pub(super) complete: bool,
}

#[derive(Serialize)]
pub(super) struct Compared {
    #[serde(flatten)]
    pub(super) about: Named,
    /// `version`, `step` or `time`.
    pub(super) by: &'static str,
    pub(super) from: At,
    pub(super) to: At,
    pub(super) changes: Vec<Differs>,
    pub(super) complete: bool,
}

/// Without `before` (or `after`) where nothing was (or is) there.
#[derive(Serialize)]
pub(super) struct Differs {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Box<RawValue>>,
}

#[derive(Serialize)]
pub(super) struct Blamed {
    #[serde(flatten)]
    pub(super) about: Named,
    pub(super) path: String,
    pub(super) touches: Vec<Touched>,
    pub(super) complete: bool,
}

#[derive(Serialize)]
pub(super) struct Touched {
    #[serde(flatten)]
    pub(super) at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Box<RawValue>>,
}

#[derive(Serialize)]
pub(super) struct Bisected {
    #[serde(flatten)]
    pub(super) about: Named,
    pub(super) predicate: String,
    /// It held before the first event already.
    pub(super) from_start: bool,
    /// Null where it never held.
    pub(super) first: Option<At>,
    pub(super) state: Option<Box<RawValue>>,
    pub(super) events: u32,
    pub(super) complete: bool,
}

impl Named {
    pub(super) fn new(entity: &str, source: &ReducerSource) -> Self {
        let reducer = ReducerJson { kind: source.kind, source: source.text.to_string() };
        Self { entity: entity.to_owned(), reducer }
    }
}

impl At {
    pub(super) fn of(snapshot: &Snapshot, step: u32, event: Option<EventIx>) -> Self {
        let Some(event) = event else { return Self { ix: None, time: None, version: None, type_name: None, step } };
        Self {
            ix: Some(event.0),
            time: snapshot.time(event).map(TimeNs::to_rfc3339),
            version: snapshot.version(event),
            type_name: snapshot.types().get(snapshot.type_ix(event).at()).map(|name| name.name.to_string()),
            step,
        }
    }
}

impl Differs {
    pub(super) fn of(change: &Change) -> Self {
        let Change { path, before, after } = change;
        Self { path: path.to_string(), before: before.as_ref().map(raw), after: after.as_ref().map(raw) }
    }
}

impl Touched {
    pub(super) fn of(snapshot: &Snapshot, touch: &Touch) -> Self {
        Self {
            at: At::of(snapshot, touch.step, touch.event),
            before: touch.before.as_ref().map(raw),
            after: touch.after.as_ref().map(raw),
        }
    }
}

impl Place {
    /// What the places of a `--diff` are given in, once the history is known.
    pub(super) fn unit(&self, ordered_by_version: bool) -> &'static str {
        match self {
            Self::Time(_) => "time",
            _ if ordered_by_version => "version",
            _ => "step",
        }
    }
}

/// A state as it is written.
pub(in crate::cli) fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("states are written as JSON")
}
