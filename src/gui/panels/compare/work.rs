//! Works the comparisons out, on other threads, and puts them into lines.

use std::sync::Arc;

use super::model::{Difference, Line, Question, Rival, differences};
use crate::analysis::state::compare::{Aligned, entities, in_words, points, reducers};
use crate::analysis::state::event::{Events, Need};
use crate::analysis::state::fold::{LIMIT_BYTES, fold};
use crate::analysis::state::history::History;
use crate::analysis::state::reducer::{CompileError, Reducer, ReducerKind, ReducerSource};
use crate::analysis::state::reducers::infer::infer;
use crate::analysis::state::stored::Stored;
use crate::app::jobs::{Focus, Job, Pool};
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::snapshot::Snapshot;

/// Lines and differences that are listed.
const MOST_LINES: usize = 4_000;
const MOST_CHANGES: usize = 200;

/// A comparison ready to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub summary: String,
    /// What stands left and what stands right.
    pub sides: [String; 2],
    pub lines: Vec<Line>,
    pub more_lines: u64,
    /// The first line in which they part.
    pub parts_at: Option<usize>,
    pub differences: Vec<Difference>,
    pub more_differences: bool,
}

/// Nothing when cancelled.
pub fn compare(
    focus: &Focus,
    question: &Question,
    keep_duplicates: bool,
    pool: &Pool,
    job: &Job,
) -> Option<Result<Shown, String>> {
    let folded = focus.folded.as_ref()?;
    let failed = |error: CompileError| format!("The reducer does not compile: {}", error.message);
    let mut reducer = match pool.lend(folded.source()) {
        Ok(reducer) => reducer,
        Err(error) => return Some(Err(failed(error))),
    };
    match question {
        Question::Steps(a, b) => {
            let found = points(folded, &mut *reducer, (*a, *b), MOST_CHANGES);
            let (from, to) = (found.from.0, found.to.0);
            let types = types(&**folded.events(), from..to.min(from.saturating_add(MOST_LINES as u32)), &job.cancel);
            let line = |(i, type_name): (usize, String)| {
                let step = Some(from + i as u32 + 1);
                Line { left_step: step, right_step: step, type_name, ..Line::default() }
            };
            let lines: Vec<Line> = types.into_iter().enumerate().map(line).collect();
            let more_lines = u64::from(to - from).saturating_sub(lines.len() as u64);
            let between = plural(u64::from(to - from), "event", "events");
            Some(Ok(Shown {
                summary: summary(&found.changes, found.more_changes, &format!("{between} between")),
                sides: [after(from), after(to)],
                lines,
                more_lines,
                parts_at: None,
                differences: differences(&found.changes),
                more_differences: found.more_changes,
            }))
        }
        Question::Entities(other) => {
            let log = &focus.snapshot;
            let history = Arc::new(History::of(log, *other, keep_duplicates, &job.cancel)?);
            let events: Arc<dyn Events> = Arc::new(Stored { snapshot: Arc::clone(log), history });
            let source = folded.source().clone();
            let second = fold(events, source, &mut *reducer, None, LIMIT_BYTES, &job.cancel, &mut |_| ());
            let found = entities(folded, &second, &*reducer, MOST_CHANGES, &job.cancel);
            if job.cancel.is_cancelled() {
                return None;
            }
            let more_lines = u64::from(found.not_aligned.0) + u64::from(found.not_aligned.1);
            let apart = found.rows.iter().filter(|row| row.steps.0.is_some() != row.steps.1.is_some()).count();
            let words = match apart {
                0 => "the same types of event in the same order".to_owned(),
                n => format!("{} on one side only", plural(n as u64, "event", "events")),
            };
            Some(Ok(Shown {
                summary: summary(&found.changes, found.more_changes, &words),
                sides: [name(log, focus.entity), name(log, *other)],
                lines: found.rows.iter().map(aligned).collect(),
                more_lines,
                parts_at: found.parts_at,
                differences: differences(&found.changes),
                more_differences: found.more_changes,
            }))
        }
        Question::Reducers(rival) => {
            let source = match rival {
                Rival::Text(source) => source.clone(),
                Rival::Inferred => inferred(&focus.snapshot, focus.entity, &job.cancel)?,
            };
            let mut other = match pool.lend(&source) {
                Ok(other) => other,
                Err(error) => return Some(Err(failed(error))),
            };
            let mut progress = |share: f32| job.report(f64::from(share));
            let events = &**folded.events();
            let (one, two): (&mut dyn Reducer, &mut dyn Reducer) = (&mut *reducer, &mut *other);
            let found = reducers(events, (one, two), MOST_LINES, MOST_CHANGES, &job.cancel, &mut progress);
            if job.cancel.is_cancelled() {
                return None;
            }
            let lines = found.rows.iter().map(|row| {
                let step = Some(row.step).filter(|step| *step > 0);
                let type_name = step.map_or_else(
                    || "before the first event".to_owned(),
                    |step| types(events, step - 1..step, &job.cancel).pop().unwrap_or_default(),
                );
                let error = row.errors.0.as_ref().or(row.errors.1.as_ref());
                let words = match error {
                    Some(error) => error.to_string(),
                    None => in_words(&row.changes, row.more_changes),
                };
                Line { left_step: step, right_step: step, type_name, words, failed: error.is_some() }
            });
            let lines: Vec<Line> = lines.collect();
            let last = found.rows.last().map(|row| row.changes.as_slice()).unwrap_or_default();
            let words = match (found.first, &found.stopped) {
                (_, Some(stopped)) => format!("stopped: {}", stopped.error),
                (Some(step), _) => format!("they part {}", after(step)),
                (None, None) => {
                    format!("compared after each of {}", plural(u64::from(found.compared), "event", "events"))
                }
            };
            let more = found.rows.last().is_some_and(|row| row.more_changes);
            Some(Ok(Shown {
                summary: summary(last, more, &words),
                sides: [folded.source().kind.label().to_owned(), source.kind.label().to_owned()],
                lines,
                more_lines: found.more_rows,
                parts_at: None,
                differences: differences(last),
                more_differences: more,
            }))
        }
    }
}

/// Entities of a kind whose id has this text in it, without the one in focus.
#[must_use]
pub fn candidates(log: &Snapshot, kind: KindIx, without: EntityIx, text: &str, cancel: &Cancel) -> Vec<EntityIx> {
    const SHOWN: usize = 40;
    let text = text.trim().to_lowercase();
    let fits = |number: &u32| {
        let name = log.entity(EntityIx(*number));
        *number != without.0
            && name.is_some_and(|name| name.kind == kind && (text.is_empty() || name.id.to_lowercase().contains(&text)))
    };
    let goes_on = |number: &u32| !number.is_multiple_of(4_096) || !cancel.is_cancelled();
    (0..log.entity_count()).take_while(goes_on).filter(fits).take(SHOWN).map(EntityIx).collect()
}

fn summary(changes: &[crate::analysis::state::diff::Change], more: bool, words: &str) -> String {
    let n = changes.len();
    let states = match (n, more) {
        (0, _) => "The states are the same".to_owned(),
        (1, false) => "The states differ in 1 place".to_owned(),
        (n, false) => format!("The states differ in {n} places"),
        (n, true) => format!("The states differ in more than {n} places"),
    };
    format!("{states}; {words}")
}

fn after(step: u32) -> String {
    if step == 0 { "before the first event".to_owned() } else { format!("after event {step}") }
}

fn name(log: &Snapshot, entity: EntityIx) -> String {
    log.entity(entity).map_or_else(String::new, |name| name.id.to_owned())
}

fn aligned(row: &Aligned) -> Line {
    Line {
        left_step: row.steps.0,
        right_step: row.steps.1,
        type_name: row.type_name.to_string(),
        words: String::new(),
        failed: false,
    }
}

fn types(events: &dyn Events, range: std::ops::Range<u32>, cancel: &Cancel) -> Vec<String> {
    let mut found = Vec::new();
    events.load(range, &Need::default(), cancel, &mut found);
    found.iter().map(|input| input.type_name.to_string()).collect()
}

fn inferred(log: &Snapshot, entity: EntityIx, cancel: &Cancel) -> Option<ReducerSource> {
    let kind = log.entity(entity)?.kind;
    let text = infer(log, kind, cancel).text;
    (!cancel.is_cancelled()).then(|| ReducerSource { kind: ReducerKind::Inferred, text: text.into() })
}
