//! One batch: J claimed, hold, mark, J sending, send, J outcomes, settle, J settled.

use super::link::Link;
use crate::base::crash;
use crate::input::sources::outlet::{Hold, Outcome, Outgoing};
use crate::model::error::Error;
use crate::requeue::journal::{Claim, Entry, Journal, Phase};

/// What became of a batch.
pub(super) struct Sent {
    pub(super) confirmed: Vec<Outgoing>,
    pub(super) mark: String,
    /// Items that another process has.
    pub(super) passed_by: Vec<i64>,
    /// An answer did not come; the connection is given up.
    pub(super) is_doubtful: bool,
    /// What was said of it.
    pub(super) said: String,
}

pub(super) enum Failed {
    /// Nothing may be sent any more.
    Journal(Error),
    /// Nothing was sent.
    System(Error),
}

/// One message and its item, so that both can be picked together.
struct Claimed<'e> {
    entry: &'e Entry,
}

fn outgoing(claimed: &[Claimed<'_>]) -> Vec<Outgoing> {
    claimed.iter().map(|one| one.entry.outgoing.clone()).collect()
}

pub(super) fn send(journal: &mut Journal, link: &mut Link<'_>, entries: &[Entry]) -> Result<Sent, Failed> {
    let ids: Vec<i64> = entries.iter().map(|entry| entry.item).collect();
    let claims = journal.claim(&ids).map_err(Failed::Journal)?;
    let (mut mine, mut passed_by) = (Vec::new(), Vec::new());
    for (entry, claim) in entries.iter().zip(claims) {
        match claim {
            Claim::Mine => mine.push(Claimed { entry }),
            Claim::Busy(_) => passed_by.push(entry.item),
            Claim::Needless => {}
        }
    }
    held(journal, link, mine).map(|sent| Sent { passed_by, ..sent })
}

fn held(journal: &mut Journal, link: &mut Link<'_>, mut mine: Vec<Claimed<'_>>) -> Result<Sent, Failed> {
    let nothing =
        |confirmed, mark| Sent { confirmed, mark, passed_by: Vec::new(), is_doubtful: false, said: String::new() };
    let outlet = match link.outlet() {
        Ok(outlet) => outlet,
        Err(error) => return Err(give_back(journal, &mine, error)),
    };
    let settling: Vec<Outgoing> =
        mine.iter().filter(|one| one.entry.settles).map(|one| one.entry.outgoing.clone()).collect();
    let mut holds = Vec::new();
    if !settling.is_empty() {
        crash::point("hold.before");
        holds = match outlet.hold(&settling) {
            Ok(holds) => holds,
            Err(error) => return Err(give_back(journal, &mine, error)),
        };
        crash::point("hold.after");
    }
    let (mut gone, mut holds) = (Vec::new(), holds.into_iter());
    mine.retain(|one| match if one.entry.settles { holds.next() } else { Some(Hold::Held) } {
        Some(Hold::Held) => true,
        Some(Hold::Gone(why)) => {
            gone.push((one.entry.item, Phase::Failed, why));
            false
        }
        None => {
            gone.push((one.entry.item, Phase::Failed, "its letter was not held".to_owned()));
            false
        }
    });
    if !gone.is_empty() {
        journal.tell(&gone, None).map_err(Failed::Journal)?;
    }
    if mine.is_empty() {
        return Ok(nothing(Vec::new(), String::new()));
    }
    let batch = outgoing(&mine);
    crash::point("mark.before");
    let mark = match outlet.mark(&batch) {
        Ok(mark) => mark,
        Err(error) => return Err(give_back(journal, &mine, error)),
    };
    crash::point("mark.after");
    crash::point("journal.sending.before");
    let sending: Vec<_> = mine.iter().map(|one| (one.entry.item, Phase::Sending, String::new())).collect();
    journal.tell(&sending, Some(&mark)).map_err(Failed::Journal)?;
    crash::point("journal.sending.after");
    crash::point("send.before");
    let outcomes = outlet.send(&batch);
    crash::point("send.after");

    let (mut lines, mut confirmed, mut refused, mut is_doubtful) = (Vec::new(), Vec::new(), Vec::new(), false);
    let (mut outcomes, mut said) = (outcomes.into_iter(), String::new());
    for one in mine {
        let item = one.entry.item;
        match outcomes.next() {
            Some(Outcome::Confirmed(place)) => {
                lines.push((item, if one.entry.settles { Phase::Confirmed } else { Phase::Settled }, place));
                confirmed.push(one);
            }
            Some(Outcome::Refused(error)) => {
                lines.push((item, Phase::Failed, told(&error)));
                refused.push(one);
            }
            Some(Outcome::Unknown(error)) => {
                said = told(&error);
                lines.push((item, Phase::Ambiguous, said.clone()));
                is_doubtful = true;
            }
            None => {
                lines.push((item, Phase::Ambiguous, "nothing was said of it".to_owned()));
                is_doubtful = true;
            }
        }
    }
    crash::point("journal.confirmed.before");
    journal.tell(&lines, None).map_err(Failed::Journal)?;
    crash::point("journal.confirmed.after");

    let sent = outgoing(&confirmed);
    confirmed.retain(|one| one.entry.settles);
    let settled = settle(journal, link, &confirmed)?;
    refused.retain(|one| one.entry.settles);
    if let (false, Ok(outlet)) = (refused.is_empty(), link.outlet()) {
        outlet.release(&outgoing(&refused));
    }
    if let Err(why) = settled {
        is_doubtful = true;
        said = why;
    }
    if is_doubtful {
        link.drop_outlet();
    }
    Ok(Sent { confirmed: sent, mark, passed_by: Vec::new(), is_doubtful, said })
}

/// Nothing was sent: the claims end.
fn give_back(journal: &mut Journal, mine: &[Claimed<'_>], error: Error) -> Failed {
    let why = told(&error);
    let lines: Vec<_> = mine.iter().map(|one| (one.entry.item, Phase::Planned, why.clone())).collect();
    journal.tell(&lines, None).map_or_else(Failed::Journal, |()| Failed::System(error))
}

/// Or why letters may still lie where they were, although their messages are in their targets.
fn settle(journal: &mut Journal, link: &mut Link<'_>, confirmed: &[Claimed<'_>]) -> Result<Result<(), String>, Failed> {
    if confirmed.is_empty() {
        return Ok(Ok(()));
    }
    let outlet = match link.outlet() {
        Ok(outlet) => outlet,
        Err(error) => return Ok(Err(told(&error))),
    };
    crash::point("settle.before");
    let outcomes = outlet.settle(&outgoing(confirmed));
    crash::point("settle.after");
    let mut left = Ok(());
    let settled = confirmed.iter().zip(outcomes).map(|(one, outcome)| match outcome {
        Outcome::Confirmed(words) => (one.entry.item, Phase::Settled, words),
        // It is in its target: only its letter is still there, which the next look settles.
        Outcome::Refused(error) | Outcome::Unknown(error) => {
            left = Err(told(&error));
            (one.entry.item, Phase::Confirmed, told(&error))
        }
    });
    let settled: Vec<_> = settled.collect();
    crash::point("journal.settled.before");
    journal.tell(&settled, None).map_err(Failed::Journal)?;
    crash::point("journal.settled.after");
    Ok(left)
}

pub(super) fn told(error: &Error) -> String {
    if error.details.is_empty() { error.to_string() } else { format!("{error}: {}", error.details) }
}
