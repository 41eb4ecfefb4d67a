//! The thread that reads streams into a spool, one after the other, and then what is added.

use std::time::Duration;

use kurrentdb::ResolvedEvent;

use super::event::{self, At};
use super::link::{Failure, Link, Question, Reader, Start};
use super::live;
use super::plan::{Lane, Plan, takes};
use super::settings::{ALL, Window};
use crate::base::text::plural;
use crate::input::sources::broker::place;
use crate::input::sources::pump::SpoolWriter;
use crate::model::error::{Error, Result};

pub(super) struct Fill {
    link: Link,
    plan: Plan,
    total: Option<u64>,
    done: u64,
}

/// Waits before a lost connection is tried again in the middle of a window.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Writes what is read of one stream.
pub(super) struct Writing<'a> {
    pub out: &'a mut SpoolWriter,
    pub window: Window,
    pub lane: Lane,
    pub progress: Option<(u64, u64)>,
    /// The last event that was read.
    pub last: Option<At>,
    /// Links to what is not there any more.
    pub dangling: u64,
    /// Answers without an event.
    pub nothing: u64,
}

impl Reader for Writing<'_> {
    fn event(&mut self, read: ResolvedEvent) -> Result<bool> {
        let Some(at) = event::at(&read) else {
            self.nothing += 1;
            return Ok(!self.out.is_stopped());
        };
        let all = self.lane.stream == ALL;
        // Reading on after a lost connection begins with the last one again.
        let seen = |last: &At| if all { at.position <= last.position } else { at.revision <= last.revision };
        if self.last.as_ref().is_some_and(seen) {
            return Ok(true);
        }
        let beyond = match self.lane.end {
            Some(Start::Position(end)) => at.position > end,
            Some(Start::Revision(end)) => at.revision > end,
            _ => false,
        };
        if beyond {
            return Ok(false);
        }
        self.last = Some(at);
        if let Some((done, total)) = &mut self.progress {
            *done += 1;
            self.out.records(*done, (*total).max(*done));
        }
        if self.lane.until.zip(at.created).is_some_and(|(until, created)| created >= until) {
            return Ok(false);
        }
        if takes(&self.window, &read, all) {
            self.dangling += u64::from(event::is_dangling(&read));
            if let Some(message) = event::message(read) {
                self.out.message(&message)?;
            }
        }
        Ok(!self.out.is_stopped())
    }

    fn tick(&mut self) -> bool {
        // What came is shown although nothing follows it; a failure is met again by the next write.
        let _later = self.out.flush();
        !self.out.is_stopped()
    }
}

impl Fill {
    pub(super) fn new(link: Link, plan: Plan) -> Self {
        let total = plan.lanes.iter().map(|lane| lane.total).sum();
        Self { link, plan, total, done: 0 }
    }

    /// Until the window is read, or for as long as anyone looks where the stream is followed.
    pub(super) fn run(mut self, out: &mut SpoolWriter) -> Result<()> {
        for warning in self.plan.warnings.drain(..) {
            out.warn(warning);
        }
        let mut last = None;
        for lane in std::mem::take(&mut self.plan.lanes) {
            if out.is_stopped() {
                return Ok(());
            }
            last = Some(self.lane(lane, out)?);
        }
        let (true, Some(lane)) = (self.plan.follow, last) else { return Ok(()) };
        if out.is_stopped() {
            return Ok(());
        }
        out.caught_up()?;
        live::follow(&mut self.link, &lane, self.plan.filter.as_ref(), out)
    }

    /// Reads one stream; the lane with the last event that was there or was read.
    fn lane(&mut self, mut lane: Lane, out: &mut SpoolWriter) -> Result<Lane> {
        if lane.end.is_none() {
            return Ok(lane);
        }
        let window = self.link.settings.window.clone();
        let mut question = Question {
            stream: lane.stream.clone(),
            from: lane.start,
            backwards: false,
            most: lane.total,
            filter: self.plan.filter.clone().filter(|_| lane.stream == ALL),
            resolve: window.resolve,
        };
        let progress = self.total.map(|total| (self.done, total));
        let mut writing = Writing { out, window, lane: lane.clone(), progress, last: None, dangling: 0, nothing: 0 };
        let mut lost = 0;
        loop {
            let before = writing.last;
            let Err(failure) = self.link.read(&question, &mut writing) else { break };
            if writing.last != before {
                lost = 0;
            }
            let again = failure.may_pass().then(|| PAUSES.get(lost)).flatten();
            let explained =
                |failure: &Failure, link: &Link| link.explain(&format!("read on in {}", lane.stream), failure);
            match (failure, again) {
                (Failure::Stopped, _) => break,
                (Failure::Ours(error), _) => return Err(error),
                (_, Some(pause)) => {
                    lost += 1;
                    std::thread::sleep(*pause);
                    // Where there is no connection yet, reading fails again and is counted.
                    let _again = self.link.reconnect();
                    if let Some(last) = writing.last {
                        question.from = if lane.stream == ALL {
                            Start::Position(last.position)
                        } else {
                            Start::Revision(last.revision)
                        };
                        // The last one comes again.
                        question.most = None;
                    }
                }
                (failure, None) => {
                    let error = explained(&failure, &self.link);
                    writing.tell(&self.link);
                    return Err(error);
                }
            }
        }
        writing.tell(&self.link);
        if let Some((done, _)) = writing.progress {
            self.done = done;
        }
        if let (Some(last), Start::Position(_)) = (writing.last, lane.last) {
            lane.last = Start::Position(last.position).later(lane.last);
        }
        Ok(lane)
    }
}

impl Writing<'_> {
    /// What was not there.
    fn tell(&self, link: &Link) {
        if self.dangling > 0 {
            let links = plural(self.dangling, "link leads", "links lead");
            let what = format!("{}: {links} to events that are not there any more", self.lane.stream);
            let next_step = "They were deleted or scavenged; such links are events of the type $>";
            self.out.warn(Error::new(what, place(&link.settings.url), next_step));
        }
        if self.nothing > 0 {
            let answers = plural(self.nothing, "answer had", "answers had");
            let what = format!("{}: {answers} neither an event nor a link", self.lane.stream);
            self.out.warn(Error::new(what, place(&link.settings.url), "Look at the stream with another tool"));
        }
    }
}
