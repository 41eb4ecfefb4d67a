//! Carries a plan out of the journal: claim, hold, mark, send, settle, each written down before and after.
//!
//! Each journal line and each call of the broker stands between two named crash points, at which
//! `tests/brokers` kills the program and looks whether it finds its way back.

mod batch;
mod control;
mod link;
mod recover;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

pub use control::{Control, Progress};
pub use link::Connect;

use super::journal::{Entry, Journal, Phase, PlanInfo};
use crate::base::text::plural;
use crate::input::sources::outlet::{Guarantee, Outgoing, Presence};
use crate::model::error::{Error, Place, Result};
use batch::Sent;
use link::Link;

/// Most messages that are claimed, sent and written down together.
const BATCH: u32 = 500;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All is at its end, or in doubt.
    Done,
    /// A person stopped it.
    Stopped,
    /// The stop rule: messages failed again, here.
    CameBack(Vec<String>),
}

/// Runs a plan that was added to the journal, from where it stands: first what a crash left is looked at,
/// then the rest is sent. Blocks; [`Control`] is for other threads.
///
/// # Errors
/// The journal's: then nothing more is sent. The system's, when it does not answer for a while.
pub fn run(journal: &mut Journal, plan: &str, connect: Connect<'_>, control: &Control) -> Result<End> {
    let plan = journal.plan(plan)?;
    let mut link = Link::new(connect, control);
    let mut run = Run { plan: &plan, control, watched: Vec::new(), passed_by: BTreeSet::new(), failures: 0 };
    let ended = run.all(journal, &mut link);
    control.tell(|progress| progress.doing.clear());
    run.count(journal)?;
    ended
}

/// What an outlet's guarantee means, for people.
#[must_use]
pub fn guarantee_words(guarantee: Guarantee) -> &'static str {
    match guarantee {
        Guarantee::ExactlyOnce => "exactly once: sending and settling happen together or not at all",
        Guarantee::FoundAgain => "what was sent before a crash is found again by its id",
        Guarantee::AtLeastOnce => "at least once: after a crash in the wrong instant a person has to decide",
    }
}

struct Run<'a> {
    plan: &'a PlanInfo,
    control: &'a Control,
    /// What was sent in this canary step, with the marks of its batches.
    watched: Vec<(Vec<Outgoing>, String)>,
    /// Items that another process has.
    passed_by: BTreeSet<i64>,
    /// Calls in a row that ended in nothing.
    failures: u32,
}

/// After so many calls in a row that ended in nothing a run gives up.
const MOST_FAILURES: u32 = 5;

impl Run<'_> {
    fn all(&mut self, journal: &mut Journal, link: &mut Link<'_>) -> Result<End> {
        self.count(journal)?;
        recover::reconcile(journal, &self.plan.id, link)?;
        // Counting reads every item of the plan, so it is done once a batch.
        let mut counts = self.count(journal)?;
        if self.at_step_end(counts_sent(&counts)) && journal_has_more(&counts) {
            let words =
                "The last step was sent by a run before this one: whether its messages came back is not looked at";
            self.control.note(words.to_owned());
        }
        loop {
            if !self.control.wait(Duration::ZERO) {
                return Ok(End::Stopped);
            }
            let room = self.room(counts_sent(&counts));
            let entries = self.next(journal, room)?;
            if entries.is_empty() {
                return Ok(End::Done);
            }
            let started = Instant::now();
            self.control.doing("sending");
            match batch::send(journal, link, &entries) {
                Ok(sent) => {
                    // What never arrives is not sent for ever.
                    self.failures = if sent.is_doubtful && sent.confirmed.is_empty() { self.failures + 1 } else { 0 };
                    if self.failures >= MOST_FAILURES {
                        let next_step =
                            "What is in doubt is listed by --status; look what the system says, then resume";
                        let what = "Messages were sent several times and did not arrive";
                        return Err(Error::new(what, Place::Nowhere, next_step).because(sent.said));
                    }
                    self.passed_by.extend(&sent.passed_by);
                    if sent.is_doubtful {
                        let words = format!("Looked for what was sent over a new connection, because: {}", sent.said);
                        self.control.note(words);
                        self.control.doing("looking for what was sent");
                        recover::reconcile(journal, &self.plan.id, link)?;
                    }
                    self.watch(sent);
                }
                Err(batch::Failed::Journal(error)) => return Err(error),
                Err(batch::Failed::System(error)) => {
                    self.failures += 1;
                    if self.failures >= MOST_FAILURES {
                        return Err(error);
                    }
                    self.control.note(format!("Tried again over a new connection, because: {}", batch::told(&error)));
                    link.drop_outlet();
                }
            }
            counts = self.count(journal)?;
            if self.at_step_end(counts_sent(&counts)) && journal_has_more(&counts) {
                let back = self.observe(journal, link)?;
                if !back.is_empty() {
                    return Ok(End::CameBack(back));
                }
            }
            if !self.keep_rate(entries.len(), started) {
                return Ok(End::Stopped);
            }
        }
    }

    fn count(&self, journal: &Journal) -> Result<super::journal::Counts> {
        let counts = journal.plan(&self.plan.id)?.counts;
        self.control.tell(|progress| progress.counts = counts);
        Ok(counts)
    }

    /// The next messages that may be sent.
    fn next(&self, journal: &Journal, room: u32) -> Result<Vec<Entry>> {
        let open = [Phase::Planned, Phase::Claimed];
        let mut entries = journal.items(&self.plan.id, &open, room + self.passed_by.len() as u32)?;
        entries.retain(|entry| !self.passed_by.contains(&entry.item));
        entries.truncate(room as usize);
        Ok(entries)
    }

    /// Ends of the canary's steps, counted from the first message.
    fn steps(&self) -> impl Iterator<Item = u64> + '_ {
        self.plan.canary.iter().scan(0, |sum, step| {
            *sum += u64::from(*step);
            Some(*sum)
        })
    }

    /// How many may go before a step or a tenth of a second of the rate ends.
    fn room(&self, sent: u64) -> u32 {
        let step = self.steps().find(|end| *end > sent).map_or(BATCH, |end| u32::try_from(end - sent).unwrap_or(BATCH));
        let by_rate = self.plan.rate.map_or(BATCH, |rate| (rate / 10.0).ceil().max(1.0) as u32);
        step.min(by_rate).clamp(1, BATCH)
    }

    fn at_step_end(&self, sent: u64) -> bool {
        self.steps().any(|end| end == sent)
    }

    fn watch(&mut self, sent: Sent) {
        if !self.plan.canary.is_empty() && !sent.confirmed.is_empty() {
            self.watched.push((sent.confirmed, sent.mark));
        }
    }

    /// Waits, then looks whether messages of this step failed again; where they lie.
    fn observe(&mut self, journal: &mut Journal, link: &mut Link<'_>) -> Result<Vec<String>> {
        let mut back = Vec::new();
        let watched = std::mem::take(&mut self.watched);
        let n = watched.iter().map(|(batch, _)| batch.len() as u64).sum();
        self.control.doing(&format!("waiting whether {} comes back", plural(n, "message", "messages")));
        if !self.control.wait(Duration::from_millis(self.plan.observe_ms)) {
            return Ok(back);
        }
        let mut unseen = BTreeSet::new();
        for (batch, mark) in watched {
            let seen = link.call(|outlet| outlet.returned(&batch, &mark))?;
            for (outgoing, presence) in batch.iter().zip(seen) {
                match presence {
                    Presence::There(place) => {
                        journal.came_back(&outgoing.requeue_id, &place)?;
                        back.push(place);
                    }
                    Presence::Absent => {}
                    Presence::CannotTell(why) => {
                        unseen.insert(why);
                    }
                }
            }
        }
        for why in unseen {
            let words = format!("Whether messages of this step came back cannot be told: {why}");
            self.control.note(words);
        }
        Ok(back)
    }

    fn keep_rate(&self, sent: usize, started: Instant) -> bool {
        let Some(rate) = self.plan.rate.filter(|rate| *rate > 0.0) else { return true };
        let due = Duration::try_from_secs_f64(sent as f64 / rate).unwrap_or_default();
        self.control.wait(due.saturating_sub(started.elapsed()))
    }
}

fn counts_sent(counts: &super::journal::Counts) -> u64 {
    counts.all() - counts.of(Phase::Planned) - counts.of(Phase::Claimed)
}

fn journal_has_more(counts: &super::journal::Counts) -> bool {
    counts.of(Phase::Planned) + counts.of(Phase::Claimed) > 0
}
