//! What makes states out of events.
//!
//! A [`ReducerSource`] is the text that a person reads, edits and saves; compiled it is a [`Reducer`].
//! Reducers work on runs of events, because a script lives in another process and a call per event
//! would cost more than the event.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{Input, Need};
use super::value::Value;
use crate::base::cancel::Cancel;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReducerKind {
    /// Rules that were found in the log's own events.
    #[default]
    Inferred,
    Rules,
    JavaScript,
    Jq,
}

/// A reducer as text: rules for [`ReducerKind::Inferred`] too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReducerSource {
    pub kind: ReducerKind,
    pub text: Arc<str>,
}

/// What is wrong with a reducer's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    pub message: String,
    /// From 1.
    pub line: Option<u32>,
    /// From 1, in characters.
    pub column: Option<u32>,
}

/// Why an event could not be folded; the state stays as it was before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    pub message: String,
    /// The line of the reducer's text, from 1.
    pub line: Option<u32>,
}

/// The reducer cannot go on: it ran too long, took too much memory, or its process died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The event of the run at which it happened, as far as that is known.
    pub at: u32,
    pub error: StepError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The state after every event.
    Every,
    /// Only the state after the last event.
    Last,
}

/// What is told after an event.
#[derive(Debug)]
pub struct Step<'a> {
    /// The event in the run, from 0.
    pub at: u32,
    /// The state after it: always with [`Keep::Every`], else only after the last.
    pub state: Option<&'a Value>,
    pub error: Option<StepError>,
    /// What the person should know although it worked: a number that lost digits.
    pub warning: Option<StepError>,
}

/// A compiled reducer: one fold at a time.
pub trait Reducer: Send {
    fn need(&self) -> Need;

    /// The state before the first event.
    fn initial(&self) -> Value;

    /// Folds a run of events on `state` and leaves the last state there. Steps that have a state to
    /// show, an error or a warning are told, in order.
    ///
    /// # Errors
    /// When it cannot go on; `state` is then the last one that is known.
    fn fold(
        &mut self,
        state: &mut Value,
        events: &[Input],
        keep: Keep,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Stopped>;

    /// From now on a fold ends early where this asks for it: with `Stopped`, like any other end.
    fn watch(&mut self, _cancel: &Cancel) {}

    /// Members that grow by every event itself (`this.events.push(event)`) and are therefore kept as
    /// their length: `{"$events": n}` in the states that it gives.
    fn histories(&self) -> &[Arc<str>] {
        &[]
    }
}

impl ReducerKind {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Rules => "rules",
            Self::JavaScript => "JavaScript",
            Self::Jq => "jq",
        }
    }
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} (line {line})", self.message),
            None => f.write_str(&self.message),
        }
    }
}
