//! States around a place, so that moving a little costs nothing.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::event::Events;
use super::super::fold::Folded;
use super::super::reducer::{Reducer, ReducerSource, StepError};
use super::super::value::Value;
use super::{State, Walked, go_on, walk};
use crate::base::cancel::Cancel;

/// States kept; also how far ahead is folded when the cursor goes forward.
const MOST_KEPT: usize = 512;
const AHEAD: u32 = 64;

/// Remembers the states of the run that it stands in, of one fold at a time.
#[derive(Default)]
pub struct Cursor {
    of: Option<(Arc<dyn Events>, ReducerSource)>,
    first: u32,
    states: VecDeque<State>,
}

impl Cursor {
    /// The state after a step; past the end of what is folded, the last one.
    pub fn state_at(&mut self, folded: &Folded, reducer: &mut dyn Reducer, step: u32) -> State {
        let step = step.min(folded.done());
        if !self.is_of(folded) {
            self.of = Some((Arc::clone(folded.events()), folded.source().clone()));
            self.states.clear();
        }
        if let Some(state) = self.known(step) {
            return state.clone();
        }
        let stopped = self.fetch(folded, reducer, step);
        let known = self.known(step).or_else(|| self.states.back()).cloned();
        let mut state = known.unwrap_or_else(|| State { value: folded.nearest(step).1, error: None });
        if let Walked::Stopped(stopped) = stopped {
            state.error = Some(stopped.error);
        }
        state
    }

    /// The state after a step where it is at hand.
    #[must_use]
    pub fn known(&self, step: u32) -> Option<&State> {
        self.states.get(step.checked_sub(self.first)? as usize)
    }

    fn is_of(&self, folded: &Folded) -> bool {
        self.of
            .as_ref()
            .is_some_and(|(events, source)| Arc::ptr_eq(events, folded.events()) && source == folded.source())
    }

    /// Gets the states up to `step` and a few behind it: onwards from those at hand where they are near,
    /// else from the nearest keyframe.
    fn fetch(&mut self, folded: &Folded, reducer: &mut dyn Reducer, step: u32) -> Walked {
        let never = Cancel::new();
        let next = self.first + self.states.len() as u32;
        let last = self.states.back().filter(|_| (next..=next.saturating_add(AHEAD)).contains(&step)).cloned();
        if last.is_none() {
            self.first = folded.nearest(step).0.max(step.saturating_sub(MOST_KEPT as u32 - 1));
            self.states.clear();
        }
        let mut keep = |_: u32, value: &Value, error: Option<&StepError>| {
            self.states.push_back(State { value: value.clone(), error: error.cloned() });
            ControlFlow::Continue(())
        };
        let walked = match last {
            None => walk(folded, reducer, self.first, step, &never, &mut keep),
            Some(last) => {
                let until = step.saturating_add(AHEAD).min(folded.done());
                go_on(&**folded.events(), reducer, (next - 1, last.value), next..=until, &never, &mut keep)
            }
        };
        let too_many = self.states.len().saturating_sub(MOST_KEPT);
        self.states.drain(..too_many);
        self.first += too_many as u32;
        walked
    }
}
