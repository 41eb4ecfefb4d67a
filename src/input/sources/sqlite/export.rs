//! Walks tables in the order of their row numbers and writes each row as a record; afterwards, where
//! the source is followed, looks for rows with higher numbers whenever the files change.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;

use super::super::pump::SpoolWriter;
use super::super::stage::Context;
use super::super::stores::cell::Cell;
use super::super::stores::described::described;
use super::super::stores::profiles::{Profile, partners};
use super::super::stores::record::Shape;
use super::super::stores::table::{Table, quoted};
use super::connect::{Database, Signature, connect, signature};
use super::{Places, SourceFile, row_error};
use crate::model::error::Result;
use crate::model::mapping::Mapping;

/// What is read of a database.
pub(super) struct Plan {
    profile: Option<&'static Profile>,
    parts: Vec<Part>,
}

/// One table, how far it was read, and how.
struct Part {
    table: Table,
    sql: String,
    /// Names of the result's columns after the row number.
    members: Vec<String>,
    /// The highest row number so far.
    done: Option<i64>,
}

impl Plan {
    pub(super) fn new(profile: Option<&'static Profile>, tables: Vec<Table>, all: &[Table]) -> Self {
        let parts = tables.into_iter().map(|table| part(profile, table, all)).collect();
        Self { profile, parts }
    }

    pub(super) fn mapping(&self) -> Option<Mapping> {
        let part = self.parts.first()?;
        Some(self.profile?.mapping(&part.table))
    }

    /// For people.
    pub(super) fn describe(&self, all: &[Table]) -> String {
        let read: Vec<&Table> = self.parts.iter().map(|part| &part.table).collect();
        described("SQLite", self.profile, &read, &all.iter().collect::<Vec<_>>())
    }
}

fn part(profile: Option<&'static Profile>, table: Table, all: &[Table]) -> Part {
    let rowid = table.rowid.map_or("NULL".to_owned(), |word| format!("t.{word}"));
    let mut columns = vec![rowid.clone()];
    columns.extend(table.columns.iter().map(|column| format!("t.{}", quoted(column))));
    let mut members = table.columns.clone();
    let mut from = format!("{} AS t", quoted(&table.name));
    let join = profile.and_then(|profile| profile.join);
    if let Some(join) = join
        && let Some(partners) = partners(join, all)
        && let Some(on) = table.column(join.on)
    {
        columns.extend(join.members.iter().map(|member| format!("j.{}", quoted(member))));
        members.extend(join.members.iter().map(|member| (*member).to_owned()));
        from = format!(
            "{from} LEFT JOIN ({}) AS j ON j.k = t.{}",
            (join.subquery)(&partners, &|table| quoted(&table.name)),
            quoted(on)
        );
    }
    let order = if table.rowid.is_some() { format!(" WHERE {rowid} > ?1 ORDER BY {rowid}") } else { String::new() };
    let sql = format!("SELECT {} FROM {from}{order}", columns.join(", "));
    Part { table, sql, members, done: None }
}

/// The thread's work.
pub(super) struct Export {
    pub plan: Plan,
    pub file: SourceFile,
    pub places: Arc<Places>,
    pub context: Context,
    pub signature: Signature,
}

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// How long one row may take.
const ROW_TIME: Duration = Duration::from_secs(20);
/// The first row may have to wait for a join's sorting.
const FIRST_ROW_TIME: Duration = Duration::from_mins(5);

impl Export {
    pub(super) fn run(&mut self, database: Database, out: &mut SpoolWriter) -> Result<()> {
        self.pass(&database, out)?;
        drop(database);
        if !self.context.follow || self.plan.parts.iter().any(|part| part.table.rowid.is_none()) {
            return Ok(());
        }
        loop {
            out.caught_up()?;
            std::thread::sleep(LOOK_EVERY);
            let now = signature(&self.file.path);
            if now == self.signature {
                continue;
            }
            // A writer in the middle of something is no reason to give up: the next look is soon.
            if let Ok(database) = connect(&self.file.path, &self.context)
                && self.pass(&database, out).is_ok()
            {
                self.signature = now;
            }
        }
    }

    /// Everything new in all tables.
    fn pass(&mut self, database: &Database, out: &mut SpoolWriter) -> Result<()> {
        let several = self.plan.parts.len() > 1;
        for part in &mut self.plan.parts {
            let profile = self.plan.profile;
            read_table(part, (profile, several), &self.file.path, &self.places, database, out)?;
        }
        out.flush()
    }
}

fn read_table(
    part: &mut Part,
    (profile, several): (Option<&'static Profile>, bool),
    path: &Path,
    places: &Places,
    database: &Database,
    out: &mut SpoolWriter,
) -> Result<()> {
    let name = part.table.name.clone();
    database.budget.start(FIRST_ROW_TIME);
    let fail = |row, cause: &rusqlite::Error| row_error(path, &name, row, cause);
    let mut statement = database.conn.prepare(&part.sql).map_err(|cause| fail(None, &cause))?;
    let by_rowid = part.table.rowid.is_some();
    let started = if by_rowid { statement.query([part.done.unwrap_or(i64::MIN)]) } else { statement.query([]) };
    let mut rows = started.map_err(|cause| fail(None, &cause))?;
    let shape = Shape::new(profile, &part.table, &part.members, several);
    let mut count = 0;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(()),
            Err(cause) => {
                out.warn(fail(part.done, &cause));
                return Ok(());
            }
        };
        database.budget.start(ROW_TIME);
        count += 1;
        let number = if by_rowid { row.get(0).map_err(|cause| fail(part.done, &cause))? } else { count };
        // Rows come in rising order, unless the file lies about its tree: then they might never end.
        if by_rowid && part.done.is_some_and(|done| number <= done) {
            out.warn(fail(part.done, &rusqlite::Error::IntegralValueOutOfRange(0, number)));
            return Ok(());
        }
        if count == 1 {
            places.table(out.position(), &format!("{name} row"));
        }
        places.row(out.position(), number)?;
        out.record(|_, line| shape.write(line, &|ix| row.get_ref(ix + 1).ok().map(cell)))?;
        part.done = Some(number);
    }
}

pub(super) fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => Cell::RawText(bytes),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    }
}
