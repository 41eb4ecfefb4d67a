//! What was planned, sent and settled, on disk before and after each step. A SQLite file of our own
//! (`journal_mode=WAL`, `synchronous=FULL`): each transaction is on the disk when it returns.
//!
//! Where it cannot be written nothing is sent; looking at what it holds works all the same.

mod audit;
mod moves;
mod phase;
mod read;
mod runner;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use audit::{Note, Row};
pub use moves::{MoveLine, MoveStep};
pub use phase::Phase;
pub use read::{Counts, Entry, PlanInfo};
pub use write::{Added, Claim, Decision};

use crate::base::clock::now_ns;
use crate::base::sqlite_uri::sqlite_uri;
use crate::model::error::{Error, Place, Result};
use runner::Runner;

/// `egrq`: whose file it is.
const APPLICATION_ID: i32 = 0x6567_7271;
/// Of `schema.sql`.
const VERSION: i32 = 1;

/// How long one window waits for another's transaction.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module's documentation.
pub struct Journal {
    db: Connection,
    path: PathBuf,
    /// Made with the first claim.
    runner: Option<Runner>,
    read_only: Option<String>,
}

impl Journal {
    /// Makes the file and its folder where they are missing. Where it cannot be written it is opened to be
    /// looked at, if it is there ([`Self::read_only`]).
    ///
    /// # Errors
    /// When there is no journal and none can be made, or the file is something else.
    pub fn open(path: &Path) -> Result<Self> {
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let opened = made.map_err(|cause| cause.to_string()).and_then(|()| Self::writable(path));
        match opened {
            Ok(journal) => Ok(journal),
            Err(cause) if path.is_file() => Self::to_look_at(path, cause),
            Err(cause) => Err(unusable(path).because(cause)),
        }
    }

    fn writable(path: &Path) -> std::result::Result<Self, String> {
        let db = Connection::open(path).map_err(|e| e.to_string())?;
        let set_up = || -> rusqlite::Result<()> {
            db.busy_timeout(PATIENCE)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "foreign_keys", true)
        };
        set_up().map_err(|e| e.to_string())?;
        let journal = Self { db, path: path.to_owned(), runner: None, read_only: None };
        journal.make_tables().map_err(|e| e.to_string())?;
        journal.check()?;
        journal.add_move_tasks().map_err(|e| e.to_string())?;
        Ok(journal)
    }

    fn make_tables(&self) -> rusqlite::Result<()> {
        // Two windows may start together: the lock decides who makes the tables.
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let tables: i64 = self.db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            self.db.execute_batch(include_str!("schema.sql"))?;
            self.db.pragma_update(None, "application_id", APPLICATION_ID)?;
            self.db.pragma_update(None, "user_version", VERSION)?;
        }
        self.db.execute_batch("COMMIT")
    }

    fn check(&self) -> std::result::Result<(), String> {
        let number = |name| self.db.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).unwrap_or_default();
        if number("application_id") != APPLICATION_ID {
            return Err("the file is no journal of eventglass".to_owned());
        }
        if number("user_version") != VERSION {
            return Err("the journal is of another version of eventglass".to_owned());
        }
        Ok(())
    }

    fn to_look_at(path: &Path, why: String) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        // A folder that cannot be written takes no shared-memory file beside the journal.
        let immutable = sqlite_uri(path, "immutable=1");
        let db = Connection::open_with_flags(path, flags)
            .and_then(|db| db.query_row("SELECT count(*) FROM item", [], |_| Ok(())).map(|()| db))
            .or_else(|_| Connection::open_with_flags(immutable, flags))
            .map_err(|cause| unusable(path).because(cause))?;
        let journal = Self { db, path: path.to_owned(), runner: None, read_only: Some(why.clone()) };
        journal.check().map_err(|_| unusable(path).because(why))?;
        Ok(journal)
    }

    /// Why nothing can be sent: the journal cannot be written.
    #[must_use]
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn broken(&self, cause: rusqlite::Error) -> Error {
        unusable(&self.path).because(cause)
    }

    /// # Errors
    /// Where it cannot be written.
    fn check_writable(&self) -> Result<()> {
        match &self.read_only {
            None => Ok(()),
            Some(why) => Err(unusable(&self.path).because(why)),
        }
    }
}

fn unusable(path: &Path) -> Error {
    let place = Place::File { path: path.display().to_string(), offset: None };
    let next_step = "Nothing is sent without it: make the file writable, or name another one with --journal";
    Error::new("The journal of requeues cannot be used", place, next_step)
}

/// Milliseconds since 1970.
fn now() -> i64 {
    now_ns().unwrap_or_default() / 1_000_000
}

/// Who does it, as the system calls them.
fn who() -> String {
    ["USER", "USERNAME", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}
