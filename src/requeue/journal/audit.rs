//! The trail of who put what where, and what people noted of letters and groups.

use std::collections::BTreeMap;
use std::io::Write;

use rusqlite::params;
use serde::Serialize;

use super::{Journal, now, who};
use crate::base::spreadsheet::disarmed;
use crate::input::sources::outlet::Target;
use crate::model::error::Result;
use crate::model::message::Message;
use crate::model::time::TimeNs;

/// One line of the trail.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// RFC 3339.
    pub at: String,
    pub who: String,
    pub phase: String,
    pub requeue_id: String,
    pub letter_id: String,
    pub plan: String,
    pub attempt: u32,
    pub system: String,
    pub from: String,
    pub to: String,
    pub cause: String,
    /// Of the values.
    pub bytes_before: u64,
    pub bytes_after: u64,
    pub detail: String,
}

/// What a person wrote about a letter (by its id) or a group (by its fingerprint).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    pub at: String,
    pub who: String,
    pub text: String,
}

pub(super) fn time(ms: i64) -> String {
    TimeNs(ms.saturating_mul(1_000_000)).to_rfc3339()
}

impl Row {
    /// For spreadsheets: what came from outside is no formula.
    fn disarmed(&self) -> Self {
        let safe = |text: &str| disarmed(text).into_owned();
        Self {
            system: safe(&self.system),
            from: safe(&self.from),
            to: safe(&self.to),
            cause: safe(&self.cause),
            detail: safe(&self.detail),
            ..self.clone()
        }
    }
}

impl Journal {
    /// Every line of the journal, oldest first, those of move tasks among them.
    ///
    /// # Errors
    /// The journal's.
    pub fn trail(&self) -> Result<Vec<Row>> {
        let read = || -> rusqlite::Result<Vec<Row>> {
            let mut lines = self.db.prepare(
                "SELECT at, who, phase, requeue_id, letter_id, plan, attempt, system, target, cause, letter, message,
                 detail FROM event JOIN item ON item = item.id JOIN plan ON plan = plan.id ORDER BY seq",
            )?;
            let lines = lines.query_map([], |row| {
                let target: String = row.get(8)?;
                let to = serde_json::from_str::<Target>(&target).map_or(target, |target| target.to_string());
                let message = |at| -> rusqlite::Result<Message> {
                    Ok(Message::read(&row.get::<_, Vec<u8>>(at)?).unwrap_or_default())
                };
                let (letter, message) = (message(10)?, message(11)?);
                let bytes = |message: &Message| message.value.as_ref().map_or(0, |value| value.len() as u64);
                let at: i64 = row.get(0)?;
                let told = Row {
                    at: time(at),
                    who: row.get(1)?,
                    phase: row.get(2)?,
                    requeue_id: row.get(3)?,
                    letter_id: row.get(4)?,
                    plan: row.get(5)?,
                    attempt: row.get(6)?,
                    system: row.get(7)?,
                    from: letter.place.to_string(),
                    to,
                    cause: row.get(9)?,
                    bytes_before: bytes(&letter),
                    bytes_after: bytes(&message),
                    detail: row.get(12)?,
                };
                Ok((at, told))
            })?;
            let mut rows = lines.collect::<rusqlite::Result<Vec<_>>>()?;
            rows.extend(self.move_rows()?);
            // Both are in their own order already, which stays where they share an instant.
            rows.sort_by_key(|(at, _)| *at);
            Ok(rows.into_iter().map(|(_, row)| row).collect())
        };
        read().map_err(|cause| self.broken(cause))
    }

    /// The trail as CSV with a header, disarmed.
    ///
    /// # Errors
    /// The journal's, or the writer's.
    pub fn trail_csv(&self, to: impl Write) -> Result<std::io::Result<()>> {
        let rows = self.trail()?;
        let mut csv = csv::Writer::from_writer(to);
        let write = || -> csv::Result<()> {
            rows.iter().try_for_each(|row| csv.serialize(row.disarmed()))?;
            csv.flush()?;
            Ok(())
        };
        let mut write = write;
        Ok(write().map_err(std::io::Error::from))
    }

    /// # Errors
    /// The journal's.
    pub fn note(&mut self, subject: &str, text: &str) -> Result<()> {
        self.check_writable()?;
        let sql = "INSERT INTO note (subject, at, who, text) VALUES (?, ?, ?, ?)";
        self.transact(|tx| tx.execute(sql, params![subject, now(), who(), text]))?;
        Ok(())
    }

    /// All there are, by what they are of; oldest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn notes(&self) -> Result<BTreeMap<String, Vec<Note>>> {
        let read = || -> rusqlite::Result<BTreeMap<String, Vec<Note>>> {
            let mut all: BTreeMap<String, Vec<Note>> = BTreeMap::new();
            let mut rows = self.db.prepare("SELECT subject, at, who, text FROM note ORDER BY seq")?;
            let rows = rows.query_map([], |row| {
                Ok((row.get(0)?, Note { at: time(row.get(1)?), who: row.get(2)?, text: row.get(3)? }))
            })?;
            for row in rows {
                let (subject, note) = row?;
                all.entry(subject).or_default().push(note);
            }
            Ok(all)
        };
        read().map_err(|cause| self.broken(cause))
    }

    /// Out of sight, or back again.
    ///
    /// # Errors
    /// The journal's.
    pub fn archive(&mut self, subject: &str, archived: bool) -> Result<()> {
        self.check_writable()?;
        self.transact(|tx| {
            if archived {
                tx.execute("INSERT OR IGNORE INTO archived VALUES (?, ?, ?)", params![subject, now(), who()])
            } else {
                tx.execute("DELETE FROM archived WHERE subject = ?", [subject])
            }
        })?;
        Ok(())
    }

    /// Letters and groups out of sight.
    ///
    /// # Errors
    /// The journal's.
    pub fn archived(&self) -> Result<Vec<String>> {
        let read = || -> rusqlite::Result<Vec<String>> {
            self.db
                .prepare_cached("SELECT subject FROM archived ORDER BY subject")?
                .query_map([], |r| r.get(0))?
                .collect()
        };
        read().map_err(|cause| self.broken(cause))
    }
}
