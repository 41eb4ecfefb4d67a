//! The events table.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::command::TravelCommand;
use eventglass::app::state::WatchAs;
use eventglass::app::update;

use crate::harness::{World, settle, shop, window};

#[test]
fn the_keyboard_steps_through_the_rows() {
    let mut harness = window(World::new("events", shop()), [1000.0, 300.0], true);
    harness.get_by_label("Events").click();
    settle(&mut harness);
    let first = harness.state().state.selection.event.expect("a click selects the row under it");
    harness.key_press(egui::Key::ArrowDown);
    settle(&mut harness);
    let next = harness.state().state.selection.event.expect("still selected");
    assert_eq!(next.0, first.0 + 1);
    harness.key_press(egui::Key::Home);
    settle(&mut harness);
    assert_eq!(harness.state().state.selection.event.map(|e| e.0), Some(0));
}

#[cfg(feature = "image-tests")]
#[test]
fn the_chain_column_tells_size_and_what_is_lacking() {
    use eventglass::app::command::TableCommand;
    use eventglass::app::state::Column;
    let mut world = World::new("events", crate::journeys::journeys());
    world.ask(TableCommand::ShowColumn(Column::Chain, true).into());
    world.state.selection.event = Some(eventglass::model::ids::EventIx(62));
    let mut harness = window(world, [1400.0, 320.0], true);
    for _ in 0..20 {
        settle(&mut harness);
        if harness.state().jobs.flows.answer().is_some() {
            break;
        }
    }
    settle(&mut harness);
    harness.snapshot("events_chain_column");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut world = World::new("events", shop());
        world.state.selection.event = Some(eventglass::model::ids::EventIx(4));
        let mut harness = window(world, [1400.0, 320.0], dark);
        harness.snapshot(if dark { "events_dark" } else { "events_light" });
        results.extend_harness(&mut harness);
    }
    let mut world = World::new("events", shop());
    world.state.view.filter = "type:Nothing".to_owned();
    let mut harness = window(world, [1000.0, 300.0], true);
    harness.snapshot("events_no_match");
    results.extend_harness(&mut harness);
}

#[test]
fn a_pinned_field_of_the_state_is_a_column() {
    let mut world = crate::bank::at_step("events", 3);
    let balance = eventglass::analysis::state::path::Path::parse("balance");
    let pin = TravelCommand::Watch("account".to_owned(), balance, WatchAs::Column, true);
    update(&mut world.state, pin.into(), &world.snapshot, &mut Vec::new());
    let mut harness = window(world, [1200.0, 400.0], true);
    settle(&mut harness);
    harness.get_by_label_contains("account:account-125, bank, 230.50, {");
    #[cfg(feature = "image-tests")]
    harness.snapshot("events_watched_dark");
}
