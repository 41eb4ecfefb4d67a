//! Opens a database that others own: never a byte is written beside it, nothing in it is executed.
//!
//! The surprise is that SQLite itself, asked to open read-only, makes `-shm` and `-wal` files beside a
//! database in WAL mode. So the way in depends on what lies there: `immutable` where no WAL is, the
//! writer's own `-shm` read-only where it lives, and else a copy of database and WAL in a folder of ours.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::super::file::{place, unreadable};
use super::super::stage::Context;
use crate::base::cancel::Cancel;
use crate::base::sqlite_uri::sqlite_uri;
use crate::base::sync::lock;
use crate::model::error::{Error, Result};
use crate::model::issue::MAX_RECORD_BYTES;

/// An open database and, where it is one, the copy that it reads.
pub(super) struct Database {
    pub conn: Connection,
    pub budget: Budget,
    /// Removed when the database is let go.
    _copy: Option<tempfile::TempDir>,
}

/// How long one step may take. A hostile database can make a plain read slow.
#[derive(Clone, Default)]
pub(super) struct Budget(Arc<Mutex<Option<Instant>>>);

impl Budget {
    /// From now on.
    pub(super) fn start(&self, time: Duration) {
        *lock(&self.0) = Some(Instant::now() + time);
    }

    fn is_over(&self) -> bool {
        lock(&self.0).is_some_and(|end| Instant::now() > end)
    }
}

/// For questions about the schema.
const QUESTION_TIME: Duration = Duration::from_secs(5);

/// What a change of the files shows in; a commit changes one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature([Option<(u64, SystemTime)>; 2]);

pub(super) fn signature(path: &Path) -> Signature {
    let of = |path: &Path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    Signature([of(path), of(&beside(path, "-wal"))])
}

/// # Errors
/// When it is no database, or it cannot be read in any of these ways.
pub(super) fn connect(path: &Path, context: &Context) -> Result<Database> {
    let is_wal = in_wal_mode(path)?;
    let has = |ending| std::fs::metadata(beside(path, ending)).is_ok_and(|metadata| metadata.len() > 0);
    let way = match (is_wal, has("-wal"), has("-shm")) {
        (false, ..) => "mode=ro",
        (true, false, _) => "mode=ro&immutable=1",
        (true, true, true) => "mode=ro&readonly_shm=1",
        (true, true, false) => return copied(path, context),
    };
    match direct(path, way, &context.cancel) {
        // A crashed writer left a journal: only a copy may be rolled back.
        Err(_) if has("-journal") || has("-wal") => copied(path, context),
        opened => opened,
    }
}

fn direct(path: &Path, way: &str, cancel: &Cancel) -> Result<Database> {
    let uri = sqlite_uri(path, way);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri, flags).map_err(|cause| failed(path, &cause))?;
    guarded(path, conn, None, cancel)
}

/// Copies database, WAL and journal aside and opens the copy, in which SQLite may do as it likes.
fn copied(path: &Path, context: &Context) -> Result<Database> {
    let dir = context.cache_dir.as_deref();
    let made = match dir {
        Some(dir) => std::fs::create_dir_all(dir).and_then(|()| tempfile::tempdir_in(dir)),
        None => tempfile::tempdir(),
    };
    let cannot = |cause| {
        let next_step = "Check the cache folder and the free space";
        Error::new("Cannot copy the database aside", place(path), next_step).because(cause)
    };
    let dir = made.map_err(cannot)?;
    let copy = dir.path().join("copy.db");
    std::fs::copy(path, &copy).map_err(cannot)?;
    for ending in ["-wal", "-journal"] {
        let companion = beside(path, ending);
        if companion.exists() {
            std::fs::copy(companion, beside(&copy, ending)).map_err(cannot)?;
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&copy, flags).map_err(|cause| failed(path, &cause))?;
    guarded(path, conn, Some(dir), &context.cancel)
}

fn guarded(path: &Path, mut conn: Connection, copy: Option<tempfile::TempDir>, cancel: &Cancel) -> Result<Database> {
    let budget = Budget::default();
    budget.start(QUESTION_TIME);
    restrict(&mut conn, &budget, cancel.clone()).map_err(|cause| failed(path, &cause))?;
    Ok(Database { conn, budget, _copy: copy })
}

fn restrict(conn: &mut Connection, budget: &Budget, cancel: Cancel) -> rusqlite::Result<()> {
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        conn.set_db_config(config, on)?;
    }
    let longest = i32::try_from(MAX_RECORD_BYTES).unwrap_or(i32::MAX);
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, longest),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10),
        (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        conn.set_limit(limit, value)?;
    }
    let watch = budget.clone();
    conn.progress_handler(2_000, Some(move || cancel.is_cancelled() || watch.is_over()))?;
    conn.busy_timeout(Duration::from_millis(500))?;
    for pragma in ["cell_size_check=ON", "mmap_size=0", "query_only=ON"] {
        conn.execute_batch(&format!("PRAGMA {pragma}"))?;
    }
    // The first real read: a file that is no database, or one with a journal to roll back, fails here.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

pub(super) fn failed(path: &Path, cause: &rusqlite::Error) -> Error {
    let next_step = "Check it with `sqlite3 FILE 'PRAGMA integrity_check'`";
    Error::new("Cannot read the SQLite database", place(path), next_step).because(cause)
}

/// The header's two version bytes say it.
fn in_wal_mode(path: &Path) -> Result<bool> {
    let mut head = [0; 20];
    let mut file = std::fs::File::open(path).map_err(|cause| unreadable(path, &cause))?;
    file.read_exact(&mut head).map_err(|cause| unreadable(path, &cause))?;
    Ok(matches!(head, [.., 2, _] | [.., _, 2]))
}

/// `shop.db` → `shop.db-wal`
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
