//! The inspector.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::{FilterCommand, SelectCommand};
use eventglass::model::ids::EventIx;

use crate::harness::{World, settle, shop, window};

fn inspecting(event: u64) -> World {
    let mut world = World::new("inspector", shop());
    world.state.selection.event = Some(EventIx(event));
    world
}

#[test]
fn ids_are_links() {
    let mut harness = window(inspecting(4), [420.0, 640.0], true);
    harness.get_by_label("order-400").click();
    settle(&mut harness);
    assert!(harness.state().commands.iter().any(|c| matches!(c, Command::Select(SelectCommand::Entity(_)))));
    harness.get_by_label("corr-9a00").click();
    settle(&mut harness);
    let set = Command::Filter(FilterCommand::Set("correlation:corr-9a00".to_owned()));
    assert!(harness.state().commands.contains(&set));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, event, dark, form) in [
        ("inspector_dark", 4, true, "Tree"),
        ("inspector_light", 4, false, "Tree"),
        ("inspector_text", 4, true, "Text"),
        ("inspector_bytes", 4, true, "Bytes"),
        ("inspector_undecodable", 360, true, "Text"),
    ] {
        let mut harness = window(inspecting(event), [420.0, 640.0], dark);
        harness.get_by_label(form).click();
        settle(&mut harness);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
    let mut harness = window(World::new("inspector", shop()), [420.0, 300.0], true);
    harness.snapshot("inspector_empty");
    results.extend_harness(&mut harness);
}
