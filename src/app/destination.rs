//! Where in a history a person typed to: an event's number, a version, a time, words.
//!
//! A log from last year has no yesterday of the wall clock: words count from now only where the log
//! reaches to within a day of now, else from its last event, and the hint says which.

use crate::analysis::query::Spoken;
use crate::analysis::state::history::History;
use crate::app::zone::Zone;
use crate::base::text::count;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// A step, and what it is in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub step: u32,
    /// `event 4, the last one until 14:34:59`.
    pub hint: String,
}

/// What typed places are read against.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    pub log: &'a Snapshot,
    pub history: &'a History,
    pub cursor: Option<TimeNs>,
    pub zone: Zone,
    pub now: TimeNs,
}

const DAY: i64 = 86_400_000_000_000;

impl Here<'_> {
    /// `5`, `#5`, `v12`, `first`, `last`, `2026-02-16 10:30`, `14:34`, `yesterday 14:34`, `-5m`. A
    /// moment means the state when it is over: what happened in that minute has happened.
    ///
    /// # Errors
    /// What can be typed instead.
    pub fn read(&self, text: &str) -> Result<Destination, String> {
        let text = text.trim();
        let len = self.history.len();
        let to = |step: u32, hint: String| Ok(Destination { step, hint });
        match text.to_ascii_lowercase().as_str() {
            "" => return Err("An event number, v12, a time, yesterday 14:34, or -5m".to_owned()),
            "0" | "start" => return to(0, "before the first event".to_owned()),
            "first" => return to(len.min(1), "the first event".to_owned()),
            "last" | "end" => return to(len, "the last event".to_owned()),
            _ => {}
        }
        let digits = text.strip_prefix('#').unwrap_or(text).replace([',', '_'], "");
        if let Ok(n) = digits.parse::<u32>()
            && !digits.starts_with('+')
            && (n <= len || text.len() != 4)
        {
            return if n <= len {
                to(n, format!("event {} of {}", count(n.into()), count(len.into())))
            } else {
                Err(format!("There are {} events", count(len.into())))
            };
        }
        if let Some(version) = text.strip_prefix(['v', 'V']).and_then(|v| v.trim().parse::<u32>().ok()) {
            return match self.history.step_at_version(self.log, version) {
                Some(0) => Err(format!("No event has a version up to {version}")),
                Some(step) => to(step, format!("version {version} is event {}", count(step.into()))),
                None => Err("This history is ordered by time: its events have no versions".to_owned()),
            };
        }
        let Some((_, end)) = self.log.time_range() else {
            return Err("The log has no times: type an event number".to_owned());
        };
        let is_live = self.now.0.saturating_sub(end.0) < DAY;
        let today = if is_live { self.now.max(end) } else { end };
        let cursor = self.cursor.unwrap_or(end);
        let spoken = Spoken { cursor, today, zone_minutes: self.zone.minutes_at(cursor) };
        let Some(moment) = spoken.read(text) else {
            return Err("Not a place: an event number, v12, a time, yesterday 14:34, or -5m".to_owned());
        };
        let at = TimeNs(moment.until.0.saturating_sub(1));
        let step = self.history.step_at_time(at);
        let when = self.zone.format_with(at, "%Y-%m-%d %H:%M:%S");
        let mut hint = match step {
            0 => format!("before the first event: it is later than {when}"),
            n => format!("event {}, the last one until {when}", count(n.into())),
        };
        let lower = text.to_ascii_lowercase();
        if !is_live && ["yesterday", "today", "now"].iter().any(|word| lower.starts_with(word)) {
            hint.push_str(", counted from the end of the log");
        }
        to(step, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::query::parse_instant;
    use crate::base::cancel::Cancel;
    use crate::model::ids::EntityIx;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn places_are_read_as_a_person_types_them() {
        let at = |text: &str| parse_instant(text).expect("a moment").from;
        let mut builder = Builder::new();
        let times = ["2026-02-15T14:34:30Z", "2026-02-15T14:40:00Z", "2026-02-16T10:30:00Z", "2026-02-16T11:00:00Z"];
        for (time, version) in times.into_iter().zip([1, 2, 3, 7]) {
            builder.push(TestEvent {
                time: Some(at(time).0),
                type_name: "T".to_owned(),
                version: Some(version),
                entities: vec!["account:1".to_owned()],
                ..TestEvent::default()
            });
        }
        let log = builder.build();
        let history = History::of(&log, EntityIx(0), false, &Cancel::new()).expect("not cancelled");
        let cursor = Some(at("2026-02-16T10:30:00Z"));
        let check = |now: &str, text: &str| {
            let here = Here { log: &log, history: &history, cursor, zone: Zone::Utc, now: at(now) };
            here.read(text)
        };
        let (old, live) = ("2027-01-01", "2026-02-17T08:00:00Z");
        for (now, text, step) in [
            (old, "3", 3),
            (old, "#2", 2),
            (old, "0", 0),
            (old, "last", 4),
            (old, "v2", 2),
            (old, "V 5", 3),
            (old, "yesterday 14:34", 1),
            (old, "yesterday", 2),
            (old, "14:00", 4),
            (old, "10:29", 2),
            (old, "-1h", 2),
            (old, "2026", 4),
            (old, "2026-02-15 14:33", 0),
            (live, "yesterday", 4),
            (live, "yesterday 10:45", 3),
        ] {
            assert_eq!(check(now, text).map(|d| d.step), Ok(step), "{text} at {now}");
        }
        for text in ["", "5", "v0", "noon", "2026-13-01"] {
            assert!(check(old, text).is_err(), "{text}");
        }
        let hint = check(old, "yesterday 14:34").map(|d| d.hint);
        assert_eq!(
            hint.as_deref(),
            Ok("event 1, the last one until 2026-02-15 14:34:59, counted from the end of the log")
        );
    }
}
