//! Fills the tables with what the statement reads of them.

use std::sync::Arc;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Statement, params_from_iter};

use super::connection::Known;
use super::narrow::Narrow;
use super::tables::{CHAINS, ENTITIES, EVENT_ENTITIES, EVENTS, Table};
use crate::analysis::OnProgress;
use crate::analysis::entities::{main_entities, stats};
use crate::analysis::flows::survey;
use crate::analysis::timeline::Basis;
use crate::analysis::trace::correlation_name;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx, ServiceIx, SourceIx};
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// Rows between two looks at whether to stop.
const BLOCK: u64 = 8_192;

/// Fraction digits that all times of the log need, so that times as text are in the order of time.
pub(super) fn time_digits(log: &Snapshot, reads: &Known) -> u8 {
    if !["time", "first", "last"].iter().any(|name| reads.columns_of_all(name)) {
        return 3;
    }
    let mut digits = 3;
    for segment in log.segments() {
        for row in 0..segment.len() {
            let Some(time) = segment.time(row as u16) else { continue };
            if time.0 % 1_000 != 0 {
                return 9;
            }
            if time.0 % 1_000_000 != 0 {
                digits = 6;
            }
        }
    }
    digits
}

pub(super) fn time_text(time: TimeNs, digits: u8) -> String {
    let format = match digits {
        3 => chrono::SecondsFormat::Millis,
        6 => chrono::SecondsFormat::Micros,
        _ => chrono::SecondsFormat::Nanos,
    };
    chrono::DateTime::from_timestamp_nanos(time.0).to_rfc3339_opts(format, true)
}

pub(super) fn source_name(log: &Snapshot, source: SourceIx) -> String {
    log.sources().get(source.at()).map_or_else(String::new, |source| source.name.clone())
}

/// What is not needed stays null. Stops early where it is cancelled.
pub(super) fn fill(
    conn: &Connection,
    log: &Arc<Snapshot>,
    reads: &Known,
    narrow: &Narrow,
    digits: u8,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> rusqlite::Result<()> {
    let fill = Fill { conn, log, reads, digits, cancel, on_progress };
    if reads.table("events") {
        fill.events(narrow)?;
    }
    if reads.table("event_entities") {
        fill.event_entities()?;
    }
    if reads.table("entities") {
        fill.entities()?;
    }
    if reads.table("chains") {
        fill.chains()?;
    }
    Ok(())
}

struct Fill<'a> {
    conn: &'a Connection,
    log: &'a Snapshot,
    reads: &'a Known,
    digits: u8,
    cancel: &'a Cancel,
    on_progress: OnProgress<'a>,
}

/// One statement for a table's wanted columns.
struct Insert<'a> {
    statement: Statement<'a>,
    columns: Vec<&'static str>,
    values: Vec<Sql>,
}

impl Insert<'_> {
    fn row(&mut self, value: impl Fn(&'static str) -> Sql) -> rusqlite::Result<()> {
        self.values.clear();
        self.values.extend(self.columns.iter().map(|name| value(name)));
        self.statement.execute(params_from_iter(self.values.iter())).map(|_| ())
    }
}

impl<'a> Fill<'a> {
    fn insert(&self, table: &Table) -> rusqlite::Result<Insert<'a>> {
        let stored = table.columns.iter().filter(|column| column.of_record.is_none());
        // Without any, rows still count; what the record gives hangs on the first.
        let wanted = stored.enumerate().filter(|(i, column)| *i == 0 || self.reads.column(table.name, column.name));
        let columns: Vec<&'static str> = wanted.map(|(_, column)| column.name).collect();
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, names.join(", "));
        Ok(Insert { statement: self.conn.prepare(&sql)?, columns, values: Vec::new() })
    }

    fn time(&self, time: Option<TimeNs>) -> Sql {
        time.map_or(Sql::Null, |time| Sql::Text(time_text(time, self.digits)))
    }

    fn is_over(&self, done: u64) -> bool {
        if !done.is_multiple_of(BLOCK) {
            return false;
        }
        (self.on_progress)(done, self.log.len());
        self.cancel.is_cancelled()
    }

    fn events(&self, narrow: &Narrow) -> rusqlite::Result<()> {
        let mut insert = self.insert(&EVENTS)?;
        let mut done = 0;
        let mut wanted = narrow.events.as_deref();
        for segment in self.log.segments() {
            let first = segment.first_row();
            let end = first + u64::from(segment.len());
            let of_events = self.reads.column("events", "entity") || self.reads.column("events", "kind");
            let (from, until) = (narrow.from.max(first), narrow.until.unwrap_or(u64::MAX).min(end));
            let here = wanted.map(|events| {
                let (here, rest) = events.split_at(events.partition_point(|event| event.0 < end));
                wanted = Some(rest);
                here
            });
            let worth = from < until && here.is_none_or(|here| !here.is_empty());
            if !worth || !narrow.may_be_in(segment) {
                continue;
            }
            let entities = of_events.then(|| main_entities(segment));
            let mut row = |event: EventIx| {
                let row = (event.0 - first) as u16;
                if (from..until).contains(&event.0) && narrow.wants(segment, row) {
                    let entity = entities.as_ref().and_then(|of| of.get(usize::from(row))).copied().flatten();
                    insert.row(|column| self.event_value(segment, row, entity, column))?;
                }
                Ok::<_, rusqlite::Error>(())
            };
            let events: &mut dyn Iterator<Item = EventIx> = match here {
                Some(here) => &mut here.iter().copied(),
                None => &mut (from..until).map(EventIx),
            };
            for event in events {
                row(event)?;
                done += 1;
                if self.is_over(done) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn event_value(&self, segment: &Segment, row: u16, entity: Option<EntityIx>, column: &str) -> Sql {
        let log = self.log;
        match column {
            "ix" => Sql::Integer(segment.event(row).0 as i64),
            "time" => self.time(segment.time(row)),
            "time_ns" => segment.time(row).map_or(Sql::Null, |time| Sql::Integer(time.0)),
            "type" => text(log.type_name(segment.type_ix(row))),
            "service" => match segment.service_ix(row) {
                ServiceIx::NONE => Sql::Null,
                service => text(log.service_name(service)),
            },
            "kind" => name(log, entity).map_or(Sql::Null, |(kind, _)| text(kind)),
            "entity" => name(log, entity).map_or(Sql::Null, |(_, id)| text(id)),
            "version" => segment.version(row).map_or(Sql::Null, |version| Sql::Integer(version.into())),
            "source" => Sql::Text(source_name(log, segment.source())),
            "position" => Sql::Integer(segment.span(row).offset.0 as i64),
            "bytes" => Sql::Integer(segment.span(row).len.into()),
            _ => Sql::Null,
        }
    }

    fn event_entities(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert(&EVENT_ENTITIES)?;
        let mut done = 0;
        for segment in self.log.segments() {
            for (key, rows) in segment.entities().marked() {
                let of = name(self.log, Some(EntityIx(key)));
                for (row, stream) in rows {
                    insert.row(|column| match column {
                        "ix" => Sql::Integer(segment.event(row).0 as i64),
                        "kind" => of.map_or(Sql::Null, |(kind, _)| text(kind)),
                        "entity" => of.map_or(Sql::Null, |(_, id)| text(id)),
                        _ => Sql::Integer(stream.into()),
                    })?;
                    done += 1;
                    if self.is_over(done) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn entities(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert(&ENTITIES)?;
        let Some(stats) = stats(self.log, None, Basis::Time, self.cancel) else { return Ok(()) };
        for entity in (0..self.log.entity_count()).map(EntityIx) {
            let Some(stat) = stats.get(entity) else { continue };
            let of = name(self.log, Some(entity));
            insert.row(|column| match column {
                "kind" => of.map_or(Sql::Null, |(kind, _)| text(kind)),
                "id" => of.map_or(Sql::Null, |(_, id)| text(id)),
                "events" => Sql::Integer(stat.count.into()),
                "first" => self.time(stat.extent.map(|(first, _)| TimeNs(first))),
                _ => self.time(stat.extent.map(|(_, last)| TimeNs(last))),
            })?;
            if self.is_over(entity.0.into()) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn chains(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert(&CHAINS)?;
        let named = self.reads.column("chains", "correlation");
        let Some(flows) = survey(self.log, self.cancel, self.on_progress) else { return Ok(()) };
        for (done, chain) in flows.chains.iter().enumerate() {
            insert.row(|column| match column {
                // Each costs a record.
                "correlation" if named => {
                    let name = chain.correlation.and_then(|of| correlation_name(self.log, of, chain.first));
                    name.map_or(Sql::Null, Sql::Text)
                }
                "events" => Sql::Integer(chain.events.into()),
                "services" => Sql::Integer(flows.services(chain).len() as i64),
                "first" => self.time(chain.start),
                "last" => self.time(chain.start.map(|start| TimeNs(start.0.saturating_add(chain.duration_ns)))),
                "duration_ms" => Sql::Real(chain.duration_ns as f64 / 1e6),
                "first_ix" => Sql::Integer(chain.first.0 as i64),
                "last_ix" => Sql::Integer(chain.last.0 as i64),
                "missing" => Sql::Integer(chain.missing.into()),
                "incomplete" => Sql::Integer(chain.is_incomplete().into()),
                "failed" => Sql::Integer(chain.flags.error.into()),
                _ => Sql::Null,
            })?;
            if self.is_over(done as u64) {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Narrow {
    fn wants(&self, segment: &Segment, row: u16) -> bool {
        let wanted = |of: &Option<Vec<bool>>, at: usize| of.as_ref().is_none_or(|of| of.get(at) == Some(&true));
        wanted(&self.types, segment.type_ix(row).at())
            && wanted(&self.services, segment.service_ix(row).at())
            && (self.not_before.is_none() && self.before.is_none() || segment.time(row).is_some_and(|t| self.at(t)))
    }

    fn at(&self, time: TimeNs) -> bool {
        self.not_before.is_none_or(|from| time.0 >= from) && self.before.is_none_or(|until| time.0 < until)
    }

    fn may_be_in(&self, segment: &Segment) -> bool {
        let Some((first, last)) = segment.time_range() else {
            return self.not_before.is_none() && self.before.is_none();
        };
        self.not_before.is_none_or(|from| last.0 >= from) && self.before.is_none_or(|until| first.0 < until)
    }
}

fn name(log: &Snapshot, entity: Option<EntityIx>) -> Option<(&str, &str)> {
    let name = log.entity(entity?)?;
    Some((log.kind_name(name.kind), name.id))
}

fn text(text: &str) -> Sql {
    Sql::Text(text.to_owned())
}
