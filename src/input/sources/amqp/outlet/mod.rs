//! Puts letters back into RabbitMQ: hold without acknowledging, publish with confirms, then acknowledge. A crash
//! between confirm and acknowledgement leaves a letter whose message is already there, so what is promised is "at
//! least once", and the journal of `requeue` knows which letters those are.

mod held;
mod publish;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::connect::{Answer, Failure, Session, patiently};
use super::facts::{Facts, Kind, MOST_TURNED};
use super::fetch::Taken;
use super::management::Management;
use super::settings::{HEARTBEAT, Settings};
use super::wire;
use crate::base::text::{count, plural};
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence, Target};
use crate::model::error::{Error, Result};
use crate::model::message::Place;
use held::{Held, identity, requeue_id};

/// Most messages looked at to find one that was put back.
const MOST_LOOKED_AT: u64 = MOST_TURNED;

/// After so long without a sign of life RabbitMQ has surely given a connection up: two to three heartbeats.
const SILENCE_KEPT: Duration = Duration::from_secs(3 * HEARTBEAT as u64 + 1);

pub(super) struct RabbitOutlet {
    settings: Settings,
    /// `None` after it was lost, until the next call. What was held then is back in its queue.
    session: Option<Session>,
    held: BTreeMap<String, Source>,
    /// Queues in which letters were waited for in vain.
    waited: BTreeSet<String>,
}

/// Where letters lie.
enum Source {
    Queue(Box<Held>),
    /// Nothing is ever taken from it.
    Stream,
}

impl RabbitOutlet {
    /// # Errors
    /// The step of the connection that failed.
    pub(super) fn open(url: &Url) -> Result<Self> {
        let settings = Settings::read(url)?;
        let session = Some(Session::connect(&settings)?);
        Ok(Self { settings, session, held: BTreeMap::new(), waited: BTreeSet::new() })
    }

    fn session(&mut self) -> Result<&Session> {
        if self.session.as_ref().is_none_or(|session| !session.is_connected()) {
            self.forget();
            self.session = Some(Session::connect(&self.settings)?);
        }
        self.session.as_ref().ok_or_else(|| self.not_connected())
    }

    fn not_connected(&self) -> Error {
        Error::new("There is no connection", place(&self.settings.url), "Try again")
    }

    /// With the connection goes all that was held on it.
    fn forget(&mut self) {
        self.held.clear();
        self.session = None;
    }

    /// The queue's messages that are held, which are none at first.
    fn source(&mut self, queue: &str) -> Result<(&Session, &mut Source)> {
        self.session()?;
        let Self { session: Some(session), held, settings, .. } = self else { return Err(self.not_connected()) };
        if !held.contains_key(queue) {
            let facts = Facts::of(session, queue)?;
            facts.may_take(true, settings, queue)?;
            let source = match facts.kind {
                Kind::Stream => Source::Stream,
                _ => Source::Queue(Box::new(Held::new(queue, &facts, session.channel()?))),
            };
            held.insert(queue.to_owned(), source);
        }
        match held.get_mut(queue) {
            Some(source) => Ok((session, source)),
            None => Err(Error::new("The queue is not held", place(&settings.url), "Try again")),
        }
    }

    fn hold_in(&mut self, queue: &str, wanted: &[(&str, Vec<u8>)]) -> Result<Vec<bool>> {
        let (session, source) = self.source(queue)?;
        let held = match source {
            Source::Stream => Ok(vec![true; wanted.len()]),
            Source::Queue(held) => session.run(held.hold(wanted)),
        };
        held.map_err(|failure| self.failed(queue, &failure))
    }

    /// RabbitMQ keeps what a lost connection held until it misses that one's signs of life. A letter is not
    /// called gone before that; once for each queue, since a consumer may hold others for ever.
    fn hold_what_comes_back(
        &mut self,
        queue: &str,
        wanted: &[(&str, Vec<u8>)],
        mut held: Vec<bool>,
    ) -> Result<Vec<bool>> {
        if !held.contains(&false) || self.waited.contains(queue) {
            return Ok(held);
        }
        let until = Instant::now() + SILENCE_KEPT;
        while held.contains(&false) && self.is_held_elsewhere(queue) {
            if Instant::now() > until {
                self.waited.insert(queue.to_owned());
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
            held = self.hold_in(queue, wanted)?;
        }
        Ok(held)
    }

    /// As far as the management API tells; without it nobody does.
    fn is_held_elsewhere(&self, queue: &str) -> bool {
        let here = match self.held.get(queue) {
            Some(Source::Queue(held)) => held.len(),
            _ => return false,
        };
        let known = Management::of(&self.settings).and_then(|api| api.queue(&self.settings.vhost, queue));
        known.is_ok_and(|info| info.messages_unacknowledged.is_some_and(|all| all > here))
    }

    fn failed(&mut self, queue: &str, failure: &Failure) -> Error {
        let error = match &self.session {
            Some(session) => session.explain_queue(queue, failure),
            None => self.not_connected(),
        };
        // A channel that failed is as good as a connection that did.
        self.forget();
        error
    }

    /// Where messages with these requeue ids are in a queue; all is given back.
    fn find(&mut self, queue: &str, ids: &[&str]) -> Result<Found> {
        let session = self.session()?;
        let facts = Facts::of(session, queue)?;
        if facts.kind == Kind::Stream {
            return Ok(Found { ids: BTreeMap::new(), whole: false, why: format!("{queue} is a stream") });
        }
        if let Err(error) = facts.may_take(true, session.settings(), queue) {
            return Ok(Found { ids: BTreeMap::new(), whole: false, why: error.summary });
        }
        let channel = session.channel()?;
        let (mut taken, mut seen, mut found) = (Taken::default(), 0_u64, BTreeMap::new());
        let want = facts.ready.min(MOST_LOOKED_AT);
        let looked: Answer<()> = session.run(async {
            let each = |delivery| {
                seen += 1;
                let message = wire::message(queue, &delivery).unwrap_or_default();
                if let Some(id) = requeue_id(&message).filter(|id| ids.contains(id)) {
                    found.insert(id.to_owned(), seen);
                }
                // All of a short queue is taken, which keeps its order.
                !facts.to_end && found.len() == ids.len()
            };
            // What was taken before a failure goes back with the connection.
            taken.take(&channel, queue, want, each).await?;
            taken.give_back(&channel, queue).await?;
            patiently(channel.close(200, "done".into())).await
        });
        looked.map_err(|failure| self.failed(queue, &failure))?;
        let whole = seen >= facts.ready;
        let why = match seen {
            0 if whole => format!("{queue} is empty"),
            _ if whole => format!("it is none of the {} in {queue}", plural(seen, "message", "messages")),
            _ => format!("it is not among the first {} of {queue}", count(seen)),
        };
        Ok(Found { ids: found, whole, why })
    }
}

/// What a look for messages gave.
struct Found {
    /// The position of each in its queue, from 1.
    ids: BTreeMap<String, u64>,
    /// All that was ready was looked at.
    whole: bool,
    why: String,
}

/// Places in the batch by the queue in which their letters lie.
fn by_queue(batch: &[Outgoing]) -> BTreeMap<&str, Vec<usize>> {
    let mut queues: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, outgoing) in batch.iter().enumerate() {
        if let Place::Amqp(place) = &outgoing.letter.place {
            queues.entry(&place.queue).or_default().push(at);
        }
    }
    queues
}

fn ids<'a>(batch: &'a [Outgoing], places: &[usize]) -> Vec<&'a str> {
    places.iter().filter_map(|at| batch.get(*at)).map(|outgoing| outgoing.requeue_id.as_str()).collect()
}

/// Fills answers in by their places.
fn answers<T: Clone>(len: usize, otherwise: T, known: Vec<(usize, T)>) -> Vec<T> {
    let mut answers = vec![otherwise; len];
    for (at, answer) in known {
        if let Some(slot) = answers.get_mut(at) {
            *slot = answer;
        }
    }
    answers
}

impl Outlet for RabbitOutlet {
    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let wanted: Vec<(&str, Vec<u8>)> = places
                .iter()
                .filter_map(|at| batch.get(*at))
                .map(|outgoing| (outgoing.requeue_id.as_str(), identity(&outgoing.letter)))
                .collect();
            let held = match self.hold_in(queue, &wanted) {
                // The connection was lost since the last call, and with it all that was held: once more.
                Err(_) if self.session.is_none() => self.hold_in(queue, &wanted)?,
                held => held?,
            };
            let gone = || Hold::Gone(format!("it is not in {queue} any more, or a consumer holds it"));
            let held = self.hold_what_comes_back(queue, &wanted, held)?;
            let hold = |held| if held { Hold::Held } else { gone() };
            known.extend(places.into_iter().zip(held.into_iter().map(hold)));
        }
        Ok(answers(batch.len(), Hold::Gone("it does not lie in RabbitMQ".to_owned()), known))
    }

    fn mark(&mut self, _batch: &[Outgoing]) -> Result<String> {
        // A queue has no positions to come back to.
        Ok(String::new())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let outcomes = match self.session() {
            Ok(session) => publish::send(session, batch),
            Err(error) => return batch.iter().map(|_| Outcome::Unknown(error.clone())).collect(),
        };
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unknown(_))) {
            // Nothing more is asked of a connection that may be dead: each question would wait in vain.
            self.forget();
        }
        outcomes
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let (session, held) = match (&self.session, self.held.get_mut(queue)) {
                (Some(session), Some(Source::Queue(held))) => (session, held),
                (Some(_), Some(Source::Stream)) => {
                    let left = Outcome::Confirmed(format!("left in {queue}, which keeps all it has"));
                    known.extend(places.into_iter().map(|at| (at, left.clone())));
                    continue;
                }
                _ => continue,
            };
            let is_held = |at: &usize| batch.get(*at).is_some_and(|outgoing| held.holds(&outgoing.requeue_id));
            let places: Vec<usize> = places.into_iter().filter(is_held).collect();
            let outcome = match session.run(held.settle(&ids(batch, &places))) {
                Ok(()) => Outcome::Confirmed(format!("taken from {queue}")),
                Err(failure) => Outcome::Unknown(self.failed(queue, &failure)),
            };
            known.extend(places.into_iter().map(|at| (at, outcome.clone())));
        }
        let summary = "The letter is not held: it is in its queue, or somebody else has it";
        let lost = Error::new(summary, place(&self.settings.url), "Hold it again");
        answers(batch.len(), Outcome::Unknown(lost), known)
    }

    fn release(&mut self, batch: &[Outgoing]) {
        for (queue, places) in by_queue(batch) {
            let (Some(session), Some(Source::Queue(held))) = (&self.session, self.held.get_mut(queue)) else {
                continue;
            };
            // What fails here goes back with the connection.
            if let Err(failure) = session.run(held.release(&ids(batch, &places))) {
                let _said_by_the_next_call = self.failed(queue, &failure);
            }
        }
    }

    fn look_for(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let mut targets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, outgoing) in batch.iter().enumerate() {
            if let Target::Queue { name } = &outgoing.target {
                targets.entry(name).or_default().push(at);
            }
        }
        let mut known = Vec::new();
        for (queue, places) in targets {
            let found = self.find(queue, &ids(batch, &places))?;
            known.extend(places.into_iter().filter_map(|at| {
                let presence = match found.ids.get(&batch.get(at)?.requeue_id) {
                    Some(position) => Presence::There(format!("it is message {} of {queue}", count(*position))),
                    None => Presence::CannotTell(format!("{}; a consumer may have had it", found.why)),
                };
                Some((at, presence))
            }));
        }
        let otherwise = Presence::CannotTell("RabbitMQ does not remember what an exchange has routed".to_owned());
        Ok(answers(batch.len(), otherwise, known))
    }

    fn returned(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let found = self.find(queue, &ids(batch, &places))?;
            let pooled = match self.held.get(queue) {
                Some(Source::Queue(held)) => Some(held),
                _ => None,
            };
            known.extend(places.into_iter().filter_map(|at| {
                let id = &batch.get(at)?.requeue_id;
                let presence = if found.ids.contains_key(id) || pooled.is_some_and(|held| held.has_returned(id)) {
                    Presence::There(format!("it lies in {queue} again"))
                } else if found.whole {
                    Presence::Absent
                } else {
                    Presence::CannotTell(found.why.clone())
                };
                Some((at, presence))
            }));
        }
        Ok(answers(batch.len(), Presence::CannotTell("its letter does not lie in RabbitMQ".to_owned()), known))
    }
}

impl Drop for RabbitOutlet {
    /// Everything goes back in its order before the connection is closed.
    fn drop(&mut self) {
        let Some(session) = self.session.as_ref().filter(|session| session.is_connected()) else { return };
        for source in self.held.values_mut() {
            if let Source::Queue(held) = source {
                let _goes_back_with_the_connection = session.run(held.release_all());
                std::thread::sleep(held.linger());
            }
        }
    }
}
