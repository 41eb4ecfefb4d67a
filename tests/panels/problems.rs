//! The problems panel.

use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, click_at, settle, shop, window};

#[test]
fn a_click_goes_to_the_record() {
    let mut harness = window(World::new("problems", shop()), [1000.0, 240.0], true);
    harness.hover_at(egui::pos2(200.0, 74.0));
    click_at(&mut harness, 200.0, 74.0);
    assert_eq!(harness.state().state.selection.event.map(|e| e.0), Some(360));
    harness.get_by_label("Show them in the table").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.view.filter, "is:undecodable");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(World::new("problems", shop()), [1200.0, 200.0], dark);
        harness.snapshot(if dark { "problems_dark" } else { "problems_light" });
        results.extend_harness(&mut harness);
    }
}
