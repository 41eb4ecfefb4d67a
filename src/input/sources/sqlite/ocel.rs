//! OCEL 2.0 in SQLite: events, objects and their links in tables of fixed names, attributes in a table
//! for each type. Every record carries its objects with their kinds.
//!
//! The tables of such logs often have no index at all (they were dumped from data frames), so the links
//! are read once into memory instead of being looked up per event.

use std::path::Path;

use rapidhash::RapidHashMap;

use super::super::json;
use super::super::ocel_record::{ObjectLink, mapping, write_objects};
use super::super::pump::SpoolWriter;
use super::super::stores::cell::write;
use super::super::stores::table::{Table, quoted};
use super::connect::Database;
use super::export::cell;
use super::{Places, row_error};
use crate::model::error::Result;
use crate::model::mapping::Mapping;

pub(super) fn fits(tables: &[Table]) -> bool {
    [("event", "ocelid"), ("object", "oceltype"), ("event_object", "oceleventid"), ("event_map_type", "oceltypemap")]
        .iter()
        .all(|(name, column)| tables.iter().any(|table| table.name == *name && table.column(column).is_some()))
}

/// What must be known before the first event.
pub(super) struct Log {
    /// Event id → its objects.
    links: RapidHashMap<String, Vec<ObjectLink>>,
    /// Event id → its type's table and its row there.
    attributes: RapidHashMap<String, (usize, i64)>,
    /// The tables of attributes, with their columns.
    tables: Vec<Table>,
}

pub(super) fn read(database: &Database, tables: &[Table]) -> rusqlite::Result<Log> {
    let conn = &database.conn;
    let mut kinds: Vec<String> = Vec::new();
    let mut objects: RapidHashMap<String, usize> = RapidHashMap::default();
    let mut statement = conn.prepare("SELECT ocel_id, ocel_type FROM object ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, kind) = (text(row, 0)?, text(row, 1)?);
        let ix = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        });
        objects.insert(id, ix);
    }
    let mut links: RapidHashMap<String, Vec<ObjectLink>> = RapidHashMap::default();
    let sql = "SELECT ocel_event_id, ocel_object_id, ocel_qualifier FROM event_object ORDER BY rowid";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = text(row, 1)?;
        let kind = objects.get(&id).and_then(|ix| kinds.get(*ix)).cloned();
        let qualifier = row.get_ref(2)?.as_str().ok().map(str::to_owned);
        links.entry(text(row, 0)?).or_default().push(ObjectLink { id, kind, qualifier });
    }
    let mut log = Log { links, attributes: RapidHashMap::default(), tables: Vec::new() };
    let mut statement = conn.prepare("SELECT ocel_type_map FROM event_map_type ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name = format!("event_{}", text(row, 0)?);
        if let Some(table) = tables.iter().find(|table| table.name == name)
            && table.rowid == Some("rowid")
        {
            log.place_events(database, table)?;
        }
    }
    Ok(log)
}

impl Log {
    fn place_events(&mut self, database: &Database, table: &Table) -> rusqlite::Result<()> {
        let sql = format!("SELECT ocel_id, rowid FROM {}", quoted(&table.name));
        let mut statement = database.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.attributes.insert(text(row, 0)?, (self.tables.len(), row.get(1)?));
        }
        self.tables.push(table.clone());
        Ok(())
    }

    pub(super) fn mapping() -> Mapping {
        mapping("ocel2-sqlite")
    }

    pub(super) fn export(
        &self,
        database: &Database,
        path: &Path,
        places: &Places,
        out: &mut SpoolWriter,
    ) -> Result<()> {
        self.events(database, places, out).map_err(|cause| row_error(path, "event", None, &cause))?
    }

    /// An error of the database outside, of the spool inside.
    fn events(&self, database: &Database, places: &Places, out: &mut SpoolWriter) -> rusqlite::Result<Result<()>> {
        let mut attributes = Vec::new();
        for table in &self.tables {
            let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
            let sql = format!("SELECT {} FROM {} WHERE rowid = ?1", columns.join(", "), quoted(&table.name));
            attributes.push(database.conn.prepare(&sql)?);
        }
        let mut statement = database.conn.prepare("SELECT ocel_id, ocel_type, rowid FROM event ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        places.table(out.position(), "event");
        let mut record = Vec::new();
        while let Some(row) = rows.next()? {
            database.budget.start(std::time::Duration::from_secs(20));
            let id: String = text(row, 0)?;
            record.clear();
            record.extend_from_slice(b"{");
            json::key(&mut record, "id");
            json::string(&mut record, &id);
            json::key(&mut record, "type");
            json::string(&mut record, &text(row, 1)?);
            if let Some(&(ix, rowid)) = self.attributes.get(&id)
                && let (Some(table), Some(statement)) = (self.tables.get(ix), attributes.get_mut(ix))
            {
                write_attributes(&mut record, table, statement, rowid)?;
            }
            write_objects(&mut record, self.links.get(&id).map_or(&[][..], Vec::as_slice));
            record.extend_from_slice(b"}\n");
            let at = out.position();
            if let Err(error) = places.row(at, row.get(2)?).and_then(|()| out.write(&record)) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

fn write_attributes(
    record: &mut Vec<u8>,
    table: &Table,
    statement: &mut rusqlite::Statement<'_>,
    rowid: i64,
) -> rusqlite::Result<()> {
    let mut rows = statement.query([rowid])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let mut own = Vec::from(*b"{");
    for (ix, column) in table.columns.iter().enumerate() {
        let value = row.get_ref(ix)?;
        match column.as_str() {
            "ocel_id" => {}
            "ocel_time" => {
                json::key(record, "time");
                write(record, column, cell(value));
            }
            name => {
                json::key(&mut own, name);
                write(&mut own, column, cell(value));
            }
        }
    }
    own.push(b'}');
    json::key(record, "attributes");
    record.extend_from_slice(&own);
    Ok(())
}

/// A value as text, whatever its storage class.
pub(super) fn text(row: &rusqlite::Row<'_>, ix: usize) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(ix)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => String::new(),
    })
}
