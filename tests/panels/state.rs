//! The state panel.

use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::Command;
use eventglass::app::command::TravelCommand;
use eventglass::app::state::Show;

use crate::bank::at_step;
use crate::harness::{World, settle, shop, window};

#[test]
fn the_transport_steps_and_the_tree_follows() {
    let mut harness = window(at_step("state", 3), [400.0, 600.0], true);
    harness.get_by_label("balance: 1155 → 1405.50, changed by this event");
    harness.get_by_label("One event back").click();
    settle(&mut harness);
    harness.get_by_label("balance: 1200 → 1155, changed by this event");
    harness.get_by_label("After the last event").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.step(), Some(12));
    harness.get_by_label("Before the first event").click();
    settle(&mut harness);
    harness.get_by_label("balance: 0");
    harness.get_by_label("before the first of 12 events");
    let selection = harness.state().state.selection;
    assert!(selection.event.is_none() && selection.entity.is_some(), "no event, but the entity stays in focus");
    harness.get_by_label("One event forward").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.step(), Some(1));
}

#[test]
fn a_typed_place_is_gone_to() {
    let mut harness = window(at_step("state", 3), [400.0, 600.0], true);
    harness.get_by_label("Go to an event, a version or a time").focus();
    harness.step();
    harness.get_by_label("Go to an event, a version or a time").type_text("v6");
    settle(&mut harness);
    harness.get_by_label("version 6 is event 6");
    harness.key_press(egui::Key::Enter);
    settle(&mut harness);
    assert_eq!(harness.state().state.step(), Some(6));
}

#[test]
fn an_incomplete_state_leads_to_the_event_that_failed() {
    let mut harness = window(at_step("state", 9), [400.0, 600.0], true);
    harness.get_by_label_contains("Incomplete: 1 event");
    harness.get_by_label("Event 7").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.step(), Some(7));
    harness.get_by_label("This event could not be folded");
}

#[test]
fn before_after_and_diff_are_one_click_apart() {
    let mut harness = window(at_step("state", 2), [400.0, 600.0], true);
    harness.get_by_label("Diff").click();
    settle(&mut harness);
    assert!(harness.state().commands.contains(&Command::Travel(TravelCommand::Show(Show::Diff))));
    assert!(harness.query_by_label("owner: \"Chika Obi\"").is_none(), "only what differs");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, step, show, dark) in [
        ("state_dark", 5, Show::After, true),
        ("state_light", 5, Show::After, false),
        ("state_diff", 6, Show::Diff, true),
        ("state_incomplete", 9, Show::After, false),
    ] {
        let mut world = at_step("state", step);
        world.state.travel.show = show;
        let mut harness = window(world, [400.0, 620.0], dark);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
    let mut broken = at_step("state", 5);
    let text = ReducerSource { kind: ReducerKind::Rules, text: "on MoneyDeposited\n  balance += += 1\n".into() };
    broken.state.travel.reducers.insert("account".to_owned(), text);
    let mut harness = window(broken, [400.0, 420.0], true);
    harness.snapshot("state_broken_reducer");
    results.extend_harness(&mut harness);
    let mut harness = window(World::new("state", shop()), [400.0, 300.0], true);
    harness.snapshot("state_empty");
    results.extend_harness(&mut harness);
}
