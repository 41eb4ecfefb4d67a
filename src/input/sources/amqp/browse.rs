//! Reads a queue into a spool and leaves it as it was: messages are taken without acknowledging them, written,
//! and given back. Streams are only read (`stream`).

use std::sync::Arc;

use super::connect::Session;
use super::facts::{Facts, Kind, MOST_TURNED};
use super::fetch::Taken;
use super::settings::{Settings, Window};
use super::{stream, wire};
use crate::base::text::{count, plural};
use crate::input::sources::broker::{Url, place};
use crate::input::sources::pump::{SpoolWriter, pump};
use crate::input::sources::stage::{Context, Stage};
use crate::model::error::{Error, Result};
use crate::model::source::ReadAt;

pub(super) fn open(url: &Url, context: &Context) -> Result<Stage> {
    let settings = Settings::read(url)?;
    let queue = settings.queue()?.to_owned();
    let session = Session::connect(&settings)?;
    let facts = Facts::of(&session, &queue)?;
    let part = match settings.window {
        Window::Oldest(limit) => limit < facts.ready,
        Window::Newest(_) | Window::Offset(_) | Window::Time(_) => false,
    };
    facts.may_take(part, &settings, &queue)?;
    if matches!(settings.window, Window::Offset(_) | Window::Time(_)) && facts.kind != Kind::Stream {
        let summary = format!("{queue} is no stream, so it has no offsets and keeps no times");
        return Err(Error::new(summary, place(url), "Leave from= out; limit=1000 reads the oldest messages"));
    }
    let address = url.to_string();
    let format = match facts.kind {
        Kind::Stream => "RabbitMQ stream",
        Kind::Quorum => "RabbitMQ quorum queue",
        Kind::Classic | Kind::NotClassic => "RabbitMQ queue",
    };
    let (name, follow) = (queue.clone(), context.follow);
    let bytes = pump("RabbitMQ", &address, context, move |out| {
        let mut browse = Browse { session, queue, facts };
        if browse.facts.kind == Kind::Stream { stream::read(&mut browse, follow, out) } else { browse.read(out) }
    })?;
    let stage = Stage::new(address, name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
    Ok(Stage { own_records: true, ..stage.through(bytes, format) })
}

/// One look at one queue.
pub(super) struct Browse {
    pub session: Session,
    pub queue: String,
    pub facts: Facts,
}

impl Browse {
    fn read(&self, out: &mut SpoolWriter) -> Result<()> {
        let channel = self.session.channel()?;
        // What comes meanwhile is left for the next look.
        let ready = self.facts.ready;
        let (shown, want) = match self.session.settings().window {
            Window::Newest(newest) => (ready.saturating_sub(newest)..u64::MAX, ready),
            Window::Oldest(limit) => (0..limit, limit.min(ready)),
            Window::Offset(_) | Window::Time(_) => (0..u64::MAX, ready),
        };
        // Taking all is what keeps the order.
        let want = if self.facts.to_end && ready <= MOST_TURNED { ready } else { want };
        let (mut taken, mut lines, mut seen) = (Taken::default(), Lines::default(), 0_u64);
        let looked = self.session.run(taken.take(&channel, &self.queue, want, |delivery| {
            let at = seen;
            seen += 1;
            shown.contains(&at) && lines.write(&self.queue, &delivery, out)
        }));
        let held = taken.messages;
        // After a failure nobody would answer; what was taken goes back with the connection.
        let given_back = looked.as_ref().map_or(Ok(()), |_| self.session.run(taken.give_back(&channel, &self.queue)));
        lines.end(self, out)?;
        if let Some(failure) = looked.err().or(given_back.err()) {
            let mut error = self.session.explain_queue(&self.queue, &failure);
            if failure.is_loss() {
                let of = messages(want);
                error.summary = format!("{}: the connection was lost after {} of {of}", self.queue, count(seen));
                "Check the connection, then open the queue again".clone_into(&mut error.next_step);
            }
            error.details.push_str("; RabbitMQ puts back by itself what was not given back");
            return Err(error);
        }
        self.say_what_looking_did(held, out);
        self.say_what_was_not_seen(seen.min(shown.end), shown.start, out);
        Ok(())
    }

    fn say_what_looking_did(&self, held: u64, out: &SpoolWriter) {
        if held == 0 {
            return;
        }
        let were = if held == 1 { "was" } else { "were" };
        let mut did = vec!["marked as redelivered"];
        if matches!(self.facts.kind, Kind::Quorum | Kind::NotClassic) {
            did.push("counted as delivered once more");
        }
        if self.facts.to_end {
            did.push(if held < self.facts.ready { "at the end of the queue" } else { "behind what came meanwhile" });
        }
        let summary = format!("{} {were} taken, read and put back: now {}", messages(held), did.join(", "));
        out.warn(self.warning(summary, "Nothing needs to be done; look no more often than you need to"));
    }

    fn say_what_was_not_seen(&self, seen: u64, skipped: u64, out: &SpoolWriter) {
        let ready = self.facts.ready;
        if seen < ready {
            let window = self.session.settings().window;
            let (summary, next_step) = if matches!(window, Window::Oldest(limit) if limit <= seen) {
                (format!("These are the oldest {} of {}", count(seen), messages(ready)), "limit=all reads all of them")
            } else {
                let summary = format!("{} of {} came; others took the rest", count(seen), messages(ready));
                (summary, "Look at the queue's consumers")
            };
            out.warn(self.warning(summary, next_step));
        } else if skipped > 0 {
            let newest = count(seen.saturating_sub(skipped));
            let summary = format!("These are the newest {newest} of {}", messages(ready));
            out.warn(self.warning(summary, "limit=all reads all of them"));
        }
        if let Some(held) = self.facts.held_by_others.filter(|held| *held > 0) {
            let are = if held == 1 { "is" } else { "are" };
            let summary = format!("{} {are} held by consumers and cannot be seen", messages(held));
            out.warn(self.warning(summary, "Look again when they are done"));
        }
    }

    pub(super) fn warning(&self, summary: String, next_step: &str) -> Error {
        Error::new(summary, place(&self.session.settings().url), next_step)
    }
}

fn messages(number: u64) -> String {
    plural(number, "message", "messages")
}

/// Records on their way into the spool.
#[derive(Default)]
pub(super) struct Lines {
    too_deep: u64,
    failed: Option<Error>,
}

impl Lines {
    /// Whether to stop: nobody reads, or the spool is full.
    pub(super) fn write(&mut self, queue: &str, delivery: &lapin::message::Delivery, out: &mut SpoolWriter) -> bool {
        match wire::message(queue, delivery) {
            Some(message) => {
                self.failed = out.message(&message).err();
            }
            None => self.too_deep += 1,
        }
        self.failed.is_some() || out.is_stopped()
    }

    /// Says what could not be written.
    ///
    /// # Errors
    /// Why writing had to stop.
    pub(super) fn end(&mut self, browse: &Browse, out: &SpoolWriter) -> Result<()> {
        if self.too_deep > 0 {
            let have = if self.too_deep == 1 { "has" } else { "have" };
            let summary = format!("{} {have} headers nested too deeply to be shown", messages(self.too_deep));
            out.warn(browse.warning(summary, "Look at them with another tool"));
        }
        self.failed.take().map_or(Ok(()), Err)
    }
}
