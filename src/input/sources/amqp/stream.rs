//! Reads a stream (`x-queue-type: stream`): nothing is taken from it, whatever is read.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Consumer};

use super::browse::{Browse, Lines};
use super::connect::{Answer, Session, patiently, short};
use super::settings::{PATIENCE, Window};
use crate::base::text::{count, plural};
use crate::input::sources::pump::SpoolWriter;
use crate::model::error::Result;

/// Messages on their way at a time; acknowledging them asks for more and does nothing else.
const CREDIT: u16 = 1000;

/// How often a followed stream is asked whether somebody still reads it here.
const GLANCE: Duration = Duration::from_millis(200);

/// How often a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How far a stream was read, over all connections.
#[derive(Default)]
struct Reached {
    seen: u64,
    last: Option<i64>,
}

/// Reads the window up to the end that the stream has now, then goes on where it is followed, also over a new
/// connection where one is lost.
pub(super) fn read(browse: &mut Browse, follow: bool, out: &mut SpoolWriter) -> Result<()> {
    let (mut lines, mut reached) = (Lines::default(), Reached::default());
    let done = loop {
        let done = browse.session.run(run(browse, follow, &mut reached, &mut lines, out));
        match done {
            Err(failure) if follow && failure.is_loss() && !out.is_stopped() => {
                let what = "The connection was lost; it is tried again".to_owned();
                let next_step = "Nothing needs to be done: reading goes on where it was";
                out.warn(browse.warning(what, next_step).because(failure));
                if !reconnect(browse, out) {
                    break Ok(());
                }
            }
            done => break done,
        }
    };
    lines.end(browse, out)?;
    done.map_err(|failure| {
        let mut error = browse.session.explain_queue(&browse.queue, &failure);
        if failure.is_loss() {
            error.summary = format!("{}: the connection was lost, so there is more than what came", browse.queue);
            "Check the connection, then open the stream again".clone_into(&mut error.next_step);
        }
        error
    })
}

/// Until there is a connection again; false where nobody waits for it any more.
fn reconnect(browse: &mut Browse, out: &SpoolWriter) -> bool {
    let settings = browse.session.settings().clone();
    let mut tried = Instant::now();
    while !out.is_stopped() {
        std::thread::sleep(GLANCE);
        if tried.elapsed() < AGAIN {
            continue;
        }
        tried = Instant::now();
        if let Ok(session) = Session::connect(&settings)
            // A server that has just started knows its streams a moment later.
            && session.queue(&browse.queue).is_ok()
        {
            browse.session = session;
            return true;
        }
    }
    false
}

async fn run(
    browse: &Browse,
    follow: bool,
    reached: &mut Reached,
    lines: &mut Lines,
    out: &mut SpoolWriter,
) -> Answer<()> {
    let session = &browse.session;
    let end = last(browse).await?;
    let (from, limit) = match session.settings().window {
        Window::Oldest(limit) => (text("first"), limit),
        Window::Offset(offset) => (AMQPValue::LongLongInt(offset as i64), u64::MAX),
        Window::Time(seconds) => (AMQPValue::Timestamp(seconds), u64::MAX),
        Window::Newest(newest) => {
            let first = end.map_or(0, |end| end.saturating_add(1).saturating_sub_unsigned(newest).max(0));
            (AMQPValue::LongLongInt(first), u64::MAX)
        }
    };
    if end.is_none() && !follow {
        return Ok(());
    }
    let channel = patiently(session.connection().create_channel()).await?;
    let from = reached.last.map_or(from, |last| AMQPValue::LongLongInt(last.saturating_add(1)));
    let mut consumer = consume(&channel, &browse.queue, from).await?;
    let mut caught_up = reached.last.is_some() && reached.last >= end;
    loop {
        let wait = if caught_up { GLANCE } else { PATIENCE };
        match tokio::time::timeout(wait, consumer.next()).await {
            Ok(Some(delivery)) => {
                let delivery = delivery?;
                let at = offset(&delivery);
                // A window in time begins with the block that holds its first message, and may be past the end.
                if !caught_up && !follow && end.is_some_and(|end| at.is_some_and(|at| at > end)) {
                    return Ok(());
                }
                reached.seen += 1;
                reached.last = at.or(reached.last);
                let seen = reached.seen;
                if lines.write(&browse.queue, &delivery, out) {
                    return Ok(());
                }
                if seen.is_multiple_of(u64::from(CREDIT / 4)) || caught_up {
                    patiently(channel.basic_ack(delivery.delivery_tag, BasicAckOptions { multiple: true })).await?;
                }
                let at_end = at.is_none() || at >= end;
                if seen >= limit && !at_end {
                    say_what_is_left(browse, seen, end, out);
                }
                if seen >= limit || at_end && !follow {
                    return Ok(());
                }
                if at_end || caught_up {
                    caught_up = true;
                    if out.caught_up().is_err() {
                        return Ok(());
                    }
                }
            }
            // The stream was deleted.
            Ok(None) => return Ok(()),
            Err(_) if caught_up || end.is_none() => {
                caught_up = true;
                if out.is_stopped() || out.caught_up().is_err() {
                    return Ok(());
                }
            }
            // What was to come is past its retention.
            Err(_) if follow => caught_up = true,
            Err(_) => return Ok(()),
        }
    }
}

fn say_what_is_left(browse: &Browse, seen: u64, end: Option<i64>, out: &SpoolWriter) {
    let end = end.map_or(String::new(), |end| format!("; the last has the offset {}", count(end.unsigned_abs())));
    let summary = format!("These are the oldest {} of the stream{end}", plural(seen, "message", "messages"));
    out.warn(browse.warning(summary, "limit=all reads all of them, newest=1000 the last ones"));
}

/// The offset of the last message there is: the end of the window.
async fn last(browse: &Browse) -> Answer<Option<i64>> {
    let channel = patiently(browse.session.connection().create_channel()).await?;
    let mut consumer = consume(&channel, &browse.queue, text("last")).await?;
    let mut found = None;
    // The last block comes at once; whatever follows it came after the question. The number of messages is told
    // late, so a stream that seems empty gets a moment.
    let mut wait = if browse.facts.ready == 0 { PATIENCE / 5 } else { PATIENCE };
    while let Ok(Some(delivery)) = tokio::time::timeout(wait, consumer.next()).await {
        found = offset(&delivery?).max(found);
        wait = GLANCE;
    }
    patiently(channel.close(200, "done".into())).await?;
    Ok(found)
}

async fn consume(channel: &Channel, queue: &str, from: AMQPValue) -> Answer<Consumer> {
    patiently(channel.basic_qos(CREDIT, BasicQosOptions::default())).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-stream-offset".into(), from);
    let options = BasicConsumeOptions::default();
    patiently(channel.basic_consume(short(queue), short("eventglass"), options, arguments)).await
}

fn offset(delivery: &Delivery) -> Option<i64> {
    let headers = delivery.properties.headers().as_ref()?;
    match headers.inner().get("x-stream-offset") {
        Some(AMQPValue::LongLongInt(offset)) => Some(*offset),
        _ => None,
    }
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}
