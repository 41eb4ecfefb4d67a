//! A table of processed events against the log: per consumer which events were never processed, which
//! twice, which after a later one of their entity; and ids that the log does not have.
//!
//! A consumer need not care for all types: only types of which it has processed an event are expected,
//! unless a person names them.

use rapidhash::RapidHashMap;

use super::Listed;
use crate::analysis::entities::main_entities;
use crate::analysis::query::parse_instant;
use crate::analysis::state::value::{Value, parse};
use crate::model::ids::{EntityIx, EventIx, TypeIx};
use crate::store::snapshot::Snapshot;

#[derive(Clone, Debug)]
pub struct Spec {
    pub id: String,
    /// By which rows are ordered; their own order without one.
    pub time: Option<String>,
    pub consumer: Option<String>,
    /// Types that are expected; those that occur where there are none.
    pub types: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    pub consumers: Vec<Consumer>,
    /// Events of the log that have no id and can be in no such table.
    pub without_id: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Consumer {
    /// Empty where the table has no column for it.
    pub name: String,
    pub rows: u64,
    /// Events of the log that it has processed, each once.
    pub processed: u64,
    /// Expected and not processed, before the latest that was.
    pub skipped: Listed<EventIx>,
    /// Expected and not processed, after the latest that was.
    pub pending: Listed<EventIx>,
    /// With how many rows.
    pub repeated: Listed<EventIx>,
    /// With the later event of the same entity that was processed before it.
    pub late: Listed<(EventIx, EventIx)>,
    /// Ids that the log does not have.
    pub unknown: Listed<String>,
    /// Types of which it has processed none: not expected.
    pub other_types: u64,
    /// The latest of the log that it has processed.
    pub latest: Option<EventIx>,
}

impl Consumer {
    /// Whether something is wrong: being behind is not.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.skipped.is_empty() && self.repeated.is_empty() && self.late.is_empty() && self.unknown.is_empty()
    }
}

/// More are no consumers.
const MOST_CONSUMERS: usize = 1_000;

/// A row that is in the log.
#[derive(Clone, Copy)]
struct Row {
    consumer: u16,
    time: i64,
    event: EventIx,
}

pub struct Processed<'a> {
    log: &'a Snapshot,
    spec: Spec,
    /// The first event with an id.
    by_id: RapidHashMap<u64, EventIx>,
    consumers: Vec<Consumer>,
    rows: Vec<Row>,
    report: Report,
}

impl<'a> Processed<'a> {
    #[must_use]
    pub fn new(log: &'a Snapshot, spec: Spec) -> Self {
        let mut by_id = RapidHashMap::default();
        let mut without_id = 0;
        for segment in log.segments() {
            for row in 0..segment.len() {
                match segment.id_hash(row as u16) {
                    Some(hash) => _ = by_id.entry(hash).or_insert(segment.event(row as u16)),
                    None => without_id += 1,
                }
            }
        }
        let report = Report { without_id, ..Report::default() };
        Self { log, spec, by_id, consumers: Vec::new(), rows: Vec::new(), report }
    }

    /// Takes the next row, a JSON object under the table's column names.
    ///
    /// # Errors
    /// A row without the columns that were named, or too many consumers: in words.
    pub fn row(&mut self, row: &[u8]) -> Result<(), String> {
        let row = parse(row)?;
        let Value::Object(members) = &row else { return Err("A row is no object".to_owned()) };
        let find = |name: &str| {
            let found = members.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            let names = || members.keys().map(|name| &**name).collect::<Vec<_>>().join(", ");
            found.ok_or_else(|| format!("The table has no column {name}; it has {}", names()))
        };
        let id = text(find(&self.spec.id)?);
        let name = self.spec.consumer.as_deref().map(find).transpose()?.map(text).unwrap_or_default();
        let time = self.spec.time.as_deref().map(find).transpose()?.map_or(0, time);
        self.report.rows += 1;
        let at = match self.consumers.iter().position(|consumer| consumer.name == name) {
            Some(at) => at,
            None if self.consumers.len() == MOST_CONSUMERS => {
                return Err(format!("More than {MOST_CONSUMERS} values: this column names no consumers"));
            }
            None => {
                self.consumers.push(Consumer { name, ..Consumer::default() });
                self.consumers.len() - 1
            }
        };
        let Some(consumer) = self.consumers.get_mut(at) else { return Ok(()) };
        consumer.rows += 1;
        match self.by_id.get(&Snapshot::id_hash(&id)) {
            Some(&event) => self.rows.push(Row { consumer: at as u16, time, event }),
            None => consumer.unknown.add(|| id),
        }
        Ok(())
    }

    #[must_use]
    pub fn finish(mut self) -> Report {
        if self.consumers.is_empty() {
            self.consumers.push(Consumer::default());
        }
        // Stable: rows of one instant stay in the order of the table.
        self.rows.sort_by_key(|row| (row.consumer, row.time));
        let words = self.log.len() as usize / 64 + 1;
        let entities = EntityOf::new(self.log);
        let mut firsts = vec![0_u64; words];
        for event in self.by_id.values() {
            set(&mut firsts, *event);
        }
        for (at, consumer) in self.consumers.iter_mut().enumerate() {
            let start = self.rows.partition_point(|row| usize::from(row.consumer) < at);
            let end = self.rows.partition_point(|row| usize::from(row.consumer) <= at);
            let rows = self.rows.get(start..end).unwrap_or_default();
            look_at(self.log, consumer, rows, &self.spec, &entities, &firsts);
        }
        self.consumers.sort_by(|a, b| a.name.cmp(&b.name));
        self.report.consumers = self.consumers;
        self.report
    }
}

fn look_at(log: &Snapshot, consumer: &mut Consumer, rows: &[Row], spec: &Spec, entities: &EntityOf, firsts: &[u64]) {
    let mut seen = vec![0_u64; firsts.len()];
    let mut types = vec![false; log.types().len()];
    let mut repeated = vec![0_u64; firsts.len()];
    let mut latest_of: RapidHashMap<EntityIx, EventIx> = RapidHashMap::default();
    for row in rows {
        if !set(&mut seen, row.event) {
            if set(&mut repeated, row.event) {
                consumer.repeated.add(|| row.event);
            }
            continue;
        }
        consumer.processed += 1;
        consumer.latest = consumer.latest.max(Some(row.event));
        if let Some(of) = types.get_mut(log.type_ix(row.event).at()) {
            *of = true;
        }
        let Some(entity) = entities.of(row.event) else { continue };
        let latest = latest_of.entry(entity).or_insert(row.event);
        if is_before(log, row.event, *latest) {
            let before = *latest;
            consumer.late.add(|| (row.event, before));
        } else {
            *latest = row.event;
        }
    }
    if !spec.types.is_empty() {
        for (of, name) in types.iter_mut().zip(log.types()) {
            *of = spec.types.iter().any(|wanted| **wanted == *name.name);
        }
    }
    let expected = |of: TypeIx| of != TypeIx::UNDECODABLE && types.get(of.at()) == Some(&true);
    for segment in log.segments() {
        for row in 0..segment.len() {
            let event = segment.event(row as u16);
            if !has(firsts, event) || has(&seen, event) {
                continue;
            }
            if !expected(segment.type_ix(row as u16)) {
                consumer.other_types += 1;
            } else if Some(event) < consumer.latest {
                consumer.skipped.add(|| event);
            } else {
                consumer.pending.add(|| event);
            }
        }
    }
}

/// By version where both have one, else by place.
fn is_before(log: &Snapshot, event: EventIx, other: EventIx) -> bool {
    match (log.version(event), log.version(other)) {
        (Some(a), Some(b)) => a < b,
        _ => event < other,
    }
}

/// The main entity of each event, segment by segment.
struct EntityOf(Vec<Option<EntityIx>>);

impl EntityOf {
    fn new(log: &Snapshot) -> Self {
        Self(log.segments().iter().flat_map(|segment| main_entities(segment)).collect())
    }

    fn of(&self, event: EventIx) -> Option<EntityIx> {
        self.0.get(event.at()).copied().flatten()
    }
}

/// Whether it was not set before.
fn set(bits: &mut [u64], event: EventIx) -> bool {
    let Some(word) = bits.get_mut(event.at() / 64) else { return false };
    let bit = 1 << (event.0 % 64);
    let new = *word & bit == 0;
    *word |= bit;
    new
}

fn has(bits: &[u64], event: EventIx) -> bool {
    bits.get(event.at() / 64).is_some_and(|word| word & (1 << (event.0 % 64)) != 0)
}

fn text(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}

/// Only for order: numbers as they are, text as an instant.
fn time(value: &Value) -> i64 {
    match value {
        Value::Text(text) => parse_instant(text).map_or(i64::MIN, |instant| instant.from.0),
        Value::Number(number) => number.to_string().parse().unwrap_or_else(|_| number.as_f64().map_or(0, |n| n as i64)),
        _ => i64::MIN,
    }
}
