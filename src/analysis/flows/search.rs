//! Finding chains by what is in them, how long they took, what is missing; sorted as a person wants.

use super::chains::{ChainSummary, Flows};
use crate::base::cancel::Cancel;
use crate::model::ids::{ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChainSort {
    /// By the log: the chain that began first.
    #[default]
    Start,
    Duration,
    Events,
    Services,
    Missing,
    /// Those that few others go like, first.
    Rarity,
}

/// All that is set has to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChainQuery {
    /// A part of a type's name, in any case. The chain has such an event.
    pub type_text: String,
    pub service_text: String,
    pub min_events: u32,
    /// Both ends included.
    pub duration_ns: Option<(i64, i64)>,
    pub incomplete: bool,
    pub error: bool,
    /// Only those that go this way, by its number.
    pub variant: Option<u32>,
    pub sort: ChainSort,
    pub reversed: bool,
}

/// The chains' numbers in the order asked for. `None` when cancelled.
#[must_use]
pub fn search(log: &Snapshot, flows: &Flows, query: &ChainQuery, cancel: &Cancel) -> Option<Vec<u32>> {
    let has = |text: &str, name: &str| name.to_lowercase().contains(text);
    let (types, services) = (query.type_text.trim().to_lowercase(), query.service_text.trim().to_lowercase());
    let wanted: Vec<bool> = log.types().iter().map(|name| has(&types, &name.name)).collect();
    let by_type = |of: &TypeIx| wanted.get(of.at()) == Some(&true);
    // Looked at once per way and per set of services, not once per chain.
    let ways: Vec<bool> =
        flows.variants.iter().map(|variant| types.is_empty() || variant.types.iter().any(by_type)).collect();
    let served: Vec<bool> = log.services().iter().map(|name| has(&services, &name.name)).collect();
    let by_service = |of: &ServiceIx| served.get(of.at()) == Some(&true);
    let sets: Vec<bool> =
        flows.service_sets.iter().map(|set| services.is_empty() || set.iter().any(by_service)).collect();
    let mut found = Vec::new();
    for (at, chain) in flows.chains.iter().enumerate() {
        if at % 65_536 == 0 && cancel.is_cancelled() {
            return None;
        }
        let fits = chain.events >= query.min_events
            && ways.get(chain.variant as usize) == Some(&true)
            && sets.get(chain.services as usize) == Some(&true)
            && query.variant.is_none_or(|variant| chain.variant == variant)
            && query.duration_ns.is_none_or(|(least, most)| (least..=most).contains(&chain.duration_ns))
            && (!query.incomplete || chain.is_incomplete())
            && (!query.error || chain.flags.error);
        if fits {
            found.push(at as u32);
        }
    }
    sort(flows, &mut found, query);
    Some(found)
}

fn sort(flows: &Flows, found: &mut [u32], query: &ChainQuery) {
    let chain = |at: &u32| &flows.chains[*at as usize];
    let key = |at: &u32| -> i64 {
        let chain = chain(at);
        match query.sort {
            ChainSort::Start => chain.start.map_or(i64::MAX, |start| start.0),
            ChainSort::Duration => chain.duration_ns,
            ChainSort::Events => i64::from(chain.events),
            ChainSort::Services => flows.services(chain).len() as i64,
            ChainSort::Missing => i64::from(chain.missing) + i64::from(chain.lacking),
            ChainSort::Rarity => flows.variants.get(chain.variant as usize).map_or(0, |v| v.chains as i64),
        }
    };
    found.sort_by_cached_key(|at| (key(at), *at));
    if query.reversed {
        found.reverse();
    }
}

/// How many of these chains take how long: 8 columns a power of ten, from 1 µs to 10,000 s and beyond.
/// Each column is its lower bound in nanoseconds and a count; empty ends are left out.
#[must_use]
pub fn histogram(flows: &Flows, chains: &[u32]) -> Vec<(i64, u64)> {
    const PER_DECADE: i32 = 8;
    const DECADES: i32 = 16;
    let bound = |column: i32| 10_f64.powf(f64::from(column) / f64::from(PER_DECADE)) as i64;
    let mut counts = vec![0_u64; (PER_DECADE * DECADES) as usize];
    for chain in chains.iter().filter_map(|&at| flows.chains.get(at as usize)) {
        let log = if chain.duration_ns < 1 { 0.0 } else { (chain.duration_ns as f64).log10() };
        let column = ((log * f64::from(PER_DECADE)) as usize).min(counts.len() - 1);
        counts[column] += 1;
    }
    let used = |n: &u64| *n > 0;
    let (Some(first), Some(last)) = (counts.iter().position(used), counts.iter().rposition(used)) else {
        return Vec::new();
    };
    (first..=last).map(|column| (if column == 0 { 0 } else { bound(column as i32) }, counts[column])).collect()
}

impl ChainSummary {
    /// What is wrong with it, in a few words; empty where nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut told = Vec::new();
        if self.flags.error {
            told.push("failed".to_owned());
        }
        let mut tell = |n: u32, one: &str, many: &str| {
            if n > 0 {
                told.push(crate::base::text::plural(u64::from(n), one, many));
            }
        };
        tell(self.missing, "cause missing", "causes missing");
        tell(self.lacking, "effect missing", "effects missing");
        if self.flags.unfinished {
            told.push(if self.flags.open { "still open" } else { "no usual end" }.to_owned());
        }
        if self.flags.before_cause {
            told.push("effect before cause".to_owned());
        }
        told
    }
}
