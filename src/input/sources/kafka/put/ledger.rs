//! The ledger: a compacted topic with a record for each letter that was handled, written in the transaction
//! of its message. All who share the cluster see it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, Message as _, OwnedHeaders};
use serde::{Deserialize, Serialize};

use super::super::config;
use super::failed;
use super::scan::{self, Scanner, View};
use crate::input::sources::broker::Url;
use crate::input::sources::outlet::{Hold, ID_HEADER, Outgoing};
use crate::model::error::Result;
use crate::model::message::Place as Lies;

/// Used where it is there; `?ledger=NAME` makes one, `?ledger=none` does without.
const NAME: &str = "eventglass-requeue-ledger";

pub(super) struct Ledger {
    pub(super) topic: String,
    pub(super) partitions: BTreeSet<i32>,
    /// Read so far, by partition.
    read: BTreeMap<i32, i64>,
    handled: BTreeMap<String, Handled>,
    /// Made when it is read first.
    scanner: Option<Scanner>,
}

/// What stands in the ledger about a letter, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Handled {
    requeue_id: String,
    attempt: u32,
    target: String,
    user: String,
}

impl Ledger {
    /// None where there is none, and none is asked for.
    ///
    /// # Errors
    /// When one is asked for and cannot be made.
    pub(super) fn find(url: &Url, topics: &BTreeMap<String, BTreeSet<i32>>) -> Result<Option<Self>> {
        let asked = url.option("ledger").filter(|name| !name.is_empty());
        let name = asked.unwrap_or(NAME);
        if name == "none" {
            return Ok(None);
        }
        let partitions = match (topics.get(name), asked) {
            (Some(partitions), _) => partitions.clone(),
            (None, None) => return Ok(None),
            (None, Some(name)) => {
                make(url, name)?;
                [0].into()
            }
        };
        Ok(Some(Self {
            topic: name.to_owned(),
            partitions,
            read: BTreeMap::new(),
            handled: BTreeMap::new(),
            scanner: None,
        }))
    }

    /// Key and value of a letter's record.
    pub(super) fn record(&self, outgoing: &Outgoing) -> (Vec<u8>, Vec<u8>) {
        let handled = Handled {
            requeue_id: outgoing.requeue_id.clone(),
            attempt: attempt(outgoing),
            target: outgoing.target.to_string(),
            user: ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default(),
        };
        (key(outgoing).into_bytes(), serde_json::to_vec(&handled).expect("texts and numbers always become JSON"))
    }

    /// The id, by which a look behind a mark finds it.
    pub(super) fn headers(&self, outgoing: &Outgoing) -> OwnedHeaders {
        OwnedHeaders::new().insert(Header { key: ID_HEADER, value: Some(outgoing.requeue_id.as_bytes()) })
    }

    /// Letters that were handled by somebody else since this attempt was planned are gone.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) fn hold(&mut self, url: &Url, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        self.read_on(url)?;
        let hold = |outgoing: &Outgoing| match self.handled.get(&key(outgoing)) {
            Some(known) if known.requeue_id != outgoing.requeue_id && known.attempt >= attempt(outgoing) => {
                let by = if known.user.is_empty() { String::new() } else { format!(" by {}", known.user) };
                Hold::Gone(format!("it was put back into {}{by} already, says the ledger", known.target))
            }
            _ => Hold::Held,
        };
        Ok(batch.iter().map(hold).collect())
    }

    /// Up to the ledger's end: a letter that is not in it counts as one that nobody handled.
    fn read_on(&mut self, url: &Url) -> Result<()> {
        let scanner = match self.scanner.take() {
            Some(scanner) => scanner,
            None => Scanner::new(url, View::Committed)?,
        };
        let scanner = self.scanner.insert(scanner);
        let (topic, read, handled) = (&self.topic, &mut self.read, &mut self.handled);
        loop {
            let start = |partition: &i32| read.get(partition).copied().unwrap_or(scan::BEGINNING);
            let starts: Vec<(String, i32, i64)> =
                self.partitions.iter().map(|partition| (topic.clone(), *partition, start(partition))).collect();
            let mut seen = false;
            let lacks = scanner.each(&starts, Duration::ZERO, |message| {
                seen = true;
                read.insert(message.partition(), message.offset() + 1);
                let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
                match message.payload().and_then(|value| serde_json::from_slice(value).ok()) {
                    Some(known) => handled.insert(key, known),
                    None => handled.remove(&key),
                };
            })?;
            match lacks {
                None => return Ok(()),
                // A long one takes several looks.
                Some(_) if seen => {}
                Some(why) => return Err(failed(url, "The ledger cannot be read to its end", why)),
            }
        }
    }
}

/// Where the letter lies; letters from elsewhere have their requeue's id.
fn key(outgoing: &Outgoing) -> String {
    match &outgoing.letter.place {
        Lies::Kafka { topic, partition, offset } => format!("{topic}/{partition}/{offset}"),
        _ => outgoing.requeue_id.clone(),
    }
}

fn attempt(outgoing: &Outgoing) -> u32 {
    let header = outgoing.message.headers.iter().rev().find(|(name, _)| name == "eventglass-requeue-attempt");
    header.and_then(|(_, value)| value.text()?.parse().ok()).unwrap_or(1)
}

fn make(url: &Url, name: &str) -> Result<()> {
    let what = "The ledger's topic cannot be made";
    if config::tokens(url)?.is_some() {
        return Err(failed(
            url,
            what,
            format!("the client cannot log in by a token for that: make {name} yourself, compacted"),
        ));
    }
    let admin: AdminClient<DefaultClientContext> =
        config::client(url)?.create().map_err(|cause| failed(url, what, cause))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|cause| failed(url, what, cause))?;
    // Replicated as the cluster's topics are by default.
    let topic = NewTopic::new(name, 1, TopicReplication::Fixed(-1)).set("cleanup.policy", "compact");
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
    let made = runtime.block_on(admin.create_topics(&[topic], &options)).map_err(|cause| failed(url, what, cause))?;
    match made.into_iter().next() {
        Some(Err((_, code))) if code != rdkafka::error::RDKafkaErrorCode::TopicAlreadyExists => {
            Err(failed(url, what, code))
        }
        _ => Ok(()),
    }
}
