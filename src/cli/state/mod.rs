//! An entity's state at any of its events, and questions about it.
//!
//! `ask` is what was typed, made ready; `subject` the entity with its history and reducer; the answers
//! are data (`answers`), printed as JSON as they are and for people by `text`.

mod answers;
mod ask;
mod fixture;
mod simulate;
mod subject;
mod text;

use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::Serialize;

pub(super) use self::answers::raw;
use self::answers::{At, Bisected, Blamed, Compared, Differs, Shown, Touched};
pub(super) use self::ask::{Ask, ask, reducer};
use self::ask::{Place, Question};
use self::subject::Subject;
pub(super) use self::subject::inferred;
use super::Exit;
use super::args::StateFormat;
use super::out::Out;
use super::report::Report;
use crate::analysis::state::bisect::{Predicate, bisect};
use crate::analysis::state::blame::touches;
use crate::analysis::state::diff::diff;
use crate::analysis::state::history::Order;
use crate::analysis::state::path::Path;
use crate::analysis::state::walk::{Walked, every, state_at};
use crate::base::cancel::Cancel;
use crate::base::text::count;
use crate::model::error::{Error, Place as ErrorPlace};
use crate::store::snapshot::Snapshot;

/// Why there is no answer.
pub(super) enum Failed {
    /// What was asked makes no sense for this log.
    Asked(Error),
    /// A file that was asked for cannot be written.
    Unwritten(Error),
    Output(io::Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Asked(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Differences between two states that are listed.
const MOST_CHANGES: usize = 100_000;

/// Answers on `out`. Findings are faults in delivery that would matter.
pub(super) fn answer<W: Write>(
    snapshot: std::sync::Arc<Snapshot>,
    ask: Ask,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<Exit, Failed> {
    let Ask { entity, place, question, reducer, keep_duplicates, format } = ask;
    let mut subject = Subject::find(snapshot, entity, reducer, keep_duplicates)?;
    match question {
        Question::State => state(&mut subject, &place, format, out),
        Question::Every => all(&mut subject, &place, format, report, out),
        Question::Diff(from, to) => compared(&mut subject, [&from, &to], format, out),
        Question::Blame(path) => blamed(&mut subject, &path, &place, format, report, out),
        Question::Simulate(request) => {
            return simulate::simulate(&mut subject, &place, &request, format, report, out);
        }
        Question::Fixture(to) => fixture::write(&mut subject, &place, &to, report, out),
        Question::Bisect(predicate) => bisected(&mut subject, &predicate, format, report, out),
    }
    .map(|()| Exit::Fine)
}

fn print<W: Write>(
    answer: &impl Serialize,
    format: StateFormat,
    text: impl FnOnce() -> Vec<String>,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    match format {
        StateFormat::Json => out.json(&serde_json::to_vec(answer).expect("texts and numbers always become JSON"))?,
        StateFormat::Text => text().iter().try_for_each(|line| out.text(line))?,
    }
    Ok(())
}

fn state<W: Write>(subject: &mut Subject, place: &Place, format: StateFormat, out: &mut Out<W>) -> Result<(), Failed> {
    let step = subject.step(place)?;
    let folded = subject.fold_to(step);
    // Without keyframes behind it, the last state of the fold is the one that was asked for.
    let state = state_at(&folded, &mut *subject.reducer, step);
    let shown = Shown {
        about: subject.named(),
        at: subject.at(step),
        events: step,
        repeats: subject.history.repeats.len(),
        state: raw(&state.value),
        errors: subject.errors(&folded, step),
        warnings: subject.warnings(&folded, step),
        complete: folded.complete_at(step),
    };
    print(&shown, format, || text::state(&shown, &state.value, subject), out)
}

fn all<W: Write>(
    subject: &mut Subject,
    place: &Place,
    format: StateFormat,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    let end = subject.step(place)?;
    let (mut written, mut complete) = (Ok(()), true);
    let Subject { snapshot, history, stored, reducer, .. } = subject;
    let walked = every(&**stored, &mut **reducer, end, &Cancel::new(), &mut |step, state, error| {
        complete &= error.is_none();
        let Some(event) = history.event_of(step) else { return ControlFlow::Continue(()) };
        if step.is_multiple_of(4096) {
            report.progress(&format!("{} of {} events", count(step.into()), count(end.into())));
        }
        let at = At::of(snapshot, step, Some(event));
        let error = error.map(ToString::to_string);
        written = match format {
            StateFormat::Json => {
                let line = answers::Line { at, state: raw(state), error, complete };
                out.json(&serde_json::to_vec(&line).expect("texts and numbers always become JSON"))
            }
            StateFormat::Text => out.text(&text::every(&at, state, error.as_deref())),
        };
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    if let Walked::Stopped(stopped) = walked {
        return Err(subject.stopped(&stopped).into());
    }
    Ok(())
}

fn compared<W: Write>(
    subject: &mut Subject,
    places: [&Place; 2],
    format: StateFormat,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    let [from, to] = [subject.step(places[0])?, subject.step(places[1])?];
    let folded = subject.fold_to(from.max(to));
    let [before, after] = [from, to].map(|step| state_at(&folded, &mut *subject.reducer, step).value);
    let changes = diff(&before, &after, MOST_CHANGES);
    let compared = Compared {
        about: subject.named(),
        by: places[0].unit(subject.history.order == Order::Version),
        from: subject.at(from),
        to: subject.at(to),
        changes: changes.iter().map(Differs::of).collect(),
        complete: folded.complete_at(from.max(to)),
    };
    print(&compared, format, || text::compared(&compared, &changes), out)
}

fn blamed<W: Write>(
    subject: &mut Subject,
    path: &Path,
    place: &Place,
    format: StateFormat,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    let end = subject.step(place)?;
    let folded = subject.fold_to(end);
    let found = touches(&folded, &mut *subject.reducer, path, &Cancel::new(), &|_, _| ());
    let is_there = path.get(folded.last()).is_some();
    if found.is_empty() && !is_there {
        let what = format!("No event of {} put anything at {}", subject.name, path.dotted());
        let next = format!("Look at the state for the names of its fields: {}", text::fields(folded.last()));
        report.warning(&Error::new(what, ErrorPlace::Nowhere, next));
    }
    let blamed = Blamed {
        about: subject.named(),
        path: path.to_string(),
        touches: found.iter().map(|touch| Touched::of(&subject.snapshot, touch)).collect(),
        complete: folded.complete_at(end),
    };
    print(&blamed, format, || text::blamed(&blamed), out)
}

fn bisected<W: Write>(
    subject: &mut Subject,
    predicate: &Predicate,
    format: StateFormat,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    let end = subject.history.len();
    let folded = subject.fold_to(end);
    let never = Cancel::new();
    let answer = bisect(&folded, &mut *subject.reducer, predicate, &never, &|_, _| (), &mut |_| ());
    if let Some(stopped) = answer.stopped.as_ref().or(folded.stopped()) {
        report.warning(&subject.stopped(stopped));
    }
    let first = answer.first.as_ref();
    let bisected = Bisected {
        about: subject.named(),
        predicate: predicate.to_string(),
        from_start: answer.from_start,
        first: first.map(|first| subject.at(first.step)),
        state: first.map(|first| raw(&first.state)),
        events: folded.done(),
        complete: folded.complete_at(first.map_or(end, |first| first.step)),
    };
    print(&bisected, format, || text::bisected(&bisected, first.map(|first| &first.state), subject), out)
}
