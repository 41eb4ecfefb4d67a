//! Faulty deliveries of a history.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::TravelCommand;

use crate::accounts::account;
use crate::harness::{settle, window};

#[test]
fn duplicates_of_deposits_are_found_and_can_be_gone_to() {
    let mut harness = window(account("delivery"), [1200.0, 340.0], true);
    settle(&mut harness);
    harness.get_by_label("Simulate duplicates").click();
    settle(&mut harness);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("are not idempotent").is_some());
    let row = harness.query_all_by_label_contains("MoneyDeposited, not idempotent").next();
    row.expect("a row of the table").click();
    settle(&mut harness);
    let went = harness.state().commands.iter().any(|c| matches!(c, Command::Travel(TravelCommand::Step(_))));
    assert!(went, "{:?}", harness.state().commands);
}

#[test]
fn sums_commute() {
    let mut harness = window(account("delivery"), [1200.0, 340.0], true);
    settle(&mut harness);
    harness.get_by_label("Reordering").click();
    settle(&mut harness);
    harness.get_by_label("Simulate reordering").click();
    settle(&mut harness);
    settle(&mut harness);
    assert!(harness.query_all_by_label_contains("MoneyDeposited, MoneyWithdrawn, commute").count() > 0);
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, size, dark) in [
        ("delivery_dark", [1200.0, 340.0], true),
        ("delivery_light", [1200.0, 340.0], false),
        ("delivery_narrow", [760.0, 260.0], true),
    ] {
        let mut harness = window(account("delivery"), size, dark);
        settle(&mut harness);
        harness.get_by_label("Simulate duplicates").click();
        settle(&mut harness);
        settle(&mut harness);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
