//! Kinds of chains: by the type they begin with. What a kind usually ends with tells which of its
//! chains never got there.
//!
//! A type is a usual end where 5 % of the kind's chains end with it. Nothing is said of kinds of which
//! there are fewer than 20, or whose usual ends are not those of 80 % of them.

use rapidhash::RapidHashMap;

use super::chains::ChainSummary;
use super::sketch::Sketch;
use crate::model::ids::TypeIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

const MIN_CHAINS: u64 = 20;
const USUAL_END: f64 = 0.05;
const COVERED: f64 = 0.8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub first: TypeIx,
    pub chains: u64,
    /// Empty where nothing can be said.
    pub ends: Vec<TypeIx>,
    pub durations: Sketch,
    /// Chains that did not come to a usual end and had the time to.
    pub unfinished: u64,
}

#[derive(Default)]
struct Counts {
    ends: RapidHashMap<TypeIx, u64>,
    durations: Sketch,
    chains: u64,
}

/// Finds the kinds, and marks the chains that did not come to an end. The most frequent first.
pub(super) fn judge(log: &Snapshot, chains: &mut [ChainSummary], end: Option<TimeNs>) -> Vec<Kind> {
    let mut counts: RapidHashMap<TypeIx, Counts> = RapidHashMap::default();
    for chain in chains.iter() {
        let counts = counts.entry(log.type_ix(chain.first)).or_default();
        counts.chains += 1;
        *counts.ends.entry(log.type_ix(chain.last)).or_default() += 1;
        if chain.start.is_some() {
            counts.durations.add(chain.duration_ns);
        }
    }
    let mut kinds: RapidHashMap<TypeIx, (Kind, i64)> = RapidHashMap::default();
    for (first, counts) in counts {
        let share = |n: u64| n as f64 / counts.chains as f64;
        let mut ends: Vec<(u64, TypeIx)> =
            counts.ends.iter().filter(|(_, n)| share(**n) >= USUAL_END).map(|(end, n)| (*n, *end)).collect();
        ends.sort_unstable_by_key(|(n, end)| (std::cmp::Reverse(*n), *end));
        let covered: u64 = ends.iter().map(|(n, _)| n).sum();
        if counts.chains < MIN_CHAINS || share(covered) < COVERED {
            ends.clear();
        }
        let patience = counts.durations.quantile(0.99).unwrap_or(0);
        let ends = ends.into_iter().map(|(_, end)| end).collect();
        let kind = Kind { first, chains: counts.chains, ends, durations: counts.durations, unfinished: 0 };
        kinds.insert(first, (kind, patience));
    }
    for chain in chains.iter_mut() {
        let Some((kind, patience)) = kinds.get_mut(&log.type_ix(chain.first)) else { continue };
        if kind.ends.is_empty() || kind.ends.contains(&log.type_ix(chain.last)) {
            continue;
        }
        chain.flags.unfinished = true;
        let age = chain.start.zip(end).map(|(start, end)| end.0.saturating_sub(start.0));
        chain.flags.open = age.is_some_and(|age| age <= *patience);
        kind.unfinished += u64::from(!chain.flags.open);
    }
    let mut kinds: Vec<Kind> = kinds.into_values().map(|(kind, _)| kind).collect();
    kinds.sort_unstable_by_key(|kind| (std::cmp::Reverse(kind.chains), kind.first));
    kinds
}
