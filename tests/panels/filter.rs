//! The filter bar.

use egui::Key;
use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, settle, shop, window};

#[test]
fn a_filter_is_typed_completed_and_applied() {
    let mut harness = window(World::new("filter", shop()), [900.0, 320.0], true);
    harness.get_by_label("Filter").focus();
    settle(&mut harness);
    harness.get_by_label("Filter").type_text("type:PaymentF");
    settle(&mut harness);
    assert!(harness.state().state.view.filter.is_empty(), "not before Enter");
    harness.key_press(Key::Tab);
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    assert_eq!(harness.state().state.view.filter, "type:PaymentFailed");
    let rows = harness.state().jobs.rows.answer().and_then(|a| a.value.as_ref().map(|v| v.rows().len()));
    assert_eq!(rows, Some(5));
    harness.get_by_label("Clear the filter").click();
    settle(&mut harness);
    assert!(harness.state().state.view.filter.is_empty());
}

#[test]
fn a_broken_filter_is_not_applied() {
    let mut harness = window(World::new("filter", shop()), [900.0, 320.0], true);
    harness.get_by_label("Filter").focus();
    settle(&mut harness);
    harness.get_by_label("Filter").type_text("(type:OrderPlaced");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    assert!(harness.state().state.view.filter.is_empty());
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, text, dark) in [
        ("filter_completion_dark", "type:Pay", true),
        ("filter_completion_light", "type:Pay", false),
        ("filter_error", "type:OrderPlaced and data.total>", true),
    ] {
        let mut harness = window(World::new("filter", shop()), [900.0, 260.0], dark);
        harness.get_by_label("Filter").focus();
        settle(&mut harness);
        harness.get_by_label("Filter").type_text(text);
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
