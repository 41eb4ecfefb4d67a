//! The thread that reads streams into a spool, one after the other, and then what is added to them.

use std::time::Duration;

use super::fields::parts;
use super::link::Link;
use super::streams::{Facts, Pages, facts, range_back};
use super::value::{self, Entry};
use crate::base::text::{count, plural};
use crate::input::sources::broker::place;
use crate::input::sources::broker::reading::THEN;
use crate::input::sources::pump::SpoolWriter;
use crate::model::error::{Error, Result};
use crate::model::message::{EntryId, Message, Pending, Place, RedisPlace, Timestamp, TimestampKind};

pub(super) struct Fill {
    link: Link,
    follow: bool,
    lanes: Vec<Lane>,
    /// Entries of the window, where that can be told before it is read.
    total: Option<u64>,
    done: u64,
}

/// A stream on its way.
struct Lane {
    stream: String,
    pages: Pages,
    /// At most so many of what was there in the beginning.
    newest: Option<u64>,
    length: u64,
    read: u64,
}

/// Ids below are no times: somebody counts (1973 and before).
const FIRST_TIME_MS: u64 = 100_000_000_000;

/// Entries asked for at once on the way back from the end.
const STEP_BACK: usize = 2000;

/// Wait before a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Between looks for what is new.
const WAIT: Duration = Duration::from_millis(100);

impl Fill {
    /// Asks where the streams begin and end; what is added later is not in the window.
    ///
    /// # Errors
    /// When the server does not tell.
    pub(super) fn start(mut link: Link, names: &[String], follow: bool) -> Result<Self> {
        let window = link.settings.window.clone();
        let mut lanes = Vec::new();
        for stream in names {
            let facts: Facts = facts(&mut link, stream)?.unwrap_or_default();
            let from = window.from.unwrap_or_default();
            let last = window.to.map_or(Some(facts.last), |to| to.before().map(|before| before.min(facts.last)));
            let from = if window.live { facts.last.next() } else { Some(from) };
            let (Some(from), Some(last)) = (from, last) else { continue };
            let length = if window.live { 0 } else { facts.length };
            lanes.push(Lane {
                stream: stream.clone(),
                pages: Pages::new(from, last),
                newest: window.newest,
                length,
                read: 0,
            });
        }
        let total = window.from.is_none() && window.to.is_none();
        let total = total.then(|| lanes.iter().map(|lane| lane.newest.unwrap_or(u64::MAX).min(lane.length)).sum());
        Ok(Self { link, follow, lanes, total, done: 0 })
    }

    /// `Redis, stream orders, 1,041 entries`
    pub(super) fn describe(&self) -> String {
        let window = &self.link.settings.window;
        let named = match self.lanes.as_slice() {
            [one] => format!("stream {}", one.stream),
            several => format!("{} streams", count(several.len() as u64)),
        };
        let read = match self.total {
            _ if window.live => "from now on".to_owned(),
            Some(total) => plural(total, "entry", "entries"),
            None => "a part of it".to_owned(),
        };
        let then = if self.follow && !window.live { THEN } else { "" };
        format!("Redis, {named}, {read}{then}")
    }

    /// Until the window is read, or for as long as anyone looks where the streams are followed.
    pub(super) fn run(&mut self, warnings: Vec<Error>, out: &mut SpoolWriter) -> Result<()> {
        for warning in warnings {
            out.warn(warning);
        }
        for at in 0..self.lanes.len() {
            self.find_start(at, out)?;
            while self.page(at, out)? > 0 {
                if out.is_stopped() {
                    return Ok(());
                }
            }
            self.tell(at, out);
        }
        if !self.follow {
            return Ok(());
        }
        for lane in &mut self.lanes {
            lane.pages.last = EntryId::MAX;
        }
        out.caught_up()?;
        while !out.is_stopped() {
            let mut took = 0;
            for at in 0..self.lanes.len() {
                match self.page(at, out) {
                    Ok(written) => took += written,
                    Err(error) if self.link.is_lost() => {
                        let what = "The connection was lost; it is tried again";
                        let next_step = "Nothing needs to be done: reading goes on where it was";
                        out.warn(Error::new(what, place(&self.link.settings.url), next_step).because(error.details));
                        if !self.reconnect(out) {
                            return Ok(());
                        }
                    }
                    Err(error) => return Err(error),
                }
                if out.is_stopped() {
                    return Ok(());
                }
            }
            if took == 0 {
                out.flush()?;
                std::thread::sleep(WAIT);
            }
        }
        Ok(())
    }

    /// Until there is a connection again; false where nobody waits for it any more.
    fn reconnect(&mut self, out: &SpoolWriter) -> bool {
        while !out.is_stopped() {
            std::thread::sleep(AGAIN);
            if let Ok(link) = Link::connect(&self.link.settings) {
                self.link = link;
                return true;
            }
        }
        false
    }

    /// Where the newest ones begin. They are read twice, so that they come in their order and are never all held.
    fn find_start(&mut self, at: usize, out: &SpoolWriter) -> Result<()> {
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        let Some(mut missing) =
            lane.newest.filter(|newest| *newest < lane.length || lane.pages.next > Some(EntryId::default()))
        else {
            return Ok(());
        };
        let (Some(first), mut end) = (lane.pages.next, lane.pages.last) else { return Ok(()) };
        let mut start = None;
        while missing > 0 && !out.is_stopped() {
            let most = usize::try_from(missing).map_or(STEP_BACK, |missing| missing.min(STEP_BACK));
            let answer = self.link.ask(&range_back(&lane.stream, first, end, most));
            let answer = answer.map_err(|failure| self.link.explain(format!("read {}", lane.stream), &failure))?;
            let page = value::entries(answer);
            let Some(oldest) = page.last() else { break };
            start = Some(oldest.id);
            missing = missing.saturating_sub(page.len() as u64);
            let Some(before) = oldest.id.before().filter(|before| *before >= first) else { break };
            end = before;
        }
        lane.pages.next = start.or(lane.pages.next);
        Ok(())
    }

    /// Writes the next entries of one stream; how many.
    fn page(&mut self, at: usize, out: &mut SpoolWriter) -> Result<usize> {
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(0) };
        let page = lane.pages.read(&mut self.link, &lane.stream)?;
        for entry in &page {
            out.message(&message(&lane.stream, entry, None))?;
        }
        lane.read += page.len() as u64;
        self.done += page.len() as u64;
        if let Some(total) = self.total {
            out.records(self.done, total.max(self.done));
        }
        Ok(page.len())
    }

    /// What was trimmed or deleted before it could be read.
    fn tell(&self, at: usize, out: &SpoolWriter) {
        let (Some(lane), true) = (self.lanes.get(at), self.total.is_some()) else { return };
        let lost = lane.newest.unwrap_or(u64::MAX).min(lane.length).saturating_sub(lane.read);
        if lost > 0 {
            let were = plural(lost, "entry was", "entries were");
            let what = format!("{}: {were} trimmed or deleted before it could be read", lane.stream);
            out.warn(Error::new(what, place(&self.link.settings.url), "Read a newer part: ?newest=N or ?from=TIME"));
        }
    }
}

/// An entry as a message.
pub(super) fn message(stream: &str, entry: &Entry, pending: Option<Pending>) -> Message {
    let parts = parts(&entry.fields);
    let time = i64::try_from(entry.id.ms).ok().filter(|_| entry.id.ms >= FIRST_TIME_MS);
    Message {
        place: Place::Redis(Box::new(RedisPlace {
            stream: stream.to_owned(),
            entry: entry.id,
            form: parts.form,
            headers_at: parts.headers_at,
            pending,
        })),
        timestamp: time.map(|ms| Timestamp { ms, kind: TimestampKind::Append }),
        key: None,
        headers: parts.headers,
        value: Some(parts.value),
    }
}
