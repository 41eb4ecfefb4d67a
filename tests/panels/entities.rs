//! The entities panel.

use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, settle, shop, window};

#[test]
fn a_kind_narrows_the_list_and_opens_it_again() {
    let mut harness = window(World::new("entities", shop()), [300.0, 520.0], true);
    let count = |harness: &egui_kittest::Harness<'_, World>| {
        let answer = harness.state().jobs.entities.answer().expect("an answer");
        answer.value.as_ref().map(|v| v.list.order.len())
    };
    assert_eq!(count(&harness), Some(69));
    for expected in [9, 69] {
        harness.get_by_label_contains("Kind customer").click();
        settle(&mut harness);
        assert_eq!(count(&harness), Some(expected));
    }
}

#[test]
fn the_arrow_keys_follow_a_click() {
    let mut harness = window(World::new("entities", shop()), [300.0, 520.0], true);
    harness.get_by_label("order:order-401, 6 events").click();
    settle(&mut harness);
    harness.key_press(egui::Key::ArrowDown);
    settle(&mut harness);
    let state = harness.state();
    let name = state.state.selection.entity.and_then(|e| state.snapshot.entity(e)).map(|e| e.id.to_owned());
    assert_eq!(name.as_deref(), Some("cust-781"));
}

#[test]
fn kinds_count_what_the_filter_lets_through() {
    let mut world = World::new("entities", shop());
    world.state.view.filter = "type:PaymentFailed".to_owned();
    let harness = window(world, [300.0, 520.0], true);
    assert!(harness.query_by_label("Kind order, 5 of 60 entities, 5 of 360 events").is_some());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(World::new("entities", shop()), [300.0, 520.0], dark);
        harness.get_by_label("order:order-401, 6 events").click();
        settle(&mut harness);
        harness.snapshot(if dark { "entities_dark" } else { "entities_light" });
        results.extend_harness(&mut harness);
    }
    for dark in [true, false] {
        let mut world = World::new("entities", shop());
        world.state.view.filter = "type:PaymentFailed".to_owned();
        let mut harness = window(world, [300.0, 520.0], dark);
        harness.snapshot(if dark { "entities_filtered_dark" } else { "entities_filtered_light" });
        results.extend_harness(&mut harness);
    }
    let mut harness = window(World::new("entities", shop()), [720.0, 360.0], true);
    harness.snapshot("entities_wide");
    results.extend_harness(&mut harness);
}
