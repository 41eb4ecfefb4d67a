//! The chain of the selected event, for the panel that shows it and for whoever marks its events. It
//! stays while events of it are selected, so that following it does not turn it round.

use std::sync::Arc;

use super::{Job, Slot, Waker};
use crate::analysis::rows::Rows;
use crate::analysis::trace::{Chain, Description, Graph, Start, Trace, correlations_of, describe, trace};
use crate::app::state::State;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// What was found from one event on.
#[derive(Debug)]
pub struct ChainAnswer {
    pub snapshot: Arc<Snapshot>,
    pub start: EventIx,
    /// The correlation ids of that event.
    pub choices: Vec<String>,
    /// The one of them that it is followed by; none for all.
    pub chosen: Option<String>,
    pub found: FoundChain,
    /// The chain's events, in order, for looking one up.
    events: Vec<EventIx>,
}

#[derive(Debug)]
pub enum FoundChain {
    /// Causes alone tie so many events together: how many were seen.
    TooLarge {
        events: usize,
    },
    Chain(Box<WholeChain>),
    /// The id is used by so many events that it is no chain.
    Constant {
        id: String,
        rows: Rows,
    },
}

/// A chain with its names, and where its events lie in a graph.
#[derive(Debug)]
pub struct WholeChain {
    pub chain: Chain,
    pub described: Description,
    pub graph: Graph,
}

impl ChainAnswer {
    #[must_use]
    pub fn has(&self, event: EventIx) -> bool {
        match &self.found {
            FoundChain::Constant { rows, .. } => rows.contains(event),
            FoundChain::Chain(_) | FoundChain::TooLarge { .. } => self.events.binary_search(&event).is_ok(),
        }
    }

    /// More than the event alone.
    #[must_use]
    pub fn is_chain(&self) -> bool {
        self.events.len() > 1
    }
}

/// See the module's documentation.
pub struct ChainJob {
    slot: Slot<(EventIx, Option<String>), Option<Arc<ChainAnswer>>>,
}

impl ChainJob {
    pub(super) fn new(waker: &Waker) -> Self {
        Self { slot: Slot::new("chain", waker.clone()) }
    }

    /// The last chain that was found; it may be that of an earlier selection.
    #[must_use]
    pub fn answer(&self) -> Option<Arc<ChainAnswer>> {
        self.slot.answer().and_then(|answer| answer.value.clone())
    }

    #[must_use]
    pub fn busy(&self) -> bool {
        self.slot.busy()
    }

    pub(super) fn refresh(&mut self, snapshot: &Arc<Snapshot>, state: &State) {
        let Some(selected) = state.selection.event else { return };
        let anew = state.chain_from == Some(selected);
        let known = self.answer().filter(|known| known.has(selected) && !anew);
        let start = known.map_or(selected, |known| known.start);
        let (log, by) = (Arc::clone(snapshot), state.chain_by.clone());
        self.slot.ask((start, by.clone()), snapshot.generation(), move |job| find(log, start, by, job).map(Arc::new));
    }

    pub(super) fn clear(&mut self) {
        self.slot.clear();
    }

    /// Waits for the answer, for tests and benches.
    pub fn wait(&self, at_most: std::time::Duration) -> bool {
        self.slot.wait(at_most)
    }
}

fn find(log: Arc<Snapshot>, start: EventIx, by: Option<String>, job: &Job) -> Option<ChainAnswer> {
    let choices: Vec<String> = correlations_of(&log, start).into_iter().map(|(_, id)| id).collect();
    let chosen = by.filter(|id| choices.contains(id));
    let from = chosen.clone().map_or(Start::Event(start), |id| Start::EventBy(start, id));
    let found = match trace(&log, &from, &job.cancel)? {
        Trace::Constant { id, correlation, .. } => {
            let rows = Rows::from_events(&log, log.correlation_events(correlation));
            FoundChain::Constant { id, rows }
        }
        Trace::TooLarge { events } => FoundChain::TooLarge { events },
        Trace::Chain(chain) => {
            let described = describe(&log, &chain);
            let graph = Graph::of(&chain);
            FoundChain::Chain(Box::new(WholeChain { chain, described, graph }))
        }
    };
    let mut events: Vec<EventIx> = match &found {
        FoundChain::Chain(whole) => whole.chain.links.iter().map(|link| link.event).collect(),
        FoundChain::Constant { .. } | FoundChain::TooLarge { .. } => vec![start],
    };
    events.sort_unstable();
    Some(ChainAnswer { snapshot: log, start, choices, chosen, found, events })
}
