//! The database that statements run in: private, without a name, gone with its connection.
//!
//! It keeps its pages in memory up to a limit and lets the rest go to a temporary file, so that a
//! statement over a large log does not take all of the memory.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;

use super::SqlError;
use super::records;
use super::tables::TABLES;
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::model::issue::MAX_RECORD_BYTES;
use crate::store::snapshot::Snapshot;

/// Pages held in memory.
const CACHE_KIB: i32 = 256 << 10;

/// Tables and columns that a statement reads, and what it was refused.
#[derive(Clone, Default)]
pub(super) struct Reads(Arc<Mutex<Known>>);

#[derive(Clone, Default)]
pub(super) struct Known {
    columns: Vec<(String, String)>,
    refused: Option<&'static str>,
}

impl Known {
    pub(super) fn table(&self, table: &str) -> bool {
        self.columns.iter().any(|(of, _)| of == table)
    }

    pub(super) fn column(&self, table: &str, column: &str) -> bool {
        self.columns.iter().any(|(of, name)| of == table && name == column)
    }

    /// Of any table.
    pub(super) fn columns_of_all(&self, column: &str) -> bool {
        self.columns.iter().any(|(_, name)| name == column)
    }

    pub(super) fn columns(&self, table: &str) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(move |(of, name)| of == table && !name.is_empty()).map(|(_, name)| name.as_str())
    }
}

impl Reads {
    pub(super) fn taken(&self) -> Known {
        std::mem::take(&mut *lock(&self.0))
    }

    /// What was refused, in words; SQLite only says "not authorized".
    pub(super) fn refused(&self, sql: &str) -> Option<SqlError> {
        let what = lock(&self.0).refused?;
        let at = sql.len() - sql.trim_start().len();
        Some(SqlError { at: Some(at), ..SqlError::new(format!("{what} is not answered: the log is only read")) })
    }

    fn allows(&self, action: AuthAction<'_>) -> bool {
        let mut known = lock(&self.0);
        match action {
            AuthAction::Select | AuthAction::Recursive => true,
            AuthAction::Read { table_name, column_name } => {
                let read = (table_name.to_ascii_lowercase(), column_name.to_ascii_lowercase());
                if !known.columns.contains(&read) {
                    known.columns.push(read);
                }
                true
            }
            AuthAction::Function { function_name } => {
                let allowed = !function_name.eq_ignore_ascii_case("load_extension");
                if !allowed {
                    known.refused.get_or_insert("load_extension");
                }
                allowed
            }
            other => {
                known.refused.get_or_insert(match other {
                    AuthAction::Attach { .. } | AuthAction::Detach { .. } => "ATTACH",
                    AuthAction::Pragma { .. } => "PRAGMA",
                    _ => "A statement that changes something",
                });
                false
            }
        }
    }
}

/// With the log's tables, empty.
pub(super) fn open(log: &Arc<Snapshot>, cancel: &Cancel, unread: &Arc<AtomicU64>) -> rusqlite::Result<Connection> {
    // An empty name is a temporary database of this connection alone.
    let mut conn = Connection::open("")?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-{CACHE_KIB}"
    ))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, i32::try_from(MAX_RECORD_BYTES).unwrap_or(i32::MAX)),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    ] {
        conn.set_limit(limit, value)?;
    }
    let cancel = cancel.clone();
    conn.progress_handler(10_000, Some(move || cancel.is_cancelled()))?;
    records::register(&conn, log, Arc::clone(unread))?;
    for table in TABLES {
        conn.execute_batch(&table.definition())?;
    }
    Ok(conn)
}

/// From here on only reading is allowed, and what is read is noted.
pub(super) fn guard(conn: &mut Connection, reads: &Reads) -> rusqlite::Result<()> {
    let reads = reads.clone();
    conn.authorizer(Some(
        move |context: AuthContext<'_>| {
            if reads.allows(context.action) { Authorization::Allow } else { Authorization::Deny }
        },
    ))
}

pub(super) fn unguard(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)
}
