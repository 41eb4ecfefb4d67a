//! Messages of one queue that are held: hidden from others for a time that is prolonged while they are needed, then
//! given back at once. Whatever happens to the program, SQS gives them back by itself when the time is over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
};

use super::client::{Answer, Client};
use super::wire;
use crate::input::sources::follow::Held;

/// Most messages of one request.
pub(super) const AT_ONCE: usize = 10;

/// How long a receive waits for messages; with any wait at all every server of SQS is asked.
const WAIT_S: i32 = 1;

/// What is held for less is not relied on.
const MARGIN: Duration = Duration::from_millis(500);

struct Hold {
    /// Of its last receive.
    handle: String,
    until: Instant,
    /// Where it is a message that was put back.
    requeue_id: Option<String>,
}

pub(super) struct Pool {
    url: String,
    hold_s: i32,
    /// By message id. What could not be prolonged in time stays here too, and is known again when it comes again.
    held: BTreeMap<String, Hold>,
    /// Ids of those that SQS would not leave to us any longer.
    lost: BTreeSet<String>,
}

impl Pool {
    pub(super) fn new(url: &str, hold_s: i32) -> Self {
        Self { url: url.to_owned(), hold_s, held: BTreeMap::new(), lost: BTreeSet::new() }
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.hold_s.unsigned_abs().into())
    }

    /// Messages that were not held before; none where there are none left, or others hold them.
    pub(super) async fn receive(&mut self, client: &Client, most: usize) -> Answer<Vec<Message>> {
        self.prolong(client).await;
        let asked = Instant::now();
        let received = client
            .sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most.clamp(1, AT_ONCE)).unwrap_or(1))
            .visibility_timeout(self.hold_s)
            .wait_time_seconds(WAIT_S)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await?;
        let mut new = Vec::new();
        for message in received.messages.unwrap_or_default() {
            let (Some(id), Some(handle)) = (message.message_id.clone(), message.receipt_handle.clone()) else {
                continue;
            };
            let requeue_id = wire::requeue_id(&message).map(str::to_owned);
            let held = Hold { handle, until: asked + self.time(), requeue_id };
            let is_new = !self.lost.contains(&id);
            // Only the newest handle is good for anything.
            if self.held.insert(id, held).is_none() && is_new {
                new.push(message);
            }
        }
        Ok(new)
    }

    /// Whether it is held, and will be for a moment.
    pub(super) fn holds(&self, id: &str) -> bool {
        self.held.get(id).is_some_and(|held| held.until > Instant::now() + MARGIN)
    }

    pub(super) fn has_returned(&self, requeue_id: &str) -> bool {
        self.held.values().any(|held| held.requeue_id.as_deref() == Some(requeue_id))
    }

    /// What others cannot see meanwhile; none where nothing is held.
    pub(super) fn hidden(&self) -> Option<Held> {
        let until = self.held.values().map(|held| held.until).max()?;
        Some(Held { messages: self.len(), until })
    }

    pub(super) fn len(&self) -> u64 {
        self.held.len() as u64
    }

    /// How many were given to others before they were given back: they may have been read elsewhere meanwhile.
    pub(super) fn lost(&self) -> u64 {
        self.lost.len() as u64
    }

    /// Holds on to what would be given back soon. What SQS says that it cannot be held any longer is let go of; where
    /// it says nothing the time that is left stands, and the next call tries again.
    pub(super) async fn prolong(&mut self, client: &Client) {
        let soon = Instant::now() + self.time() / 2;
        let old: Vec<String> =
            self.held.iter().filter(|(_, held)| held.until < soon).map(|(id, _)| id.clone()).collect();
        for ids in old.chunks(AT_ONCE) {
            let until = Instant::now() + self.time();
            let Ok(refused) = self.change(client, ids, self.hold_s).await else { continue };
            for id in ids {
                if refused.contains(id) {
                    self.held.remove(id);
                    self.lost.insert(id.clone());
                } else if let Some(held) = self.held.get_mut(id) {
                    held.until = until;
                }
            }
        }
    }

    /// Gives back at once; what fails there SQS gives back by itself. How many that are.
    pub(super) async fn give_back(&mut self, client: &Client, ids: &[String]) -> usize {
        // A handle whose time is over may be a consumer's affair by now.
        let now = Instant::now();
        let is_ours = |id: &&String| self.held.get(*id).is_some_and(|held| held.until > now);
        let ids: Vec<String> = ids.iter().filter(is_ours).cloned().collect();
        let mut failed = 0;
        for ids in ids.chunks(AT_ONCE) {
            failed += self.change(client, ids, 0).await.map_or(ids.len(), |refused| refused.len());
            ids.iter().for_each(|id| drop(self.held.remove(id)));
        }
        failed
    }

    pub(super) async fn give_all_back(&mut self, client: &Client) -> usize {
        let all: Vec<String> = self.held.keys().cloned().collect();
        self.give_back(client, &all).await
    }

    /// Those for which SQS says that it failed; an error where it does not say.
    async fn change(&self, client: &Client, ids: &[String], seconds: i32) -> Answer<Vec<String>> {
        let entry = |(at, id): (usize, &String)| {
            let handle = &self.held.get(id)?.handle;
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(at.to_string()).receipt_handle(handle);
            entry.visibility_timeout(seconds).build().ok()
        };
        let entries: Vec<_> = ids.iter().enumerate().filter_map(entry).collect();
        let asked = client.sqs.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = asked.send().await?;
        Ok(answer.failed().iter().filter_map(|failed| named(ids, failed.id())).collect())
    }

    /// Deletes messages that are held: for each why it failed.
    pub(super) async fn delete(&mut self, client: &Client, ids: &[String]) -> Vec<(String, Option<String>)> {
        let mut told = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let entry = |(at, id): (usize, &String)| {
                let handle = &self.held.get(id)?.handle;
                DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(handle).build().ok()
            };
            let entries: Vec<_> = ids.iter().enumerate().filter_map(entry).collect();
            let asked = client.sqs.delete_message_batch().queue_url(&self.url).set_entries(Some(entries));
            let failed: BTreeMap<String, String> = match asked.send().await {
                Ok(answer) => {
                    let why = |failed: &aws_sdk_sqs::types::BatchResultErrorEntry| {
                        let words = failed.message().unwrap_or(failed.code()).to_owned();
                        Some((named(ids, failed.id())?, words))
                    };
                    answer.failed().iter().filter_map(why).collect()
                }
                Err(error) => {
                    let words = super::client::Failure::from(error).to_string();
                    ids.iter().map(|id| (id.clone(), words.clone())).collect()
                }
            };
            for id in ids {
                let why = failed.get(id).cloned();
                if why.is_none() {
                    self.held.remove(id);
                }
                told.push((id.clone(), why));
            }
        }
        told
    }
}

fn named(ids: &[String], at: &str) -> Option<String> {
    ids.get(at.parse::<usize>().ok()?).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_counted_until_the_last_comes_back() {
        let mut pool = Pool::new("http://localhost/1/orders", 30);
        assert_eq!(pool.hidden(), None);
        let now = Instant::now();
        for (id, seconds) in [("a", 12), ("b", 29), ("c", 20)] {
            let held = Hold { handle: String::new(), until: now + Duration::from_secs(seconds), requeue_id: None };
            pool.held.insert(id.to_owned(), held);
        }
        assert_eq!(pool.hidden(), Some(Held { messages: 3, until: now + Duration::from_secs(29) }));
    }
}
