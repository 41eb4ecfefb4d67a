//! Selecting, stepping, going back. An entity's events are stepped through in the order of time,
//! rows of equal time in the order of the log.

use crate::analysis::timeline::axis::difference;
use crate::app::command::SelectCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{AxisRange, Selection, State};
use crate::model::ids::{EntityIx, EventIx};
use crate::store::snapshot::Snapshot;

pub(super) fn update(state: &mut State, command: SelectCommand, log: &Snapshot, effects: &mut Effects) {
    if !matches!(command, SelectCommand::Hover(_)) {
        state.travel.at_start = false;
    }
    match command {
        SelectCommand::Event(event) => {
            let entity = state.selection.entity.filter(|&e| belongs(log, event, e)).or_else(|| stream_of(log, event));
            go(state, Selection { event: Some(event), entity }, log);
        }
        SelectCommand::EventOf(event, entity) => go(state, Selection { event: Some(event), entity: Some(entity) }, log),
        SelectCommand::Entity(entity) => {
            let event = state.selection.event.filter(|&e| belongs(log, e, entity));
            go(state, Selection { event, entity: Some(entity) }, log);
        }
        SelectCommand::Clear => go(state, Selection::default(), log),
        SelectCommand::Cursor(at) => state.cursor = at,
        SelectCommand::NextOfEntity => step(state, log, Step::Next),
        SelectCommand::PreviousOfEntity => step(state, log, Step::Previous),
        SelectCommand::FirstOfEntity => step(state, log, Step::First),
        SelectCommand::LastOfEntity => step(state, log, Step::Last),
        SelectCommand::Play => play(state, log),
        SelectCommand::PlayStep => {
            let before = state.selection;
            match state.step().filter(|&now| state.history().is_some_and(|h| now < h.len())) {
                // Not a step of the selection history each.
                Some(now) => super::travel::go(state, now + 1, log),
                None => step(state, log, Step::Next),
            }
            state.playing &= state.selection != before;
        }
        SelectCommand::Cause => effects.extend(state.selection.event.map(Effect::FindCause)),
        SelectCommand::Effect => effects.extend(state.selection.event.map(Effect::FindEffect)),
        SelectCommand::Chain => {
            state.chain_from = state.selection.event;
            super::layout::show(state, "chain", effects);
        }
        SelectCommand::ChainBy(id) => state.chain_by = id,
        SelectCommand::EventId(id) => effects.push(Effect::FindEventId(id)),
        SelectCommand::Back => {
            if let Some(selection) = state.selections.back(state.selection) {
                show(state, selection, log);
            }
        }
        SelectCommand::Forward => {
            if let Some(selection) = state.selections.forward(state.selection) {
                show(state, selection, log);
            }
        }
        SelectCommand::Hover(event) => state.hover = event,
    }
}

/// From the selected event on; from the first one where the last is selected.
fn play(state: &mut State, log: &Snapshot) {
    state.playing = !state.playing;
    if !state.playing {
        return;
    }
    let before = state.selection;
    step(state, log, Step::Next);
    if state.selection == before {
        step(state, log, Step::First);
    }
    state.playing = state.selection != before;
}

enum Step {
    First,
    Previous,
    Next,
    Last,
}

fn step(state: &mut State, log: &Snapshot, step: Step) {
    let entity = state.selection.entity.or_else(|| state.selection.event.and_then(|e| stream_of(log, e)));
    let Some(entity) = entity else {
        state.note = Some("Select an event or an entity first".to_owned());
        return;
    };
    if let Some(history) = state.travel.history.clone().filter(|h| h.entity == entity) {
        // Known: in the order in which the states are made.
        let near = |event| history.step_of(event).or_else(|| Some(history.step_at_time(log.time(event)?)));
        let now = match (state.selection.event.and_then(near), &step) {
            (Some(now), _) => now,
            (None, Step::Previous) if !state.travel.at_start => history.len() + 1,
            (None, _) => 0,
        };
        let to = match step {
            Step::First => 1,
            Step::Previous => now.saturating_sub(1),
            Step::Next => now.saturating_add(1),
            Step::Last => history.len(),
        };
        match history.event_of(to) {
            Some(event) => go(state, Selection { event: Some(event), entity: Some(entity) }, log),
            None => state.note = Some("No further event of this entity".to_owned()),
        }
        return;
    }
    let place = |event: EventIx| (log.time(event), event);
    let now = state.selection.event.map(place);
    let events = log.entity_events(entity);
    let found = match (step, now) {
        (Step::First, _) | (Step::Next, None) => events.min_by_key(|&e| place(e)),
        (Step::Last, _) | (Step::Previous, None) => events.max_by_key(|&e| place(e)),
        (Step::Next, Some(now)) => events.filter(|&e| place(e) > now).min_by_key(|&e| place(e)),
        (Step::Previous, Some(now)) => events.filter(|&e| place(e) < now).max_by_key(|&e| place(e)),
    };
    match found {
        Some(event) => go(state, Selection { event: Some(event), entity: Some(entity) }, log),
        None => state.note = Some("No further event of this entity".to_owned()),
    }
}

fn go(state: &mut State, to: Selection, log: &Snapshot) {
    if to != state.selection {
        state.selections.push(state.selection);
    }
    show(state, to, log);
}

pub(super) fn show(state: &mut State, to: Selection, log: &Snapshot) {
    state.selection = to;
    let Some(event) = to.event else { return };
    let time = log.time(event);
    if time.is_some() {
        state.cursor = time;
    }
    let timed = log.time_range().is_some();
    let at = if timed { time.map(|t| t.0) } else { i64::try_from(event.0).ok() };
    let (Some(at), Some(range)) = (at, state.view.range) else { return };
    if !range.contains(at) {
        // Not a change of the view that a person asked for, so not a step of undo.
        state.view.range = Some(centred(range, at));
    }
}

/// The same length, around a place.
pub(super) fn centred(range: AxisRange, at: i64) -> AxisRange {
    range.shifted(difference(at, range.place_at(0.5)))
}

fn belongs(log: &Snapshot, event: EventIx, entity: EntityIx) -> bool {
    let Some((segment, row)) = log.locate(event) else { return false };
    segment.entities().rows(entity.0).contains(&row)
}

/// The entity whose events the arrow keys follow when only an event was clicked: its stream, else
/// the first one that it names.
fn stream_of(log: &Snapshot, event: EventIx) -> Option<EntityIx> {
    let (segment, row) = log.locate(event)?;
    let postings = segment.entities();
    let mut first = None;
    for (key, rows) in postings.iter() {
        if let Ok(i) = rows.binary_search(&row) {
            if postings.is_stream(key, i) {
                return Some(EntityIx(key));
            }
            first = first.or(Some(EntityIx(key)));
        }
    }
    first
}
