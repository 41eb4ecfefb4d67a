//! Who causes what: each cause with its effect, counted by service and type of both.

use rapidhash::RapidHashMap;

use super::one::Step;
use super::sketch::Sketch;
use crate::model::ids::{EventIx, ServiceIx, TypeIx};

/// Examples kept of each edge.
pub const EXAMPLES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeKey {
    pub from: ServiceIx,
    pub cause: TypeIx,
    pub to: ServiceIx,
    pub effect: TypeIx,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub key: EdgeKey,
    pub count: u64,
    /// From cause to effect, where both have a time.
    pub latency: Sketch,
    /// The first effects in the log, with their causes.
    pub examples: Vec<(EventIx, EventIx)>,
}

#[derive(Debug, Default)]
pub(super) struct Edges(RapidHashMap<EdgeKey, Edge>);

impl Edges {
    pub(super) fn add(&mut self, cause: &Step, effect: &Step) {
        let key =
            EdgeKey { from: cause.service_ix, cause: cause.type_ix, to: effect.service_ix, effect: effect.type_ix };
        let edge = self.0.entry(key).or_insert_with(|| Edge::new(key));
        edge.count += 1;
        if let (Some(a), Some(b)) = (cause.time, effect.time) {
            edge.latency.add(b.0.saturating_sub(a.0));
        }
        edge.example(cause.event, effect.event);
    }

    pub(super) fn join(&mut self, other: Self) {
        for (key, theirs) in other.0 {
            let edge = self.0.entry(key).or_insert_with(|| Edge::new(key));
            edge.count += theirs.count;
            edge.latency.merge(&theirs.latency);
            for (cause, effect) in theirs.examples {
                edge.example(cause, effect);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self.0.into_values().collect();
        edges.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.count), edge.key));
        edges
    }
}

impl Edge {
    fn new(key: EdgeKey) -> Self {
        Self { key, count: 0, latency: Sketch::default(), examples: Vec::new() }
    }

    /// Keeps the earliest rows, so that examples do not depend on which thread came first.
    fn example(&mut self, cause: EventIx, effect: EventIx) {
        let pair = (effect, cause);
        let at = self.examples.partition_point(|&(c, e)| (e, c) < pair);
        if at < EXAMPLES {
            self.examples.insert(at, (cause, effect));
            self.examples.truncate(EXAMPLES);
        }
    }
}
