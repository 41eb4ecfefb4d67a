//! A `SELECT` over the log, printed row by row as SQLite gives it.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::args::{SqlArgs, SqlFormat};
use super::out::Out;
use super::report::Report;
use super::state::Failed;
use super::text::escaped;
use crate::analysis::sql::tables::TABLES;
use crate::analysis::sql::{Cell, Sink, SqlError, run};
use crate::base::cancel::Cancel;
use crate::base::spreadsheet::disarmed;
use crate::base::text::count;
use crate::model::error::{Error, Place};
use crate::store::snapshot::Snapshot;

/// The tables with their columns, below `--help`.
pub(super) fn tables_help() -> String {
    let mut help = "Tables:\n".to_owned();
    for table in TABLES {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        help.push_str(&format!("  {}({})\n      {}\n", table.name, names.join(", "), table.about));
    }
    help.push_str(
        "\nExample:\n  eventglass sql shop.ndjson \"SELECT type, count(*) FROM events GROUP BY type ORDER BY 2 DESC\"",
    );
    help
}

/// Gives how many records could not be read again.
pub(super) fn answer<W: Write>(
    log: &Arc<Snapshot>,
    args: &SqlArgs,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<u64, Failed> {
    let mut printer = Printer {
        out,
        format: args.format,
        columns: Vec::new(),
        first: Vec::new(),
        widths: None,
        rows: 0,
        failed: None,
    };
    let done = run(log, &args.statement, &Cancel::new(), &|_, _| (), &mut printer);
    let ended = printer.end(done.is_ok());
    let unread = done.map_err(|error| told(&error, &args.statement))?;
    let rows = ended?;
    if args.format == SqlFormat::Table {
        report.remark(&format!("{} {}", count(rows), if rows == 1 { "row" } else { "rows" }));
    }
    Ok(unread)
}

fn told(error: &SqlError, statement: &str) -> Error {
    let place = error
        .at
        .map_or(Place::Nowhere, |at| Place::Text { column: statement.get(..at).unwrap_or(statement).chars().count() });
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let next_step = format!("The tables are {}: eventglass sql --help lists their columns", names.join(", "));
    Error::new(format!("SQL: {}", error.message), place, next_step)
}

/// Rows whose widths the columns of a table follow; later ones may stick out.
const MEASURED: usize = 1_000;
/// Longer cells are cut in tables.
const WIDEST: usize = 60;

struct Printer<'a, W: Write> {
    out: &'a mut Out<W>,
    format: SqlFormat,
    columns: Vec<String>,
    /// Rows of a table until its widths are known.
    first: Vec<Vec<Cell>>,
    widths: Option<Vec<usize>>,
    rows: u64,
    failed: Option<io::Error>,
}

impl<W: Write> Sink for Printer<'_, W> {
    fn columns(&mut self, names: &[String]) -> ControlFlow<()> {
        self.columns = names.to_vec();
        let done = match self.format {
            SqlFormat::Csv | SqlFormat::CsvExact => self.csv(names.iter().map(String::as_str)),
            SqlFormat::Json | SqlFormat::Table => Ok(()),
        };
        self.kept(done)
    }

    fn row(&mut self, cells: Vec<Cell>) -> ControlFlow<()> {
        self.rows += 1;
        let done = match self.format {
            SqlFormat::Csv | SqlFormat::CsvExact => {
                let texts: Vec<String> = cells.iter().map(Cell::text).collect();
                self.csv(texts.iter().map(String::as_str))
            }
            SqlFormat::Json => self.object(&cells),
            SqlFormat::Table if self.widths.is_none() => {
                self.first.push(cells);
                if self.first.len() == MEASURED { self.measured() } else { Ok(()) }
            }
            SqlFormat::Table => self.line(&cells),
        };
        self.kept(done)
    }
}

impl<W: Write> Printer<'_, W> {
    fn kept(&mut self, done: io::Result<()>) -> ControlFlow<()> {
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// What is left to print; a statement that failed half-way leaves its JSON open.
    fn end(mut self, whole: bool) -> io::Result<u64> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.format {
            SqlFormat::Json if whole => {
                self.out.lines(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
            }
            SqlFormat::Table if whole && self.widths.is_none() => self.measured()?,
            _ => {}
        }
        Ok(self.rows)
    }

    fn csv<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let cell = if self.format == SqlFormat::CsvExact { Cow::Borrowed } else { disarmed };
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells.map(|text| cell(text).into_owned()))?;
        let line = writer.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
        self.out.lines(&line)
    }

    fn object(&mut self, cells: &[Cell]) -> io::Result<()> {
        let mut object = Map::new();
        for (i, (name, cell)) in self.columns.iter().zip(cells).enumerate() {
            // Two columns may have one name.
            let name = if object.contains_key(name) { format!("{name}:{i}") } else { name.clone() };
            object.insert(name, value(cell));
        }
        let start: &[u8] = if self.rows == 1 { b"[\n" } else { b",\n" };
        self.out.json_lines(&[start, Value::Object(object).to_string().as_bytes()].concat())
    }

    fn measured(&mut self) -> io::Result<()> {
        let first = std::mem::take(&mut self.first);
        let width = |i: usize| {
            let cells = first.iter().filter_map(|row| row.get(i)).map(|cell| shown(cell).chars().count());
            let name = self.columns.get(i).map_or(0, |name| escaped(name).chars().count());
            cells.max().unwrap_or(0).max(name)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let names: Vec<Cell> = self.columns.iter().map(|name| Cell::Text(name.clone())).collect();
        let rule: Vec<Cell> = widths.iter().map(|width| Cell::Text("-".repeat(*width))).collect();
        self.widths = Some(widths);
        self.line(&names)?;
        self.line(&rule)?;
        first.iter().try_for_each(|row| self.line(row))
    }

    fn line(&mut self, cells: &[Cell]) -> io::Result<()> {
        let widths = self.widths.as_deref().unwrap_or_default();
        let mut line = String::new();
        for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let text = shown(cell);
            let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
            let (before, after) = if cell.as_f64().is_some() { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            line.push_str(if i == 0 { "" } else { "  " });
            line.extend([before, &text, after]);
        }
        self.out.text(line.trim_end())
    }
}

fn shown(cell: &Cell) -> String {
    let text = cell.text();
    let text = escaped(&text);
    if text.chars().count() <= WIDEST {
        return text.into_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// Bytes as text where they are; numbers as they are.
fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::from(*number),
        Cell::Real(number) => Value::from(*number),
        Cell::Text(_) | Cell::Blob(_) => Value::String(cell.text()),
    }
}
