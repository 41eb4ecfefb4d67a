//! What is known of a log's chains.

use super::edges::Edge;
use super::follow::Follow;
use super::kinds::Kind;
use super::offsets::Offsets;
use super::variants::Variant;
use crate::model::ids::{CorrelationIx, EventIx, ServiceIx, TypeIx};
use crate::model::time::TimeNs;

/// One chain, as compact as a row of a table with a million of them has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// Its first event by time.
    pub first: EventIx,
    pub last: EventIx,
    /// Where any of its events has a time.
    pub start: Option<TimeNs>,
    pub duration_ns: i64,
    pub events: u32,
    /// Into [`Flows::variants`].
    pub variant: u32,
    /// Into [`Flows::service_sets`].
    pub services: u32,
    /// Causes that its events name and the log does not have.
    pub missing: u32,
    /// Effects that usually follow and did not.
    pub lacking: u32,
    pub flags: ChainFlags,
    /// None for a chain that causes alone tie together.
    pub correlation: Option<CorrelationIx>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainFlags {
    /// One of its types tells of a failure.
    pub error: bool,
    /// It ends with a type that chains of its kind do not usually end with.
    pub unfinished: bool,
    /// It is unfinished, and began so late that the rest may still come.
    pub open: bool,
    /// An effect is earlier than its cause.
    pub before_cause: bool,
}

impl ChainSummary {
    /// Something is not there: a cause, an effect, or the end.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.missing > 0 || self.lacking > 0 || (self.flags.unfinished && !self.flags.open)
    }
}

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// By correlation id in the order of first appearance, then those that only causes tie together.
    pub chains: Vec<ChainSummary>,
    /// The most frequent first.
    pub variants: Vec<Variant>,
    pub service_sets: Vec<Box<[ServiceIx]>>,
    /// By service and type, the most frequent first.
    pub edges: Vec<Edge>,
    /// What usually follows what.
    pub follows: Vec<Follow>,
    /// Chains by their first type, the most frequent first.
    pub kinds: Vec<Kind>,
    /// Correlation ids that so many events share that they are no chains: an example, and how many.
    pub constants: Vec<(EventIx, u64)>,
    /// No event names a cause: edges lead from each event of a chain to the next one in time.
    pub by_order: bool,
    /// How far the clocks of services differ.
    pub offsets: Offsets,
    /// Events that belong to no chain.
    pub loose: u64,
    /// The time of the log's last event.
    pub end: Option<TimeNs>,
}

impl Flows {
    #[must_use]
    pub fn services(&self, chain: &ChainSummary) -> &[ServiceIx] {
        self.service_sets.get(chain.services as usize).map_or(&[], |set| set)
    }

    /// The chain of a correlation id; none of a constant.
    #[must_use]
    pub fn chain_of(&self, correlation: CorrelationIx) -> Option<&ChainSummary> {
        // Those without an id come last.
        let of = |chain: &ChainSummary| chain.correlation.map_or(u32::MAX, |correlation| correlation.0);
        let at = self.chains.partition_point(|chain| of(chain) < correlation.0);
        self.chains.get(at).filter(|chain| chain.correlation == Some(correlation))
    }

    #[must_use]
    pub fn types(&self, chain: &ChainSummary) -> &[TypeIx] {
        self.variants.get(chain.variant as usize).map_or(&[], |variant| &variant.types)
    }

    /// Whether few chains of its kind go this way: under 1 % of at least a hundred.
    #[must_use]
    pub fn is_rare(&self, variant: &Variant) -> bool {
        let kind = variant.types.first().and_then(|first| self.kinds.iter().find(|kind| kind.first == *first));
        kind.is_some_and(|kind| kind.chains >= 100 && variant.chains * 100 < kind.chains)
    }
}
