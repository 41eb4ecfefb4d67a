//! Two of one thing side by side.

use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::command::ReducerCommand;

use crate::accounts::{RULES, account, run};
use crate::harness::{settle, window};

#[test]
fn two_points_two_entities_two_reducers() {
    let mut world = account("compare");
    let text = RULES.replace("balance -= amount", "balance -= amount + 1");
    let rival = ReducerSource { kind: ReducerKind::Rules, text: text.into() };
    run(&mut world, ReducerCommand::Compare("account".to_owned(), rival));
    let mut harness = window(world, [1200.0, 340.0], true);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("7 events between").is_some(), "from before the first to the last");
    harness.get_by_label("Two entities").click();
    settle(&mut harness);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("events on one side only").is_some());
    harness.get_by_label("Two reducers").click();
    settle(&mut harness);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("they part after event 3").is_some());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, mode, size, dark) in [
        ("compare_dark", "Two entities", [1200.0, 340.0], true),
        ("compare_light", "Two entities", [1200.0, 340.0], false),
        ("compare_steps", "Two points in time", [1200.0, 340.0], true),
        ("compare_reducers", "Two reducers", [760.0, 260.0], true),
    ] {
        let mut harness = window(account("compare"), size, dark);
        settle(&mut harness);
        harness.get_by_label(mode).click();
        settle(&mut harness);
        settle(&mut harness);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
