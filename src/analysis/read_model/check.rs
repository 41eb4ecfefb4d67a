//! A table compared row by row with what the events make of each entity.
//!
//! Rows come in any order; which entities had one is a bit each, so memory does not grow with the table.
//! Only for rows that differ the history is looked at again: which event set the value, and up to which
//! event the row agrees with it.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Listed;
use super::columns::{Columns, Field, Places};
use super::compare::same;
use super::fold::{Folder, Last};
use crate::analysis::state::bisect::Predicate;
use crate::analysis::state::blame::set_by;
use crate::analysis::state::event::Events as _;
use crate::analysis::state::fold::{LIMIT_BYTES, fold};
use crate::analysis::state::path::Path;
use crate::analysis::state::value::{Value, parse};
use crate::analysis::state::walk::walk;
use crate::base::cancel::Cancel;
use crate::base::text::count;
use crate::model::ids::{EntityIx, EventIx, KindIx};
use crate::store::snapshot::Snapshot;

/// What is compared with what.
#[derive(Clone, Debug)]
pub struct Spec {
    pub kind: KindIx,
    /// The column with the entity's id.
    pub key: String,
    /// Columns whose field a person named.
    pub columns: Vec<(String, Field)>,
    /// Only entities whose last state fulfils this belong into the table.
    pub only: Option<Predicate>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub key: String,
    pub column: String,
    pub expected: Value,
    pub actual: Value,
    /// That gave the field its value; none where no event did.
    pub event: Option<EventIx>,
    /// The last event with which the whole row agrees: what came later is not seen in it. None where it
    /// agrees with no moment of the history.
    pub seen: Option<EventIx>,
    /// Events after `seen`.
    pub behind: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    pub key: String,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    NoEvents,
    /// Its state says that it does not belong into the table.
    NotWanted,
    Repeated,
    NoKey,
}

impl Why {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoEvents => "no event is about it",
            Self::NotWanted => "its state does not fulfil the condition",
            Self::Repeated => "another row has this key",
            Self::NoKey => "it has no key",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    /// Of the kind.
    pub entities: u64,
    pub matching: u64,
    /// Entities without a row, with their first event.
    pub missing: Listed<(String, Option<EventIx>)>,
    pub extra: Listed<Extra>,
    pub different_rows: u64,
    pub different: Listed<Difference>,
    pub columns: Columns,
    /// Rows that agree with an earlier moment of their history.
    pub stale_rows: u64,
    /// Of all rows the latest event whose effect is seen.
    pub seen: Option<EventIx>,
    /// Entities of which an event could not be folded: what is expected of them is doubtful.
    pub failed: u64,
    /// False where it was stopped.
    pub complete: bool,
}

impl Report {
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.different_rows == 0
    }

    /// `2 match, 2 differ, 1 missing, 1 too many`
    #[must_use]
    pub fn counts(&self) -> String {
        let Self { matching, different_rows, missing, extra, .. } = self;
        format!(
            "{} match, {} differ, {} missing, {} too many",
            count(*matching),
            count(*different_rows),
            count(missing.count),
            count(extra.count)
        )
    }
}

/// Entities whose states tell which places there are.
const SAMPLED: usize = 1_000;
/// Rows that differ whose history is looked at again.
const LOOKED_AT: u64 = 10_000;

pub struct Checker<'a> {
    spec: Spec,
    folder: Folder,
    cancel: &'a Cancel,
    /// A bit per entity.
    had: Vec<u64>,
    columns: Option<Columns>,
    report: Report,
}

impl<'a> Checker<'a> {
    #[must_use]
    pub fn new(spec: Spec, folder: Folder, cancel: &'a Cancel) -> Self {
        let log = &folder.log;
        let entities = log.kinds().get(spec.kind.at()).map_or(0, |kind| kind.entities);
        let had = vec![0; log.entity_count() as usize / 64 + 1];
        Self { report: Report { entities, ..Report::default() }, spec, folder, cancel, had, columns: None }
    }

    /// Takes the next row, a JSON object under the table's column names.
    ///
    /// # Errors
    /// A row without the key's column: in words.
    pub fn row(&mut self, row: &[u8]) -> Result<ControlFlow<()>, String> {
        if self.cancel.is_cancelled() {
            return Ok(ControlFlow::Break(()));
        }
        let row = parse(row)?;
        let Value::Object(members) = &row else { return Err("A row is no object".to_owned()) };
        let find = |name: &str| members.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, v)| v);
        let Some(key) = find(&self.spec.key) else {
            let names: Vec<&str> = members.keys().map(|name| &**name).collect();
            return Err(format!("The table has no column {}; it has {}", self.spec.key, names.join(", ")));
        };
        if self.columns.is_none() {
            let names: Vec<&str> = members.keys().map(|name| &**name).collect();
            let Some(columns) = self.find_columns(&names) else { return Ok(ControlFlow::Break(())) };
            self.columns = Some(columns);
        }
        self.report.rows += 1;
        let key = match key {
            Value::Null => {
                self.report.extra.add(|| Extra { key: String::new(), why: Why::NoKey });
                return Ok(ControlFlow::Continue(()));
            }
            Value::Text(text) => text.to_string(),
            other => other.to_string(),
        };
        let log = Arc::clone(&self.folder.log);
        let Some(entity) = log.find_entity(log.kind_name(self.spec.kind), &key) else {
            self.report.extra.add(|| Extra { key, why: Why::NoEvents });
            return Ok(ControlFlow::Continue(()));
        };
        if !self.mark(entity) {
            self.report.extra.add(|| Extra { key, why: Why::Repeated });
            return Ok(ControlFlow::Continue(()));
        }
        let Some(mut last) = self.folder.last(entity, self.cancel) else { return Ok(ControlFlow::Break(())) };
        let is_doubtful = last.failed > 0;
        self.report.failed += u64::from(is_doubtful);
        if self.spec.only.as_ref().is_some_and(|only| !only.holds(&last.state)) {
            self.report.extra.add(|| Extra { key, why: Why::NotWanted });
            return Ok(ControlFlow::Continue(()));
        }
        self.folder.compute(&mut last, self.cancel);
        self.report.failed += u64::from(last.failed > 0 && !is_doubtful);
        self.compare(&key, &last, &find);
        Ok(ControlFlow::Continue(()))
    }

    fn compare<'v>(&mut self, key: &str, last: &Last, find: &dyn Fn(&str) -> Option<&'v Value>) {
        let log = Arc::clone(&self.folder.log);
        let columns = self.columns.take().unwrap_or_default();
        let history = &last.stored.history;
        let actual = |name: &str| find(name).cloned().unwrap_or_default();
        let different: Vec<(&String, &Field, Value, Value)> = (columns.compared.iter())
            .map(|(name, field)| (name, field, field.get(last, &log), actual(name)))
            .filter(|(_, _, expected, actual)| !same(expected, actual))
            .collect();
        if different.is_empty() {
            self.report.matching += 1;
            self.report.seen = self.report.seen.max(history.event_of(history.len()));
        } else {
            self.report.different_rows += 1;
            let look = self.report.different_rows <= LOOKED_AT;
            let mut folded = None;
            let mut seen = None;
            if look {
                let source = self.folder.source.clone();
                let events: Arc<crate::analysis::state::stored::Stored> = Arc::clone(&last.stored);
                let whole =
                    fold(events, source, &mut *self.folder.reducer, None, LIMIT_BYTES, self.cancel, &mut |_| ());
                // Only places in the state have a past.
                let place_of = |(name, field): &(String, Field)| match field {
                    Field::Place(path) => Some((path.clone(), actual(name))),
                    _ => None,
                };
                let placed: Vec<(Path, Value)> = columns.compared.iter().filter_map(place_of).collect();
                walk(&whole, &mut *self.folder.reducer, 1, last.stored.len(), self.cancel, &mut |step, state, _| {
                    let agrees = |(path, actual): &(Path, Value)| same(path.get(state).unwrap_or(&Value::Null), actual);
                    if !placed.is_empty() && placed.iter().all(agrees) {
                        seen = Some(step);
                    }
                    ControlFlow::Continue(())
                });
                folded = Some(whole);
            }
            let seen_event = seen.and_then(|step| history.event_of(step));
            self.report.seen = self.report.seen.max(seen_event);
            self.report.stale_rows += u64::from(seen.is_some_and(|step| step < history.len()));
            let behind = seen.map_or(0, |step| history.len() - step);
            for (name, field, expected, actual) in different {
                let event = match field {
                    Field::Place(path) => folded.as_ref().and_then(|folded| {
                        set_by(folded, &mut *self.folder.reducer, path, history.len(), self.cancel)?.event
                    }),
                    Field::FirstTime => history.event_of(1),
                    _ => history.event_of(history.len()),
                };
                let (key, column) = (key.to_owned(), name.clone());
                self.report.different.add(|| Difference {
                    key,
                    column,
                    expected,
                    actual,
                    event,
                    seen: seen_event,
                    behind,
                });
            }
        }
        self.columns = Some(columns);
    }

    /// What is missing, once all rows were given.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let log = Arc::clone(&self.folder.log);
        for entity in of_kind(&log, self.spec.kind) {
            if self.cancel.is_cancelled() {
                return self.ended(false);
            }
            if !self.mark(entity) {
                continue;
            }
            if let Some(only) = self.spec.only.clone() {
                let Some(last) = self.folder.last(entity, self.cancel) else { return self.ended(false) };
                if !only.holds(&last.state) {
                    continue;
                }
            }
            let first = log.entity_events(entity).next();
            let id = log.entity(entity).map_or_else(String::new, |name| name.id.to_owned());
            self.report.missing.add(|| (id, first));
        }
        self.ended(true)
    }

    fn ended(mut self, complete: bool) -> Report {
        self.report.columns = self.columns.take().unwrap_or_default();
        self.report.complete = complete;
        self.report
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.report.rows
    }

    /// Entities of the kind.
    #[must_use]
    pub fn entities(&self) -> u64 {
        self.report.entities
    }

    /// Whether it was not marked before.
    fn mark(&mut self, entity: EntityIx) -> bool {
        let Some(word) = self.had.get_mut(entity.at() / 64) else { return false };
        let bit = 1 << (entity.at() % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn find_columns(&mut self, names: &[&str]) -> Option<Columns> {
        let log = Arc::clone(&self.folder.log);
        let mut places = Places::default();
        let every = (self.report.entities as usize / SAMPLED).max(1);
        for entity in of_kind(&log, self.spec.kind).step_by(every) {
            places.add(&self.folder.last(entity, self.cancel)?.state);
        }
        Some(places.columns(names.iter().copied(), &self.spec.key, &self.spec.columns))
    }
}

/// Entities of one kind, in the order of their first event.
pub fn of_kind(log: &Snapshot, kind: KindIx) -> impl Iterator<Item = EntityIx> + '_ {
    (0..log.entity_count()).map(EntityIx).filter(move |entity| log.entity(*entity).is_some_and(|of| of.kind == kind))
}

/// The kind that a table's key names: `order_id` is of `order`; the log's only kind.
#[must_use]
pub fn kind_of_key(log: &Snapshot, key: &str) -> Option<KindIx> {
    let fold =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let key = fold(key);
    let stem = key.strip_suffix("id").unwrap_or(&key);
    let found = log.kinds().iter().position(|kind| fold(&kind.name) == stem);
    let only = (log.kinds().len() == 1).then_some(0);
    found.or(only).map(|at| KindIx(at as u16))
}
