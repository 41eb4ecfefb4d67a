//! States one after another, folded a run at a time as they are asked for, so that two histories can be
//! walked side by side.

use std::collections::VecDeque;

use crate::analysis::state::event::{Events, Input};
use crate::analysis::state::reducer::{Keep, Reducer, StepError, Stopped};
use crate::analysis::state::value::Value;
use crate::base::cancel::Cancel;

/// Events that are folded at once: a call to a script costs as much as a few hundred events.
const RUN: u32 = 512;

pub struct Steps<'a> {
    events: &'a dyn Events,
    step: u32,
    state: Value,
    error: Option<StepError>,
    /// States that are folded already, and the state after them.
    ready: VecDeque<(Value, Option<StepError>)>,
    ahead: Value,
    inputs: Vec<Input>,
    stopped: Option<Stopped>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Step,
    End,
    Cancelled,
    /// The reducer cannot go on.
    Stopped(Stopped),
}

impl<'a> Steps<'a> {
    #[must_use]
    pub fn new(events: &'a dyn Events, step: u32, state: Value) -> Self {
        let ahead = state.clone();
        let (ready, inputs) = (VecDeque::new(), Vec::new());
        Self { events, step, state, error: None, ready, ahead, inputs, stopped: None }
    }

    #[must_use]
    pub fn step(&self) -> u32 {
        self.step
    }

    #[must_use]
    pub fn state(&self) -> &Value {
        &self.state
    }

    /// Why the event of this step could not be folded.
    #[must_use]
    pub fn error(&self) -> Option<&StepError> {
        self.error.as_ref()
    }

    /// Goes one step on.
    pub fn next(&mut self, reducer: &mut dyn Reducer, cancel: &Cancel) -> Next {
        if self.ready.is_empty() {
            if let Some(stopped) = &self.stopped {
                return Next::Stopped(stopped.clone());
            }
            if self.step >= self.events.len() {
                return Next::End;
            }
            if cancel.is_cancelled() || !self.fill(reducer, cancel) {
                return Next::Cancelled;
            }
        }
        match (self.ready.pop_front(), &self.stopped) {
            (Some((state, error)), _) => {
                self.state = state;
                self.error = error;
                self.step += 1;
                Next::Step
            }
            (None, Some(stopped)) => Next::Stopped(stopped.clone()),
            (None, None) => Next::End,
        }
    }

    /// False when nothing could be loaded.
    fn fill(&mut self, reducer: &mut dyn Reducer, cancel: &Cancel) -> bool {
        let end = self.events.len().min(self.step.saturating_add(RUN));
        self.events.load(self.step..end, &reducer.need(), cancel, &mut self.inputs);
        if self.inputs.is_empty() {
            return false;
        }
        let (ready, mut last) = (&mut self.ready, self.ahead.clone());
        let folded = reducer.fold(&mut self.ahead, &self.inputs, Keep::Every, &mut |step| {
            if let Some(state) = step.state {
                last = state.clone();
            }
            // A step that was told in two parts, or not at all, has the state of the one before it.
            while ready.len() < step.at as usize {
                ready.push_back((last.clone(), None));
            }
            if ready.len() == step.at as usize {
                ready.push_back((last.clone(), step.error));
            }
        });
        match folded {
            Ok(()) => {
                while ready.len() < self.inputs.len() {
                    ready.push_back((self.ahead.clone(), None));
                }
            }
            Err(mut stopped) => {
                // As everywhere above a reducer: the step that it could not make.
                stopped.at = stopped.at.saturating_add(self.step + 1);
                self.stopped = Some(stopped);
            }
        }
        true
    }
}
