//! How far the clocks of services differ, by what causes say.
//!
//! An effect is later than its cause, so of all distances from service a to service b the smallest is at
//! least b's clock minus a's; the other direction bounds it from below. Where these bounds leave zero
//! outside, the clocks differ: by the middle between both bounds (delays taken as alike, as NTP does),
//! or, where only one direction is there, by the one bound. The first percentile stands for the
//! smallest from a hundred pairs on, so that one odd message moves no clock.
//!
//! Pairs are chained from the service with most events on, the best-known pairs first.

use std::collections::BTreeMap;

use super::edges::Edge;
use super::sketch::Sketch;
use crate::analysis::trace::Skew;
use crate::model::ids::ServiceIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Distances from causes to effects between services, by the two services.
pub type Distances = BTreeMap<(ServiceIx, ServiceIx), Sketch>;

/// How far a service's clock is ahead of the reference (behind, where it is negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    pub service: ServiceIx,
    pub ahead_ns: i64,
    /// The service whose clock is taken as right.
    pub reference: ServiceIx,
    /// Pairs of cause and effect that it stands on.
    pub pairs: u64,
}

/// Of the services whose clocks differ; others are taken as right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offsets(Vec<Offset>);

const FEW_PAIRS: u64 = 3;
const MANY_PAIRS: u64 = 100;

impl Offsets {
    /// By service.
    #[must_use]
    pub fn list(&self) -> &[Offset] {
        &self.0
    }

    #[must_use]
    pub fn of(&self, service: ServiceIx) -> i64 {
        let at = self.0.binary_search_by_key(&service, |offset| offset.service);
        at.ok().and_then(|at| self.0.get(at)).map_or(0, |offset| offset.ahead_ns)
    }

    /// A time of this service by the reference's clock.
    #[must_use]
    pub fn corrected(&self, service: ServiceIx, time: TimeNs) -> TimeNs {
        TimeNs(time.0.saturating_sub(self.of(service)))
    }

    /// Those of these services, as diagrams and the command line tell them.
    #[must_use]
    pub fn told(&self, log: &Snapshot, services: &[String]) -> Vec<Skew> {
        let named = self.0.iter().map(|offset| {
            let source = log.service_name(offset.service).to_owned();
            Skew { source, offset_ms: offset.ahead_ns as f64 / 1e6 }
        });
        named.filter(|skew| services.contains(&skew.source)).collect()
    }

    pub(super) fn from_edges(edges: &[Edge]) -> Self {
        let mut pairs = Distances::new();
        for edge in edges {
            pairs.entry((edge.key.from, edge.key.to)).or_default().merge(&edge.latency);
        }
        Self::from_distances(pairs)
    }

    /// Distances within a service, and from or to one without a name, say nothing.
    #[must_use]
    pub fn from_distances(mut pairs: Distances) -> Self {
        pairs.retain(|(a, b), _| a != b && *a != ServiceIx::NONE && *b != ServiceIx::NONE);
        let mut known: Vec<(u64, ServiceIx, ServiceIx, i64)> = Vec::new();
        let mut weight: BTreeMap<ServiceIx, u64> = BTreeMap::new();
        for (&(a, b), there) in &pairs {
            let back = pairs.get(&(b, a));
            if back.is_some() && a > b {
                continue;
            }
            let count = there.count() + back.map_or(0, Sketch::count);
            *weight.entry(a).or_default() += count;
            *weight.entry(b).or_default() += count;
            known.push((count, a, b, ahead(there, back)));
        }
        known.sort_unstable_by_key(|&(count, a, b, _)| (std::cmp::Reverse(count), a, b));
        Self::chained(&known, &weight)
    }

    /// The service with most pairs is right; each pair with one known side tells the other.
    fn chained(known: &[(u64, ServiceIx, ServiceIx, i64)], weight: &BTreeMap<ServiceIx, u64>) -> Self {
        let mut found: BTreeMap<ServiceIx, Offset> = BTreeMap::new();
        loop {
            let rest = weight.iter().filter(|(service, _)| !found.contains_key(service));
            let Some((&reference, _)) = rest.max_by_key(|(service, n)| (**n, std::cmp::Reverse(**service))) else {
                break;
            };
            found.insert(reference, Offset { service: reference, ahead_ns: 0, reference, pairs: 0 });
            while let Some((service, offset)) =
                known.iter().find_map(|&(pairs, a, b, ahead)| match (found.get(&a), found.get(&b)) {
                    (Some(a), None) => Some((b, (a.ahead_ns.saturating_add(ahead), pairs))),
                    (None, Some(b)) => Some((a, (b.ahead_ns.saturating_sub(ahead), pairs))),
                    _ => None,
                })
            {
                found.insert(service, Offset { service, ahead_ns: offset.0, reference, pairs: offset.1 });
            }
        }
        Self(found.into_values().filter(|offset| offset.ahead_ns != 0).collect())
    }
}

/// How far b's clock is ahead of a's, from the distances there and back.
fn ahead(there: &Sketch, back: Option<&Sketch>) -> i64 {
    let smallest = |sketch: &Sketch| match sketch.count() {
        0..FEW_PAIRS => None,
        FEW_PAIRS..MANY_PAIRS => sketch.least(),
        _ => sketch.quantile(0.01),
    };
    // b − a is at most the first and at least minus the second.
    let (most, least) = (smallest(there), back.and_then(smallest).map(i64::saturating_neg));
    // Where both cannot be, it is no clock that is wrong but single messages. Percentiles are within 1/16.
    let slack = |least: i64, most: i64| (least.saturating_abs() / 8).max(most.saturating_abs() / 8);
    match (least, most) {
        (Some(least), Some(most)) if least.saturating_sub(most) > slack(least, most) => 0,
        (Some(least), Some(most)) if most < 0 || least > 0 => least / 2 + most / 2,
        (None, Some(most)) if most < 0 => most,
        (Some(least), None) if least > 0 => least,
        _ => 0,
    }
}
