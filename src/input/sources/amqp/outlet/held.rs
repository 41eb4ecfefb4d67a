//! Letters held where they lie: taken from their queue, not acknowledged.
//!
//! AMQP hands out messages from the head only, so what lies before a wanted letter is taken too. It is kept in a
//! pool as long as letters of the queue are held, and each message is taken at most once: quorum queues count.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Channel, message::Delivery};

use super::super::connect::{Answer, look, patiently};
use super::super::facts::{Facts, Kind, MOST_TURNED};
use super::super::fetch::Taken;
use super::super::wire;
use crate::input::sources::outlet::ID_HEADER;
use crate::model::message::{HeaderValue, Message, Place};

/// Acknowledgements that a quorum queue gets one by one without a pause: half of what a channel lets be on its way.
const GROUP: usize = 16;

/// What a quorum queue needs to write a group down, and for its channel to hear of that.
const PAUSE: Duration = Duration::from_millis(25);

/// Headers that count deliveries.
const DELIVERY_HEADERS: [&str; 2] = ["x-delivery-count", "x-acquired-count"];

/// All of a message but what changes when it is looked at. Not its `message_id` alone: a message that was put
/// back, failed again and came back has the same id and must not be taken for the letter that it was. Messages
/// that are alike in all of it cannot be told apart and are counted.
pub(super) fn identity(message: &Message) -> Vec<u8> {
    let mut same = message.clone();
    if let Place::Amqp(place) = &mut same.place {
        place.redelivered = false;
    }
    same.headers.retain(|(name, _)| !DELIVERY_HEADERS.contains(&name.as_str()));
    same.headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut record = Vec::new();
    same.write(&mut record);
    record
}

/// The id of the attempt that put a message back.
pub(super) fn requeue_id(message: &Message) -> Option<&str> {
    message.headers.iter().find(|(name, _)| name == ID_HEADER).and_then(|(_, value)| HeaderValue::text(value))
}

/// One queue's.
pub(super) struct Held {
    queue: String,
    channel: Channel,
    taken: Taken,
    /// Delivery tags by identity, oldest first.
    pool: BTreeMap<Vec<u8>, VecDeque<u64>>,
    /// Delivery tags by the requeue ids of the letters.
    letters: BTreeMap<String, u64>,
    /// What is given back goes to the end.
    to_end: bool,
    is_classic: bool,
    has_settled: bool,
    /// Attempts whose messages are in the pool: they came back.
    returned: BTreeSet<String>,
}

impl Held {
    pub(super) fn new(queue: &str, facts: &Facts, channel: Channel) -> Self {
        Self {
            queue: queue.to_owned(),
            channel,
            taken: Taken::default(),
            pool: BTreeMap::new(),
            letters: BTreeMap::new(),
            to_end: facts.to_end,
            is_classic: facts.kind == Kind::Classic,
            has_settled: false,
            returned: BTreeSet::new(),
        }
    }

    /// Takes messages until each wanted letter is held or the queue is empty; says which are.
    pub(super) async fn hold(&mut self, wanted: &[(&str, Vec<u8>)]) -> Answer<Vec<bool>> {
        // A connection that was lost unnoticed must not look like a hold.
        patiently(look(&self.channel, &self.queue)).await?;
        loop {
            let missing = self.claim(wanted);
            if missing == 0 || self.take(missing).await? == 0 {
                break;
            }
        }
        Ok(wanted.iter().map(|(id, _)| self.letters.contains_key(*id)).collect())
    }

    /// Takes up to `want` messages into the pool; how many it were.
    async fn take(&mut self, want: u64) -> Answer<u64> {
        let before = self.taken.messages;
        let (queue, pool, returned) = (&self.queue, &mut self.pool, &mut self.returned);
        let each = |delivery: Delivery| {
            // What cannot be read cannot be a letter of ours; it stays held like all that is not wanted.
            let message = wire::message(queue, &delivery).unwrap_or_default();
            returned.extend(requeue_id(&message).map(str::to_owned));
            pool.entry(identity(&message)).or_default().push_back(delivery.delivery_tag);
            false
        };
        self.taken.take(&self.channel, queue, want, each).await?;
        Ok(self.taken.messages - before)
    }

    /// Finds letters in the pool; how many are missing.
    fn claim(&mut self, wanted: &[(&str, Vec<u8>)]) -> u64 {
        let mut missing = 0;
        for (id, identity) in wanted {
            if self.letters.contains_key(*id) {
                continue;
            }
            match self.pool.get_mut(identity).and_then(VecDeque::pop_front) {
                Some(tag) => {
                    self.letters.insert((*id).to_owned(), tag);
                }
                None => missing += 1,
            }
        }
        missing
    }

    /// Messages that are held, wanted or not.
    pub(super) fn len(&self) -> u64 {
        let pool: usize = self.pool.values().map(VecDeque::len).sum();
        (pool + self.letters.len()) as u64
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.letters.contains_key(id)
    }

    pub(super) fn has_returned(&self, id: &str) -> bool {
        self.returned.contains(id)
    }

    /// Takes letters out of the queue for good, and waits until it has heard of that.
    ///
    /// RabbitMQ's channel holds acknowledgements for a quorum queue back while 32 are on their way to it, and
    /// forgets them when the channel is closed: the letters would come back although they are settled. So as
    /// many as can be go as one, the others in small groups with pauses.
    pub(super) async fn settle(&mut self, ids: &[&str]) -> Answer<()> {
        let tags: BTreeSet<u64> = ids.iter().filter_map(|id| self.letters.remove(*id)).collect();
        let kept = self.pool.values().flatten().chain(self.letters.values()).min().copied();
        let (together, singly): (Vec<u64>, Vec<u64>) =
            tags.into_iter().partition(|tag| kept.is_none_or(|kept| *tag < kept));
        self.has_settled = true;
        if let Some(last) = together.last() {
            patiently(self.channel.basic_ack(*last, BasicAckOptions { multiple: true })).await?;
        }
        for group in singly.chunks(GROUP) {
            for tag in group {
                patiently(self.channel.basic_ack(*tag, BasicAckOptions::default())).await?;
            }
            if !self.is_classic && group.len() == GROUP {
                patiently(look(&self.channel, &self.queue)).await?;
                tokio::time::sleep(PAUSE).await;
            }
        }
        patiently(look(&self.channel, &self.queue)).await?;
        Ok(())
    }

    /// How long the channel should stay after the last call, so that nothing is held back in it.
    pub(super) fn linger(&self) -> Duration {
        if self.has_settled && !self.is_classic { PAUSE * 4 } else { Duration::ZERO }
    }

    /// Gives letters back, and with the last one all else that was taken.
    pub(super) async fn release(&mut self, ids: &[&str]) -> Answer<()> {
        let mut tags: Vec<u64> = ids.iter().filter_map(|id| self.letters.remove(*id)).collect();
        if self.letters.is_empty() {
            if self.to_end && !(tags.is_empty() && self.pool.is_empty()) {
                // Only when all of it is turned around does the order stay.
                self.take(MOST_TURNED).await?;
            }
            tags.extend(std::mem::take(&mut self.pool).into_values().flatten());
            self.returned.clear();
        }
        // Oldest first, which is the order in which quorum queues hand them out again.
        tags.sort_unstable();
        for tag in tags {
            let options = BasicNackOptions { multiple: false, requeue: true };
            patiently(self.channel.basic_nack(tag, options)).await?;
        }
        patiently(look(&self.channel, &self.queue)).await?;
        Ok(())
    }

    pub(super) async fn release_all(&mut self) -> Answer<()> {
        let ids: Vec<String> = self.letters.keys().cloned().collect();
        self.release(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::AmqpPlace;

    fn letter(redelivered: bool, headers: &[(&str, &str)]) -> Message {
        let place = AmqpPlace { queue: "dlq".to_owned(), redelivered, ..AmqpPlace::default() };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        Message { place: Place::Amqp(Box::new(place)), headers, value: Some(b"{}".to_vec()), ..Message::default() }
    }

    #[test]
    fn marks_of_looks_do_not_count_and_everything_else_does() {
        let one = identity(&letter(false, &[("a", "1"), ("b", "2")]));
        assert_eq!(one, identity(&letter(true, &[("b", "2"), ("x-delivery-count", "3"), ("a", "1")])));
        assert_ne!(one, identity(&letter(false, &[("a", "1"), ("b", "3")])));
        assert_ne!(one, identity(&letter(false, &[("a", "1"), ("b", "2"), (ID_HEADER, "x")])), "it came back");
    }
}
