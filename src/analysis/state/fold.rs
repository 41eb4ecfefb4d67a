//! A history folded once, with states kept every so many steps: from the nearest of them any state is
//! a short run away.
//!
//! Keyframes share what did not change, and only what they do not share counts as their cost. When they
//! cost too much, every other one goes: memory stays bounded whatever the length.

mod cost;

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use rpds::VectorSync;

use self::cost::cost;
use super::ahead::{Ended, each_run};
use super::event::{Events, Input};
use super::reducer::{Keep, Reducer, ReducerSource, Step, StepError, Stopped};
use super::value::Value;
use crate::base::cancel::Cancel;

/// What keyframes of one fold may cost unless told otherwise.
pub const LIMIT_BYTES: usize = 64 << 20;
/// Steps from one keyframe to the next, at first.
const EVERY: u32 = 256;
/// Errors and warnings kept with their steps; the rest are counted.
const MOST_TOLD: usize = 1_000;
/// Most steps from one publication to the next.
const PUBLISH_STEPS: u32 = 16_384;

/// What is known of a fold at one moment; published again while it grows.
#[derive(Clone)]
pub struct Folded {
    events: Arc<dyn Events>,
    source: ReducerSource,
    initial: Value,
    done: u32,
    last: Value,
    /// By step. Those of the fold itself are `every` steps apart, from the `own`-th on.
    frames: VectorSync<(u32, Value)>,
    own: usize,
    every: u32,
    bytes: usize,
    errors: Told,
    warnings: Told,
    stopped: Option<Stopped>,
}

/// The first of them with their steps, and how many there are.
#[derive(Clone, Debug, Default)]
struct Told {
    first: Arc<Vec<(u32, StepError)>>,
    count: u32,
}

impl Folded {
    #[must_use]
    pub fn events(&self) -> &Arc<dyn Events> {
        &self.events
    }

    #[must_use]
    pub fn source(&self) -> &ReducerSource {
        &self.source
    }

    /// The state before the first event.
    #[must_use]
    pub fn initial(&self) -> &Value {
        &self.initial
    }

    /// Steps folded so far.
    #[must_use]
    pub fn done(&self) -> u32 {
        self.done
    }

    /// Steps there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.events.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done == self.len()
    }

    /// The state after the last step that was folded.
    #[must_use]
    pub fn last(&self) -> &Value {
        &self.last
    }

    /// The first thousand steps that failed, in order.
    #[must_use]
    pub fn errors(&self) -> &[(u32, StepError)] {
        &self.errors.first
    }

    /// Why this step failed, where it is one of [`Self::errors`].
    #[must_use]
    pub fn error_at(&self, step: u32) -> Option<&StepError> {
        let at = self.errors.first.binary_search_by_key(&step, |(of, _)| *of).ok()?;
        self.errors.first.get(at).map(|(_, error)| error)
    }

    /// Whether [`Self::error_at`] is sure: not all errors of a fold that mostly fails are kept.
    pub(super) fn knows_error_at(&self, step: u32) -> bool {
        let all = self.errors.count as usize == self.errors.first.len();
        step == 0 || all || self.errors.first.last().is_some_and(|(of, _)| step <= *of)
    }

    /// How many steps failed.
    #[must_use]
    pub fn error_count(&self) -> u32 {
        self.errors.count
    }

    /// The first thousand steps that worked with a warning, in order.
    #[must_use]
    pub fn warnings(&self) -> &[(u32, StepError)] {
        &self.warnings.first
    }

    #[must_use]
    pub fn warning_count(&self) -> u32 {
        self.warnings.count
    }

    /// Why the fold did not go on behind [`Self::done`]; `at` is the step that it could not make.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Whether every event up to this step could be folded.
    #[must_use]
    pub fn complete_at(&self, step: u32) -> bool {
        step <= self.done && self.errors.first.first().is_none_or(|(failed, _)| step < *failed)
    }

    /// The step and the state of the last keyframe at or before `step`.
    #[must_use]
    pub fn nearest(&self, step: u32) -> (u32, Value) {
        if step >= self.done {
            return (self.done, self.last.clone());
        }
        let (mut low, mut high) = (0, self.frames.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.frames.get(middle).is_some_and(|(of, _)| *of <= step) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let frame = low.checked_sub(1).and_then(|at| self.frames.get(at));
        frame.cloned().unwrap_or_else(|| (0, self.initial.clone()))
    }

    /// By step; the first is before the first event, the last is where the fold stands.
    pub fn keyframes(&self) -> impl DoubleEndedIterator<Item = (u32, &Value)> {
        let last = (self.frames.last().map(|(step, _)| *step) != Some(self.done)).then_some((self.done, &self.last));
        self.frames.iter().map(|(step, value)| (*step, value)).chain(last)
    }

    /// What the keyframes cost, in bytes, estimated.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The keyframes up to `step` as the beginning of another fold: of a history that is the same up to
    /// there, by the same reducer.
    fn up_to(&self, step: u32, events: Arc<dyn Events>) -> Self {
        let (done, last) = self.nearest(step.min(self.done));
        let frames: VectorSync<(u32, Value)> = self.frames.iter().filter(|(of, _)| *of <= done).cloned().collect();
        let is_whole = done == self.done;
        Self {
            events,
            own: if is_whole { self.own.min(frames.len()) } else { 0 },
            every: self.every,
            errors: self.errors.up_to(done, is_whole),
            warnings: self.warnings.up_to(done, is_whole),
            stopped: None,
            done,
            last,
            frames,
            source: self.source.clone(),
            initial: self.initial.clone(),
            bytes: self.bytes,
        }
    }
}

impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, every, bytes, .. } = self;
        write!(f, "Folded {{ {done} of {} steps, a keyframe every {every}, {bytes} bytes }}", self.len())
    }
}

impl Told {
    fn add(&mut self, step: u32, what: StepError) {
        self.count += 1;
        if self.first.len() < MOST_TOLD {
            Arc::make_mut(&mut self.first).push((step, what));
        }
    }

    /// What was told up to a step. Of those that are only counted none is lost where all are wanted.
    fn up_to(&self, step: u32, is_whole: bool) -> Self {
        if is_whole {
            return self.clone();
        }
        let first: Vec<_> = self.first.iter().filter(|(of, _)| *of <= step).cloned().collect();
        Self { count: first.len() as u32, first: Arc::new(first) }
    }
}

/// Folds all of `events`, from the state of a step where `start` gives one, and publishes what there is
/// every so often. What is known when it is cancelled or the reducer stops is the answer.
pub fn fold(
    events: Arc<dyn Events>,
    source: ReducerSource,
    reducer: &mut dyn Reducer,
    start: Option<(u32, Value)>,
    limit_bytes: usize,
    cancel: &Cancel,
    publish: &mut dyn FnMut(Arc<Folded>),
) -> Arc<Folded> {
    let initial = reducer.initial();
    let mut frames = VectorSync::new_sync();
    frames.push_back_mut((0, initial.clone()));
    let mut own = 0;
    let (done, last) = start.unwrap_or_else(|| (0, initial.clone()));
    if done > 0 {
        frames.push_back_mut((done, last.clone()));
        own = 1;
    }
    let begun = Folded {
        events,
        source,
        initial,
        done,
        last,
        frames,
        own,
        every: EVERY,
        bytes: 0,
        errors: Told::default(),
        warnings: Told::default(),
        stopped: None,
    };
    go_on(begun, reducer, limit_bytes, cancel, publish)
}

/// Folds `events`, which are the same as those of `base` up to the step `same`, from there on: a branch
/// of a history, or a history that grew.
pub fn fold_on(
    base: &Folded,
    same: u32,
    events: Arc<dyn Events>,
    reducer: &mut dyn Reducer,
    limit_bytes: usize,
    cancel: &Cancel,
    publish: &mut dyn FnMut(Arc<Folded>),
) -> Arc<Folded> {
    go_on(base.up_to(same, events), reducer, limit_bytes, cancel, publish)
}

fn go_on(
    begun: Folded,
    reducer: &mut dyn Reducer,
    limit_bytes: usize,
    cancel: &Cancel,
    publish: &mut dyn FnMut(Arc<Folded>),
) -> Arc<Folded> {
    let events = Arc::clone(&begun.events);
    let range = begun.done..events.len();
    let mut fold = Fold { published: begun.done, folded: begun, limit_bytes };
    let need = reducer.need();
    reducer.watch(cancel);
    let _ended: Ended = each_run(&*events, range, &need, cancel, &mut |_, run| {
        let went = fold.run(reducer, run);
        if fold.is_due() {
            publish(Arc::new(fold.folded.clone()));
        }
        went
    });
    Arc::new(fold.folded)
}

struct Fold {
    folded: Folded,
    limit_bytes: usize,
    /// The step of the last publication.
    published: u32,
}

impl Fold {
    /// Folds events that follow what is folded, from keyframe to keyframe.
    fn run(&mut self, reducer: &mut dyn Reducer, mut events: &[Input]) -> ControlFlow<()> {
        while !events.is_empty() {
            let until = self.next_frame() - self.folded.done;
            let (run, rest) = events.split_at(events.len().min(until as usize));
            if let Err(stopped) = self.fold(reducer, run) {
                let step = self.folded.done + stopped.at + 1;
                // What came before the event that stopped it may still be known.
                let before = run.get(..stopped.at as usize).unwrap_or_default();
                if !before.is_empty() {
                    let _stopped_sooner = self.fold(reducer, before);
                }
                self.folded.stopped = Some(Stopped { at: step, ..stopped });
                return ControlFlow::Break(());
            }
            if self.folded.done == self.next_frame() {
                self.keep_frame();
            }
            events = rest;
        }
        ControlFlow::Continue(())
    }

    /// Moves `done` by the run, or leaves everything as it was.
    fn fold(&mut self, reducer: &mut dyn Reducer, run: &[Input]) -> Result<(), Stopped> {
        let folded = &mut self.folded;
        let mut state = folded.last.clone();
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        reducer.fold(&mut state, run, Keep::Last, &mut |step: Step<'_>| {
            let of = folded.done + step.at + 1;
            errors.extend(step.error.map(|error| (of, error)));
            warnings.extend(step.warning.map(|warning| (of, warning)));
        })?;
        errors.into_iter().for_each(|(step, error)| folded.errors.add(step, error));
        warnings.into_iter().for_each(|(step, warning)| folded.warnings.add(step, warning));
        folded.last = state;
        folded.done += run.len() as u32;
        Ok(())
    }

    fn next_frame(&self) -> u32 {
        let last = self.folded.frames.last().map_or(0, |(step, _)| *step);
        last.saturating_add(self.folded.every)
    }

    fn keep_frame(&mut self) {
        let folded = &mut self.folded;
        let before = folded.frames.last().map_or(&folded.initial, |(_, value)| value);
        folded.bytes += cost(&folded.last, before);
        folded.frames.push_back_mut((folded.done, folded.last.clone()));
        while folded.bytes > self.limit_bytes && folded.frames.len() > folded.own + 1 {
            thin(folded);
        }
    }

    /// Soon at first, then as the fold goes on, never much later than a person waits.
    fn is_due(&mut self) -> bool {
        let done = self.folded.done;
        let due = done - self.published >= (done / 4).clamp(1, PUBLISH_STEPS);
        if due {
            self.published = done;
        }
        due
    }
}

/// Drops every other of the fold's own keyframes. The next one is due twice as far from the last kept.
fn thin(folded: &mut Folded) {
    let own = folded.own;
    folded.every = folded.every.saturating_mul(2);
    folded.frames = folded
        .frames
        .iter()
        .enumerate()
        .filter(|(i, _)| *i < own || (i - own).is_multiple_of(2))
        .map(|(_, f)| f.clone())
        .collect();
    let mut before = &folded.initial;
    folded.bytes = 0;
    for (_, value) in &folded.frames {
        folded.bytes += cost(value, before);
        before = value;
    }
}

#[cfg(test)]
mod tests;
