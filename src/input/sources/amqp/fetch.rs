//! Takes messages from the head of a queue and gives them back.
//!
//! AMQP has no way to look at a message and leave it where it is. What was delivered and not acknowledged goes
//! back to its old place when it is returned, in the order in which it came, so that afterwards the queue is as
//! it was; only the mark `redelivered` stays, and quorum queues count the delivery.

use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Consumer};

use super::connect::{Answer, Failure, look, patiently, short};
use super::settings::PATIENCE;

/// Messages on their way at a time: enough to be quick over slow networks, few enough for the memory.
const ROUND: u64 = 1000;

/// Longest wait for the next message before the queue is asked whether there is one.
const QUIET: Duration = Duration::from_millis(300);

/// What was taken on a channel and is still held there.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub messages: u64,
    /// The last delivery of each round, oldest first.
    ends: Vec<u64>,
}

impl Taken {
    /// Takes up to `want` more messages from the head of `queue` and shows each to `each`, until that says
    /// that it is enough. Returns whether the queue may hold more.
    pub(super) async fn take(
        &mut self,
        channel: &Channel,
        queue: &str,
        want: u64,
        mut each: impl FnMut(Delivery) -> bool,
    ) -> Answer<bool> {
        let mut left = want;
        while left > 0 {
            let ready = u64::from(patiently(look(channel, queue)).await?.message_count());
            let round = left.min(ROUND).min(ready);
            if round == 0 {
                return Ok(ready > 0);
            }
            let (got, enough) = self.round(channel, queue, round, &mut each).await?;
            if enough || got == 0 {
                return Ok(true);
            }
            left -= got.min(left);
        }
        Ok(true)
    }

    async fn round(
        &mut self,
        channel: &Channel,
        queue: &str,
        want: u64,
        each: &mut impl FnMut(Delivery) -> bool,
    ) -> Answer<(u64, bool)> {
        patiently(channel.basic_qos(want as u16, BasicQosOptions::default())).await?;
        // Whoever else waits for messages of this queue comes first.
        let mut arguments = FieldTable::default();
        arguments.insert("x-priority".into(), AMQPValue::LongInt(-1000));
        let tag = short(&format!("eventglass-{:06}", self.ends.len()));
        let options = BasicConsumeOptions::default();
        let mut consumer = patiently(channel.basic_consume(short(queue), tag.clone(), options, arguments)).await?;
        let (mut got, mut enough) = (0, false);
        let mut count = |delivery: Delivery, ends: &mut Vec<u64>| {
            if got == 0 {
                ends.push(delivery.delivery_tag);
            } else if let Some(end) = ends.last_mut() {
                *end = delivery.delivery_tag;
            }
            got += 1;
            enough |= each(delivery);
            got
        };
        let (mut so_far, mut open) = (0, true);
        while open && so_far < want {
            match next(&mut consumer, channel, queue).await? {
                Next::Message(delivery) => so_far = count(*delivery, &mut self.ends),
                Next::Nothing => break,
                Next::Ended => open = false,
            }
        }
        if open {
            patiently(channel.basic_cancel(tag, BasicCancelOptions::default())).await?;
        }
        // What was on its way meanwhile. lapin ends a consumer once, and asked again it waits for ever.
        while open {
            match tokio::time::timeout(PATIENCE, consumer.next()).await {
                Ok(Some(delivery)) => {
                    count(delivery?, &mut self.ends);
                }
                Ok(None) => open = false,
                Err(_) => return Err(Failure::TimedOut),
            }
        }
        self.messages += got;
        Ok((got, enough))
    }

    /// Gives everything back, oldest first, and waits until the queue has it.
    pub(super) async fn give_back(&mut self, channel: &Channel, queue: &str) -> Answer<()> {
        for end in std::mem::take(&mut self.ends) {
            patiently(channel.basic_nack(end, BasicNackOptions { multiple: true, requeue: true })).await?;
        }
        self.messages = 0;
        patiently(look(channel, queue)).await?;
        Ok(())
    }
}

enum Next {
    Message(Box<Delivery>),
    /// Others took what was ready.
    Nothing,
    /// The server ended the consumer: the queue was deleted, or its node is gone.
    Ended,
}

async fn next(consumer: &mut Consumer, channel: &Channel, queue: &str) -> Answer<Next> {
    let started = tokio::time::Instant::now();
    while started.elapsed() < PATIENCE {
        match tokio::time::timeout(QUIET, consumer.next()).await {
            Ok(Some(delivery)) => return Ok(Next::Message(Box::new(delivery?))),
            Ok(None) => return Ok(Next::Ended),
            Err(_) if patiently(look(channel, queue)).await?.message_count() == 0 => return Ok(Next::Nothing),
            Err(_) => {}
        }
    }
    Ok(Next::Nothing)
}
