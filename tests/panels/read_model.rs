//! The read-model panel, on the sample with its planted errors.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::store::snapshot::Snapshot;

use crate::harness::{World, click_at, settle, window};

/// Tests run in the folder of the package, so that no picture has a path of one machine.
const TABLE: &str = "sample-data/bank-views.sqlite?table=accounts_view";

fn bank() -> Arc<Snapshot> {
    let log = Log::with(Options { cache: None, ..Options::default() });
    let opened = open(&Address::file("sample-data/bank.ndjson"), &OpenOptions::default()).expect("it opens");
    log.add(opened).expect("it is added");
    log.wait();
    log.snapshot()
}

fn compared(dark: bool) -> Harness<'static, World> {
    compared_with(dark, &[])
}

fn compared_with(dark: bool, more: &[(&str, &str)]) -> Harness<'static, World> {
    let mut world = World::new("read-model", bank());
    let rules = std::fs::read_to_string("sample-data/account.rules").expect("it is there");
    let rules = ReducerSource { kind: ReducerKind::Rules, text: rules.into() };
    world.state.travel.reducers.insert("account".to_owned(), rules);
    let mut harness = window(world, [1100.0, 260.0], dark);
    for (field, text) in [("Table", TABLE), ("Key", "account_id")].iter().chain(more) {
        harness.get_by_label(field).focus();
        harness.run_steps(2);
        harness.get_by_label(field).type_text(text);
        settle(&mut harness);
    }
    harness.get_by_label("Compare").click();
    settle(&mut harness);
    settle(&mut harness);
    harness
}

#[test]
fn planted_errors_are_listed_and_a_click_goes_to_the_event() {
    let mut harness = compared(true);
    harness.get_by_label("5 rows: 2 match, 2 differ, 1 missing, 1 too many");
    // The first row, below the header.
    click_at(&mut harness, 120.0, 152.0);
    assert!(harness.state().state.selection.event.is_some(), "{:?}", harness.state().commands);
}

#[test]
fn columns_and_a_condition_are_asked_for() {
    let harness = compared_with(true, &[("Columns", "owner=@events"), ("Only", "balance < 100")]);
    harness.get_by_label_contains("owner = @events");
    assert!(harness.query_all_by_label_contains("does not fulfil the condition").count() > 0);
    let harness = compared_with(true, &[("Columns", "owner")]);
    harness.get_by_label_contains("owner is no column with a place");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = compared(dark);
        harness.snapshot(if dark { "read-model_dark" } else { "read-model_light" });
        results.extend_harness(&mut harness);
    }
}
