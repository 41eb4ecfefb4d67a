//! What the journal knows.

use rusqlite::{OptionalExtension as _, Row as SqlRow, params};

use super::Journal;
use super::phase::Phase;
use super::runner::is_alive;
use crate::input::sources::outlet::{Outgoing, Target};
use crate::model::error::{Error, Place, Result};
use crate::model::message::Message;
use crate::model::time::TimeNs;
use crate::requeue::plan::Attempts;

/// One message with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number in the journal.
    pub item: i64,
    pub plan: String,
    pub letter_id: String,
    pub attempt: u32,
    pub fingerprint: String,
    pub cause: String,
    pub settles: bool,
    pub has_twins: bool,
    pub outgoing: Outgoing,
    pub phase: Phase,
    /// When it got there, in milliseconds since 1970, and what was said.
    pub at: i64,
    pub detail: String,
    /// Of its last sending.
    pub mark: Option<String>,
    /// Who has it, if anybody.
    pub runner: Option<String>,
    /// Where it lies again, if it came back.
    pub came_back: Option<String>,
}

/// How many items of a plan stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Phase::ALL.len()]);

impl Counts {
    #[must_use]
    pub fn of(&self, phase: Phase) -> u64 {
        self.0.get(phase as usize).copied().unwrap_or(0)
    }

    /// As people are told: what is claimed is not sent yet, like what is planned.
    #[must_use]
    pub fn told(&self, phase: Phase) -> u64 {
        match phase {
            Phase::Planned => self.of(Phase::Planned) + self.of(Phase::Claimed),
            Phase::Claimed => 0,
            phase => self.of(phase),
        }
    }

    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Not at an end, and not waiting for a person.
    #[must_use]
    pub fn open(&self) -> u64 {
        [Phase::Planned, Phase::Claimed, Phase::Sending, Phase::Confirmed].map(|phase| self.of(phase)).iter().sum()
    }
}

/// A plan as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanInfo {
    pub id: String,
    pub system: String,
    pub made_at: String,
    pub rate: Option<f64>,
    pub canary: Vec<u32>,
    pub observe_ms: u64,
    pub counts: Counts,
    /// Letters of it that came back.
    pub came_back: u64,
}

const ENTRY: &str = "SELECT item.id, plan, letter_id, attempt, fingerprint, cause, settles, has_twins, requeue_id,
    target, letter, message, event.phase, event.at, event.detail,
    (SELECT text FROM mark WHERE mark.id = (SELECT mark FROM event AS sent WHERE sent.item = item.id
       AND sent.phase = 'sending' ORDER BY seq DESC LIMIT 1)),
    (SELECT runner FROM claim WHERE claim.item = item.id),
    (SELECT place FROM came_back WHERE came_back.item = item.id LIMIT 1)
  FROM item JOIN event ON event.seq = (SELECT max(seq) FROM event WHERE event.item = item.id)";

impl Journal {
    /// Items of a plan in these phases, in the plan's order.
    ///
    /// # Errors
    /// The journal's.
    pub fn items(&self, plan: &str, phases: &[Phase], limit: u32) -> Result<Vec<Entry>> {
        let listed: Vec<String> = phases.iter().map(|phase| format!("'{phase}'")).collect();
        let sql = format!(
            "{ENTRY} WHERE item.id IN (SELECT id FROM item JOIN standing ON item = id
             WHERE plan = ? AND standing.phase IN ({}) ORDER BY id LIMIT ?) ORDER BY item.id",
            listed.join(", ")
        );
        self.entries(&sql, params![plan, limit])
    }

    /// All messages in doubt, and those that were interrupted and belong to nobody who is alive.
    ///
    /// # Errors
    /// The journal's.
    pub fn doubtful(&self) -> Result<Vec<Entry>> {
        let sql = format!(
            "{ENTRY} WHERE item.id IN (SELECT item FROM standing WHERE phase IN ('ambiguous', 'sending'))
             ORDER BY item.id"
        );
        let mut entries = self.entries(&sql, [])?;
        entries.retain(|entry| entry.phase == Phase::Ambiguous || self.is_free(entry));
        Ok(entries)
    }

    /// # Errors
    /// The journal's.
    pub fn entry(&self, requeue_id: &str) -> Result<Option<Entry>> {
        Ok(self.entries(&format!("{ENTRY} WHERE requeue_id = ?"), [requeue_id])?.pop())
    }

    /// All attempts for a letter, oldest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn of_letter(&self, letter_id: &str) -> Result<Vec<Entry>> {
        self.entries(&format!("{ENTRY} WHERE letter_id = ? ORDER BY item.id"), [letter_id])
    }

    fn entries(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>> {
        let read = || -> rusqlite::Result<Vec<Option<Entry>>> {
            self.db.prepare_cached(sql)?.query_map(params, entry)?.collect()
        };
        let rows = read().map_err(|cause| self.broken(cause))?;
        rows.into_iter().collect::<Option<Vec<Entry>>>().ok_or_else(|| {
            let place = Place::File { path: self.path().display().to_string(), offset: None };
            Error::new("A line of the journal makes no sense", place, "Was it changed by something else?")
        })
    }

    /// Whether this process may take the item: nobody who is alive has it.
    #[must_use]
    pub fn is_free(&self, entry: &Entry) -> bool {
        let me = self.runner.as_ref().map(|runner| runner.id.as_str());
        entry.runner.as_deref().is_none_or(|runner| Some(runner) == me || !is_alive(self.path(), runner))
    }

    /// Plans, the newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn plans(&self) -> Result<Vec<PlanInfo>> {
        self.plans_like("%")
    }

    fn plans_like(&self, id: &str) -> Result<Vec<PlanInfo>> {
        let read = || -> rusqlite::Result<Vec<PlanInfo>> {
            let mut plans: Vec<PlanInfo> = self
                .db
                .prepare(
                    "SELECT id, system, made_at, rate, canary, observe_ms FROM plan WHERE id LIKE ? ORDER BY added_at DESC, rowid DESC",
                )?
                .query_map([id], |row| {
                    let canary: String = row.get(4)?;
                    Ok(PlanInfo {
                        id: row.get(0)?,
                        system: row.get(1)?,
                        made_at: row.get(2)?,
                        rate: row.get(3)?,
                        canary: serde_json::from_str(&canary).unwrap_or_default(),
                        observe_ms: row.get::<_, i64>(5)?.unsigned_abs(),
                        counts: Counts::default(),
                        came_back: 0,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            for plan in &mut plans {
                let mut counted = self.db.prepare_cached(
                    "SELECT phase, count(*) FROM item JOIN standing ON item = id WHERE plan = ? GROUP BY phase",
                )?;
                let rows = counted.query_map([&plan.id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
                for row in rows {
                    let (phase, n): (Phase, i64) = row?;
                    if let Some(slot) = plan.counts.0.get_mut(phase as usize) {
                        *slot = n.unsigned_abs();
                    }
                }
                plan.came_back = self
                    .db
                    .prepare_cached("SELECT count(DISTINCT item) FROM came_back JOIN item ON item = id WHERE plan = ?")?
                    .query_row([&plan.id], |row| row.get::<_, i64>(0))?
                    .unsigned_abs();
            }
            Ok(plans)
        };
        read().map_err(|cause| self.broken(cause))
    }

    /// # Errors
    /// When there is none of this id; the journal's.
    pub fn plan(&self, id: &str) -> Result<PlanInfo> {
        let found = self.plans_like(id)?.into_iter().find(|plan| plan.id == id);
        found.ok_or_else(|| Error::new("The journal has no such plan", Place::Nowhere, "eventglass requeue --status"))
    }

    /// What plans must know of a letter.
    #[must_use]
    pub fn attempts(&self, letter_id: &str) -> Attempts {
        let read = || -> rusqlite::Result<Attempts> {
            let of = "FROM item JOIN standing ON standing.item = item.id WHERE letter_id = ?";
            let done: Option<(u32, String, i64)> = self
                .db
                .prepare_cached(&format!(
                    "SELECT attempt, target, (SELECT max(at) FROM event WHERE event.item = item.id) {of}
                     AND phase = 'settled' ORDER BY attempt DESC LIMIT 1"
                ))?
                .query_row([letter_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let open: Option<Phase> = self
                .db
                .prepare_cached(&format!(
                    "SELECT phase {of} AND phase IN ('claimed', 'sending', 'confirmed', 'ambiguous') LIMIT 1"
                ))?
                .query_row([letter_id], |row| row.get(0))
                .optional()?;
            let last = done.as_ref().map(|(_, target, at)| {
                let target: Option<Target> = serde_json::from_str(target).ok();
                let to = target.map_or_else(String::new, |target| format!("to {target} "));
                format!("{to}at {}", TimeNs(at.saturating_mul(1_000_000)).to_rfc3339())
            });
            Ok(Attempts {
                done: done.as_ref().map_or(0, |(attempt, _, _)| *attempt),
                last: last.unwrap_or_default(),
                outstanding: open.map(|phase| format!("an attempt to put it back is {}", phase.words())),
            })
        };
        read().unwrap_or_default()
    }
}

/// None where a person or another program changed the row to nonsense.
fn entry(row: &SqlRow<'_>) -> rusqlite::Result<Option<Entry>> {
    let target: String = row.get(9)?;
    let message =
        |at: usize| -> rusqlite::Result<Option<Message>> { Ok(Message::read(&row.get::<_, Vec<u8>>(at)?).ok()) };
    let (Ok(target), Some(letter), Some(message)) = (serde_json::from_str(&target), message(10)?, message(11)?) else {
        return Ok(None);
    };
    Ok(Some(Entry {
        item: row.get(0)?,
        plan: row.get(1)?,
        letter_id: row.get(2)?,
        attempt: row.get(3)?,
        fingerprint: row.get(4)?,
        cause: row.get(5)?,
        settles: row.get(6)?,
        has_twins: row.get(7)?,
        outgoing: Outgoing { requeue_id: row.get(8)?, letter, target, message },
        phase: row.get(12)?,
        at: row.get(13)?,
        detail: row.get(14)?,
        mark: row.get(15)?,
        runner: row.get(16)?,
        came_back: row.get(17)?,
    }))
}
