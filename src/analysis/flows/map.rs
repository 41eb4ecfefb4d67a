//! The service map: who emits what that causes what. Where a log names no services, types stand in for
//! them.

mod draw;
mod place;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use draw::svg;
pub use place::{Layout, Placed, Route, layout};
pub use text::{label, mermaid};

use super::chains::Flows;
use super::edges::Edge;
use super::sketch::Sketch;
use crate::model::ids::{EventIx, ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Field names are a contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServiceMap {
    pub nodes: Vec<MapNode>,
    pub edges: Vec<MapEdge>,
    /// No event names its cause: edges lead from each event of a chain to the next in time.
    pub by_order: bool,
    /// Nodes are types, as the log names no services.
    pub types_only: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapNode {
    pub name: String,
    pub events: u64,
    #[serde(skip)]
    pub is: NodeIs,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeIs {
    Service(ServiceIx),
    Type(TypeIx),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapEdge {
    /// Into the nodes.
    pub from: usize,
    pub to: usize,
    pub count: u64,
    /// From cause to effect; to within 6.25 %.
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Effects that are earlier than their cause.
    pub before_cause: u64,
    /// The most frequent first.
    pub types: Vec<PairOfTypes>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairOfTypes {
    pub cause: String,
    pub effect: String,
    pub count: u64,
    /// Effects, the first in the log.
    pub examples: Vec<EventIx>,
}

/// The map of a survey.
impl ServiceMap {
    #[must_use]
    pub fn of(log: &Snapshot, flows: &Flows) -> Self {
        let types_only = log.services().len() <= 1;
        let mut nodes = Nodes { log, types_only, numbers: BTreeMap::new(), list: Vec::new() };
        if types_only {
            let used = |at: TypeIx| flows.edges.iter().any(|edge| edge.key.cause == at || edge.key.effect == at);
            (0..log.types().len() as u16).map(TypeIx).filter(|at| used(*at)).for_each(|at| {
                nodes.number(ServiceIx::NONE, at);
            });
        } else {
            (1..log.services().len() as u16).map(ServiceIx).for_each(|at| {
                nodes.number(at, TypeIx::UNDECODABLE);
            });
        }
        let mut pairs: BTreeMap<(usize, usize), (u64, Sketch, Vec<&Edge>)> = BTreeMap::new();
        for edge in &flows.edges {
            let from = nodes.number(edge.key.from, edge.key.cause);
            let to = nodes.number(edge.key.to, edge.key.effect);
            let (count, latency, list) = pairs.entry((from, to)).or_default();
            *count += edge.count;
            latency.merge(&edge.latency);
            list.push(edge);
        }
        let mut edges: Vec<MapEdge> = pairs
            .into_iter()
            .map(|((from, to), (count, latency, list))| {
                let at = |q| latency.quantile(q).map(|ns| ns as f64 / 1e6);
                let types = list.into_iter().map(|edge| PairOfTypes {
                    cause: log.type_name(edge.key.cause).to_owned(),
                    effect: log.type_name(edge.key.effect).to_owned(),
                    count: edge.count,
                    examples: edge.examples.iter().map(|(_, effect)| *effect).collect(),
                });
                let types = types.collect();
                let (p50_ms, p95_ms, p99_ms) = (at(0.5), at(0.95), at(0.99));
                MapEdge { from, to, count, p50_ms, p95_ms, p99_ms, before_cause: latency.negative(), types }
            })
            .collect();
        edges.sort_by_key(|edge| (std::cmp::Reverse(edge.count), edge.from, edge.to));
        Self { nodes: nodes.list, edges, by_order: flows.by_order, types_only }
    }
}

struct Nodes<'a> {
    log: &'a Snapshot,
    types_only: bool,
    numbers: BTreeMap<(ServiceIx, TypeIx), usize>,
    list: Vec<MapNode>,
}

impl Nodes<'_> {
    fn number(&mut self, service: ServiceIx, type_ix: TypeIx) -> usize {
        let key = if self.types_only { (ServiceIx::NONE, type_ix) } else { (service, TypeIx::UNDECODABLE) };
        if let Some(&known) = self.numbers.get(&key) {
            return known;
        }
        let (name, events) = match (self.types_only, service) {
            (true, _) => (self.log.type_name(type_ix), self.log.types().get(type_ix.at()).map_or(0, |n| n.events)),
            (false, ServiceIx::NONE) => ("no service", 0),
            (false, _) => {
                let events = self.log.services().get(service.at()).map_or(0, |n| n.events);
                (self.log.service_name(service), events)
            }
        };
        let is = if self.types_only { NodeIs::Type(type_ix) } else { NodeIs::Service(service) };
        self.list.push(MapNode { name: name.to_owned(), events, is });
        self.numbers.insert(key, self.list.len() - 1);
        self.list.len() - 1
    }
}
