//! Commands on a State without a window. Those that look into a log are tested with the panels.

use super::update;
use crate::app::command::{
    Command, FilterCommand, LaneCommand, LayoutCommand, OpenCommand, ViewCommand, WindowCommand,
};
use crate::app::effect::{Effect, Effects};
use crate::app::state::{AxisRange, LaneSort, Overlay, State};
use crate::store::snapshot::Snapshot;

fn run(state: &mut State, commands: impl IntoIterator<Item = Command>) -> Effects {
    let mut effects = Effects::new();
    for command in commands {
        update(state, command, &Snapshot::default(), &mut effects);
    }
    effects
}

#[test]
fn filters_are_extended_without_changing_their_meaning() {
    for (before, and, after) in [
        ("", "type:A", "type:A"),
        ("type:A", "service:b", "type:A service:b"),
        ("type:A or type:B", "service:c", "(type:A or type:B) service:c"),
        ("type:A", "type:A", "type:A"),
    ] {
        let mut state = State::default();
        run(&mut state, [FilterCommand::Set(before.to_owned()).into(), FilterCommand::And(and.to_owned()).into()]);
        assert_eq!(state.view.filter, after, "{before} + {and}");
    }
}

#[test]
fn undo_brings_the_view_back_and_redo_goes_forward_again() {
    let mut state = State { extent: Some(AxisRange::new(0, 1_000)), ..State::default() };
    run(
        &mut state,
        [
            ViewCommand::Range(AxisRange::new(100, 200)).into(),
            LaneCommand::Sort(LaneSort::Count).into(),
            FilterCommand::Set("type:A".to_owned()).into(),
        ],
    );
    let end = state.view.clone();
    run(&mut state, [ViewCommand::Undo.into(), ViewCommand::Undo.into()]);
    assert_eq!(state.view.lanes.sort, LaneSort::First);
    assert_eq!(state.view.range, Some(AxisRange::new(100, 200)));
    run(&mut state, [ViewCommand::Undo.into()]);
    assert_eq!(state.view.range, None);
    run(&mut state, [ViewCommand::Redo.into(), ViewCommand::Redo.into(), ViewCommand::Redo.into()]);
    assert_eq!(state.view, end);
}

#[test]
fn a_drag_is_one_step_of_undo() {
    let mut state = State { extent: Some(AxisRange::new(0, 1_000)), ..State::default() };
    for i in 0..50 {
        run(&mut state, [ViewCommand::Range(AxisRange::new(100 + i, 200 + i)).into()]);
    }
    run(&mut state, [ViewCommand::Undo.into()]);
    assert_eq!(state.view.range, None);
}

#[test]
fn no_pan_or_zoom_loses_the_log() {
    let extent = AxisRange::new(1_000_000, 2_000_000);
    let mut state = State { extent: Some(extent), ..State::default() };
    for command in [ViewCommand::Pan(0.9), ViewCommand::ZoomOut, ViewCommand::Pan(-0.9), ViewCommand::ZoomIn] {
        for _ in 0..200 {
            run(&mut state, [command.clone().into()]);
            let range = state.visible().expect("there is an extent");
            assert!(range.start < extent.end && range.end > extent.start, "{command:?}: {range:?}");
            assert!(range.len() <= extent.len() * 1.2);
        }
    }
}

#[test]
fn opening_forgets_the_old_log_but_not_how_things_are_shown() {
    let mut state = State::default();
    state.view.filter = "type:A".to_owned();
    state.view.collapse_gaps = true;
    let effects = run(&mut state, [OpenCommand::Paths(vec![" /logs/a.ndjson ".to_owned()]).into()]);
    assert_eq!(state.view.filter, "");
    assert!(state.view.collapse_gaps);
    assert_eq!(state.settings.recent[0].paths, ["/logs/a.ndjson"]);
    assert_eq!(effects[0], Effect::Open { paths: vec!["/logs/a.ndjson".to_owned()], add: false });
    let effects = run(&mut state, [OpenCommand::Paths(vec!["  ".to_owned()]).into()]);
    assert!(effects.is_empty() && state.note.is_some());
}

#[test]
fn paths_are_kept_whole_so_that_they_mean_the_same_from_every_folder() {
    let mut state = State::default();
    for (given, is_whole) in [("logs/*.ndjson", true), ("/a/b.json", true), ("-", false)] {
        run(&mut state, [OpenCommand::Paths(vec![given.to_owned()]).into()]);
        let kept = &state.settings.recent[0].paths[0];
        assert_eq!(std::path::Path::new(kept).is_absolute(), is_whole, "{kept}");
        assert!(kept.ends_with(given));
    }
}

#[test]
fn escape_closes_one_layer_at_a_time() {
    let mut state = State::default();
    run(&mut state, [LayoutCommand::Maximise("events").into(), WindowCommand::Palette.into()]);
    assert_eq!(state.overlay, Overlay::Palette);
    run(&mut state, [WindowCommand::Escape.into()]);
    assert_eq!((state.overlay, state.maximised), (Overlay::None, Some("events")));
    run(&mut state, [WindowCommand::Escape.into()]);
    assert_eq!(state.maximised, None);
}

#[test]
fn the_interface_grows_in_steps_between_its_bounds() {
    let mut state = State::default();
    let mut seen = vec![state.settings.zoom_percent];
    for _ in 0..8 {
        run(&mut state, [WindowCommand::ZoomIn.into()]);
        seen.push(state.settings.zoom_percent);
    }
    assert_eq!(seen, [100, 110, 125, 150, 175, 200, 200, 200, 200]);
}
