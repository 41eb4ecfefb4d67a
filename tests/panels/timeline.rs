//! The timeline.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::SelectCommand;

use crate::harness::{World, settle, shop, window};

#[test]
fn a_lane_is_selected_by_its_label() {
    let mut harness = window(World::new("timeline", shop()), [1100.0, 480.0], true);
    harness.get_by_label("order:order-400, 6 events").click();
    settle(&mut harness);
    let selected = harness.state().state.selection.entity.expect("an entity is selected");
    assert_eq!(harness.state().snapshot.entity(selected).map(|e| e.id.to_owned()).as_deref(), Some("order-400"));
    assert!(matches!(
        harness.state().commands.last(),
        Some(Command::Select(SelectCommand::Entity(_) | SelectCommand::Hover(_)))
    ));
}

#[test]
fn the_legend_counts_what_the_filter_lets_through() {
    let mut world = World::new("timeline", shop());
    world.state.view.filter = "type:OrderPlaced".to_owned();
    let mut harness = window(world, [1100.0, 480.0], true);
    assert!(harness.query_by_label("Show only OrderPlaced, 60 of 60 events").is_some());
    assert!(harness.query_by_label("Show only OrderConfirmed, 0 of 60 events").is_some());
    harness.state_mut().state.view.filter.clear();
    settle(&mut harness);
    assert!(harness.query_by_label("Show only OrderPlaced, 60 events").is_some());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(World::new("timeline", shop()), [1100.0, 480.0], dark);
        harness.get_by_label("order:order-404, 6 events").click();
        settle(&mut harness);
        harness.snapshot(if dark { "timeline_dark" } else { "timeline_light" });
        results.extend_harness(&mut harness);
    }
    for dark in [true, false] {
        let mut world = World::new("timeline", shop());
        world.state.view.filter = "service:payments".to_owned();
        let mut harness = window(world, [1100.0, 480.0], dark);
        harness.snapshot(if dark { "timeline_filtered_dark" } else { "timeline_filtered_light" });
        results.extend_harness(&mut harness);
    }
    let mut world = World::new("timeline", shop());
    world.state.view.collapse_gaps = true;
    world.state.view.lanes.group_by_kind = true;
    world.state.cursor = Some(eventglass::model::time::TimeNs(1_771_238_500_000_000_000));
    let mut harness = window(world, [1100.0, 480.0], true);
    harness.snapshot("timeline_collapsed_gaps");
    results.extend_harness(&mut harness);
}
