//! The SQL console.

use egui_kittest::kittest::Queryable as _;

use crate::harness::{World, click_at, settle, shop, window};

#[test]
fn an_example_is_run_and_a_row_selects_its_event() {
    let mut harness = window(World::new("sql", shop()), [1000.0, 420.0], true);
    harness.get_by_label("A field of the payloads").click();
    settle(&mut harness);
    harness.get_by_label("Saved").click();
    settle(&mut harness);
    harness.get_by_label("The slowest chains").click();
    settle(&mut harness);
    settle(&mut harness);
    click_at(&mut harness, 120.0, 190.0);
    let selected = harness.state().state.selection.event;
    assert!(selected.is_some(), "{:?}", harness.state().commands);
}

#[test]
fn statements_are_kept_by_name() {
    let mut harness = window(World::new("sql", shop()), [1000.0, 420.0], true);
    harness.get_by_label("Events by type").click();
    settle(&mut harness);
    harness.get_by_label("Saved").click();
    settle(&mut harness);
    harness.get_by_label("Name").focus();
    harness.run_steps(2);
    harness.get_by_label("Name").type_text("mine");
    settle(&mut harness);
    harness.get_by_label("Save").click();
    settle(&mut harness);
    let kept = &harness.state().state.settings.queries;
    assert_eq!(kept.len(), 1);
    assert!(kept[0].name == "mine" && kept[0].text.starts_with("SELECT type"));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = window(World::new("sql", shop()), [1000.0, 360.0], dark);
        harness.snapshot(format!("sql_empty_{theme}"));
        harness.get_by_label("Events per minute").click();
        settle(&mut harness);
        settle(&mut harness);
        harness.get_by_label("Plot").click();
        settle(&mut harness);
        harness.snapshot(format!("sql_plot_{theme}"));
        harness.get_by_label("Table").click();
        settle(&mut harness);
        harness.snapshot(format!("sql_{theme}"));
        results.extend_harness(&mut harness);
    }
}
