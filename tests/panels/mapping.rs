//! The field mapping.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::OpenCommand;
use eventglass::model::ids::SourceIx;

use crate::harness::{World, settle, shop, window};

#[test]
fn the_form_shows_the_mapping_in_use_and_waits_for_a_change() {
    let mut harness = window(World::new("mapping", shop()), [1200.0, 760.0], true);
    settle(&mut harness);
    assert!(
        harness.query_by_label("Preview of ten events").is_some() || harness.query_by_label("Add an entity").is_some()
    );
    harness.get_by_label("Add an entity").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("Kind of entity").is_some());
    assert!(harness.state().commands.is_empty(), "nothing is read again before it is asked for");
}

#[test]
fn another_encoding_reads_the_source_again() {
    let mut harness = window(World::new("mapping", shop()), [1200.0, 760.0], true);
    settle(&mut harness);
    harness.get_by_role_and_label(Role::ComboBox, "Encoding").click();
    settle(&mut harness);
    harness.get_by_label_contains("windows-1252").click();
    settle(&mut harness);
    let [Command::Open(OpenCommand::SetCharset(SourceIx(0), Some(charset)))] = &harness.state().commands[..] else {
        panic!("{:?}", harness.state().commands)
    };
    assert_eq!(charset.name(), "windows-1252");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(World::new("mapping", shop()), [1200.0, 760.0], dark);
        harness.get_by_label("Add an entity").click();
        settle(&mut harness);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(if dark { "mapping_dark" } else { "mapping_light" });
        harness.get_by_role_and_label(Role::ComboBox, "Encoding").click();
        settle(&mut harness);
        harness.snapshot(if dark { "mapping_encodings_dark" } else { "mapping_encodings_light" });
        results.extend_harness(&mut harness);
    }
}
