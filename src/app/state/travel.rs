//! Time travel: which reducer makes an entity's states, how they are shown, which fields are watched.
//!
//! The step at the cursor is not kept here: it follows from the selection and the time cursor, so
//! that timeline, table, inspector and state can't differ. Step n is the state after the n-th event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::State;
use crate::analysis::state::history::History;
use crate::analysis::state::path::Path;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::model::ids::EntityIx;
use crate::store::snapshot::Snapshot;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct Travel {
    /// By the kind of entity; a kind without an entry uses the inferred rules. Kept with the sources.
    pub reducers: BTreeMap<String, ReducerSource>,
    /// Scripts that came with the settings and may not run before a person says so, by kind.
    pub waiting: BTreeMap<String, Waiting>,
    /// What the editor of reducers handed over to be compared with the one in use, and its kind.
    pub rival: Option<(String, ReducerSource)>,
    /// The file that was read last for the editor.
    pub opened: Option<Opened>,
    /// How many sources `reducers` was looked up for.
    pub(crate) sources: usize,
    pub pace: Pace,
    pub show: Show,
    /// In the order in which they were pinned.
    pub watches: Vec<Watch>,
    /// The field that the history panel tells of.
    pub field: Option<Path>,
    /// What the history was asked last; answered by `Jobs::travel`.
    pub bisect: Option<Question>,
    /// Repeats of an event id count as events of their own.
    pub keep_duplicates: bool,
    /// A person stopped the fold of this entity; what is folded stays.
    pub stopped: Option<EntityIx>,
    /// Rises when everything is to be folded again.
    pub again: u64,
    /// The events of the entity in focus in the order in which they are folded, once that is known.
    pub history: Option<Arc<History>>,
    /// The cursor stands before the first event of the entity in focus.
    pub at_start: bool,
    pub(crate) stepped: Option<Instant>,
}

/// A script that nobody allowed to run yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The source that it was kept with.
    pub from: String,
    pub source: ReducerSource,
}

/// A reducer as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Rises with every file.
    pub number: u64,
    pub kind: String,
    pub path: String,
    pub text: Arc<str>,
}

/// Which states the panel shows of the step at the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Show {
    Before,
    #[default]
    After,
    Diff,
}

/// How fast playing goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Events a second.
    Steps(f32),
    /// So many times as fast as it happened; waits are cut, so that no silence is sat through.
    RealTime(f32),
}

/// A field that stays in sight: as a plot, as a column of the events table, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The kind of entity whose states have the field.
    pub kind: String,
    pub path: Path,
    pub plot: bool,
    pub column: bool,
}

/// Where a watched field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchAs {
    Plot,
    Column,
}

/// A question to a history: after which event is this true for the first time?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub entity: EntityIx,
    /// `balance < 0`.
    pub predicate: String,
    /// Tells it from the same question put again.
    pub number: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self::Steps(2.0)
    }
}

impl Pace {
    /// What the menu offers.
    pub const ALL: [Self; 12] = [
        Self::Steps(0.5),
        Self::Steps(1.0),
        Self::Steps(2.0),
        Self::Steps(4.0),
        Self::Steps(8.0),
        Self::Steps(16.0),
        Self::Steps(32.0),
        Self::Steps(64.0),
        Self::RealTime(1.0),
        Self::RealTime(60.0),
        Self::RealTime(3_600.0),
        Self::RealTime(86_400.0),
    ];

    /// `4 events/s`, `60× real time`, `1 h a second`.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Steps(n) if (n - 1.0).abs() < f32::EPSILON => "1 event/s".to_owned(),
            Self::Steps(n) => format!("{n} events/s"),
            Self::RealTime(n) if n >= 86_400.0 => "1 day/s".to_owned(),
            Self::RealTime(n) if n >= 3_600.0 => "1 h/s".to_owned(),
            Self::RealTime(n) if n >= 60.0 => "1 min/s".to_owned(),
            Self::RealTime(_) => "real time".to_owned(),
        }
    }

    /// `4/s`, `60×`: where there is little room.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::Steps(n) => format!("{n}/s"),
            Self::RealTime(n) => format!("{n}×"),
        }
    }

    /// The wait before an event that happened `gap_ns` after the one before.
    #[must_use]
    pub fn wait(self, gap_ns: Option<i64>) -> Duration {
        /// Longer silences are not sat through.
        const LONGEST: f64 = 2.0;
        let seconds = match (self, gap_ns) {
            (Self::Steps(rate), _) => 1.0 / f64::from(rate.clamp(0.1, 1_000.0)),
            (Self::RealTime(factor), Some(gap)) => gap.max(0) as f64 / 1e9 / f64::from(factor.max(0.001)),
            (Self::RealTime(_), None) => 0.5,
        };
        Duration::from_secs_f64(seconds.min(LONGEST))
    }
}

impl Show {
    pub const ALL: [Self; 3] = [Self::Before, Self::After, Self::Diff];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Before => "Before",
            Self::After => "After",
            Self::Diff => "Diff",
        }
    }
}

impl Travel {
    /// The reducer that a person chose for this kind of entity.
    #[must_use]
    pub fn reducer(&self, kind: &str) -> Option<&ReducerSource> {
        self.reducers.get(kind)
    }

    /// A reducer that was kept, `from` where. Rules are data; a script is a program, which nobody has seen in this run.
    pub(crate) fn offer(&mut self, kind: String, reducer: &ReducerSource, from: &str) {
        if matches!(reducer.kind, ReducerKind::Inferred | ReducerKind::Rules) {
            self.reducers.entry(kind).or_insert_with(|| reducer.clone());
        } else if !self.reducers.contains_key(&kind) {
            let waiting = Waiting { from: from.to_owned(), source: reducer.clone() };
            self.waiting.entry(kind).or_insert(waiting);
        }
    }

    /// Watched fields of this kind.
    pub fn watched<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Watch> {
        self.watches.iter().filter(move |w| w.kind == kind)
    }

    #[must_use]
    pub fn is_watched(&self, kind: &str, path: &Path, how: WatchAs) -> bool {
        self.watched(kind).any(|w| w.path == *path && if how == WatchAs::Plot { w.plot } else { w.column })
    }
}

impl State {
    /// The step at the cursor in the history of the entity in focus: the selected event's, else that
    /// of the last event at or before the time cursor, else the last one. Nothing while the history
    /// is not known yet.
    #[must_use]
    pub fn step(&self) -> Option<u32> {
        let history = self.history()?;
        if self.travel.at_start {
            return Some(0);
        }
        let selected = self.selection.event.and_then(|event| history.step_of(event));
        let at_cursor = || self.cursor.map(|at| history.step_at_time(at));
        Some(selected.or_else(at_cursor).unwrap_or(history.len()))
    }

    /// The history of the entity in focus, once it is known.
    #[must_use]
    pub fn history(&self) -> Option<&Arc<History>> {
        self.travel.history.as_ref().filter(|h| Some(h.entity) == self.selection.entity)
    }

    /// How long playing waits before its next event.
    #[must_use]
    pub fn play_wait(&self, log: &Snapshot) -> Duration {
        let time = |step| self.history()?.event_of(step).and_then(|event| log.time(event));
        let gap = self.step().and_then(|now| Some(time(now + 1)?.0.saturating_sub(time(now)?.0)));
        self.travel.pace.wait(gap)
    }

    /// Looks up the reducers that were kept for the sources of this log; again when there are more.
    pub fn adopt_reducers(&mut self, log: &Snapshot) {
        if self.travel.sources == log.sources().len() {
            return;
        }
        self.travel.sources = log.sources().len();
        for source in log.sources() {
            for (kind, reducer) in self.settings.reducers.get(&source.address).into_iter().flatten() {
                self.travel.offer(kind.clone(), reducer, &source.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_waits_by_events_or_by_their_times() {
        for (pace, gap, expected) in [
            (Pace::Steps(0.5), None, 2_000),
            (Pace::Steps(64.0), Some(9), 15),
            (Pace::RealTime(1.0), Some(1_500_000_000), 1_500),
            (Pace::RealTime(60.0), Some(60_000_000_000), 1_000),
            (Pace::RealTime(1.0), Some(i64::MAX), 2_000),
            (Pace::RealTime(1.0), Some(-5), 0),
            (Pace::RealTime(1.0), None, 500),
        ] {
            assert_eq!(pace.wait(gap).as_millis(), expected, "{pace:?} {gap:?}");
        }
    }
}
