//! `rebuild-read-model`: the rows that the events make. They are collected in a SQLite file of ours,
//! which learns columns as they come, and written from there in the order of their keys.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use rapidhash::RapidHashMap;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::Ask;
use super::args::{RebuildFormat, RebuildReadModelArgs};
use crate::analysis::read_model::check::{Spec, of_kind};
use crate::analysis::read_model::fold::Folder;
use crate::analysis::state::value::Value;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::cli::Exit;
use crate::cli::report::Report;
use crate::cli::state::Failed;
use crate::model::error::{Error, Place};
use crate::store::snapshot::Snapshot;

/// SQLite's own limit is 2,000.
const MOST_COLUMNS: usize = 1_000;

pub(in crate::cli) fn rebuild(
    log: &Arc<Snapshot>,
    ask: Ask,
    args: &RebuildReadModelArgs,
    report: &mut Report,
) -> Result<Exit, Failed> {
    let to = Place::File { path: args.out.display().to_string(), offset: None };
    if args.out.exists() {
        return Err(Error::new("There is a file of this name", to, "Name a new file: none is ever overwritten").into());
    }
    let (spec, folder) = ask.ready(log)?;
    let cannot = |cause: String| {
        let next_step = "Check the folder and the free space";
        Failed::Unwritten(Error::new("The read model cannot be written", to.clone(), next_step).because(cause))
    };
    // Without a name it is a temporary file of SQLite's.
    let file = if args.format == RebuildFormat::Sqlite { args.out.as_path() } else { Path::new("") };
    let conn = Connection::open(file).map_err(|e| cannot(e.to_string()))?;
    let mut rows =
        Rows { conn, table: quoted(&args.name), columns: vec![spec.key.clone()], known: RapidHashMap::default() };
    let (written, failed) = rows.fill(&spec, folder).map_err(|e| cannot(e.to_string()))?;
    match args.format {
        RebuildFormat::Sqlite => {}
        RebuildFormat::Csv => rows.csv(&args.out).map_err(|e| cannot(e.to_string()))?,
        RebuildFormat::Sql => rows.sql(&args.out, &spec.key).map_err(|e| cannot(e.to_string()))?,
    }
    let columns = rows.columns.len() as u64;
    report.remark(&format!(
        "{} of {} are in {}",
        plural(written, "row", "rows"),
        plural(columns, "column", "columns"),
        args.out.display()
    ));
    if failed > 0 {
        let what = format!("{} had events that could not be folded", plural(failed, "entity", "entities"));
        report.warning(&Error::new(what, Place::Nowhere, "Their rows are as far as the reducer came; mend it"));
    }
    Ok(Exit::Fine)
}

struct Rows {
    conn: Connection,
    table: String,
    /// The key first.
    columns: Vec<String>,
    /// A member's name → its column.
    known: RapidHashMap<String, usize>,
}

impl Rows {
    /// Gives rows written and entities with events that could not be folded.
    fn fill(&mut self, spec: &Spec, mut folder: Folder) -> rusqlite::Result<(u64, u64)> {
        let Self { table, .. } = self;
        self.conn.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN")?;
        self.conn.execute_batch(&format!("CREATE TABLE {table} ({} TEXT PRIMARY KEY)", quoted(&spec.key)))?;
        let (never, log) = (Cancel::new(), Arc::clone(&folder.log));
        let (mut written, mut failed) = (0, 0);
        for entity in of_kind(&log, spec.kind) {
            let Some(mut last) = folder.last(entity, &never) else { continue };
            if spec.only.as_ref().is_some_and(|only| !only.holds(&last.state)) {
                continue;
            }
            folder.compute(&mut last, &never);
            failed += u64::from(last.failed > 0);
            let id = log.entity(entity).map_or_else(String::new, |name| name.id.to_owned());
            let mut row = vec![Sql::Null; self.columns.len()];
            row[0] = Sql::Text(id);
            for (column, field) in &spec.columns {
                self.set(&mut row, column, &field.get(&last, &log))?;
            }
            if let Value::Object(members) = &last.state {
                for (name, value) in members.iter() {
                    self.set(&mut row, &snake(name), value)?;
                }
            }
            let marks = vec!["?"; row.len()].join(", ");
            let names: Vec<String> = self.columns.iter().map(|name| quoted(name)).collect();
            let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", self.table, names.join(", "));
            self.conn.prepare_cached(&sql)?.execute(params_from_iter(row))?;
            written += 1;
        }
        self.conn.execute_batch("COMMIT")?;
        Ok((written, failed))
    }

    /// The key is never set twice, and of two places for one column the first counts.
    fn set(&mut self, row: &mut Vec<Sql>, column: &str, value: &Value) -> rusqlite::Result<()> {
        let at = match self.known.get(column) {
            Some(at) => *at,
            None => {
                let at = match self.columns.iter().position(|known| known.eq_ignore_ascii_case(column)) {
                    Some(at) => at,
                    None if self.columns.len() == MOST_COLUMNS => return Ok(()),
                    None => {
                        self.conn.execute_batch(&format!(
                            "ALTER TABLE {} ADD COLUMN {}",
                            self.table,
                            quoted(column)
                        ))?;
                        self.columns.push(column.to_owned());
                        self.columns.len() - 1
                    }
                };
                self.known.insert(column.to_owned(), at);
                at
            }
        };
        if row.len() <= at {
            row.resize(at + 1, Sql::Null);
        }
        if let Some(cell) = row.get_mut(at).filter(|cell| **cell == Sql::Null) {
            *cell = sql(value);
        }
        Ok(())
    }

    fn each(
        &self,
        each: &mut dyn FnMut(&[ValueRef<'_>]) -> std::io::Result<()>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let key = self.columns.first().map_or(String::new(), |key| quoted(key));
        let mut statement = self.conn.prepare(&format!("SELECT * FROM {} ORDER BY {key}", self.table))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let cells: Vec<ValueRef<'_>> = (0..self.columns.len()).map(|i| row.get_ref(i)).collect::<Result<_, _>>()?;
            each(&cells)?;
        }
        Ok(())
    }

    fn csv(&self, to: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let mut writer = csv::Writer::from_writer(BufWriter::new(File::create_new(to)?));
        writer.write_record(&self.columns)?;
        self.each(&mut |cells| writer.write_record(cells.iter().map(plain)).map_err(std::io::Error::other))?;
        Ok(writer.flush()?)
    }

    fn sql(&self, to: &Path, key: &str) -> Result<(), Box<dyn std::error::Error>> {
        let mut out = BufWriter::new(File::create_new(to)?);
        let names: Vec<String> = self.columns.iter().map(|name| quoted(name)).collect();
        let set: Vec<String> = names.iter().skip(1).map(|name| format!("{name} = excluded.{name}")).collect();
        let otherwise = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        let head = format!("INSERT INTO {} ({}) VALUES (", self.table, names.join(", "));
        let tail = format!(") ON CONFLICT ({}) DO {otherwise};\n", quoted(key));
        self.each(&mut |cells| {
            let values: Vec<String> = cells.iter().map(literal).collect();
            write!(out, "{head}{}{tail}", values.join(", "))
        })?;
        Ok(out.flush()?)
    }
}

/// Numbers that SQLite would round stay text.
fn sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(truth) => Sql::Integer((*truth).into()),
        Value::Text(text) => Sql::Text(text.to_string()),
        Value::Number(number) => {
            let text = number.to_string();
            match (text.parse::<i64>(), number.as_f64()) {
                (Ok(integer), _) => Sql::Integer(integer),
                (Err(_), Some(real)) if !number.is_lossy_as_f64() => Sql::Real(real),
                _ => Sql::Text(text),
            }
        }
        Value::List(_) | Value::Object(_) => Sql::Text(value.to_string()),
    }
}

fn plain(value: &ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn literal(value: &ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Text(_) | ValueRef::Blob(_) => format!("'{}'", plain(value).replace('\'', "''")),
        number => plain(number),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `customerName` → `customer_name`
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut small = false;
    for c in name.chars() {
        if c.is_uppercase() && small {
            out.push('_');
        }
        small = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_lowercase());
    }
    out
}
