//! The overview strip.

use egui::pos2;

use crate::harness::{World, settle, shop, window};

#[test]
fn a_drag_makes_a_window() {
    let mut harness = window(World::new("overview", shop()), [900.0, 72.0], true);
    harness.drag_at(pos2(300.0, 40.0));
    harness.run_steps(2);
    harness.hover_at(pos2(500.0, 40.0));
    harness.run_steps(2);
    harness.drop_at(pos2(500.0, 40.0));
    settle(&mut harness);
    let state = &harness.state().state;
    let (range, extent) = (state.view.range.expect("a range"), state.extent.expect("a log"));
    let shares = (extent.share_of(range.start), extent.share_of(range.end));
    assert!((shares.0 - 0.32).abs() < 0.03 && (shares.1 - 0.55).abs() < 0.03, "{shares:?}");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut world = World::new("overview", shop());
        let extent = world.state.extent.expect("a log");
        world.state.view.range = Some(extent.scaled_around(extent.place_at(0.1), 0.15));
        let mut harness = window(world, [1100.0, 72.0], dark);
        harness.snapshot(if dark { "overview_dark" } else { "overview_light" });
        results.extend_harness(&mut harness);
    }
}
