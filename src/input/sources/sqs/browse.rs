//! Reads a queue into a spool and leaves its messages there: they are received, written, and given back.

use std::sync::Arc;

use super::client::{Client, Failure};
use super::facts::Facts;
use super::pool::{AT_ONCE, Pool};
use super::settings::Settings;
use super::wire;
use crate::base::text::{count, plural};
use crate::input::sources::broker::{Url, place};
use crate::input::sources::pump::{SpoolWriter, pump};
use crate::input::sources::stage::{Context, Stage};
use crate::model::error::{Error, Result};
use crate::model::source::ReadAt;

/// Receives that give nothing before a queue counts as read, where more was expected.
const EMPTY: u32 = 3;

/// How the client library for large messages begins a body that lies in S3.
const POINTER: &str = "[\"software.amazon.payloadoffloading.PayloadS3Pointer\"";

pub(super) fn open(url: &Url, context: &Context) -> Result<Stage> {
    let settings = Settings::read(url)?;
    let queue = settings.queue()?.to_owned();
    let client = Client::connect(&settings)?;
    let facts = client.run(Facts::of(&client, &queue));
    let facts = facts.map_err(|failure| client.explain("sqs:GetQueueUrl", &queue, &failure))?;
    facts.may_look(&client, &queue)?;
    let address = url.to_string();
    let format = if facts.fifo { "SQS FIFO queue" } else { "SQS queue" };
    let name = queue.clone();
    let bytes = pump("SQS", &address, context, move |out| Browse { client, queue, facts }.read(out))?;
    let stage = Stage::new(address, name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
    Ok(Stage { own_records: true, ..stage.through(bytes, format) })
}

/// One look at one queue.
struct Browse {
    client: Client,
    queue: String,
    facts: Facts,
}

#[derive(Default)]
struct Seen {
    messages: u64,
    /// Bodies that lie in S3.
    pointers: u64,
}

impl Browse {
    fn read(&self, out: &mut SpoolWriter) -> Result<()> {
        let mut pool = Pool::new(&self.facts.url, self.client.settings.hold_s);
        let mut seen = Seen::default();
        let read = self.client.run(self.receive_all(&mut pool, &mut seen, out));
        let failed = self.client.run(pool.give_all_back(&self.client));
        out.held(None);
        self.say(&seen, &pool, failed, out);
        match read {
            Ok(written) => written,
            // Too many are in flight: what came before is shown, and that there is more.
            Err(failure) if failure.is_over_limit() => Ok(()),
            Err(failure) => Err(self.client.explain("sqs:ReceiveMessage", &self.queue, &failure)),
        }
    }

    async fn receive_all(
        &self,
        pool: &mut Pool,
        seen: &mut Seen,
        out: &mut SpoolWriter,
    ) -> std::result::Result<Result<()>, Failure> {
        let limit = self.client.settings.limit;
        let expected = limit.min(self.facts.visible);
        let mut empty = 0;
        while seen.messages < limit && !out.is_stopped() {
            let most = usize::try_from(limit - seen.messages).unwrap_or(AT_ONCE);
            let received = pool.receive(&self.client, most).await?;
            if received.is_empty() {
                empty += 1;
                // What came is all there is; what is missing may be with a server that is slow to tell.
                if seen.messages >= expected || empty >= EMPTY {
                    break;
                }
            } else {
                empty = 0;
            }
            out.held(pool.hidden());
            for received in received {
                seen.messages += 1;
                let message = wire::message(&self.queue, received, &self.facts.sources);
                if message.value.as_deref().is_some_and(|body| body.starts_with(POINTER.as_bytes())) {
                    seen.pointers += 1;
                }
                if let Err(error) = out.message(&message) {
                    return Ok(Err(error));
                }
            }
            out.records(seen.messages, expected.max(seen.messages));
        }
        Ok(Ok(()))
    }

    fn say(&self, seen: &Seen, pool: &Pool, not_given_back: usize, out: &SpoolWriter) {
        let warn = |summary: String, next_step: &str| {
            out.warn(Error::new(summary, place(&self.client.settings.url), next_step));
        };
        if seen.messages > 0 {
            let were = if seen.messages == 1 { "was" } else { "were" };
            let summary = format!(
                "{} {were} received, read and given back: each counts one more receive",
                messages(seen.messages)
            );
            warn(summary, "Nothing needs to be done; look no more often than you need to");
        }
        if pool.lost() > 0 {
            let summary = format!("{} could not be held until the end of the look", messages(pool.lost()));
            warn(summary, "Others may have got them meanwhile; each is shown once. A longer hold= keeps more");
        }
        if not_given_back > 0 {
            let summary = format!("{} could not be given back", messages(not_given_back as u64));
            let next_step = format!("SQS does it by itself within {} s", self.client.settings.hold_s);
            warn(summary, &next_step);
        }
        if seen.messages < self.facts.visible && seen.messages >= self.client.settings.limit {
            let summary = format!("These are {} of about {}", count(seen.messages), messages(self.facts.visible));
            warn(summary, "limit=all reads all of them");
        } else if seen.messages < self.facts.visible {
            let summary = format!("{} of about {} came", count(seen.messages), messages(self.facts.visible));
            let next_step = if self.facts.fifo {
                "A FIFO queue gives only the first few messages of each group while those are held"
            } else {
                "Others hold the rest; look again when they are done"
            };
            warn(summary, next_step);
        }
        let hidden = self.facts.in_flight + self.facts.delayed;
        if hidden > 0 {
            let are = if hidden == 1 { "is" } else { "are" };
            let summary = format!("{} {are} held by consumers or delayed and cannot be seen", messages(hidden));
            warn(summary, "Look again when they are done");
        }
        if seen.pointers > 0 {
            let summary = format!("{} only point to their bodies in S3", messages(seen.pointers));
            warn(summary, "They are shown, and put back, as the pointers that they are");
        }
    }
}

fn messages(number: u64) -> String {
    plural(number, "message", "messages")
}
