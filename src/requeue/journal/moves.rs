//! Lines of move tasks: what a system was asked to move by itself, and what it answered.

use rusqlite::params;

use super::audit::{Row, time};
use super::{Journal, now, who};
use crate::model::error::Result;

/// Where a move task stands, as far as it went through this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveStep {
    /// About to be started.
    Asked,
    Started,
    Refused,
    /// The answer did not come.
    InDoubt,
    /// About to be cancelled.
    Cancelling,
    Cancelled,
}

impl MoveStep {
    fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Started => "started",
            Self::Refused => "refused",
            Self::InDoubt => "in_doubt",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveLine {
    pub system: String,
    pub queue: String,
    /// Empty where each message goes back to where it came from.
    pub to: String,
    pub rate: Option<u32>,
    /// The task's, once it is known.
    pub handle: String,
    pub detail: String,
}

impl Journal {
    /// Makes the table where it is missing; nothing that was there before is touched.
    pub(super) fn add_move_tasks(&self) -> rusqlite::Result<()> {
        self.db.execute_batch(include_str!("moves.sql"))
    }

    /// # Errors
    /// The journal's.
    pub fn moved(&mut self, step: MoveStep, line: &MoveLine) -> Result<()> {
        self.check_writable()?;
        let sql = "INSERT INTO move_task (step, at, who, system, queue, target, rate, handle, detail)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.transact(|tx| {
            let MoveLine { system, queue, to, rate, handle, detail } = line;
            tx.execute(sql, params![step.name(), now(), who(), system, queue, to, rate, handle, detail])
        })?;
        Ok(())
    }

    /// Lines of move tasks, the newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn moves(&self) -> Result<Vec<Row>> {
        let rows = self.move_rows().map_err(|cause| self.broken(cause))?;
        Ok(rows.into_iter().rev().map(|(_, row)| row).collect())
    }

    /// As lines of the trail, each with its time, oldest first.
    pub(super) fn move_rows(&self) -> rusqlite::Result<Vec<(i64, Row)>> {
        // A journal of before that may only be looked at has no such table.
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'move_task'";
        if self.db.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(Vec::new());
        }
        let mut lines = self
            .db
            .prepare("SELECT at, who, step, system, queue, target, rate, handle, detail FROM move_task ORDER BY seq")?;
        let lines = lines.query_map([], |row| {
            let (at, step, to): (i64, String, String) = (row.get(0)?, row.get(2)?, row.get(5)?);
            let (rate, handle, detail): (Option<u32>, String, String) = (row.get(6)?, row.get(7)?, row.get(8)?);
            let rate = rate.map(|rate| format!("at most {rate} a second"));
            let handle = Some(handle).filter(|handle| !handle.is_empty()).map(|handle| format!("task {handle}"));
            let parts = [rate, handle, Some(detail).filter(|detail| !detail.is_empty())];
            let told = Row {
                at: time(at),
                who: row.get(1)?,
                phase: format!("move_{step}"),
                requeue_id: String::new(),
                letter_id: String::new(),
                plan: String::new(),
                attempt: 0,
                system: row.get(3)?,
                from: row.get(4)?,
                to: if to.is_empty() { "where each came from".to_owned() } else { to },
                cause: String::new(),
                bytes_before: 0,
                bytes_after: 0,
                detail: parts.into_iter().flatten().collect::<Vec<_>>().join("; "),
            };
            Ok((at, told))
        })?;
        lines.collect()
    }
}
