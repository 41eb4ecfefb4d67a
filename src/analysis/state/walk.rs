//! States step by step, folded again from the nearest keyframe. All questions stand on it.

mod cursor;

use std::ops::ControlFlow;

pub use self::cursor::Cursor;
use super::ahead::{Ended, each_run};
use super::event::Events;
use super::fold::Folded;
use super::reducer::{Keep, Reducer, Step, StepError, Stopped};
use super::value::Value;
use crate::base::cancel::Cancel;

/// Told each step with its state and why its event could not be folded, if so.
pub type Visit<'a> = &'a mut dyn FnMut(u32, &Value, Option<&StepError>) -> ControlFlow<()>;

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walked {
    Through,
    /// The visitor wanted no more.
    Left,
    Cancelled,
    /// The reducer could not go on; `at` is the step that it could not make.
    Stopped(Stopped),
}

/// The state after a step, and why its event could not be folded, if so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub value: Value,
    pub error: Option<StepError>,
}

/// Visits the states of the steps `from_step..=to_step` in order, as far as they are folded; step 0 is
/// the state before the first event.
pub fn walk(
    folded: &Folded,
    reducer: &mut dyn Reducer,
    from_step: u32,
    to_step: u32,
    cancel: &Cancel,
    visit: Visit<'_>,
) -> Walked {
    let to_step = to_step.min(folded.done());
    if from_step > to_step {
        return Walked::Through;
    }
    let (step, value) = folded.nearest(from_step);
    if step < from_step {
        return go_on(&**folded.events(), reducer, (step, value), from_step..=to_step, cancel, visit);
    }
    if !folded.knows_error_at(step) {
        // Its own event is folded once more to see how it fails.
        return go_on(&**folded.events(), reducer, folded.nearest(step - 1), from_step..=to_step, cancel, visit);
    }
    if visit(step, &value, folded.error_at(step)).is_break() {
        return Walked::Left;
    }
    go_on(&**folded.events(), reducer, (step, value), from_step + 1..=to_step, cancel, visit)
}

/// Visits the states of the steps `0..=to_step` in order without a fold before: for who wants each once.
pub fn every(
    events: &dyn Events,
    reducer: &mut dyn Reducer,
    to_step: u32,
    cancel: &Cancel,
    visit: Visit<'_>,
) -> Walked {
    let initial = reducer.initial();
    if visit(0, &initial, None).is_break() {
        return Walked::Left;
    }
    go_on(events, reducer, (0, initial), 1..=to_step.min(events.len()), cancel, visit)
}

/// Folds on from a state that is known, and visits the steps in `wanted`.
fn go_on(
    events: &dyn Events,
    reducer: &mut dyn Reducer,
    (mut done, mut state): (u32, Value),
    wanted: std::ops::RangeInclusive<u32>,
    cancel: &Cancel,
    visit: Visit<'_>,
) -> Walked {
    let mut stopped = None;
    let need = reducer.need();
    reducer.watch(cancel);
    let ended = each_run(events, done..*wanted.end(), &need, cancel, &mut |_, run| {
        // Those before the first step that is wanted need no states of their own.
        let unseen = (wanted.start().saturating_sub(1).saturating_sub(done) as usize).min(run.len());
        let (unseen, seen) = run.split_at(unseen);
        if !unseen.is_empty() {
            if let Err(error) = reducer.fold(&mut state, unseen, Keep::Last, &mut |_| ()) {
                stopped = Some(Stopped { at: done + error.at + 1, ..error });
                return ControlFlow::Break(());
            }
            done += unseen.len() as u32;
        }
        if seen.is_empty() {
            return ControlFlow::Continue(());
        }
        let mut went = ControlFlow::Continue(());
        let folded = reducer.fold(&mut state, seen, Keep::Every, &mut |step: Step<'_>| {
            if let (Some(value), ControlFlow::Continue(())) = (step.state, went) {
                went = visit(done + step.at + 1, value, step.error.as_ref());
            }
        });
        if let (Err(error), ControlFlow::Continue(())) = (folded, went) {
            stopped = Some(Stopped { at: done + error.at + 1, ..error });
            return ControlFlow::Break(());
        }
        done += seen.len() as u32;
        went
    });
    match (stopped, ended) {
        (Some(stopped), _) => Walked::Stopped(stopped),
        (None, Ended::Through) => Walked::Through,
        (None, Ended::Left) => Walked::Left,
        (None, Ended::Cancelled) => Walked::Cancelled,
    }
}

/// The state after a step; past the end of what is folded, the last one. Where the reducer stops on the
/// way, the state is the last that is known and the error says why.
#[must_use]
pub fn state_at(folded: &Folded, reducer: &mut dyn Reducer, step: u32) -> State {
    let step = step.min(folded.done());
    let mut state = State { value: folded.nearest(step).1, error: None };
    let walked = walk(folded, reducer, step, step, &Cancel::new(), &mut |_, value, error| {
        state = State { value: value.clone(), error: error.cloned() };
        ControlFlow::Continue(())
    });
    if let Walked::Stopped(stopped) = walked {
        state.error = Some(stopped.error);
    }
    state
}

#[cfg(test)]
mod tests;
