//! After a crash or an answer that did not come: what was sent is looked for, what is surely not there may be
//! sent again, what cannot be told waits for a person. Nothing in doubt is ever sent by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::link::Link;
use crate::base::crash;
use crate::input::sources::outlet::{Hold, Outcome, Outgoing, Presence};
use crate::model::error::Result;
use crate::requeue::journal::{Entry, Journal, Phase};

/// More at once than any batch.
const ALL: u32 = u32::MAX;

/// # Errors
/// The journal's, or the system's.
pub(super) fn reconcile(journal: &mut Journal, plan: &str, link: &mut Link<'_>) -> Result<()> {
    let sent = journal.adopt(journal.items(plan, &[Phase::Sending, Phase::Ambiguous], ALL)?)?;
    let mut by_mark: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in sent {
        by_mark.entry(entry.mark.clone().unwrap_or_default()).or_default().push(entry);
    }
    for (mark, entries) in by_mark {
        look_for(journal, link, &mark, &entries)?;
    }
    let confirmed = journal.adopt(journal.items(plan, &[Phase::Confirmed], ALL)?)?;
    settle(journal, plan, link, confirmed)
}

fn look_for(journal: &mut Journal, link: &mut Link<'_>, mark: &str, entries: &[Entry]) -> Result<()> {
    let batch: Vec<Outgoing> = entries.iter().map(|entry| entry.outgoing.clone()).collect();
    let found = link.call(|outlet| outlet.look_for(&batch, mark))?;
    let mut lines = Vec::new();
    for (entry, presence) in entries.iter().zip(found) {
        let line = match presence {
            Presence::There(place) if entry.settles => (Phase::Confirmed, place),
            Presence::There(place) => (Phase::Settled, place),
            Presence::Absent => (Phase::Planned, "it was looked for and is not there".to_owned()),
            // Said once, not at every look.
            Presence::CannotTell(_) if entry.phase == Phase::Ambiguous => continue,
            Presence::CannotTell(why) => (Phase::Ambiguous, why),
        };
        lines.push((entry.item, line.0, line.1));
    }
    crash::point("journal.found.before");
    journal.tell(&lines, None)?;
    crash::point("journal.found.after");
    Ok(())
}

/// Letters whose messages are in their targets and which may still lie where they were.
fn settle(journal: &mut Journal, plan: &str, link: &mut Link<'_>, confirmed: Vec<Entry>) -> Result<()> {
    if confirmed.is_empty() {
        return Ok(());
    }
    let base = |entry: &Entry| entry.letter_id.split('+').next().unwrap_or_default().to_owned();
    // Those that will not be sent now lie there as well.
    let left: BTreeSet<String> = journal
        .items(plan, &[Phase::Failed, Phase::Ambiguous, Phase::Discarded], ALL)?
        .iter()
        .filter(|entry| entry.settles)
        .map(base)
        .collect();
    let (twins, confirmed): (Vec<Entry>, Vec<Entry>) =
        confirmed.into_iter().partition(|entry| entry.has_twins || left.contains(&base(entry)));
    let why = "it was sent; whether its letter is one of those like it that are left cannot be told";
    let doubtful: Vec<_> = twins.iter().map(|entry| (entry.item, Phase::Ambiguous, why.to_owned())).collect();
    journal.tell(&doubtful, None)?;
    // Of equal letters those that are still to be sent come first: what is missing was settled before.
    let wanted: Vec<String> = confirmed.iter().map(base).collect();
    let mut waiting = journal.items(plan, &[Phase::Planned, Phase::Claimed], ALL)?;
    waiting.retain(|entry| entry.settles && wanted.contains(&base(entry)));
    let outgoing = |entries: &[Entry]| entries.iter().map(|entry| entry.outgoing.clone()).collect::<Vec<_>>();
    let batch = outgoing(&[&waiting[..], &confirmed[..]].concat());
    let holds = link.call(|outlet| outlet.hold(&batch))?;
    let (mut held, mut lines) = (Vec::new(), Vec::new());
    for (entry, hold) in confirmed.into_iter().zip(holds.into_iter().skip(waiting.len())) {
        match hold {
            Hold::Held => held.push(entry),
            Hold::Gone(why) => lines.push((entry.item, Phase::Settled, why)),
        }
    }
    let outlet = link.outlet()?;
    outlet.release(&outgoing(&waiting));
    crash::point("settle.before");
    let outcomes = outlet.settle(&outgoing(&held));
    crash::point("settle.after");
    for (entry, outcome) in held.iter().zip(outcomes) {
        match outcome {
            Outcome::Confirmed(words) => lines.push((entry.item, Phase::Settled, words)),
            Outcome::Refused(error) | Outcome::Unknown(error) => {
                lines.push((entry.item, Phase::Confirmed, super::batch::told(&error)));
            }
        }
    }
    crash::point("journal.settled.before");
    journal.tell(&lines, None)?;
    crash::point("journal.settled.after");
    Ok(())
}
