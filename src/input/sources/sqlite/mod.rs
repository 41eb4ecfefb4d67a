//! SQLite: event stores of known layouts, object-centric logs, or any table with events in it. Each row
//! becomes one JSON object a line in a spool, under the table's own column names.
//!
//! `connect` has the rules for databases that others own, `sources/stores` the known stores.

mod connect;
mod export;
#[cfg(test)]
mod hostile;
mod ocel;
mod ocel_objects;
mod rows;
mod schema;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ocel_objects::TABLE as OBJECTS;
use super::pump::pump;
use super::stage::{Context, Stage};
use super::stores::guess;
use super::stores::places::Places;
use super::stores::profiles;
use super::stores::table::{Table, quoted};
use super::{Layer, Takes};
use crate::model::error::{Error, Place, Result};
use crate::model::source::Origin;
use connect::{Database, connect, failed};
use export::{Export, Plan};
pub use rows::each_row;

pub(super) struct Sqlite;

impl Layer for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn fits(&self, head: &[u8]) -> bool {
        head.starts_with(b"SQLite format 3\0")
    }

    fn takes(&self) -> Takes {
        Takes::Values
    }

    fn apply(&self, mut stage: Stage, context: &Context) -> Result<Stage> {
        let file = match stage.path.clone() {
            Some(path) => SourceFile { path, _unpacked: None },
            None => unpacked(&stage, context)?,
        };
        let signature = connect::signature(&file.path);
        let database = connect(&file.path, context)?;
        let places = Arc::new(Places::create(context)?);
        stage.own_records = true;
        stage.origin = Some(Arc::clone(&places) as Arc<dyn Origin>);
        let address = stage.address.clone();
        let tables = schema::tables(&database.conn).map_err(|cause| failed(&file.path, &cause))?;
        if context.table.is_none() && ocel::fits(&tables) {
            let log = ocel::read(&database, &tables).map_err(|cause| failed(&file.path, &cause))?;
            stage.mapping = Some(ocel::Log::mapping());
            let bytes = pump("SQLite", &address, context, move |out| log.export(&database, &file.path, &places, out))?;
            return Ok(stage.through(bytes, "OCEL 2.0 in SQLite"));
        }
        let no_such = |name: &str| !tables.iter().any(|table| table.name == name);
        if context.table.as_deref() == Some(OBJECTS) && ocel::fits(&tables) && no_such(OBJECTS) {
            let objects = ocel_objects::read(&database, &tables).map_err(|cause| failed(&file.path, &cause))?;
            stage.mapping = Some(super::ocel_objects::mapping());
            let bytes =
                pump("SQLite", &address, context, move |out| objects.export(&database, &file.path, &places, out))?;
            return Ok(stage.through(bytes, "objects of an OCEL 2.0 log in SQLite"));
        }
        let plan = plan(&stage, &database, &tables, context)?;
        stage.mapping = plan.mapping();
        stage.has_payloads = true;
        let format = plan.describe(&tables);
        let mut export = Export { plan, file, places, context: context.clone(), signature };
        let bytes = pump("SQLite", &address, context, move |out| export.run(database, out))?;
        Ok(stage.through(bytes, format))
    }
}

/// The database's file; of one that came through another layer, a copy with a name.
struct SourceFile {
    path: PathBuf,
    _unpacked: Option<tempfile::TempDir>,
}

/// SQLite opens names, not spools.
fn unpacked(stage: &Stage, context: &Context) -> Result<SourceFile> {
    let cannot = |cause: std::io::Error| {
        let next_step = "Check the cache folder and the free space";
        Error::new("Cannot unpack the database", stage.place(None), next_step).because(cause)
    };
    let dir = match &context.cache_dir {
        Some(dir) => tempfile::tempdir_in(dir),
        None => tempfile::tempdir(),
    };
    let dir = dir.map_err(cannot)?;
    let path = dir.path().join("unpacked.db");
    let mut file = std::fs::File::create(&path).map_err(cannot)?;
    std::io::copy(&mut stage.reader(&context.cancel), &mut file).map_err(cannot)?;
    Ok(SourceFile { path, _unpacked: Some(dir) })
}

/// Which tables are read, and how.
fn plan(stage: &Stage, database: &Database, tables: &[Table], context: &Context) -> Result<Plan> {
    if let Some(name) = &context.table {
        let table = tables.iter().find(|table| table.name == *name);
        let table = table.or_else(|| tables.iter().find(|table| table.name.eq_ignore_ascii_case(name)));
        let Some(table) = table else {
            let place = Place::Table { database: stage.address.clone(), table: name.clone(), row: None };
            return Err(Error::new("No such table", place, listed(tables)));
        };
        return Ok(Plan::new(profiles::of_table(table), vec![table.clone()], tables));
    }
    for profile in profiles::by_preference() {
        let fitting: Vec<Table> = tables.iter().filter(|table| profile.fits(table)).cloned().collect();
        if !fitting.is_empty() {
            return Ok(Plan::new(Some(profile), fitting, tables));
        }
    }
    let has_rows = |table: &Table| {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
        database.conn.query_row(&sql, [], |_| Ok(())).is_ok()
    };
    let likely = guess::ranked(tables).into_iter().filter_map(|at| tables.get(at)).find(|table| has_rows(table));
    match likely {
        Some(table) => Ok(Plan::new(None, vec![table.clone()], tables)),
        None => Err(Error::new("No table looks like events", stage.place(None), listed(tables)).for_no_events()),
    }
}

/// Most tables named in a message.
const LISTED: usize = 12;

fn listed(tables: &[Table]) -> String {
    if tables.is_empty() {
        return "The database has no tables".to_owned();
    }
    let names: Vec<&str> = tables.iter().take(LISTED).map(|table| table.name.as_str()).collect();
    let more = if tables.len() > LISTED { ", …" } else { "" };
    format!("Name one with FILE?table=NAME: {}{more}", names.join(", "))
}

fn row_error(path: &Path, table: &str, row: Option<i64>, cause: &rusqlite::Error) -> Error {
    let place = Place::Table { database: path.display().to_string(), table: table.to_owned(), row };
    let next_step = "Check it with `sqlite3 FILE 'PRAGMA integrity_check'`";
    Error::new("A part of the table cannot be read; what came before is kept", place, next_step).because(cause)
}
