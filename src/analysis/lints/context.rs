//! What rules look at: the log, the configuration, and tables that several rules share and that are
//! made when the first one asks.

use std::sync::OnceLock;

use super::config::Config;
use super::shared::{Causes, Ids};
use crate::analysis::OnProgress;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx};
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
    ids: OnceLock<Option<Ids>>,
    causes: OnceLock<Option<Causes>>,
}

/// One step of a stream: an event of the entity that is its stream, and the one before it there.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub entity: EntityIx,
    pub event: EventIx,
    pub version: Option<u32>,
    pub time: Option<TimeNs>,
    pub before: Option<Before>,
}

/// In the order of rows.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    pub event: EventIx,
    pub version: Option<u32>,
    pub time: Option<TimeNs>,
}

impl<'a> Context<'a> {
    #[must_use]
    pub fn new(log: &'a Snapshot, config: &'a Config, now: Option<TimeNs>, cancel: &'a Cancel) -> Self {
        Self { log, config, cancel, now, progress: &|_, _| (), ids: OnceLock::new(), causes: OnceLock::new() }
    }

    /// `None` when cancelled.
    pub fn ids(&self) -> Option<&Ids> {
        self.ids.get_or_init(|| Ids::of(self.log, self.cancel)).as_ref()
    }

    /// `None` when cancelled.
    pub fn causes(&self) -> Option<&Causes> {
        let make = || Causes::of(self.log, self.ids()?, self.cancel);
        self.causes.get_or_init(make).as_ref()
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

    /// Every event of every stream, those of one stream in the order of rows. `None` when cancelled.
    pub fn streams(&self, mut visit: impl FnMut(&Step)) -> Option<()> {
        let mut last: Vec<Option<Before>> = vec![None; self.log.entity_count() as usize];
        self.segments(|segment| {
            for (key, rows) in segment.entities().iter() {
                for (i, &row) in rows.iter().enumerate() {
                    if !segment.entities().is_stream(key, i) {
                        continue;
                    }
                    let event = segment.event(row);
                    let (version, time) = (segment.version(row), segment.time(row));
                    // A log that grows may name entities that were not counted yet.
                    let Some(before) = last.get_mut(key as usize) else { continue };
                    visit(&Step { entity: EntityIx(key), event, version, time, before: *before });
                    *before = Some(Before { event, version, time });
                }
            }
        })
    }

    /// `order:order-456`.
    #[must_use]
    pub fn entity_name(&self, entity: EntityIx) -> String {
        let Some(name) = self.log.entity(entity) else { return String::new() };
        format!("{}:{}", self.log.kind_name(name.kind), name.id)
    }
}
