//! The inspector.

use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::{FilterCommand, SelectCommand};
use eventglass::model::ids::EventIx;

use eventglass::store::testing::{Builder, TestEvent};

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

/// One event that is all there is.
fn alone(event: TestEvent) -> World {
    let mut builder = Builder::new();
    builder.push(TestEvent { time: Some(1_771_237_800_000_000_000), type_name: "Imported".to_owned(), ..event });
    let mut world = World::new("inspector", builder.build());
    world.state.selection.event = Some(EventIx(0));
    world
}

#[test]
fn of_a_payload_of_megabytes_only_what_is_seen_is_laid_out() {
    let long = "x".repeat(3 << 20);
    let data = format!(r#"{{"note":"{long}","items":[{}1]}}"#, "1,".repeat(20_000));
    let mut harness = window(alone(TestEvent { data, ..TestEvent::default() }), [420.0, 640.0], true);
    let rows =
        |harness: &egui_kittest::Harness<'_, World>| harness.query_all_by_role(egui::accesskit::Role::TreeItem).count();
    // Megabytes are read on another thread, and slowly without optimisation.
    for _ in 0..100 {
        if rows(&harness) > 0 {
            break;
        }
        settle(&mut harness);
    }
    let rows = rows(&harness);
    assert!((3..60).contains(&rows), "{rows} rows");
    harness.get_by_label("Text").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("The first 1 MiB of 3.").is_some());
    harness.get_by_label("Bytes").click();
    settle(&mut harness);
}

#[test]
fn a_name_that_is_there_twice_is_marked() {
    let data = r#"{"celsius":21,"at":"x","celsius":99}"#.to_owned();
    let harness = window(alone(TestEvent { data, ..TestEvent::default() }), [420.0, 640.0], true);
    assert!(harness.query_by_label("celsius (repeated below)  21").is_some());
    assert!(harness.query_by_label("celsius (again)  99").is_some());
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
    let data = r#"{"celsius":21,"sensor":"adm\u202ein","celsius":99}"#.to_owned();
    for (name, dark) in [("inspector_repeated_dark", true), ("inspector_repeated_light", false)] {
        let event = TestEvent { data: data.clone(), service: "ov\u{200b}en".to_owned(), ..TestEvent::default() };
        let mut harness = window(alone(event), [420.0, 360.0], dark);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
    let mut harness = window(World::new("inspector", shop()), [420.0, 300.0], true);
    harness.snapshot("inspector_empty");
    results.extend_harness(&mut harness);
}
