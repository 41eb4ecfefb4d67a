//! The service map.

use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, settle, shop, window};
use crate::journeys::journeys;

#[test]
fn an_arrow_tells_its_types_and_shows_its_events() {
    let mut harness = window(World::new("map", journeys()), [1200.0, 460.0], true);
    settle(&mut harness);
    harness.get_by_label_contains("payments → orders").click();
    settle(&mut harness);
    harness.get_by_label_contains("PaymentCaptured → OrderConfirmed");
    harness.get_by_label("event 4").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.selection.event.map(|e| e.0), Some(4));
    harness.get_by_label("Show its events").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.view.filter, "service:orders type:OrderConfirmed");
}

#[test]
fn a_click_on_a_box_lists_its_arrows() {
    let mut harness = window(World::new("map", journeys()), [1200.0, 460.0], false);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("orders → inventory").is_some());
    harness.get_by_label("shipping, 230 events").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("orders → shipping").is_some());
    assert!(harness.query_by_label_contains("orders → inventory").is_none());
    harness.get_by_label("All arrows").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("orders → inventory").is_some());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(World::new("map", journeys()), [1200.0, 460.0], dark);
        settle(&mut harness);
        harness.snapshot(if dark { "map_dark" } else { "map_light" });
        results.extend_harness(&mut harness);
    }
    let mut harness = window(World::new("map", shop()), [520.0, 300.0], true);
    settle(&mut harness);
    harness.snapshot("map_by_order_narrow");
    results.extend_harness(&mut harness);
}
