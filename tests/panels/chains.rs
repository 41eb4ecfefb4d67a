//! All chains: search, ways, what is usual, two side by side.

use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, click_at, settle, window};
use crate::journeys::journeys;

fn opened(size: [f32; 2], dark: bool) -> egui_kittest::Harness<'static, World> {
    let mut harness = window(World::new("chains", journeys()), size, dark);
    settle(&mut harness);
    harness
}

fn click_row(harness: &mut egui_kittest::Harness<'static, World>, y: f32) {
    click_at(harness, 200.0, y);
}

/// The first chain beside the first one that failed.
fn compare_with_a_failed_one(harness: &mut egui_kittest::Harness<'static, World>) {
    click_row(harness, 150.0);
    harness.get_by_label("Compare with this").click();
    settle(harness);
    harness.get_by_label("Failed").click();
    settle(harness);
    click_row(harness, 150.0);
    harness.get_by_label("Compare both").click();
    settle(harness);
}

#[test]
fn failed_chains_are_found_and_a_click_selects_their_first_event() {
    let mut harness = opened([1240.0, 400.0], true);
    assert!(harness.query_by_label_contains("240 chains").is_some());
    harness.get_by_label("Failed").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("6 of 240 chains").is_some());
    click_row(&mut harness, 150.0);
    let event = harness.state().state.selection.event.expect("one is selected");
    let log = &harness.state().snapshot;
    assert_eq!(log.type_name(log.type_ix(event)), "OrderPlaced");
    harness.get_by_label("Clear").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("6 of 240 chains").is_none());
}

#[test]
fn two_chains_are_compared() {
    let mut harness = opened([1240.0, 400.0], true);
    compare_with_a_failed_one(&mut harness);
    assert!(harness.query_by_label_contains("They part after PaymentRequested").is_some());
}

#[test]
fn clocks_can_be_corrected() {
    let mut harness = opened([1240.0, 500.0], true);
    harness.get_by_label("Usual").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("PaymentRequested is followed by").is_some());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = opened([1240.0, 360.0], dark);
        harness.snapshot(format!("chains_{theme}"));
        for mode in ["Ways", "Usual"] {
            harness.get_by_label(mode).click();
            settle(&mut harness);
            harness.snapshot(format!("chains_{}_{theme}", mode.to_lowercase()));
        }
        results.extend_harness(&mut harness);
    }
    let mut harness = opened([1240.0, 360.0], true);
    compare_with_a_failed_one(&mut harness);
    harness.snapshot("chains_compare");
    results.extend_harness(&mut harness);
}
