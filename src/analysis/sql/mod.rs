//! SQL over the open log: a statement is answered by SQLite over what the log's index knows.
//!
//! The statement is prepared against empty tables first; SQLite's authorizer then names the tables and
//! columns that it reads, and only those are filled. What the index does not hold (ids, payloads) are
//! generated columns, made of the record when a row needs them. What `where` asks of the index is asked
//! before rows are made (`narrow`); counting by type or service needs no rows at all (`grouped`).
//!
//! Why no virtual tables: rusqlite's traits for them are `unsafe` to implement, and this crate has none.

mod connection;
mod fill;
mod grouped;
pub mod lex;
mod narrow;
mod records;
pub mod tables;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::types::ValueRef;

use self::connection::{Reads, open};
use self::narrow::Shape;
use super::OnProgress;
use crate::base::cancel::Cancel;
use crate::store::snapshot::Snapshot;

/// One value of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Why a statement has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    pub message: String,
    /// Byte of the statement that SQLite points to.
    pub at: Option<usize>,
    /// It was stopped; rows that came before are right.
    pub cancelled: bool,
}

/// Takes an answer row by row.
pub trait Sink {
    /// Names of the answer's columns, once, before any row.
    fn columns(&mut self, names: &[String]) -> ControlFlow<()>;
    /// `Break` ends the statement without an error.
    fn row(&mut self, cells: Vec<Cell>) -> ControlFlow<()>;
}

/// Answers one `SELECT`. `on_progress` is told rows made ready and rows of the log. Gives how many times
/// a record could not be read again: what was wanted of it is null.
///
/// # Errors
/// What SQLite says about the statement, statements that would change something included.
pub fn run(
    log: &Arc<Snapshot>,
    sql: &str,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
    sink: &mut dyn Sink,
) -> Result<u64, SqlError> {
    let unread = Arc::new(AtomicU64::new(0));
    let mut conn = open(log, cancel, &unread).map_err(|e| SqlError::of(&e))?;
    let reads = Reads::default();
    connection::guard(&mut conn, &reads).map_err(|e| SqlError::of(&e))?;
    let names = {
        let statement = conn.prepare(sql).map_err(|e| reads.refused(sql).unwrap_or_else(|| SqlError::of(&e)))?;
        if !statement.readonly() {
            return Err(SqlError::new("Only statements that read are answered"));
        }
        if statement.parameter_count() > 0 {
            return Err(SqlError::new("Parameters have no values here: write the value itself"));
        }
        statement.column_names().map(str::to_owned).collect::<Vec<_>>()
    };
    connection::unguard(&mut conn).map_err(|e| SqlError::of(&e))?;
    let reads = reads.taken();
    let tokens = lex::lex(sql);
    let shape = Shape::of(&tokens);
    let grouped = shape.as_ref().is_some_and(|shape| grouped::fits(&tokens, shape, &reads));
    let digits = fill::time_digits(log, &reads);
    let text = if grouped { grouped::rewritten(sql, &tokens) } else { narrow::with_whole_times(sql, &tokens, digits) };
    // One transaction: ending one for each row walks all pages that are already there.
    conn.execute_batch("BEGIN").map_err(|e| SqlError::of(&e))?;
    let filled = if grouped {
        grouped::fill(&conn, log)
    } else {
        let narrowed = shape.map(|shape| narrow::narrow(log, &shape)).unwrap_or_default();
        fill::fill(&conn, log, &reads, &narrowed, digits, cancel, on_progress)
    };
    filled.and_then(|()| conn.execute_batch("COMMIT")).map_err(|e| SqlError::of(&e))?;
    if cancel.is_cancelled() {
        return Err(SqlError::stopped());
    }
    connection::guard(&mut conn, &Reads::default()).map_err(|e| SqlError::of(&e))?;
    if sink.columns(&names).is_break() {
        return Ok(0);
    }
    let mut statement = conn.prepare(&text).map_err(|e| SqlError::of(&e))?;
    let mut rows = statement.query([]).map_err(|e| SqlError::of(&e))?;
    while let Some(row) = rows.next().map_err(|e| SqlError::of(&e))? {
        let cells = (0..names.len()).map(|i| row.get_ref(i).map_or(Cell::Null, Cell::of)).collect();
        if sink.row(cells).is_break() {
            break;
        }
    }
    Ok(unread.load(Ordering::Relaxed))
}

impl Cell {
    fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }

    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// As SQLite's shell prints it: nothing for null, bytes as `x'00ff'`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Blob(bytes) => {
                let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
                format!("x'{hex}'")
            }
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Blob(bytes) => bytes.len(),
                _ => 0,
            }
    }
}

impl SqlError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, cancelled: false }
    }

    fn stopped() -> Self {
        Self { cancelled: true, ..Self::new("Stopped") }
    }

    fn of(error: &rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqlInputError { msg, offset, .. } => {
                Self { at: usize::try_from(*offset).ok(), ..Self::new(msg.as_str()) }
            }
            rusqlite::Error::Empty => Self::new("There is no statement"),
            rusqlite::Error::MultipleStatement => Self::new("One statement at a time is answered"),
            rusqlite::Error::SqliteFailure(failure, _) if failure.code == rusqlite::ErrorCode::OperationInterrupted => {
                Self::stopped()
            }
            rusqlite::Error::SqliteFailure(_, Some(message)) => Self::new(message.as_str()),
            other => Self::new(other.to_string()),
        }
    }
}

/// The first rows of an answer, for a window that scrolls through them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// There are more than were kept.
    pub more: bool,
    bytes: usize,
}

/// What [`Kept`] holds at most.
pub const MOST_ROWS: usize = 100_000;
const MOST_BYTES: usize = 256 << 20;

impl Sink for Kept {
    fn columns(&mut self, names: &[String]) -> ControlFlow<()> {
        self.columns = names.to_vec();
        ControlFlow::Continue(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> ControlFlow<()> {
        self.bytes += cells.iter().map(Cell::bytes).sum::<usize>();
        if self.rows.len() == MOST_ROWS || self.bytes > MOST_BYTES {
            self.more = true;
            return ControlFlow::Break(());
        }
        self.rows.push(cells);
        ControlFlow::Continue(())
    }
}
