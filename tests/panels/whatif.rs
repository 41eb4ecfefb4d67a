//! Branches of a history.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::command::{BranchCommand, SelectCommand, ViewCommand};

use crate::accounts::{account, run};
use crate::harness::{World, settle, window};

fn at_event(n: u64) -> World {
    let mut world = account("whatif");
    let entity = world.state.selection.entity.expect("the account is in focus");
    run(&mut world, SelectCommand::EventOf(eventglass::model::ids::EventIx(n), entity));
    world
}

#[test]
fn an_event_left_out_begins_a_branch_and_shows_where_it_leads() {
    let mut harness = window(at_event(3), [1200.0, 340.0], true);
    settle(&mut harness);
    harness.get_by_label("Leave it out").click();
    settle(&mut harness);
    settle(&mut harness);
    let branches = &harness.state().state.view.branches;
    assert_eq!(branches.len(), 1);
    assert!(harness.query_by_label_contains("First differs after event").is_some());
    assert!(harness.query_by_label_contains("in the end balance is 1532.50 instead of 1332.50").is_some());
    harness.get_by_label("As it is stored").click();
    settle(&mut harness);
    let entity = harness.state().state.selection.entity.expect("in focus");
    let edits = |world: &World| world.state.view.branches.shown_of(entity).map(|b| b.branch.edits.len());
    assert_eq!(edits(harness.state()), Some(0));
    run(harness.state_mut(), ViewCommand::Undo);
    assert_eq!(edits(harness.state()), Some(1), "the ordinary undo");
}

#[test]
fn a_payload_is_changed_only_to_json() {
    let mut harness = window(at_event(3), [1200.0, 340.0], true);
    settle(&mut harness);
    harness.get_by_label("Payload").focus();
    settle(&mut harness);
    harness.get_by_label("Payload").type_text("oops");
    settle(&mut harness);
    assert!(harness.query_by_label_contains("Not JSON").is_some());
    harness.get_by_label("Change the event").click();
    settle(&mut harness);
    assert!(harness.state().state.view.branches.is_empty());
}

#[test]
fn branches_have_names() {
    let mut harness = window(at_event(3), [1200.0, 340.0], true);
    harness.get_by_label("New branch").click();
    settle(&mut harness);
    harness.get_by_label("Rename").click();
    settle(&mut harness);
    harness.get_by_label("Name of the branch").type_text(" without rent");
    settle(&mut harness);
    harness.key_press(egui::Key::Enter);
    settle(&mut harness);
    let renamed = harness.state().commands.iter().any(|c| matches!(c, eventglass::app::Command::Branch(BranchCommand::Rename(1, name)) if name.contains("without rent")));
    assert!(renamed, "{:?}", harness.state().commands);
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    use eventglass::analysis::state::whatif::{Edit, EventRef, Place};
    use eventglass::model::ids::EventIx;

    let mut results = egui_kittest::SnapshotResults::new();
    for (name, size, dark) in [
        ("whatif_dark", [1200.0, 340.0], true),
        ("whatif_light", [1200.0, 340.0], false),
        ("whatif_narrow", [760.0, 260.0], true),
    ] {
        let mut world = at_event(3);
        let entity = world.state.selection.entity.expect("in focus");
        let stored = |event| EventRef::Stored(EventIx(event));
        let change =
            |event, text: &str| Edit::Change { event: stored(event), type_name: None, text: Some(text.to_owned()) };
        for edit in [
            change(3, r#"{"amount":100,"reason":"rent"}"#),
            Edit::Skip(stored(7)),
            Edit::Insert {
                before: Place::End,
                type_name: "MoneyDeposited".to_owned(),
                text: r#"{"amount":75}"#.to_owned(),
                time: None,
            },
        ] {
            let number = world.state.view.branches.shown_of(entity).map(|b| b.number);
            run(&mut world, BranchCommand::Edit(entity, number, edit));
        }
        let mut harness = window(world, size, dark);
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
