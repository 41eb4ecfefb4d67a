//! Parked messages put back by the server itself: `ReplayParked` hands them to their persistent subscription again.
//!
//! The server replays from the oldest parked message on, up to a number in the stream of parked messages that is not
//! replayed any more (`RetryParkedMessages` in the server's `PersistentSubscription.cs`; its documentation calls the
//! number a count). So only what has no older ones before it that were not chosen is replayed, and nothing can be
//! changed on the way. The server tells no result; that a message is not parked any more is what can be seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use kurrentdb::{ReplayParkedMessagesOptions, ResolvedEvent};

use super::event::at;
use super::link::{Answer, Failure, Link, Question, Reader, Start};
use super::settings::{ALL, Settings};
use crate::base::text::plural;
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence, Target};
use crate::model::error::{Error, Result};
use crate::model::message::{KurrentPlace, Message, Place, parked_stream};

pub(super) struct Replay {
    link: Link,
    /// Numbers that may be replayed, by streams of parked messages.
    held: BTreeMap<String, BTreeSet<u64>>,
}

/// Longest wait for the server to take what it replays from the stream of parked messages.
const TAKEN: Duration = Duration::from_secs(10);

/// Between looks whether it has.
const LOOK: Duration = Duration::from_millis(200);

impl Replay {
    /// # Errors
    /// The step that failed and what to do.
    pub(super) fn open(url: &Url) -> Result<Self> {
        Ok(Self { link: Link::connect(&Settings::read(url)?)?, held: BTreeMap::new() })
    }

    /// Numbers of what is parked, up to this one, with the ids of the links.
    fn parked(&self, stream: &str, last: u64) -> Answer<BTreeMap<u64, String>> {
        struct Numbers(BTreeMap<u64, String>, u64);
        impl Reader for Numbers {
            fn event(&mut self, read: ResolvedEvent) -> Result<bool> {
                let Some(at) = at(&read) else { return Ok(true) };
                if at.revision <= self.1 {
                    let id = read.link.or(read.event).map(|link| link.id.to_string());
                    self.0.insert(at.revision, id.unwrap_or_default());
                }
                Ok(at.revision < self.1)
            }

            fn tick(&mut self) -> bool {
                true
            }
        }
        let mut numbers = Numbers(BTreeMap::new(), last);
        let question = Question {
            stream: stream.to_owned(),
            from: Start::First,
            backwards: false,
            most: None,
            filter: None,
            resolve: false,
        };
        match self.link.read(&question, &mut numbers) {
            Err(failure) if failure.is_missing() => Ok(BTreeMap::new()),
            Err(failure) => Err(failure),
            Ok(()) => Ok(numbers.0),
        }
    }

    /// What is parked in each stream of these letters, up to the last of them.
    fn all_parked(&self, batch: &[Outgoing]) -> Result<BTreeMap<String, BTreeMap<u64, String>>> {
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        for (stream, number) in batch.iter().filter_map(|one| parked_at(&one.letter)) {
            let highest = last.entry(stream).or_default();
            *highest = number.max(*highest);
        }
        last.into_iter()
            .map(|(stream, last)| {
                let parked = self.parked(stream, last);
                let parked = parked.map_err(|failure| self.link.explain(&format!("read {stream}"), &failure))?;
                Ok((stream.to_owned(), parked))
            })
            .collect()
    }

    fn replay(&self, stream: &str, group: &str, stop_at: u64) -> Answer<()> {
        let stop_at = usize::try_from(stop_at).unwrap_or(usize::MAX);
        self.link.ask(move |client, login| async move {
            let mut options = ReplayParkedMessagesOptions::default().stop_at(stop_at);
            if let Some(login) = login {
                options = options.authenticated(login);
            }
            if stream == ALL {
                client.replay_parked_messages_to_all(group, &options).await
            } else {
                client.replay_parked_messages(stream, group, &options).await
            }
        })
    }

    /// Why this one cannot be replayed.
    fn refusal(&self, outgoing: &Outgoing) -> Option<&'static str> {
        let Some(of) = kurrent(&outgoing.letter) else { return Some("it was not parked in KurrentDB") };
        let Some((stream, group)) = of.parked() else { return Some("it was not parked in KurrentDB") };
        if outgoing.target != (Target::Queue { name: format!("{stream}::{group}") }) {
            return Some("KurrentDB replays to the subscription that parked it, and to no other place");
        }
        if outgoing.message.value != outgoing.letter.value {
            return Some("KurrentDB replays what it has stored: it cannot be changed");
        }
        let (parked, number) = of.read_from();
        let held = self.held.get(parked).is_some_and(|held| held.contains(&number));
        (!held).then_some("only what is parked in this very system can be replayed")
    }
}

fn kurrent(letter: &Message) -> Option<&KurrentPlace> {
    match &letter.place {
        Place::Kurrent(place) => Some(place),
        _ => None,
    }
}

/// Stream and number of a parked message.
fn parked_at(letter: &Message) -> Option<(&str, u64)> {
    kurrent(letter).filter(|place| place.parked().is_some()).map(KurrentPlace::read_from)
}

impl Outlet for Replay {
    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let parked = self.all_parked(batch)?;
        let chosen: BTreeSet<(&str, u64)> = batch.iter().filter_map(|one| parked_at(&one.letter)).collect();
        self.held.clear();
        let mut holds = Vec::new();
        for outgoing in batch {
            let (Some((stream, number)), Some(of)) = (parked_at(&outgoing.letter), kurrent(&outgoing.letter)) else {
                holds.push(Hold::Gone("it is no parked message".to_owned()));
                continue;
            };
            let there = parked.get(stream);
            let id = of.link.as_ref().map_or(&of.event_id, |link| &link.event_id);
            if there.and_then(|there| there.get(&number)) != Some(id) {
                holds.push(Hold::Gone("it is not parked any more: it was replayed or deleted".to_owned()));
                continue;
            }
            let older = there.into_iter().flat_map(|there| there.range(..number));
            let left = older.filter(|(older, _)| !chosen.contains(&(stream, **older))).count() as u64;
            if left > 0 {
                let older = plural(left, "older one was", "older ones were");
                let why = format!("the server replays from the oldest on, and {older} not chosen: choose them too");
                holds.push(Hold::Gone(why));
                continue;
            }
            self.held.entry(stream.to_owned()).or_default().insert(number);
            holds.push(Hold::Held);
        }
        Ok(holds)
    }

    fn mark(&mut self, _batch: &[Outgoing]) -> Result<String> {
        Ok(String::new())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        // One call for each subscription, up to its last message in the batch.
        let mut calls: BTreeMap<(String, String), u64> = BTreeMap::new();
        let refusals: Vec<Option<&str>> = batch.iter().map(|outgoing| self.refusal(outgoing)).collect();
        let group_of = |outgoing: &Outgoing| {
            let (stream, group) = kurrent(&outgoing.letter)?.parked()?;
            Some((stream.to_owned(), group.to_owned()))
        };
        for (outgoing, _) in batch.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none()) {
            if let (Some(group), Some((_, number))) = (group_of(outgoing), parked_at(&outgoing.letter)) {
                let stop_at = calls.entry(group).or_default();
                *stop_at = number.saturating_add(1).max(*stop_at);
            }
        }
        // Between a refused one and those behind it the server makes no difference.
        calls.retain(|(stream, group), stop_at| {
            let parked = parked_stream(stream, group);
            self.held.get(&parked).is_some_and(|held| {
                held.range(..*stop_at).all(|number| {
                    batch.iter().zip(&refusals).any(|(one, refusal)| {
                        refusal.is_none() && parked_at(&one.letter) == Some((parked.as_str(), *number))
                    })
                })
            })
        });
        let answers: BTreeMap<(String, String), Answer<()>> = calls
            .into_iter()
            .map(|((stream, group), stop_at)| {
                let answer = self.replay(&stream, &group, stop_at);
                ((stream, group), answer)
            })
            .collect();
        let at = || place(&self.link.settings.url);
        let refused = |why: &str| Outcome::Refused(Error::new(why, at(), "Put it back to a broker or a file: --to"));
        let outcome = |(outgoing, refusal): (&Outgoing, Option<&str>)| {
            if let Some(why) = refusal {
                return refused(why);
            }
            let Some(group) = group_of(outgoing) else { return refused("it was not parked in KurrentDB") };
            match answers.get(&group) {
                Some(Ok(())) => Outcome::Confirmed(format!("{}::{}, replayed by the server", group.0, group.1)),
                Some(Err(failure)) => {
                    let error = self.link.explain(&format!("replay what {} has parked", group.1), failure);
                    if unknown(failure) { Outcome::Unknown(error) } else { Outcome::Refused(error) }
                }
                None => refused("a message before it is not replayed, and the server replays from the oldest on"),
            }
        };
        batch.iter().zip(refusals.iter().copied()).map(outcome).collect()
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let started = Instant::now();
        loop {
            match self.all_parked(batch) {
                Ok(parked) => {
                    let is_there = |outgoing: &&Outgoing| {
                        parked_at(&outgoing.letter).is_some_and(|(stream, number)| {
                            parked.get(stream).is_some_and(|there| there.contains_key(&number))
                        })
                    };
                    if batch.iter().any(|one| is_there(&one)) && started.elapsed() < TAKEN {
                        std::thread::sleep(LOOK);
                        continue;
                    }
                    let words = |outgoing: &Outgoing| {
                        if is_there(&outgoing) {
                            let at = place(&self.link.settings.url);
                            let what = "the server has not taken it from its parked messages yet";
                            return Outcome::Unknown(Error::new(what, at, "Look again"));
                        }
                        Outcome::Confirmed("the server took it from its parked messages".to_owned())
                    };
                    return batch.iter().map(words).collect();
                }
                Err(error) => return batch.iter().map(|_| Outcome::Unknown(error.clone())).collect(),
            }
        }
    }

    fn release(&mut self, _batch: &[Outgoing]) {
        self.held.clear();
    }

    fn look_for(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let parked = self.all_parked(batch)?;
        let presence = |outgoing: &Outgoing| match parked_at(&outgoing.letter) {
            Some((stream, number)) if parked.get(stream).is_some_and(|there| there.contains_key(&number)) => {
                Presence::CannotTell("it is still parked, and the server may be about to replay it".to_owned())
            }
            Some(_) => Presence::There("it is not parked any more".to_owned()),
            None => Presence::CannotTell("it is no parked message".to_owned()),
        };
        Ok(batch.iter().map(presence).collect())
    }
}

/// Whether it may have been done all the same.
fn unknown(failure: &Failure) -> bool {
    !(failure.is_denied()
        || failure.is_missing()
        || failure.is_deleted()
        || matches!(failure, Failure::Client(kurrentdb::Error::UnsupportedFeature)))
}
