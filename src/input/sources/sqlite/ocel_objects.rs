//! The objects of an OCEL 2.0 log in SQLite: a table for each type, a row for the values from the start
//! and one for each change.
//!
//! A row of a change names the column that changed; where it does not, all columns with a value count.

use std::path::Path;
use std::time::Duration;

use rapidhash::RapidHashSet;

use super::super::ocel_objects::{Object, Pass, Value, is_the_start};
use super::super::ocel_record::kind_or_unknown;
use super::super::pump::SpoolWriter;
use super::super::stores::cell::write;
use super::super::stores::table::{Table, quoted};
use super::connect::Database;
use super::export::cell;
use super::ocel::text;
use super::{Places, row_error};
use crate::model::error::Result;

/// The tables of objects, each with its kind.
pub(super) struct Objects(Vec<(Table, String)>);

pub(super) fn read(database: &Database, tables: &[Table]) -> rusqlite::Result<Objects> {
    let mut statement = database.conn.prepare("SELECT ocel_type, ocel_type_map FROM object_map_type ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, name) = (text(row, 0)?, format!("object_{}", text(row, 1)?));
        if let Some(table) = tables.iter().find(|table| table.name == name)
            && table.rowid == Some("rowid")
            && table.columns.iter().any(|column| column == "ocel_id")
        {
            found.push((table.clone(), kind));
        }
    }
    Ok(Objects(found))
}

impl Objects {
    pub(super) fn export(
        &self,
        database: &Database,
        path: &Path,
        places: &Places,
        out: &mut SpoolWriter,
    ) -> Result<()> {
        let failed = |cause: rusqlite::Error| row_error(path, "object", None, &cause);
        let mut defined = RapidHashSet::default();
        for (table, kind) in &self.0 {
            places.table(out.position(), &table.name);
            each_row(database, table, kind, |object, starts, row| {
                if !starts {
                    return Ok(());
                }
                defined.insert(object.id.clone());
                object.write(Pass::Definitions, row.cast_unsigned(), places.marks(), out)
            })
            .map_err(failed)??;
        }
        places.table(out.position(), "object");
        without_a_start(database, &defined, places, out).map_err(failed)??;
        for (table, kind) in &self.0 {
            places.table(out.position(), &table.name);
            each_row(database, table, kind, |object, _, row| {
                object.write(Pass::Changes, row.cast_unsigned(), places.marks(), out)
            })
            .map_err(failed)??;
        }
        Ok(())
    }
}

/// An error of the database outside, of the spool inside. `found` gets the object with the values of one
/// row, whether they hold from the start, and the row's number.
fn each_row(
    database: &Database,
    table: &Table,
    kind: &str,
    mut found: impl FnMut(Object, bool, i64) -> Result<()>,
) -> rusqlite::Result<Result<()>> {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
    let sql = format!("SELECT rowid, {} FROM {} ORDER BY rowid", columns.join(", "), quoted(&table.name));
    let mut statement = database.conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        database.budget.start(ROW_TIME);
        let of = |name: &str| -> rusqlite::Result<Option<String>> {
            let at = table.columns.iter().position(|column| column == name);
            let value = at.map(|ix| text(row, ix + 1)).transpose()?;
            Ok(value.filter(|text| !text.is_empty()))
        };
        let time = of("ocel_time")?;
        let changed = of("ocel_changed_field")?;
        let mut object = Object { id: of("ocel_id")?.unwrap_or_default(), kind: kind.to_owned(), values: Vec::new() };
        for (ix, column) in table.columns.iter().enumerate() {
            let value = row.get_ref(ix + 1)?;
            let counts = match &changed {
                Some(changed) => changed == column,
                None => value != rusqlite::types::ValueRef::Null,
            };
            if !OWN_COLUMNS.contains(&column.as_str()) && counts {
                let mut json = Vec::new();
                write(&mut json, column, cell(value));
                object.values.push(Value { name: column.clone(), time: time.clone(), json });
            }
        }
        let starts = time.as_deref().is_none_or(is_the_start);
        if let Err(error) = found(object, starts, row.get(0)?) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// Objects of which no row says how they were at first.
fn without_a_start(
    database: &Database,
    defined: &RapidHashSet<String>,
    places: &Places,
    out: &mut SpoolWriter,
) -> rusqlite::Result<Result<()>> {
    let mut statement = database.conn.prepare("SELECT ocel_id, ocel_type, rowid FROM object ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        database.budget.start(ROW_TIME);
        let (id, kind) = (text(row, 0)?, text(row, 1)?);
        if defined.contains(&id) {
            continue;
        }
        let object = Object { id, kind: kind_or_unknown(Some(&kind)).to_owned(), values: Vec::new() };
        let number: i64 = row.get(2)?;
        if let Err(error) = object.write(Pass::Definitions, number.cast_unsigned(), places.marks(), out) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

const OWN_COLUMNS: [&str; 3] = ["ocel_id", "ocel_time", "ocel_changed_field"];
const ROW_TIME: Duration = Duration::from_secs(20);
