//! A table of a SQLite database row by row, each as a JSON object under the table's own column names:
//! for those who compare a table with a log, not read one as a log.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use super::super::stage::Context;
use super::super::stores::record::Shape;
use super::super::stores::table::quoted;
use super::connect::{connect, failed};
use super::export::cell;
use super::schema::tables;
use super::{listed, row_error};
use crate::model::error::{Error, Place, Result};

/// For so many rows.
const TIME: Duration = Duration::from_mins(1);
const ROWS: u64 = 1_024;

/// # Errors
/// When it is no database, has no such table, or is damaged; rows before the damage were given.
pub fn each_row(
    path: &Path,
    table: &str,
    context: &Context,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<()> {
    let database = connect(path, context)?;
    let all = tables(&database.conn).map_err(|cause| failed(path, &cause))?;
    let found = all.iter().find(|of| of.name == table);
    let Some(found) = found.or_else(|| all.iter().find(|of| of.name.eq_ignore_ascii_case(table))) else {
        let place = Place::Table { database: path.display().to_string(), table: table.to_owned(), row: None };
        return Err(Error::new("No such table", place, listed(&all)));
    };
    let columns: Vec<String> = found.columns.iter().map(|column| quoted(column)).collect();
    // Without a row number the key stands in its place.
    let (number, order) = found.rowid.map_or(("0", String::new()), |rowid| (rowid, format!(" ORDER BY {rowid}")));
    let sql = format!("SELECT {number}, {} FROM {}{order}", columns.join(", "), quoted(&found.name));
    let wrong = |row, cause: rusqlite::Error| row_error(path, &found.name, row, &cause);
    let mut statement = database.conn.prepare(&sql).map_err(|cause| wrong(None, cause))?;
    let mut rows = statement.query([]).map_err(|cause| wrong(None, cause))?;
    let shape = Shape::new(None, found, &found.columns, false);
    let (mut last, mut done) = (None, 0_u64);
    let mut object = Vec::new();
    loop {
        if done.is_multiple_of(ROWS) {
            database.budget.start(TIME);
        }
        let Some(row) = rows.next().map_err(|cause| wrong(last, cause))? else { return Ok(()) };
        let number = row.get::<_, i64>(0).map_err(|cause| wrong(last, cause))?;
        // A damaged tree may lead in circles.
        if found.rowid.is_some() && last.is_some_and(|last| number <= last) {
            return Err(wrong(last, rusqlite::Error::InvalidQuery));
        }
        last = Some(number);
        object.clear();
        shape.object(&mut object, &|ix| row.get_ref(ix + 1).ok().map(cell));
        done += 1;
        if each(&object).is_break() {
            return Ok(());
        }
    }
}
