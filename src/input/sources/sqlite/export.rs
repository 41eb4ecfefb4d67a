//! Walks tables in the order of their row numbers and writes each row as a record; afterwards, where
//! the source is followed, looks for rows with higher numbers whenever the files change.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Row;

use super::super::json;
use super::super::stage::{Context, SpoolWriter};
use super::connect::{Database, Signature, connect, signature};
use super::profiles::{Profile, holds_snapshots, of_table};
use super::schema::{Table, fold, quoted};
use super::{Places, SourceFile, cell, row_error};
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

    /// For people, with what is left out.
    pub(super) fn describe(&self, all: &[Table]) -> String {
        let names: Vec<&str> = self.parts.iter().map(|part| part.table.name.as_str()).collect();
        let profile = self.profile.map_or(String::new(), |profile| format!("{}, ", profile.name));
        let word = if names.len() == 1 { "table" } else { "tables" };
        let read = format!("SQLite, {profile}{word} {} of {}", names.join(" and "), all.len());
        let beside = |table: &&Table| holds_snapshots(table) && !names.contains(&table.name.as_str());
        match all.iter().find(beside) {
            Some(table) if self.profile.is_some() && of_table(table).is_some() => {
                format!("{read} (snapshots: ?table={})", table.name)
            }
            _ => read,
        }
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
        && let Some(partners) = partners(join.partners, all)
        && let Some(on) = table.column(join.on)
    {
        columns.extend(join.members.iter().map(|member| format!("j.{}", quoted(member))));
        members.extend(join.members.iter().map(|member| (*member).to_owned()));
        from = format!("{from} LEFT JOIN ({}) AS j ON j.k = t.{}", (join.subquery)(&partners), quoted(on));
    }
    let order = if table.rowid.is_some() { format!(" WHERE {rowid} > ?1 ORDER BY {rowid}") } else { String::new() };
    let sql = format!("SELECT {} FROM {from}{order}", columns.join(", "));
    Part { table, sql, members, done: None }
}

fn partners<'t>(wanted: &[&[&str]], all: &'t [Table]) -> Option<Vec<&'t Table>> {
    wanted.iter().map(|columns| all.iter().find(|table| table.has_all(columns))).collect()
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
            let mut writer = RecordWriter { profile: self.plan.profile, record: Vec::new(), several };
            read_table(part, &mut writer, &self.file.path, &self.places, database, out)?;
        }
        out.flush()
    }
}

fn read_table(
    part: &mut Part,
    writer: &mut RecordWriter,
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
            places.table(out.position(), &name);
        }
        places.row(out.position(), number)?;
        writer.write(row, part, out)?;
        part.done = Some(number);
    }
}

/// Makes one line of one row.
struct RecordWriter {
    profile: Option<&'static Profile>,
    record: Vec<u8>,
    several: bool,
}

impl RecordWriter {
    fn write(&mut self, row: &Row<'_>, part: &Part, out: &mut SpoolWriter) -> Result<()> {
        let record = &mut self.record;
        record.clear();
        record.push(b'{');
        let mut packed = Vec::new();
        for (ix, member) in part.members.iter().enumerate() {
            let Ok(value) = row.get_ref(ix + 1) else { continue };
            json::key(record, member);
            let yaml = self.profile.is_some_and(|profile| profile.fields.yaml.contains(&fold(member).as_str()));
            let write = if yaml { cell::write_yaml } else { cell::write };
            if let Some(packing) = write(record, member, value) {
                packed.push((member, packing));
            }
        }
        if let Some(profile) = self.profile {
            for derived in profile.derived {
                let from = part.members.iter().position(|member| {
                    member == derived.from || Some(member.as_str()) == part.table.column(derived.from)
                });
                let text = from.and_then(|ix| row.get_ref(ix + 1).ok()?.as_str().ok());
                if let Some(made) = text.and_then(|text| derived.cut.apply(text)) {
                    json::key(record, derived.name);
                    json::string(record, made);
                }
            }
        }
        if self.several || self.profile.is_some_and(|profile| profile.name == "esrs") {
            json::key(record, "$table");
            json::string(record, &part.table.name);
        }
        if !packed.is_empty() {
            json::key(record, "$packed");
            record.push(b'{');
            for (member, packing) in packed {
                json::key(record, member);
                json::string(record, &packing);
            }
            record.push(b'}');
        }
        record.extend_from_slice(b"}\n");
        out.write(record)
    }
}
