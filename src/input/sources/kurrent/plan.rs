//! What is read, told before anything is: streams with their first and last event, or `$all` between two positions.
//! What is written later is not in the window.

use kurrentdb::{ListPersistentSubscriptionsOptions, ResolvedEvent, SubscriptionFilter};

use super::event::{At, at};
use super::link::{Answer, Failure, Link, Question, Reader, Start};
use super::settings::{ALL, Bound, Window};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::input::sources::broker::place;
use crate::input::sources::broker::reading::THEN;
use crate::model::error::{Error, Result};
use crate::model::filter::{Pattern, Piece};
use crate::model::message::{LogPosition, parked_stream};
use crate::model::time::TimeNs;

pub(super) struct Plan {
    pub lanes: Vec<Lane>,
    /// What comes later is read too.
    pub follow: bool,
    pub filter: Option<SubscriptionFilter>,
    pub warnings: Vec<Error>,
}

/// A stream, or all, between two places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lane {
    pub stream: String,
    pub start: Start,
    /// The last event; none where nothing is read before following.
    pub end: Option<Start>,
    /// The first instant that is not read, where a position cannot tell.
    pub until: Option<TimeNs>,
    /// Events to be read, where that can be told before.
    pub total: Option<u64>,
    /// The last event that was there, behind which following goes on.
    pub last: Start,
}

/// Asks the server and waits for its answers.
struct Asking<'a> {
    link: &'a Link,
    window: &'a Window,
    filter: Option<SubscriptionFilter>,
    cancel: &'a Cancel,
}

impl Plan {
    /// # Errors
    /// When there is no such stream, or the server does not tell.
    pub(super) fn make(link: &Link, follow: bool, cancel: &Cancel) -> Result<Self> {
        let settings = &link.settings;
        let window = &settings.window;
        let follow = (follow || window.live) && window.to.is_none() && window.parked.is_none();
        let filter = settings.is_all().then(|| filter(window)).flatten();
        let asking = Asking { link, window, filter: filter.clone(), cancel };
        let (mut lanes, mut warnings) = (Vec::new(), Vec::new());
        if window.parked.is_some() {
            for stream in asking.parked_streams()? {
                match asking.stream(&stream) {
                    Ok(lane) => lanes.push(lane),
                    // Nothing was ever parked there.
                    Err(failure) if failure.is_missing() => {}
                    Err(failure) => return Err(link.explain(&format!("read {stream}"), &failure)),
                }
            }
        } else if settings.is_all() {
            let lane = asking.all().map_err(|failure| link.explain("read $all", &failure))?;
            lanes.push(lane);
        } else {
            let stream = &settings.stream;
            match asking.stream(stream) {
                Ok(lane) => lanes.push(lane),
                Err(failure) if failure.is_missing() && follow => {
                    let what = format!("There is no stream {stream} yet");
                    warnings.push(Error::new(
                        what,
                        place(&settings.url),
                        "What is written to it is shown when it comes",
                    ));
                    lanes.push(Lane::nothing(stream, Start::First));
                }
                Err(failure) => return Err(link.explain(&format!("read {stream}"), &failure)),
            }
        }
        Ok(Self { lanes, follow, filter, warnings })
    }

    /// `KurrentDB, stream account-1, 12 events`
    pub(super) fn describe(&self, window: &Window) -> String {
        let total = self.lanes.iter().map(|lane| lane.total).sum::<Option<u64>>();
        let events = |total: u64| plural(total, "event", "events");
        let named = match self.lanes.as_slice() {
            _ if window.parked.is_some() => {
                return format!("KurrentDB, {} parked", plural(total.unwrap_or(0), "message", "messages"));
            }
            [one] if one.stream == ALL => ALL.to_owned(),
            [one] => format!("stream {}", one.stream),
            several => format!("{} streams", count(several.len() as u64)),
        };
        let read = match total {
            _ if window.live => "from now on".to_owned(),
            Some(total) => events(total),
            None => match self.lanes.first().map(|lane| (lane.start, lane.end)) {
                Some((Start::Position(from), Some(Start::Position(to)))) => format!("from {from} to {to}"),
                Some((_, Some(Start::Position(to)))) => format!("to {to}"),
                _ => "nothing yet".to_owned(),
            },
        };
        let then = if self.follow && !window.live { THEN } else { "" };
        format!("KurrentDB, {named}, {read}{then}")
    }
}

impl Lane {
    fn nothing(stream: &str, last: Start) -> Self {
        let stream = stream.to_owned();
        Self { stream, start: Start::First, end: None, until: None, total: Some(0), last }
    }
}

impl Asking<'_> {
    fn question(&self, stream: &str, from: Start, backwards: bool) -> Question {
        let filter = self.filter.clone().filter(|_| stream == ALL);
        Question { stream: stream.to_owned(), from, backwards, most: None, filter, resolve: false }
    }

    /// Of the groups that are asked for.
    fn parked_streams(&self) -> Result<Vec<String>> {
        let settings = &self.link.settings;
        if let Some(one) = settings.parked_stream().filter(|_| !settings.url.path.is_empty()) {
            return Ok(vec![one]);
        }
        let groups = subscriptions(self.link).map_err(|failure| self.link.explain("list subscriptions", &failure))?;
        let wanted = self.window.parked.as_deref().unwrap_or_default();
        let fits = |group: &str| wanted.split(',').any(|name| Pattern::with_stars(name.trim()).matches(group));
        let of_stream = |stream: &str| settings.url.path.is_empty() || settings.stream == stream;
        let chosen = groups.iter().filter(|info| of_stream(&info.event_source) && fits(&info.group_name));
        Ok(chosen.map(|info| parked_stream(&info.event_source, &info.group_name)).collect())
    }

    fn stream(&self, stream: &str) -> Answer<Lane> {
        let last = self.link.first(&self.question(stream, Start::End, true), self.cancel)?;
        let Some(At { revision: last, .. }) = last.as_ref().and_then(at) else {
            return Ok(Lane::nothing(stream, Start::First));
        };
        let window = self.window;
        let nothing = Lane::nothing(stream, Start::Revision(last));
        if window.live {
            return Ok(nothing);
        }
        // The first one behind the window.
        let end = match window.to {
            None | Some(Bound::Position(_)) => last.saturating_add(1),
            Some(Bound::Revision(to)) => to.min(last.saturating_add(1)),
            Some(Bound::Time(to)) => self.first_since(stream, last, to)?,
        };
        let from = match window.from {
            None | Some(Bound::Position(_)) => 0,
            Some(Bound::Revision(from)) => from,
            Some(Bound::Time(from)) => self.first_since(stream, last, from)?,
        };
        let from = window.newest.map_or(from, |newest| from.max(end.saturating_sub(newest)));
        if from >= end {
            return Ok(nothing);
        }
        // What was deleted at its beginning is not counted.
        let first = self.link.first(&self.question(stream, Start::Revision(from), false), self.cancel)?;
        let from = first.as_ref().and_then(at).map_or(from, |first| first.revision.max(from));
        Ok(Lane {
            start: Start::Revision(from),
            end: Some(Start::Revision(end - 1)),
            total: Some(end.saturating_sub(from)),
            ..nothing
        })
    }

    /// The revision from which on events are not older than `time`, by halving: their times rise.
    fn first_since(&self, stream: &str, last: u64, time: TimeNs) -> Answer<u64> {
        let (mut low, mut high) = (0, last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let read = self.link.first(&self.question(stream, Start::Revision(middle), false), self.cancel)?;
            match read.as_ref().and_then(at) {
                Some(At { revision, created: Some(created), .. }) if created < time => low = revision.max(middle) + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn all(&self) -> Answer<Lane> {
        // Without the filter: the end of the log, however long ago the last event was that fits.
        let last = Question { filter: None, ..self.question(ALL, Start::End, true) };
        let last = self.link.first(&last, self.cancel)?;
        let Some(At { position: last, .. }) = last.as_ref().and_then(at) else {
            return Ok(Lane::nothing(ALL, Start::First));
        };
        let window = self.window;
        let mut lane = Lane::nothing(ALL, Start::Position(last));
        if window.live {
            return Ok(lane);
        }
        (lane.end, lane.total) = (Some(Start::Position(last)), None);
        match window.to {
            // Reading back from a position does not give what lies there.
            Some(Bound::Position(to)) if to <= last => {
                let before = Question { filter: None, ..self.question(ALL, Start::Position(to), true) };
                let before = self.link.first(&before, self.cancel)?;
                match before.as_ref().and_then(at) {
                    Some(before) => lane.end = Some(Start::Position(before.position)),
                    None => return Ok(Lane::nothing(ALL, Start::Position(last))),
                }
            }
            Some(Bound::Time(to)) => lane.until = Some(to),
            _ => {}
        }
        lane.start = match window.from {
            Some(Bound::Position(from)) => Start::Position(from),
            _ => Start::First,
        };
        let since = match window.from {
            Some(Bound::Time(from)) => Some(from),
            _ => None,
        };
        if since.is_none() && window.newest.is_none() {
            return Ok(lane);
        }
        // Positions of times are not known to the server: the way back from the end finds them. Those events are read
        // twice, so that they come in their order and are never all held.
        let mut back = Back {
            window,
            since,
            until: lane.until,
            most: window.newest.unwrap_or(u64::MAX),
            not_before: lane.start,
            end: lane.end,
            found: 0,
            first: None,
            cancel: self.cancel,
        };
        self.link.read(&self.question(ALL, Start::End, true), &mut back)?;
        match back.first {
            Some(first) => lane.start = Start::Position(first),
            None => return Ok(Lane::nothing(ALL, Start::Position(last))),
        }
        Ok(lane)
    }
}

/// On the way back through `$all`.
struct Back<'a> {
    window: &'a Window,
    since: Option<TimeNs>,
    until: Option<TimeNs>,
    most: u64,
    not_before: Start,
    end: Option<Start>,
    found: u64,
    first: Option<LogPosition>,
    cancel: &'a Cancel,
}

impl Reader for Back<'_> {
    fn event(&mut self, read: ResolvedEvent) -> Result<bool> {
        let Some(At { position, created, .. }) = at(&read) else { return Ok(!self.cancel.is_cancelled()) };
        let too_old = self.since.zip(created).is_some_and(|(since, created)| created < since);
        if too_old || matches!(self.not_before, Start::Position(first) if position < first) {
            return Ok(false);
        }
        let too_new = self.until.zip(created).is_some_and(|(until, created)| created >= until)
            || matches!(self.end, Some(Start::Position(end)) if position > end);
        if !too_new && takes(self.window, &read, true) {
            self.first = Some(position);
            self.found += 1;
        }
        Ok(self.found < self.most && !self.cancel.is_cancelled())
    }

    fn tick(&mut self) -> bool {
        !self.cancel.is_cancelled()
    }
}

/// Whether an event is in the window by its names; what the store writes for itself is hidden among all.
pub(super) fn takes(window: &Window, read: &ResolvedEvent, all: bool) -> bool {
    let Some((type_name, stream)) = super::event::names(read) else { return false };
    let hidden = all && !window.system && window.types.is_empty() && type_name.starts_with('$');
    !hidden && window.takes(type_name, &stream)
}

/// All persistent subscriptions.
pub(super) fn subscriptions(
    link: &Link,
) -> Answer<Vec<kurrentdb::PersistentSubscriptionInfo<kurrentdb::RevisionOrPosition>>> {
    let listed = link.ask(|client, login| async move {
        let mut options = ListPersistentSubscriptionsOptions::default();
        if let Some(login) = login {
            options = options.authenticated(login);
        }
        client.list_all_persistent_subscriptions(&options).await
    });
    match listed {
        // The server has none.
        Err(Failure::Client(kurrentdb::Error::ResourceNotFound)) => Ok(Vec::new()),
        other => other,
    }
}

/// What the server itself can leave out of `$all`: one condition, on streams or on types.
fn filter(window: &Window) -> Option<SubscriptionFilter> {
    if !window.streams.is_empty() {
        return Some(SubscriptionFilter::on_stream_name().regex(regex(&window.streams)));
    }
    if !window.types.is_empty() {
        return Some(SubscriptionFilter::on_event_type().regex(regex(&window.types)));
    }
    (!window.system).then(|| SubscriptionFilter::on_event_type().exclude_system_events())
}

/// Of patterns with stars, as .NET's expressions have it.
fn regex(patterns: &[String]) -> String {
    let one = |pattern: &String| {
        let pieces = Pattern::with_stars(pattern).0;
        let piece = |piece: &Piece| match piece {
            Piece::Any => ".*".to_owned(),
            Piece::Text(text) => regex::escape(text),
        };
        pieces.iter().map(piece).collect::<String>()
    };
    format!("^({})$", patterns.iter().map(one).collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_expressions() {
        assert_eq!(regex(&["Money*".to_owned(), "a.b".to_owned()]), r"^(Money.*|a\.b)$");
    }
}
