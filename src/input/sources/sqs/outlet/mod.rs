//! Puts letters back into SQS, or publishes them to a topic of SNS: hold, send, delete. A crash between the answer
//! and its line in the journal leaves a doubt where the target is no FIFO queue, so what is promised is "at least
//! once". A FIFO target absorbs for five minutes what has the same deduplication id, and ours is the requeue id.

mod send;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::client::{Answer, Client, Failure};
use super::facts::Facts;
use super::pool::{AT_ONCE, Pool};
use super::settings::Settings;
use super::wire;
use crate::base::clock::now_ns;
use crate::base::text::count;
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence, Target};
use crate::model::error::{Error, Result};
use crate::model::message::Place;

/// For so long after it was sent a FIFO target surely absorbs the same message: five minutes, less one for clocks.
const ABSORBED_MS: i64 = 4 * 60 * 1000;

/// Most messages looked at to find one that was put back.
const MOST_LOOKED_AT: u64 = 1_000;

pub(super) struct SqsOutlet {
    client: Client,
    pools: BTreeMap<String, Pool>,
    /// Of targets, by their names.
    urls: BTreeMap<String, String>,
}

impl SqsOutlet {
    /// # Errors
    /// The step of the connection that failed.
    pub(super) fn open(url: &Url) -> Result<Self> {
        let client = Client::connect(&Settings::read(url)?)?;
        Ok(Self { client, pools: BTreeMap::new(), urls: BTreeMap::new() })
    }

    /// The queue's messages that are held, which are none at first.
    fn pool(&mut self, queue: &str) -> Result<(&Client, &mut Pool)> {
        if !self.pools.contains_key(queue) {
            let client = &self.client;
            let facts = client.run(Facts::of(client, queue));
            let facts = facts.map_err(|failure| client.explain("sqs:GetQueueUrl", queue, &failure))?;
            facts.may_look(client, queue)?;
            self.pools.insert(queue.to_owned(), Pool::new(&facts.url, client.settings.hold_s));
        }
        match self.pools.get_mut(queue) {
            Some(pool) => Ok((&self.client, pool)),
            None => Err(Error::new("The queue is not held", place(&self.client.settings.url), "Try again")),
        }
    }

    /// Takes hold of messages by their ids. Waits for those that are not there as long as a program that ended
    /// may still hold them: what is not there then is gone, or with somebody else.
    fn hold_in(&mut self, queue: &str, wanted: &[&str]) -> Result<Vec<bool>> {
        let (client, pool) = self.pool(queue)?;
        let until = Instant::now() + Duration::from_secs(client.settings.hold_s.unsigned_abs().into()) + SLACK;
        let held: Answer<()> = client.run(async {
            pool.prolong(client).await;
            while !wanted.iter().all(|id| pool.holds(id)) {
                let received = pool.receive(client, AT_ONCE).await?;
                if received.is_empty() && Instant::now() > until {
                    break;
                }
            }
            Ok(())
        });
        held.map_err(|failure| client.explain("sqs:ReceiveMessage", queue, &failure))?;
        Ok(wanted.iter().map(|id| pool.holds(id)).collect())
    }

    /// Whether messages with these requeue ids lie in a queue, as far as a look tells; all are given back.
    fn find(&self, queue: &str, ids: &[&str]) -> Result<Found> {
        let client = &self.client;
        let found: Answer<Result<Found>> = client.run(async {
            let facts = Facts::of(client, queue).await?;
            if let Err(refused) = facts.may_look(client, queue) {
                return Ok(Ok(Found { ids: Vec::new(), why: refused.summary }));
            }
            let mut pool = Pool::new(&facts.url, client.settings.hold_s);
            let (mut seen, mut found) = (0_u64, Vec::new());
            let looked: Answer<()> = async {
                while seen < MOST_LOOKED_AT && found.len() < ids.len() {
                    let received = pool.receive(client, AT_ONCE).await?;
                    if received.is_empty() {
                        break;
                    }
                    seen += received.len() as u64;
                    let known = received.iter().filter_map(wire::requeue_id).filter(|id| ids.contains(id));
                    found.extend(known.map(str::to_owned));
                }
                Ok(())
            }
            .await;
            pool.give_all_back(client).await;
            looked?;
            Ok(Ok(Found { ids: found, why: format!("it is not among the {} that {queue} gave", count(seen)) }))
        });
        found.map_err(|failure| client.explain("sqs:ReceiveMessage", queue, &failure))?
    }

    fn error(&self, summary: &str, next_step: &str, why: &str) -> Error {
        Error::new(summary, place(&self.client.settings.url), next_step).because(why)
    }
}

/// Beyond the time for which messages are hidden.
const SLACK: Duration = Duration::from_secs(2);

/// What a look for messages gave.
struct Found {
    ids: Vec<String>,
    /// Of those that are not there.
    why: String,
}

/// Places in the batch by the queue in which their letters lie, with the ids of these.
fn by_queue(batch: &[Outgoing]) -> BTreeMap<&str, Vec<(usize, &str)>> {
    let mut queues: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (at, outgoing) in batch.iter().enumerate() {
        if let Place::Sqs(place) = &outgoing.letter.place {
            queues.entry(&place.queue).or_default().push((at, &place.message_id));
        }
    }
    queues
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

fn now_ms() -> i64 {
    now_ns().map_or(0, |ns| ns / 1_000_000)
}

impl Outlet for SqsOutlet {
    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let ids: Vec<&str> = places.iter().map(|(_, id)| *id).collect();
            let held = self.hold_in(queue, &ids)?;
            let gone = || Hold::Gone(format!("it is not in {queue} any more, or a consumer holds it"));
            let hold = |held| if held { Hold::Held } else { gone() };
            known.extend(places.iter().map(|(at, _)| *at).zip(held.into_iter().map(hold)));
        }
        Ok(answers(batch.len(), Hold::Gone("it does not lie in SQS".to_owned()), known))
    }

    /// When they are sent: FIFO targets know them for five minutes.
    fn mark(&mut self, _batch: &[Outgoing]) -> Result<String> {
        Ok(now_ms().to_string())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        // Letters that wait for their turn stay held.
        for pool in self.pools.values_mut() {
            self.client.run(pool.prolong(&self.client));
        }
        send::send(&self.client, &mut self.urls, batch)
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let Some(pool) = self.pools.get_mut(queue) else { continue };
            // A handle that is too old is taken without an error, and nothing is deleted.
            let places: Vec<(usize, &str)> = places.into_iter().filter(|(_, id)| pool.holds(id)).collect();
            let ids: Vec<String> = places.iter().map(|(_, id)| (*id).to_owned()).collect();
            let told: BTreeMap<String, Option<String>> =
                self.client.run(pool.delete(&self.client, &ids)).into_iter().collect();
            for (at, id) in places {
                let outcome = match told.get(id) {
                    Some(None) => Outcome::Confirmed(format!("deleted from {queue}")),
                    Some(Some(why)) => {
                        Outcome::Unknown(self.error("The letter was not deleted", "Ask for sqs:DeleteMessage", why))
                    }
                    None => continue,
                };
                known.push((at, outcome));
            }
        }
        let lost = self.error("The letter is not held any more", "Hold it again", "its time was over");
        answers(batch.len(), Outcome::Unknown(lost), known)
    }

    fn release(&mut self, batch: &[Outgoing]) {
        for (queue, places) in by_queue(batch) {
            if let Some(pool) = self.pools.get_mut(queue) {
                let ids: Vec<String> = places.iter().map(|(_, id)| (*id).to_owned()).collect();
                // What fails here SQS gives back by itself.
                self.client.run(pool.give_back(&self.client, &ids));
            }
        }
    }

    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let age = mark.parse::<i64>().map_or(i64::MAX, |sent| now_ms().saturating_sub(sent));
        let absorbed = (0..ABSORBED_MS).contains(&age);
        let mut known = Vec::new();
        let mut looked: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut again = Vec::new();
        for (at, outgoing) in batch.iter().enumerate() {
            match &outgoing.target {
                Target::Queue { name } | Target::Topic { name, .. } if wire::is_fifo(name) && absorbed => {
                    again.push(at);
                }
                Target::Queue { name } => looked.entry(name).or_default().push(at),
                _ => {}
            }
        }
        // Where it is there already nothing happens, where it is not it comes: sending again is right, but only now. Who
        // would say that it is not there would have it sent when SQS may have forgotten it.
        let outgoing: Vec<Outgoing> = again.iter().filter_map(|at| batch.get(*at).cloned()).collect();
        let sent = send::send(&self.client, &mut self.urls, &outgoing);
        known.extend(again.into_iter().zip(sent).map(|(at, outcome)| match outcome {
            Outcome::Confirmed(place) => (at, Presence::There(place)),
            Outcome::Refused(error) | Outcome::Unknown(error) => (at, Presence::CannotTell(error.summary)),
        }));
        for (queue, places) in looked {
            let ids: Vec<&str> =
                places.iter().filter_map(|at| batch.get(*at)).map(|outgoing| outgoing.requeue_id.as_str()).collect();
            let found = self.find(queue, &ids)?;
            known.extend(places.into_iter().filter_map(|at| {
                let presence = if found.ids.contains(&batch.get(at)?.requeue_id) {
                    Presence::There(format!("it lies in {queue}"))
                } else {
                    Presence::CannotTell(format!("{}; a consumer may have had it", found.why))
                };
                Some((at, presence))
            }));
        }
        let otherwise = Presence::CannotTell("SNS does not remember what was published".to_owned());
        Ok(answers(batch.len(), otherwise, known))
    }

    fn returned(&mut self, batch: &[Outgoing], _mark: &str) -> Result<Vec<Presence>> {
        let mut known = Vec::new();
        for (queue, places) in by_queue(batch) {
            let (client, pool) = self.pool(queue)?;
            let looked: Answer<bool> = client.run(async {
                // Until nothing new comes: what came is held with the letters that wait.
                while pool.len() < MOST_LOOKED_AT {
                    if pool.receive(client, AT_ONCE).await?.is_empty() {
                        return Ok(true);
                    }
                }
                Ok(false)
            });
            let is_all = looked.map_err(|failure: Failure| client.explain("sqs:ReceiveMessage", queue, &failure))?;
            known.extend(places.into_iter().filter_map(|(at, _)| {
                let presence = if pool.has_returned(&batch.get(at)?.requeue_id) {
                    Presence::There(format!("it lies in {queue} again"))
                } else if is_all {
                    Presence::Absent
                } else {
                    Presence::CannotTell(format!("no more than {MOST_LOOKED_AT} messages of {queue} are looked at"))
                };
                Some((at, presence))
            }));
        }
        Ok(answers(batch.len(), Presence::CannotTell("its letter does not lie in SQS".to_owned()), known))
    }
}

impl Drop for SqsOutlet {
    /// What is held is given back at once.
    fn drop(&mut self) {
        for pool in self.pools.values_mut() {
            self.client.run(pool.give_all_back(&self.client));
        }
    }
}
