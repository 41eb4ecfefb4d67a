//! Where letters are put back into Kafka.
//!
//! A letter in a topic cannot be taken away. Where there is a ledger (a compacted topic) each transaction
//! holds the message and a record that its letter was handled, so both are there or neither is. Without one
//! messages are written idempotently and found again by their id behind the ends that were noted before.

mod ledger;
mod mark;
mod producer;
mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;
use rdkafka::metadata::Metadata;

use super::client::{PATIENCE, Reader, connect};
use super::config;
use crate::base::cancel::Cancel;
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence, Target};
use crate::model::error::{Error, Result};
use crate::model::message::Place as Lies;
use ledger::Ledger;
use mark::Mark;
use producer::Writer;
use scan::{Scan, View};

/// Options of an address for those who write.
pub(super) const OPTIONS: &[&str] = &["ledger"];

/// How long what the cluster said of its topics is believed.
const METADATA_AGE: Duration = Duration::from_secs(30);

/// After a crash a request may still lie in a broker's inbox: so long nothing must come before something is
/// said to be absent.
const QUIET: Duration = Duration::from_secs(1);

struct Put {
    url: Url,
    reader: std::sync::Arc<Reader>,
    /// Partitions of all topics, and when they were asked for.
    topics: BTreeMap<String, BTreeSet<i32>>,
    asked: Instant,
    writer: Writer,
    ledger: Option<Ledger>,
}

/// # Errors
/// The step that failed.
pub(super) fn outlet(url: &Url) -> Result<Box<dyn Outlet>> {
    let connected = connect(url, &config::reader(url)?, &Cancel::new())?;
    let topics = partitions(&connected.metadata);
    let (writer, ledger) = match Ledger::find(url, &topics)? {
        Some(ledger) => match Writer::transactional(url)? {
            Some(writer) => (writer, Some(ledger)),
            // The user may not use transactions: messages can still be found again.
            None => (Writer::idempotent(url)?, None),
        },
        None => (Writer::idempotent(url)?, None),
    };
    Ok(Box::new(Put { url: url.clone(), reader: connected.reader, topics, asked: Instant::now(), writer, ledger }))
}

fn partitions(metadata: &Metadata) -> BTreeMap<String, BTreeSet<i32>> {
    let of = |topic: &rdkafka::metadata::MetadataTopic| {
        topic.partitions().iter().map(rdkafka::metadata::MetadataPartition::id).collect()
    };
    metadata.topics().iter().map(|topic| (topic.name().to_owned(), of(topic))).collect()
}

/// A call that got no answer, or a wrong one.
fn failed(url: &Url, what: &str, cause: impl std::fmt::Display) -> Error {
    Error::new(what, place(url), "Check the brokers and the network, then resume").because(cause)
}

impl Put {
    fn refresh(&mut self) -> Result<()> {
        if self.asked.elapsed() > METADATA_AGE {
            // All topics: to ask for one by its name may make it.
            let metadata = self.reader.fetch_metadata(None, PATIENCE);
            let metadata =
                metadata.map_err(|cause| failed(&self.url, "The cluster does not tell its topics", cause))?;
            self.topics = partitions(&metadata);
            self.asked = Instant::now();
        }
        Ok(())
    }

    /// Why a message cannot go where it should.
    fn refusal(&self, outgoing: &Outgoing) -> Option<Error> {
        let refused = |what: String, next_step: &str| Some(Error::new(what, place(&self.url), next_step));
        let Target::Topic { name, partition } = &outgoing.target else {
            return refused(format!("{} is no topic", outgoing.target), "Plan it with another target");
        };
        match (self.topics.get(name), partition) {
            (None, _) => refused(format!("There is no topic {name}"), "Make the topic, or choose another target"),
            (Some(known), Some(n)) if !known.contains(n) => {
                refused(format!("{name} has no partition {n}"), "Plan it anew: the number of partitions changed")
            }
            _ => None,
        }
    }

    fn end(&self, topic: &str, partition: i32) -> Result<i64> {
        let asked = self.reader.fetch_watermarks(topic, partition, PATIENCE);
        let ends = asked.map_err(|cause| failed(&self.url, "A partition's end is not told", cause))?;
        Ok(ends.1)
    }

    fn ends(&self, wanted: &BTreeMap<String, BTreeSet<i32>>) -> Result<BTreeMap<String, BTreeMap<i32, i64>>> {
        let mut ends: BTreeMap<String, BTreeMap<i32, i64>> = BTreeMap::new();
        for (topic, partitions) in wanted {
            for &partition in partitions {
                ends.entry(topic.clone()).or_default().insert(partition, self.end(topic, partition)?);
            }
        }
        Ok(ends)
    }

    /// Partitions in which messages may arrive, or fail again.
    fn places(&self, batch: &[Outgoing]) -> BTreeMap<String, BTreeSet<i32>> {
        let mut wanted: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
        for outgoing in batch {
            if let Target::Topic { name, partition } = &outgoing.target
                && let Some(known) = self.topics.get(name)
            {
                let slot = wanted.entry(name.clone()).or_default();
                match partition {
                    Some(n) => slot.extend(known.get(n)),
                    None => slot.extend(known),
                }
            }
            if let Lies::Kafka { topic, .. } = &outgoing.letter.place
                && let Some(known) = self.topics.get(topic)
            {
                wanted.entry(topic.clone()).or_default().extend(known);
            }
        }
        wanted
    }

    /// Where these ids lie in `topics` behind a mark, and whether all was read.
    fn look(&self, topics: &BTreeSet<String>, mark: &Mark, quiet: Duration) -> Result<Scan> {
        let starts: Vec<(String, i32, i64)> = mark
            .ends
            .iter()
            .filter(|(topic, _)| topics.contains(*topic))
            .flat_map(|(topic, ends)| ends.iter().map(|(partition, end)| (topic.clone(), *partition, *end)))
            .collect();
        scan::ids(&self.url, &starts, View::All, quiet)
    }
}

impl Outlet for Put {
    fn guarantee(&self) -> Guarantee {
        if self.ledger.is_some() { Guarantee::ExactlyOnce } else { Guarantee::FoundAgain }
    }

    /// Letters stay where they are; with a ledger those that somebody else handled are gone.
    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        match &mut self.ledger {
            Some(ledger) => ledger.hold(&self.url, batch),
            None => Ok(batch.iter().map(|_| Hold::Held).collect()),
        }
    }

    fn mark(&mut self, batch: &[Outgoing]) -> Result<String> {
        self.refresh()?;
        let mut wanted = self.places(batch);
        if let Some(ledger) = &self.ledger {
            wanted.insert(ledger.topic.clone(), ledger.partitions.clone());
        }
        let ledger = self.ledger.as_ref().map(|ledger| ledger.topic.clone());
        let mark = Mark { transaction: self.writer.transaction.clone(), ledger, ends: self.ends(&wanted)? };
        Ok(mark.to_text())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> =
            batch.iter().map(|outgoing| self.refusal(outgoing).map(Outcome::Refused)).collect();
        self.writer.send(&self.url, batch, self.ledger.as_ref(), &mut outcomes);
        let unsaid = || Outcome::Unknown(failed(&self.url, "No answer came", "nothing was said of it"));
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(unsaid)).collect()
    }

    /// Nothing to do: the ledger's record was part of the transaction.
    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        batch.iter().map(|_| Outcome::Confirmed(String::new())).collect()
    }

    fn release(&mut self, _batch: &[Outgoing]) {}

    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let Some(mark) = Mark::read(mark) else {
            return Ok(cannot_tell(batch, "what was noted before sending cannot be read"));
        };
        let scan = match (&mark.transaction, &mark.ledger) {
            (Some(transaction), Some(ledger)) => {
                // Whoever began it is shut out, and what it left open is ended: then the ledger tells.
                Writer::fence(&self.url, transaction)?;
                let starts: Vec<_> = mark.ends.get(ledger).into_iter().flatten().collect();
                let starts: Vec<_> = starts.into_iter().map(|(p, end)| (ledger.clone(), *p, *end)).collect();
                scan::ids(&self.url, &starts, View::Settled, Duration::ZERO)?
            }
            _ => {
                let topics = batch.iter().filter_map(|outgoing| match &outgoing.target {
                    Target::Topic { name, .. } => Some(name.clone()),
                    _ => None,
                });
                self.look(&topics.collect(), &mark, QUIET)?
            }
        };
        let presence = |outgoing: &Outgoing| match (scan.found.get(&outgoing.requeue_id), &scan.lacks) {
            (Some(place), _) => Presence::There(place.clone()),
            (None, None) => Presence::Absent,
            (None, Some(why)) => Presence::CannotTell(why.clone()),
        };
        Ok(batch.iter().map(presence).collect())
    }

    fn returned(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let Some(mark) = Mark::read(mark) else {
            return Ok(cannot_tell(batch, "what was noted before sending cannot be read"));
        };
        let topics = batch.iter().filter_map(|outgoing| match &outgoing.letter.place {
            Lies::Kafka { topic, .. } => Some(topic.clone()),
            _ => None,
        });
        let topics: BTreeSet<String> = topics.collect();
        let scan = self.look(&topics, &mark, Duration::ZERO)?;
        let presence = |outgoing: &Outgoing| match (&outgoing.letter.place, scan.found.get(&outgoing.requeue_id)) {
            (Lies::Kafka { topic, .. }, _) if !mark.ends.contains_key(topic) => {
                Presence::CannotTell(format!("there is no topic {topic}"))
            }
            (Lies::Kafka { .. }, Some(place)) => Presence::There(place.clone()),
            (Lies::Kafka { .. }, None) => match &scan.lacks {
                None => Presence::Absent,
                Some(why) => Presence::CannotTell(why.clone()),
            },
            _ => Presence::CannotTell("its letter lies in no topic".to_owned()),
        };
        Ok(batch.iter().map(presence).collect())
    }
}

fn cannot_tell(batch: &[Outgoing], why: &str) -> Vec<Presence> {
    batch.iter().map(|_| Presence::CannotTell(why.to_owned())).collect()
}
