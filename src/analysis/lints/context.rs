//! What rules look at: the log, the configuration, and what several rules share, made when the first
//! one asks.

use std::sync::OnceLock;

use super::config::Config;
use super::payload::Payloads;
use super::shared::{Causes, Ids};
use super::sizes::Sizes;
use super::streams::Streams;
use crate::analysis::OnProgress;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

pub struct Context<'a> {
    pub log: &'a Snapshot,
    pub config: &'a Config,
    pub cancel: &'a Cancel,
    /// The present moment, where the caller wants times after it told.
    pub now: Option<TimeNs>,
    pub progress: OnProgress<'a>,
    types: OnceLock<Vec<TypeIx>>,
    ids: OnceLock<Option<Ids>>,
    causes: OnceLock<Option<Causes>>,
    streams: OnceLock<Option<Streams>>,
    sizes: OnceLock<Option<Sizes>>,
    payloads: OnceLock<Option<Payloads>>,
}

/// Of all the work, about: what the columns ask beside the pass over all records.
const RULES_PART: u64 = 3;

impl<'a> Context<'a> {
    #[must_use]
    pub fn new(log: &'a Snapshot, config: &'a Config, now: Option<TimeNs>, cancel: &'a Cancel) -> Self {
        Self {
            log,
            config,
            cancel,
            now,
            progress: &|_, _| (),
            types: OnceLock::new(),
            ids: OnceLock::new(),
            causes: OnceLock::new(),
            streams: OnceLock::new(),
            sizes: OnceLock::new(),
            payloads: OnceLock::new(),
        }
    }

    /// The type of an event, at less cost than from the segments: for rules that ask it of every cause.
    #[inline]
    #[must_use]
    pub fn type_ix(&self, event: EventIx) -> TypeIx {
        let all = || {
            let types = self
                .log
                .segments()
                .iter()
                .flat_map(|segment| (0..segment.len()).map(|row| segment.type_ix(row as u16)));
            types.collect()
        };
        self.types.get_or_init(all).get(event.0 as usize).copied().unwrap_or(TypeIx::UNDECODABLE)
    }

    /// `None` when cancelled, as for the next ones.
    pub fn ids(&self) -> Option<&Ids> {
        self.ids.get_or_init(|| Ids::of(self.log, self.cancel)).as_ref()
    }

    pub fn causes(&self) -> Option<&Causes> {
        let make = || Causes::of(self.log, self.ids()?, self.cancel);
        self.causes.get_or_init(make).as_ref()
    }

    pub fn streams(&self) -> Option<&Streams> {
        self.streams.get_or_init(|| Streams::of(self)).as_ref()
    }

    pub fn sizes(&self) -> Option<&Sizes> {
        self.sizes.get_or_init(|| Sizes::of(self)).as_ref()
    }

    pub fn payloads(&self) -> Option<&Payloads> {
        self.payloads.get_or_init(|| Payloads::of(self)).as_ref()
    }

    /// Every segment in order. `None` when cancelled.
    pub fn segments(&self, mut visit: impl FnMut(&Segment)) -> Option<()> {
        for segment in self.log.segments() {
            if self.cancel.is_cancelled() {
                return None;
            }
            visit(segment);
        }
        Some(())
    }

    /// Every row in order, with its segment. `None` when cancelled.
    pub fn rows(&self, mut visit: impl FnMut(&Segment, u16)) -> Option<()> {
        self.segments(|segment| (0..segment.len()).for_each(|row| visit(segment, row as u16)))
    }

    /// `order:order-456`.
    #[must_use]
    pub fn entity_name(&self, entity: EntityIx) -> String {
        self.log.entity_label(entity).unwrap_or_default()
    }

    /// So many rows were read by the pass over all records.
    pub(super) fn report_payloads(&self, rows: u64) {
        (self.progress)(rows, self.all_work());
    }

    /// So many rules of how many are done.
    pub(super) fn report_rules(&self, done: usize, of: usize) {
        let (rows, rules) = (self.log.len(), self.all_work() - self.log.len());
        (self.progress)(rows + rules * done as u64 / (of as u64).max(1), self.all_work());
    }

    fn all_work(&self) -> u64 {
        self.log.len() + self.log.len() / RULES_PART + 1
    }
}
