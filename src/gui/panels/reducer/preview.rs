//! What the text in the editor makes of one history: folded whole on a thread of the slot, so that
//! neither a long history nor an endless loop stops the window.

use std::sync::Arc;

use crate::analysis::state::event::Events;
use crate::analysis::state::fold::{LIMIT_BYTES, fold};
use crate::analysis::state::history::History;
use crate::analysis::state::reducer::{CompileError, ReducerSource, StepError};
use crate::analysis::state::reducers::compile;
use crate::analysis::state::stored::Stored;
use crate::analysis::state::walk::state_at;
use crate::app::jobs::Job;
use crate::model::ids::{EntityIx, EventIx};
use crate::store::snapshot::Snapshot;

/// Longest state that is shown as a tree, in bytes of JSON.
const SHOWN: usize = 1 << 20;
/// Longest state of a line.
const LINE: usize = 400;

/// What a reducer makes of a history, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub entity: Option<EntityIx>,
    pub events: u32,
    /// How far it came.
    pub folded: u32,
    /// What is wrong with the text; then there is nothing else.
    pub wrong: Option<CompileError>,
    pub errors: u32,
    pub first_error: Option<Trouble>,
    pub warnings: u32,
    pub first_warning: Option<Trouble>,
    pub stopped: Option<Trouble>,
    /// The state after the last event that was folded, as JSON; nothing where it is too long.
    pub last: Option<Arc<str>>,
    /// After the first, a middle and the last event.
    pub samples: Vec<Sample>,
}

/// An event that did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub step: u32,
    pub event: Option<EventIx>,
    pub type_name: String,
    pub message: String,
    /// Of the reducer's text, from 1.
    pub line: Option<u32>,
}

/// A state on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub step: u32,
    pub event: Option<EventIx>,
    pub type_name: String,
    pub state: String,
}

/// Folds the history of `entity`. Nothing when cancelled.
#[must_use]
pub fn preview(
    log: &Arc<Snapshot>,
    entity: EntityIx,
    keep_duplicates: bool,
    source: &ReducerSource,
    job: &Job,
) -> Option<Preview> {
    let mut reducer = match compile(source) {
        Ok(reducer) => reducer,
        Err(error) => return Some(Preview { entity: Some(entity), wrong: Some(error), ..Preview::default() }),
    };
    let history = Arc::new(History::of(log, entity, keep_duplicates, &job.cancel)?);
    let events: Arc<dyn Events> = Arc::new(Stored { snapshot: Arc::clone(log), history: Arc::clone(&history) });
    let len = events.len();
    let mut tell = |folded: Arc<crate::analysis::state::fold::Folded>| {
        job.report(f64::from(folded.done()) / f64::from(len.max(1)));
    };
    let folded = fold(events, source.clone(), &mut *reducer, None, LIMIT_BYTES, &job.cancel, &mut tell);
    if job.cancel.is_cancelled() {
        return None;
    }
    let type_of = |event: Option<EventIx>| event.map_or("", |event| log.type_name(log.type_ix(event))).to_owned();
    let trouble = |step: u32, error: &StepError| {
        let event = history.event_of(step);
        let message = error.message.clone();
        Trouble { step, event, type_name: type_of(event), message, line: error.line }
    };
    let done = folded.done();
    let mut steps = vec![1, done.div_ceil(2), done];
    steps.retain(|step| (1..=done).contains(step));
    steps.dedup();
    let stopped = folded.stopped().map(|stopped| trouble(stopped.at, &stopped.error));
    let samples = steps.into_iter().map(|step| {
        // A reducer that stopped is not asked again: it would stop again.
        let state = if step == done { folded.last().clone() } else { state_at(&folded, &mut *reducer, step).value };
        let event = history.event_of(step);
        Sample { step, event, type_name: type_of(event), state: cut(state.to_string()) }
    });
    let samples = if stopped.is_some() { samples.filter(|s| s.step == done).collect() } else { samples.collect() };
    let last = folded.last().to_string();
    Some(Preview {
        entity: Some(entity),
        events: len,
        folded: done,
        wrong: None,
        errors: folded.error_count(),
        first_error: folded.errors().first().map(|(step, error)| trouble(*step, error)),
        warnings: folded.warning_count(),
        first_warning: folded.warnings().first().map(|(step, error)| trouble(*step, error)),
        stopped,
        last: (last.len() <= SHOWN).then(|| last.into()),
        samples,
    })
}

fn cut(text: String) -> String {
    if text.len() <= LINE {
        return text;
    }
    let end = text.floor_char_boundary(LINE);
    format!("{}…", text.get(..end).unwrap_or_default())
}

impl Trouble {
    /// `event 3 MoneyDeposited: amount is not a number (line 7)`.
    #[must_use]
    pub fn words(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!(" (line {line})"));
        format!("{}{line}", self.message)
    }

    #[must_use]
    pub fn place(&self) -> String {
        format!("event {} {}", self.step, self.type_name).trim_end().to_owned()
    }
}
