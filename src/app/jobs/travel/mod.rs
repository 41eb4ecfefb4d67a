//! The entity in focus through time: its history folded in the background, and the state at the
//! cursor's step. Asked once per frame by [`super::Jobs::refresh`], read by all panels.
//!
//! A fold is published while it grows, so a state can be looked at before the last event is folded.
//! Other questions (blame, plots, what-if) are slots of the panels that ask them; they take a
//! compiled reducer from [`TravelJobs::pool`].

mod at;
mod bisected;
mod fold;
mod pool;

pub use at::{At, AtKey};

/// The answer to where the cursor stands.
pub type StateAnswer = super::Answer<AtKey, At>;

pub use bisected::{BisectKey, Bisected};
pub use fold::{Chosen, Focus};
pub use pool::{Lent, Pool};

use std::sync::{Arc, Mutex};

use self::fold::{Fold, FoldKey};
use super::{Slot, Waker};
use crate::analysis::state::walk;
use crate::app::state::State;
use crate::base::sync::lock;
use crate::store::snapshot::Snapshot;

/// See the module's documentation.
pub struct TravelJobs {
    fold: Slot<FoldKey, ()>,
    /// The newest fold, while it grows and when it is done.
    newest: Arc<Mutex<Option<Arc<Focus>>>>,
    worker: Arc<Fold>,
    at: Slot<AtKey, At>,
    cursor: Arc<Mutex<walk::Cursor>>,
    bisect: Slot<BisectKey, ()>,
    bisected: Arc<Mutex<Option<Arc<Bisected>>>>,
    pub pool: Pool,
    stopped: bool,
    waker: Waker,
}

impl TravelJobs {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self {
            fold: Slot::new("fold", waker.clone()),
            newest: Arc::default(),
            worker: Arc::default(),
            at: Slot::new("state", waker.clone()),
            cursor: Arc::default(),
            bisect: Slot::new("bisect", waker.clone()),
            bisected: Arc::default(),
            pool: Pool::default(),
            stopped: false,
            waker: waker.clone(),
        }
    }

    /// The entity in focus with what is folded of it. Of the entity before it until that is known.
    #[must_use]
    pub fn focus(&self) -> Option<Arc<Focus>> {
        lock(&self.newest).clone()
    }

    /// The same, but only if it is of the entity that is in focus now.
    #[must_use]
    pub fn focus_of(&self, state: &State) -> Option<Arc<Focus>> {
        self.focus().filter(|focus| Some(focus.entity) == state.selection.entity)
    }

    /// The newest state that was worked out; [`At::is_at`] tells whether it is the cursor's.
    #[must_use]
    pub fn at(&self) -> Option<Arc<StateAnswer>> {
        self.at.answer()
    }

    /// How far the fold is, from 0 to 1; nothing while none runs.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        self.fold.progress()
    }

    #[must_use]
    pub fn is_folding(&self) -> bool {
        self.fold.busy()
    }

    /// A fold that broke down: a defect of ours.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.fold.failed().or_else(|| self.at.failed())
    }

    /// What is known of the answer to the question in `state.travel.bisect`.
    #[must_use]
    pub fn bisected(&self, focus: &Focus, state: &State) -> Option<Arc<Bisected>> {
        let question = state.travel.bisect.as_ref()?;
        lock(&self.bisected).clone().filter(|found| found.answers(focus, question))
    }

    /// How far the search is, from 0 to 1; nothing while none runs.
    #[must_use]
    pub fn bisect_progress(&self) -> Option<f32> {
        self.bisect.progress()
    }

    pub fn clear(&mut self) {
        self.fold.clear();
        self.at.clear();
        self.bisect.clear();
        *lock(&self.newest) = None;
        *lock(&self.bisected) = None;
        self.worker = Arc::default();
        self.pool = Pool::default();
    }

    /// Waits until fold and state are there. For tests and benches.
    pub fn wait(&self, at_most: std::time::Duration) -> bool {
        self.fold.wait(at_most) && self.at.wait(at_most) && self.bisect.wait(at_most)
    }

    /// Asks for what the state now needs, and hands the history to the state.
    pub(super) fn refresh(&mut self, snapshot: &Arc<Snapshot>, state: &mut State) {
        let Some(entity) = state.selection.entity else {
            state.travel.history = None;
            return;
        };
        let stopped = state.travel.stopped == Some(entity);
        if stopped && !std::mem::replace(&mut self.stopped, stopped) {
            self.fold.cancel();
        }
        self.stopped = stopped;
        if !stopped {
            self.ask_fold(snapshot, state, entity);
        }
        let Some(focus) = self.focus().filter(|focus| focus.entity == entity) else { return };
        if !state.history().is_some_and(|h| Arc::ptr_eq(h, &focus.history)) {
            state.travel.history = Some(Arc::clone(&focus.history));
        }
        self.ask_state(&focus, state);
        self.ask_bisect(&focus, state);
    }

    fn ask_fold(&mut self, snapshot: &Arc<Snapshot>, state: &State, entity: crate::model::ids::EntityIx) {
        let kind = fold::kind_of(snapshot, entity);
        let key = FoldKey {
            entity,
            chosen: state.travel.reducer(&kind).cloned(),
            keep_duplicates: state.travel.keep_duplicates,
            again: state.travel.again,
        };
        let (log, asked, waker) = (Arc::clone(snapshot), key.clone(), self.waker.clone());
        let (worker, newest, pool) = (Arc::clone(&self.worker), Arc::clone(&self.newest), self.pool.clone());
        self.fold.ask(key, snapshot.generation(), move |job| {
            worker.run(&log, &asked, kind, &pool, job, &mut |focus| {
                *lock(&newest) = Some(focus);
                waker.wake();
            });
        });
    }

    /// Once everything is folded; a question about another entity waits until that is in focus again.
    fn ask_bisect(&mut self, focus: &Arc<Focus>, state: &State) {
        let Some(question) = &state.travel.bisect else {
            if self.bisect.busy() {
                self.bisect.cancel();
            }
            return;
        };
        if question.entity != focus.entity || !focus.is_done() {
            return;
        }
        let key = BisectKey { fold: focus.number, number: question.number };
        let (focus, question, pool, waker) =
            (Arc::clone(focus), question.clone(), self.pool.clone(), self.waker.clone());
        let newest = Arc::clone(&self.bisected);
        self.bisect.ask(key, 0, move |job| {
            Bisected::find(&focus, &question, &pool, job, &newest, &|| waker.wake());
        });
    }

    /// Of a step that is not folded yet, the state that the fold has reached.
    fn ask_state(&mut self, focus: &Arc<Focus>, state: &State) {
        let (Some(folded), Some(step)) = (&focus.folded, state.step()) else { return };
        let known = step.min(folded.done());
        // Only another fold cancels: while a cursor is dragged, each place that is reached is shown.
        let key = AtKey { fold: focus.number };
        let generation = u64::from(step) << 32 | u64::from(known);
        let (focus, pool, cursor) = (Arc::clone(focus), self.pool.clone(), Arc::clone(&self.cursor));
        self.at.ask(key, generation, move |_| At::find(&focus, step, &pool, &mut lock(&cursor)));
    }
}

#[cfg(test)]
mod tests;
