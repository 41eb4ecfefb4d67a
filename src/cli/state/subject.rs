//! The entity that is asked about: its history, its reducer, and the fold as far as an answer needs it.

use std::sync::Arc;

use super::answers::{At, Named, Problem};
use super::ask::Place;
use crate::analysis::entities::search;
use crate::analysis::state::event::{Events, Input, Need};
use crate::analysis::state::fold::{Folded, LIMIT_BYTES, fold};
use crate::analysis::state::history::{History, Order};
use crate::analysis::state::reducer::{Reducer, ReducerKind, ReducerSource, StepError, Stopped};
use crate::analysis::state::reducers::compile;
use crate::analysis::state::reducers::infer::infer;
use crate::analysis::state::stored::Stored;
use crate::analysis::summary::find_event;
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::error::{Error, Place as ErrorPlace, Result};
use crate::model::ids::{EntityIx, EventIx, KindIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

pub(super) struct Subject {
    pub(super) snapshot: Arc<Snapshot>,
    /// `account:account-123`.
    pub(super) name: String,
    pub(super) history: Arc<History>,
    pub(super) stored: Arc<Stored>,
    pub(super) source: ReducerSource,
    pub(super) reducer: Box<dyn Reducer>,
}

impl Subject {
    pub(super) fn find(
        snapshot: Arc<Snapshot>,
        (kind, id): (String, String),
        reducer: Option<(ReducerSource, Box<dyn Reducer>)>,
        keep_duplicates: bool,
    ) -> Result<Self> {
        let entity = snapshot.find_entity(&kind, &id).ok_or_else(|| no_such(&snapshot, &kind, &id))?;
        let history = History::of(&snapshot, entity, keep_duplicates, &Cancel::new());
        let history = Arc::new(history.expect("nobody cancels on the command line"));
        let (source, reducer) = match reducer {
            Some(given) => given,
            None => inferred(&snapshot, snapshot.entity(entity).map(|name| name.kind).unwrap_or_default())?,
        };
        let stored = Arc::new(Stored { snapshot: Arc::clone(&snapshot), history: Arc::clone(&history) });
        Ok(Self { name: format!("{kind}:{id}"), snapshot, history, stored, source, reducer })
    }

    /// The step of a place.
    pub(super) fn step(&self, place: &Place) -> Result<u32> {
        let wrong = |what: String, next_step: String| Error::new(what, ErrorPlace::Nowhere, next_step);
        match place {
            Place::Last => Ok(self.history.len()),
            Place::Time(instant) => Ok(self.history.step_at_time(TimeNs(instant.until.0.saturating_sub(1)))),
            Place::Number(n) if self.history.order == Order::Time => Ok((*n).min(self.history.len())),
            Place::Number(0) => Ok(0),
            Place::Version(version) | Place::Number(version) => self.step_of_version(*version),
            Place::Ix(ix) => self.history.step_of(EventIx(*ix)).ok_or_else(|| {
                let repeat = self.history.repeats.contains(&EventIx(*ix));
                let why = if repeat { "is a repeat of an event id" } else { "is not an event" };
                let next = "Take a number that `events --entity` prints, or add --keep-duplicates for repeats";
                wrong(format!("{ix} {why} of {}", self.name), next.to_owned())
            }),
            Place::Id(id) => {
                let steps = find_event(&self.snapshot, id).into_iter().filter_map(|event| self.history.step_of(event));
                steps.min().ok_or_else(|| {
                    let next = format!("See its events: eventglass events SRC --entity {}", self.name);
                    wrong(format!("{} has no event with the id {id}", self.name), next)
                })
            }
        }
    }

    fn step_of_version(&self, version: u32) -> Result<u32> {
        let step = self.history.step_at_version(&self.snapshot, version);
        let Some(step) = step else {
            let what = format!("The events of {} are not ordered by versions", self.name);
            return Err(Error::new(
                what,
                ErrorPlace::Nowhere,
                "Name the event with --ix or --event, or a time with --at",
            ));
        };
        let of = |step| self.history.event_of(step).and_then(|event| self.snapshot.version(event));
        if of(step) != Some(version) {
            let range = of(1).zip(of(self.history.len())).map(|(first, last)| format!("{first} to {last}"));
            let next = format!("Its versions go from {}", range.unwrap_or_default());
            return Err(Error::new(format!("{} has no version {version}", self.name), ErrorPlace::Nowhere, next));
        }
        Ok(step)
    }

    /// Folds the events up to a step.
    pub(super) fn fold_to(&mut self, step: u32) -> Arc<Folded> {
        let events: Arc<dyn Events> = Arc::new(UpTo { stored: Arc::clone(&self.stored), len: step });
        let never = Cancel::new();
        fold(events, self.source.clone(), &mut *self.reducer, None, LIMIT_BYTES, &never, &mut |_| ())
    }

    pub(super) fn named(&self) -> Named {
        Named::new(&self.name, &self.source)
    }

    pub(super) fn at(&self, step: u32) -> At {
        At::of(&self.snapshot, step, self.history.event_of(step))
    }

    pub(super) fn errors(&self, folded: &Folded, step: u32) -> Vec<Problem> {
        let mut problems = self.problems(folded.errors(), step);
        if let Some(stopped) = folded.stopped() {
            problems.push(Problem { ix: self.ix(stopped.at), message: stopped.error.to_string() });
        }
        problems
    }

    pub(super) fn warnings(&self, folded: &Folded, step: u32) -> Vec<Problem> {
        self.problems(folded.warnings(), step)
    }

    pub(super) fn stopped(&self, stopped: &Stopped) -> Error {
        let ix = self.ix(stopped.at).map_or(String::new(), |ix| format!(" at event {}", count(ix)));
        let what = format!("The reducer stopped{ix}");
        Error::new(what, ErrorPlace::Nowhere, "Mend the reducer; states before that event are as told")
            .because(&stopped.error)
    }

    fn problems(&self, told: &[(u32, StepError)], step: u32) -> Vec<Problem> {
        let told = told.iter().filter(|(of, _)| *of <= step);
        told.map(|(of, error)| Problem { ix: self.ix(*of), message: error.to_string() }).collect()
    }

    pub(super) fn ix(&self, step: u32) -> Option<u64> {
        self.history.event_of(step).map(|event| event.0)
    }
}

/// The beginning of a history.
struct UpTo {
    stored: Arc<Stored>,
    len: u32,
}

impl Events for UpTo {
    fn len(&self) -> u32 {
        self.len.min(self.stored.len())
    }

    fn load(&self, events: std::ops::Range<u32>, need: &Need, cancel: &Cancel, into: &mut Vec<Input>) {
        self.stored.load(events.start..events.end.min(self.len()), need, cancel, into);
    }
}

/// Rules found in the log for a kind of entity.
pub(in crate::cli) fn inferred(snapshot: &Snapshot, kind: KindIx) -> Result<(ReducerSource, Box<dyn Reducer>)> {
    let text = infer(snapshot, kind, &Cancel::new()).text.into();
    let source = ReducerSource { kind: ReducerKind::Inferred, text };
    match compile(&source) {
        Ok(reducer) => Ok((source, reducer)),
        Err(wrong) => {
            let next_step = "Give rules of your own with --reducer";
            Err(Error::new("No rules could be inferred", ErrorPlace::Nowhere, next_step).because(wrong.message))
        }
    }
}

/// Names near to the one that is not there.
fn no_such(snapshot: &Snapshot, kind: &str, id: &str) -> Error {
    let kinds = snapshot.kinds();
    let what = format!("No event is about {kind}:{id}");
    let Some(of_kind) = kinds.iter().position(|of| &*of.name == kind) else {
        let names: Vec<&str> = kinds.iter().map(|kind| &*kind.name).collect();
        let next = format!("This log has {}: {}", plural(names.len() as u64, "kind", "kinds"), names.join(", "));
        return Error::new(what, ErrorPlace::Nowhere, next);
    };
    let of_kind = KindIx(of_kind as u16);
    let found = search(id, &[of_kind], snapshot, &Cancel::new()).unwrap_or_default();
    let name = |entity: EntityIx| snapshot.entity(entity).filter(|name| name.kind == of_kind).map(|name| name.id);
    let mut near: Vec<&str> = found.into_iter().filter_map(name).take(MOST_NEAR).collect();
    if near.is_empty() {
        near = most_alike(id, (0..snapshot.entity_count()).filter_map(|n| name(EntityIx(n))));
    }
    let near: Vec<String> = near.iter().map(|id| format!("{kind}:{id}")).collect();
    Error::new(what, ErrorPlace::Nowhere, format!("The nearest names are {}", near.join(", ")))
}

const MOST_NEAR: usize = 3;

/// Those that share the longest beginning, then those of nearly the same length.
fn most_alike<'a>(id: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let key = |name: &str| {
        let shared = name.bytes().zip(id.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        (std::cmp::Reverse(shared), name.len().abs_diff(id.len()))
    };
    let mut best: Vec<&str> = Vec::new();
    for name in names {
        let at = best.partition_point(|known| key(known) <= key(name));
        if at < MOST_NEAR {
            best.insert(at, name);
            best.truncate(MOST_NEAR);
        }
    }
    best
}
