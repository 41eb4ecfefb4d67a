//! Lines are added here, each group in one transaction.

use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::phase::Phase;
use super::runner::{Runner, is_alive, process_of};
use super::{Entry, Journal, now, who};
use crate::base::crash;
use crate::model::error::{Error, Place, Result};
use crate::requeue::ids;
use crate::requeue::plan::Plan;

/// What became of a plan's items in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// New, or to be tried again: failed before, or discarded and chosen anew.
    pub planned: u64,
    /// There already.
    pub known: u64,
    /// Put back already.
    pub settled: u64,
}

/// Whether an item may be sent by this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    Mine,
    /// Not now: why.
    Busy(String),
    /// Its letter was put back by another plan.
    Needless,
}

/// What a person says of a message in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It did not arrive: send it again, with the same id.
    Send,
    /// It arrived.
    Done,
    /// Neither: the letter stays where it is.
    Discard,
}

impl Journal {
    /// Writes a plan down. Nothing is sent; that of a plan which is there already goes on where it stood.
    ///
    /// # Errors
    /// The journal's.
    pub fn add(&mut self, plan: &Plan) -> Result<Added> {
        self.check_writable()?;
        crash::point("journal.planned.before");
        let added = self.transact(|tx| {
            let canary = serde_json::to_string(&plan.canary).unwrap_or_default();
            tx.prepare_cached("INSERT OR IGNORE INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?.execute(params![
                plan.id,
                plan.system,
                plan.made_at,
                plan.rate,
                canary,
                plan.observe_ms as i64,
                now(),
                who()
            ])?;
            let mut added = Added::default();
            for item in &plan.items {
                let known: Option<(i64, Phase, String)> = tx
                    .prepare_cached("SELECT id, phase, plan FROM item JOIN standing ON item = id WHERE requeue_id = ?")?
                    .query_row([&item.requeue_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()?;
                match known {
                    Some((_, Phase::Settled, _)) => added.settled += 1,
                    // What a person discarded comes back only where it was chosen anew.
                    Some((id, phase, before))
                        if phase == Phase::Failed || phase == Phase::Discarded && before != plan.id =>
                    {
                        // Whether its letter is taken depends on where this plan has it from.
                        tx.prepare_cached("UPDATE item SET plan = ?, settles = ?, has_twins = ? WHERE id = ?")?
                            .execute(params![plan.id, item.settles, item.has_twins, id])?;
                        event(tx, id, Phase::Planned, "planned again", None)?;
                        added.planned += 1;
                    }
                    Some(_) => added.known += 1,
                    None => {
                        let target = serde_json::to_string(&item.target).unwrap_or_default();
                        tx.prepare_cached(
                            "INSERT INTO item (requeue_id, letter_id, plan, attempt, fingerprint, cause, target,
                             settles, has_twins, letter, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        )?
                        .execute(params![
                            item.requeue_id,
                            item.letter_id,
                            plan.id,
                            item.attempt,
                            item.fingerprint,
                            item.cause,
                            target,
                            item.settles,
                            item.has_twins,
                            ids::record(&item.letter),
                            ids::record(&item.message)
                        ])?;
                        event(tx, tx.last_insert_rowid(), Phase::Planned, "", None)?;
                        added.planned += 1;
                    }
                }
            }
            Ok(added)
        })?;
        crash::point("journal.planned.after");
        Ok(added)
    }

    /// Takes items for this process. What another attempt made needless is discarded on the spot.
    ///
    /// # Errors
    /// The journal's.
    pub fn claim(&mut self, items: &[i64]) -> Result<Vec<Claim>> {
        self.check_writable()?;
        let me = self.runner()?;
        let path = self.path.clone();
        crash::point("journal.claimed.before");
        let claims = self.transact(|tx| {
            let mut alive = std::collections::BTreeMap::new();
            let mut lives = |id: &str| *alive.entry(id.to_owned()).or_insert_with(|| id == me || is_alive(&path, id));
            items.iter().map(|&item| claim(tx, item, &me, &mut lives)).collect()
        })?;
        crash::point("journal.claimed.after");
        Ok(claims)
    }

    /// Of these entries those that nobody who is alive has, taken by this process. They keep their phases.
    ///
    /// # Errors
    /// The journal's.
    pub fn adopt(&mut self, entries: Vec<Entry>) -> Result<Vec<Entry>> {
        if entries.is_empty() {
            return Ok(entries);
        }
        self.check_writable()?;
        let me = self.runner()?;
        let path = self.path.clone();
        self.transact(|tx| {
            let mut mine = Vec::new();
            for entry in entries {
                let (phase, runner): (Phase, Option<String>) = tx
                    .prepare_cached("SELECT phase, runner FROM standing LEFT JOIN claim USING (item) WHERE item = ?")?
                    .query_row([entry.item], |row| Ok((row.get(0)?, row.get(1)?)))?;
                // Somebody else may have gone on with it since it was read.
                if phase != entry.phase || runner.is_some_and(|runner| runner != me && is_alive(&path, &runner)) {
                    continue;
                }
                tx.prepare_cached("INSERT OR REPLACE INTO claim VALUES (?, ?, ?)")?.execute(params![
                    entry.letter_id,
                    entry.item,
                    me
                ])?;
                mine.push(entry);
            }
            Ok(mine)
        })
    }

    /// Adds lines, all or none. `mark` belongs to lines of the phase [`Phase::Sending`].
    ///
    /// # Errors
    /// The journal's; and where a message is to be sent that this process has no claim on.
    pub fn tell(&mut self, lines: &[(i64, Phase, String)], mark: Option<&str>) -> Result<()> {
        self.check_writable()?;
        let me = self.runner.as_ref().map(|runner| runner.id.clone()).unwrap_or_default();
        self.transact(|tx| {
            let mark = match mark {
                Some(text) => {
                    tx.prepare_cached("INSERT INTO mark (text) VALUES (?)")?.execute([text])?;
                    Some(tx.last_insert_rowid())
                }
                None => None,
            };
            for (item, phase, detail) in lines {
                if *phase == Phase::Sending {
                    let mine: bool = tx
                        .prepare_cached("SELECT EXISTS (SELECT 1 FROM claim WHERE item = ? AND runner = ?)")?
                        .query_row(params![item, me], |row| row.get(0))?;
                    if !mine {
                        return Err(rusqlite::Error::QueryReturnedNoRows);
                    }
                }
                event(tx, *item, *phase, detail, mark)?;
                if phase.is_end() || *phase == Phase::Planned {
                    tx.prepare_cached("DELETE FROM claim WHERE item = ?")?.execute([item])?;
                }
            }
            Ok(())
        })
    }

    /// What a person says of a message in doubt.
    ///
    /// # Errors
    /// When there is none of this id, or it is not in doubt; the journal's.
    pub fn decide(&mut self, requeue_id: &str, decision: Decision) -> Result<()> {
        let found = self.entry(requeue_id)?.filter(|entry| entry.phase == Phase::Ambiguous);
        let Some(entry) = found else {
            let what = format!("No message in doubt has the id {requeue_id}");
            return Err(Error::new(what, Place::Nowhere, "eventglass requeue --status lists those that are in doubt"));
        };
        let (phase, words) = match decision {
            Decision::Send => (Phase::Planned, "to be sent again, as a person decided"),
            // Its letter may still lie there.
            Decision::Done if entry.settles && !entry.has_twins => {
                (Phase::Confirmed, "it arrived, as a person decided")
            }
            Decision::Done => (Phase::Settled, "it arrived, as a person decided"),
            Decision::Discard => (Phase::Discarded, "left as it is, as a person decided"),
        };
        self.tell(&[(entry.item, phase, words.to_owned())], None)
    }

    /// A letter that was put back lies at `place` again.
    ///
    /// # Errors
    /// The journal's.
    pub fn came_back(&mut self, requeue_id: &str, place: &str) -> Result<()> {
        self.check_writable()?;
        self.transact(|tx| {
            tx.execute(
                "INSERT OR IGNORE INTO came_back SELECT id, ?2, ?3 FROM item WHERE requeue_id = ?1",
                params![requeue_id, place, now()],
            )
        })?;
        Ok(())
    }

    pub(super) fn transact<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let done = self.db.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|tx| {
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        });
        done.map_err(|cause| self.broken(cause))
    }

    fn runner(&mut self) -> Result<String> {
        if self.runner.is_none() {
            let runner = Runner::new(&self.path).map_err(|cause| super::unusable(&self.path).because(cause))?;
            self.runner = Some(runner);
        }
        Ok(self.runner.as_ref().map(|runner| runner.id.clone()).unwrap_or_default())
    }
}

fn event(tx: &Transaction<'_>, item: i64, phase: Phase, detail: &str, mark: Option<i64>) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT INTO event (item, phase, at, who, detail, mark) VALUES (?, ?, ?, ?, ?, ?)")?
        .execute(params![item, phase, now(), who(), detail, mark])?;
    Ok(())
}

fn claim(tx: &Transaction<'_>, item: i64, me: &str, lives: &mut impl FnMut(&str) -> bool) -> rusqlite::Result<Claim> {
    let (letter, attempt, phase): (String, u32, Phase) = tx
        .prepare_cached("SELECT letter_id, attempt, phase FROM item JOIN standing ON item = id WHERE id = ?")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if !matches!(phase, Phase::Planned | Phase::Claimed) {
        return Ok(Claim::Busy(format!("it is {} already", phase.words())));
    }
    let other: Option<(i64, String, Phase)> = tx
        .prepare_cached("SELECT claim.item, runner, phase FROM claim JOIN standing USING (item) WHERE letter_id = ?")?
        .query_row([&letter], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if let Some((other, runner, phase)) = other {
        if runner != me && lives(&runner) {
            return Ok(Claim::Busy(format!("process {} is putting it back", process_of(&runner))));
        }
        if other != item && !matches!(phase, Phase::Claimed) {
            return Ok(Claim::Busy(format!("another attempt is {}", phase.words())));
        }
        if other != item {
            // Its runner died before anything was sent.
            event(tx, other, Phase::Planned, "its process ended before it was sent", None)?;
        }
        tx.prepare_cached("DELETE FROM claim WHERE letter_id = ?")?.execute([&letter])?;
    }
    let done: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM item JOIN standing ON item = id
             WHERE letter_id = ? AND id <> ? AND attempt >= ? AND phase = 'settled')",
        )?
        .query_row(params![letter, item, attempt], |row| row.get(0))?;
    if done {
        event(tx, item, Phase::Discarded, "it was put back already by another plan", None)?;
        return Ok(Claim::Needless);
    }
    tx.prepare_cached("INSERT INTO claim VALUES (?, ?, ?)")?.execute(params![letter, item, me])?;
    event(tx, item, Phase::Claimed, "", None)?;
    Ok(Claim::Mine)
}
