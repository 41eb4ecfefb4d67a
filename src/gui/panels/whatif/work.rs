//! What is worked out on other threads: the history that a branch makes, where its states part from the
//! stored ones, and the events of the lines in view.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::lines::Lines;
use crate::analysis::state::compare::{in_words, short};
use crate::analysis::state::diff::Change;
use crate::analysis::state::event::{Events, Input, Need};
use crate::analysis::state::reducer::CompileError;
use crate::analysis::state::value::Value;
use crate::analysis::state::whatif::{Branch, BranchEvents, Divergence, Limits, Pair, divergence};
use crate::app::jobs::{Focus, Job, Pool};

/// A branch as the table shows it.
pub struct Made {
    pub events: Arc<BranchEvents>,
    pub lines: Lines,
}

/// What the divergence says, in words, by the line that it is about.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Nothing where no reducer could be had.
    pub error: Option<CompileError>,
    pub found: Divergence,
    by_line: BTreeMap<(Option<u32>, Option<u32>), usize>,
    words: Vec<String>,
}

/// The history that the branch makes.
pub fn make(focus: &Focus, branch: &Branch) -> Option<Made> {
    let base = Arc::clone(focus.folded.as_ref()?.events());
    let events = BranchEvents::new(base, branch, &|event| focus.history.step_of(event));
    let lines = Lines::of(&events);
    Some(Made { events: Arc::new(events), lines })
}

/// Folds both from the lowest change on.
pub fn tell(focus: &Focus, made: &BranchEvents, pool: &Pool, job: &Job) -> Option<Told> {
    let folded = focus.folded.as_ref()?;
    let mut reducer = match pool.lend(folded.source()) {
        Ok(reducer) => reducer,
        Err(error) => return Some(Told { error: Some(error), ..Told::default() }),
    };
    let mut progress = |share: f32| job.report(f64::from(share));
    let found = divergence(folded, made, &mut *reducer, Limits::default(), &job.cancel, &mut progress);
    let lines = found.rows.iter().enumerate();
    let by_line = lines.map(|(i, row)| ((row.base_step, row.branch_step), i)).collect();
    let words = found.rows.iter().map(|row| arrows(&row.changes, row.more_changes)).collect();
    Some(Told { error: None, found, by_line, words })
}

impl Told {
    /// What differs after a line, and why its event failed. Steps count from 1.
    #[must_use]
    pub fn of(&self, base_step: Option<u32>, branch_step: Option<u32>) -> Option<(&str, Option<String>)> {
        let at = *self.by_line.get(&(base_step, branch_step))?;
        let error = self.found.rows.get(at)?.error.as_ref().map(ToString::to_string);
        Some((self.words.get(at)?, error))
    }

    /// Where the branch leads, a piece of a sentence each.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let found = &self.found;
        let Some(first) = found.first else {
            let words =
                if found.complete { "The states are the same after every event" } else { "Not compared to the end" };
            return vec![words.to_owned()];
        };
        let end = match (&found.reconverges_at, found.final_changes.as_slice()) {
            (Some(at), _) => format!("the same again from event {} on", pair(*at)),
            (None, []) if found.complete => "ends in the same state".to_owned(),
            (None, []) => "not compared to the end".to_owned(),
            (None, changes) => format!("in the end {}", in_words(changes, found.more_final_changes)),
        };
        vec![format!("First differs after event {}", pair(first)), end]
    }
}

fn pair(pair: Pair) -> String {
    if pair.base_step == pair.branch_step {
        return pair.base_step.to_string();
    }
    format!("{} ({} of the branch)", pair.base_step, pair.branch_step)
}

/// `balance 100 → 150, status – → "open"`.
#[must_use]
pub fn arrows(changes: &[Change], more: bool) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), short);
    let word = |c: &Change| format!("{} {} → {}", c.path.dotted(), shown(&c.before), shown(&c.after));
    let words: Vec<String> = changes.iter().map(word).collect();
    format!("{}{}", words.join(", "), if more { ", …" } else { "" })
}

/// The events of some lines: the branch's where it has them, else the stored ones.
pub fn load(made: &Made, rows: Range<u64>, job: &Job) -> Vec<Option<Input>> {
    const NEED: Need = Need { text: true, value: false, members: None, meta: false, types: None };
    let mut found = Vec::new();
    let mut part = Vec::new();
    for row in rows {
        if job.cancel.is_cancelled() {
            break;
        }
        let Some(line) = made.lines.get(row) else { break };
        match (line.branch, line.stored) {
            (Some(at), _) => made.events.load(at..at + 1, &NEED, &job.cancel, &mut part),
            (None, Some(at)) => made.events.base().load(at..at + 1, &NEED, &job.cancel, &mut part),
            (None, None) => part.clear(),
        }
        found.push(part.pop());
    }
    found
}
