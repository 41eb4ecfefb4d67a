//! Where events are tried out: a few events on a known state, or a whole history arranged otherwise.

use std::sync::Arc;

use crate::analysis::state::compare::Sight;
use crate::analysis::state::diff::Change;
use crate::analysis::state::event::{Events, Input};
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::{Keep, Reducer, StepError, Stopped};
use crate::analysis::state::value::Value;
use crate::analysis::state::whatif::{BranchEvents, Plan};
use crate::base::cancel::Cancel;

/// Why it ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    Cancelled,
    Stopped(Stopped),
    /// More would be folded than was allowed.
    Spent,
}

pub(super) struct Lab<'a> {
    /// The true history.
    pub base: &'a Folded,
    pub sight: Sight,
    reducer: &'a mut dyn Reducer,
    cancel: &'a Cancel,
    left: u64,
    inputs: Vec<Input>,
}

/// Events that are folded at once.
const RUN: u32 = 1_024;

impl<'a> Lab<'a> {
    pub fn new(base: &'a Folded, reducer: &'a mut dyn Reducer, most_folded: u64, cancel: &'a Cancel) -> Self {
        let sight = Sight::of(reducer);
        Self { base, sight, reducer, cancel, left: most_folded, inputs: Vec::new() }
    }

    /// The state after these events, and why the last of them that failed did.
    pub fn apply(&mut self, state: &Value, inputs: &[Input]) -> Result<(Value, Option<StepError>), Halt> {
        self.pay(inputs.len())?;
        let (mut state, mut error) = (state.clone(), None);
        let folded = self.reducer.fold(&mut state, inputs, Keep::Last, &mut |step| error = step.error.or(error.take()));
        folded.map_err(Halt::Stopped)?;
        Ok((state, error))
    }

    /// The events `from..to` with the states before, between and after them.
    pub fn run(&mut self, from: u32, to: u32) -> Result<(Vec<Input>, Vec<Value>), Halt> {
        let state = self.state_at(from)?;
        let mut inputs = Vec::new();
        let need = self.reducer.need();
        self.base.events().load(from..to, &need, self.cancel, &mut inputs);
        if inputs.len() < (to - from) as usize {
            return Err(Halt::Cancelled);
        }
        self.pay(inputs.len())?;
        let mut states = vec![state.clone()];
        let mut state = state;
        let folded =
            self.reducer.fold(&mut state, &inputs, Keep::Every, &mut |step| states.extend(step.state.cloned()));
        folded.map_err(|stopped| Halt::Stopped(Stopped { at: stopped.at + from + 1, ..stopped }))?;
        states.resize(inputs.len() + 1, state);
        Ok((inputs, states))
    }

    pub fn state_at(&mut self, step: u32) -> Result<Value, Halt> {
        let (at, state) = self.base.nearest(step);
        let events = Arc::clone(self.base.events());
        self.fold_on(&*events, at, step, state)
    }

    /// The last state of the history arranged otherwise; none where it is the true one.
    pub fn end_of(&mut self, plan: Plan) -> Result<Option<Value>, Halt> {
        let (at, state) = self.base.nearest(plan.same_front());
        let (stored, tail) = plan.same_tail();
        let other = BranchEvents::arranged(Arc::clone(self.base.events()), plan);
        let state = self.fold_on(&other, at, tail.max(at), state)?;
        // Where both are equal before the events that they share, they stay so. Looking is worth it
        // where it costs less than going on.
        let (frame, _) = self.base.nearest(stored);
        if stored - frame < self.base.done() - stored {
            let truth = self.state_at(stored)?;
            if tail >= at && self.sight.equal(&truth, &state) {
                return Ok(None);
            }
        }
        let state = self.fold_on(&other, tail.max(at), other.len(), state)?;
        Ok((!self.sight.equal(self.base.last(), &state)).then_some(state))
    }

    /// Type names of these steps.
    pub fn type_name(&mut self, step: u32) -> Arc<str> {
        let mut inputs = Vec::new();
        let at = step.saturating_sub(1);
        self.base.events().load(at..step, &crate::analysis::state::event::Need::default(), self.cancel, &mut inputs);
        inputs.first().map(|input| Arc::clone(&input.type_name)).unwrap_or_default()
    }

    /// From the true state to the other one, and whether there are more.
    pub fn changes(&self, truth: &Value, other: &Value) -> (Vec<Change>, bool) {
        self.sight.bounded(truth, other, super::MOST_CHANGES)
    }

    fn fold_on(&mut self, events: &dyn Events, from: u32, to: u32, mut state: Value) -> Result<Value, Halt> {
        let need = self.reducer.need();
        let mut inputs = std::mem::take(&mut self.inputs);
        let mut at = from;
        while at < to {
            let end = to.min(at + RUN);
            events.load(at..end, &need, self.cancel, &mut inputs);
            if inputs.len() < (end - at) as usize {
                return Err(Halt::Cancelled);
            }
            self.pay(inputs.len())?;
            let folded = self.reducer.fold(&mut state, &inputs, Keep::Last, &mut |_| ());
            folded.map_err(|stopped| Halt::Stopped(Stopped { at: stopped.at + at + 1, ..stopped }))?;
            at = end;
        }
        self.inputs = inputs;
        Ok(state)
    }

    fn pay(&mut self, events: usize) -> Result<(), Halt> {
        if self.cancel.is_cancelled() {
            return Err(Halt::Cancelled);
        }
        self.left = self.left.checked_sub(events as u64).ok_or(Halt::Spent)?;
        Ok(())
    }
}
