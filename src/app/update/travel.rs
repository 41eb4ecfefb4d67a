//! Through the history of the entity in focus. Its events' order comes with `State::history`, which
//! a job finds; until then steps change nothing and say so.

use std::time::{Duration, Instant};

use super::{layout, select};
use crate::analysis::state::reducer::ReducerSource;
use crate::app::command::{LayoutCommand, TravelCommand};
use crate::app::destination::Here;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{Pace, Question, Selection, Show, State, Watch, WatchAs};
use crate::base::clock::now_ns;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Steps that follow this quickly (a drag, playing) are one step of the selection history.
const ONE_STEP: Duration = Duration::from_millis(700);

pub(super) fn update(state: &mut State, command: TravelCommand, log: &Snapshot, effects: &mut Effects) {
    match command {
        TravelCommand::Step(step) => go(state, step, log),
        TravelCommand::By(by) => {
            if let Some(now) = state.step() {
                let step = i64::from(now).saturating_add(by).clamp(0, i64::from(u32::MAX));
                go(state, step as u32, log);
            } else {
                nothing_yet(state);
            }
        }
        TravelCommand::GoTo(text) => go_to(state, &text, log),
        TravelCommand::Show(show) => state.travel.show = show,
        TravelCommand::NextShow => {
            let at = Show::ALL.iter().position(|s| *s == state.travel.show).unwrap_or(0);
            state.travel.show = Show::ALL.into_iter().cycle().nth(at + 1).unwrap_or_default();
        }
        TravelCommand::Pace(pace) => state.travel.pace = pace,
        TravelCommand::Faster => change_pace(state, 2.0),
        TravelCommand::Slower => change_pace(state, 0.5),
        TravelCommand::Reducer(kind, reducer) => set_reducer(state, kind, reducer, log, effects),
        TravelCommand::KeepDuplicates(on) => state.travel.keep_duplicates = on,
        TravelCommand::Watch(kind, path, how, on) => {
            let watches = &mut state.travel.watches;
            let known = watches.iter().position(|w| w.kind == kind && w.path == path);
            let at = known.unwrap_or_else(|| {
                watches.push(Watch { kind, path, plot: false, column: false });
                watches.len() - 1
            });
            if let Some(watch) = watches.get_mut(at) {
                match how {
                    WatchAs::Plot => watch.plot = on,
                    WatchAs::Column => watch.column = on,
                }
            }
            watches.retain(|w| w.plot || w.column);
        }
        TravelCommand::UnwatchAll => state.travel.watches.clear(),
        TravelCommand::FieldHistory(path) => {
            state.travel.field = Some(path);
            layout::update(state, LayoutCommand::Show("history"), effects);
        }
        TravelCommand::Bisect(predicate) => bisect(state, predicate, effects),
        TravelCommand::ForgetBisect => state.travel.bisect = None,
        TravelCommand::StopFold => state.travel.stopped = state.selection.entity,
        TravelCommand::FoldAgain => {
            state.travel.stopped = None;
            state.travel.again += 1;
        }
    }
}

fn nothing_yet(state: &mut State) {
    let why = if state.selection.entity.is_none() {
        "Select an event or an entity first"
    } else {
        "The history of this entity is still being found"
    };
    state.note = Some(why.to_owned());
}

pub(super) fn go(state: &mut State, step: u32, log: &Snapshot) {
    let Some(history) = state.history().cloned() else {
        nothing_yet(state);
        return;
    };
    let step = step.min(history.len());
    let to = Selection { event: history.event_of(step), entity: Some(history.entity) };
    let now = Instant::now();
    let continued = state.travel.stepped.is_some_and(|at| now.duration_since(at) < ONE_STEP);
    if to != state.selection && !continued {
        state.selections.push(state.selection);
    }
    state.travel.stepped = Some(now);
    select::show(state, to, log);
    state.travel.at_start = step == 0;
    if step == 0 {
        let first = history.event_of(1).and_then(|event| log.time(event));
        state.cursor = first.map(|t| TimeNs(t.0.saturating_sub(1)));
    }
}

fn go_to(state: &mut State, text: &str, log: &Snapshot) {
    let Some(history) = state.history().cloned() else {
        nothing_yet(state);
        return;
    };
    let now = TimeNs(now_ns().unwrap_or(i64::MAX));
    let here = Here { log, history: &history, cursor: state.cursor, zone: state.settings.zone, now };
    match here.read(text) {
        Ok(found) => {
            state.travel.stepped = None;
            go(state, found.step, log);
            state.note = Some(format!("Went to {}", found.hint));
        }
        Err(why) => state.note = Some(why),
    }
}

fn change_pace(state: &mut State, factor: f32) {
    state.travel.pace = match state.travel.pace {
        Pace::Steps(rate) => Pace::Steps((rate * factor).clamp(0.5, 64.0)),
        Pace::RealTime(rate) => Pace::RealTime((rate * factor).clamp(0.25, 86_400.0)),
    };
    state.note = Some(format!("Plays {}", state.travel.pace.label()));
}

/// Kept beside the mapping of each source of the log that is open.
pub(super) fn set_reducer(
    state: &mut State,
    kind: String,
    reducer: Option<ReducerSource>,
    log: &Snapshot,
    effects: &mut Effects,
) {
    state.travel.stopped = None;
    state.travel.waiting.remove(&kind);
    let first = log.sources().first().map(|s| s.address.clone());
    for source in log.sources() {
        if let Some(kept) = state.settings.reducers.get_mut(&source.address) {
            kept.remove(&kind);
        }
    }
    if let (Some(address), Some(reducer)) = (first, &reducer) {
        state.settings.reducers.entry(address).or_default().insert(kind.clone(), reducer.clone());
    }
    state.settings.reducers.retain(|_, kept| !kept.is_empty());
    match reducer {
        Some(reducer) => state.travel.reducers.insert(kind, reducer),
        None => state.travel.reducers.remove(&kind),
    };
    effects.push(Effect::SaveSettings);
}

fn bisect(state: &mut State, predicate: String, effects: &mut Effects) {
    let Some(entity) = state.selection.entity else {
        nothing_yet(state);
        return;
    };
    let number = state.travel.bisect.as_ref().map_or(0, |q| q.number) + 1;
    state.travel.bisect = Some(Question { entity, predicate, number });
    layout::update(state, LayoutCommand::Show("history"), effects);
}
