//! The visible range, gaps, zone, undo. Ranges are kept near the log: a person cannot get lost.

use super::change_view;
use crate::analysis::timeline::Basis;
use crate::analysis::timeline::axis::difference;
use crate::app::command::ViewCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{AxisRange, State};
use crate::app::zone::Zone;
use crate::store::snapshot::Snapshot;

/// One press of `+` or `-`.
const ZOOM_STEP: f64 = 0.6;

/// Nanoseconds or positions that stay visible however near a person zooms.
const SHORTEST: f64 = 10.0;

pub(super) fn update(state: &mut State, command: ViewCommand, log: &Snapshot, effects: &mut Effects) {
    match command {
        ViewCommand::Range(range) => set_range(state, range),
        ViewCommand::Fit => change_view(state, "fit", |view| view.range = None),
        ViewCommand::FitEntity => match entity_range(state, log) {
            Some(range) => set_range(state, range.scaled_around(range.place_at(0.5), 1.08)),
            None => state.note = Some("Select an event or an entity first".to_owned()),
        },
        ViewCommand::ZoomIn => zoom(state, ZOOM_STEP),
        ViewCommand::ZoomOut => zoom(state, 1.0 / ZOOM_STEP),
        ViewCommand::Pan(share) => pan(state, |range| range.panned(share)),
        ViewCommand::PanToStart => {
            let start = state.extent.map(|e| e.start);
            pan(state, |range| start.map_or(range, |start| range.shifted(difference(start, range.start))));
        }
        ViewCommand::PanToEnd => {
            let end = state.extent.map(|e| e.end);
            pan(state, |range| end.map_or(range, |end| range.shifted(difference(end, range.end))));
        }
        ViewCommand::CollapseGaps(on) => change_view(state, "gaps", |view| view.collapse_gaps = on),
        ViewCommand::ToggleGaps => change_view(state, "gaps", |view| view.collapse_gaps = !view.collapse_gaps),
        ViewCommand::CorrectClocks(on) => change_view(state, "clocks", |view| view.correct_clocks = on),
        ViewCommand::Zone(zone) => set_zone(state, zone, effects),
        ViewCommand::NextZone => set_zone(state, state.settings.zone.next(state.source_zone_minutes), effects),
        ViewCommand::Undo => match state.views.undo(&state.view) {
            Some(view) => restore(state, view),
            None => state.note = Some("Nothing to undo".to_owned()),
        },
        ViewCommand::Redo => match state.views.redo(&state.view) {
            Some(view) => restore(state, view),
            None => state.note = Some("Nothing to redo".to_owned()),
        },
    }
}

fn restore(state: &mut State, view: crate::app::state::View) {
    state.view = view;
    state.pins_changed();
}

fn set_zone(state: &mut State, zone: Zone, effects: &mut Effects) {
    state.settings.zone = zone;
    effects.push(Effect::SaveSettings);
}

fn zoom(state: &mut State, factor: f64) {
    let Some(range) = state.visible() else { return };
    if range.len() * factor < SHORTEST {
        state.note = Some("No nearer than this".to_owned());
        return;
    }
    let at = state.cursor.map(|t| t.0).filter(|&t| range.contains(t)).unwrap_or_else(|| range.place_at(0.5));
    set_range(state, range.scaled_around(at, factor));
}

fn pan(state: &mut State, moved: impl FnOnce(AxisRange) -> AxisRange) {
    if let Some(range) = state.visible() {
        set_range(state, moved(range));
    }
}

fn set_range(state: &mut State, range: AxisRange) {
    let range = state.extent.map_or(range, |extent| kept_near(range, extent));
    change_view(state, "range", |view| view.range = Some(range));
}

/// No longer than the log with a margin, and with its middle inside the log.
fn kept_near(range: AxisRange, extent: AxisRange) -> AxisRange {
    let len = range.len().min(extent.len() * 1.1);
    // Counted from the log's start: floats of the size of today's nanoseconds step by hundreds.
    let start = difference(range.start, extent.start);
    let near = start.clamp(len * -0.5, extent.len() - len * 0.5);
    if len >= range.len() && (near - start).abs() < 0.5 {
        return range;
    }
    let place = |from_start: f64| extent.start.saturating_add(from_start as i64);
    AxisRange::new(place(near), place(near + len))
}

fn entity_range(state: &State, log: &Snapshot) -> Option<AxisRange> {
    let entity = state.selection.entity?;
    let basis = Basis::of(log);
    let places = log.entity_events(entity).filter_map(|event| basis.place(log, event));
    let (first, last) = places.fold((i64::MAX, i64::MIN), |(a, b), at| (a.min(at), b.max(at)));
    (first <= last).then(|| {
        let (start, end) = basis.stretch(first, last);
        AxisRange::new(start, end)
    })
}
