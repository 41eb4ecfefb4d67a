//! The lint panel.

use std::sync::Arc;

use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::LintCommand;
use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};

use crate::harness::{World, click_at, settle, window};

/// Thirty orders of which two are stuck, one left out a version, and some say too much.
pub fn troubled() -> Arc<Snapshot> {
    let mut builder = Builder::new();
    let start = 1_771_237_800_000_000_000_i64;
    for order in 0..30_i64 {
        let steps = ["OrderPlaced", "OrderPaid", "OrderShipped"];
        for (step, type_name) in steps.iter().enumerate().take(if order % 14 == 3 { 2 } else { 3 }) {
            let mail = if order % 5 == 0 { "jane.doe@example.org" } else { "-" };
            let skipped = u32::from(order == 7 && step == 2);
            builder.push(TestEvent {
                time: Some(start + (order * 600 + step as i64 * 90) * 1_000_000_000),
                type_name: (*type_name).to_owned(),
                service: "orders".to_owned(),
                id: format!("evt-{order}-{step}"),
                version: Some(step as u32 + 1 + skipped),
                entities: vec![format!("order:order-{order}")],
                correlations: vec![format!("corr-{order}")],
                data: format!(r#"{{"orderId":"order-{order}","mail":"{mail}","total":{}}}"#, 20 + order),
                ..TestEvent::default()
            });
        }
    }
    builder.push(TestEvent { undecodable: true, ..TestEvent::default() });
    builder.build()
}

#[test]
fn a_finding_leads_to_its_event_and_is_silenced_with_a_reason() {
    let mut harness = window(World::new("lint", troubled()), [1100.0, 420.0], true);
    settle(&mut harness);
    // The second row is the first finding, below its rule.
    for _ in 0..2 {
        harness.hover_at(egui::pos2(300.0, 90.0));
        click_at(&mut harness, 300.0, 90.0);
    }
    let selected = harness.state().state.selection.event.expect("a click goes to the event");
    assert_eq!(harness.state().snapshot.undecodable(), 1);
    assert_eq!(selected.0 + 1, harness.state().snapshot.len(), "the damaged record is the last one");
    harness.get_by_label("Show these events").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.view.filter, "is:undecodable");
    harness.get_by_label("Silence…").click();
    settle(&mut harness);
    harness.get_by_label("Reason").focus();
    settle(&mut harness);
    harness.get_by_label("Reason").type_text("a test's own damage");
    settle(&mut harness);
    harness.get_by_label("Silence").click();
    settle(&mut harness);
    let asked = harness.state().commands.iter().rev().find_map(|command| match command {
        Command::Lint(LintCommand::Silence { rule, reason, .. }) => Some((rule.clone(), reason.clone())),
        _ => None,
    });
    assert_eq!(asked, Some(("undecodable".to_owned(), "a test's own damage".to_owned())));
    harness.get_by_label_contains("1 silenced");
}

#[test]
fn thresholds_are_changed_and_said_in_the_file() {
    let mut harness = window(World::new("lint", troubled()), [1100.0, 420.0], true);
    harness.get_by_label("Thresholds").click();
    settle(&mut harness);
    harness.get_by_label("Export…").click();
    settle(&mut harness);
    harness.get_by_label("Save").click();
    settle(&mut harness);
    let saved = harness.state().commands.iter().any(|command| {
        matches!(command, Command::Window(eventglass::app::command::WindowCommand::Save { path, text, .. })
            if path == "lint.json" && text.contains("\"silences\""))
    });
    assert!(saved);
}

#[test]
fn a_log_without_findings_says_so() {
    let mut builder = Builder::new();
    for i in 0..5 {
        let (type_name, entities) = ("A".to_owned(), vec![format!("o:{i}")]);
        builder.push(TestEvent { time: Some(i * 1_000), type_name, entities, ..TestEvent::default() });
    }
    let harness = window(World::new("lint", builder.build()), [900.0, 240.0], true);
    harness.get_by_label("29 rules looked at 5 events and found nothing.");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = window(World::new("lint", troubled()), [1200.0, 320.0], dark);
        settle(&mut harness);
        harness.hover_at(egui::pos2(300.0, 134.0));
        click_at(&mut harness, 300.0, 134.0);
        harness.snapshot(format!("lint_{theme}"));
        harness.get_by_label("Thresholds").click();
        settle(&mut harness);
        harness.snapshot(format!("lint_thresholds_{theme}"));
        results.extend_harness(&mut harness);
        let mut harness = window(World::new("timeline", troubled()), [1000.0, 320.0], dark);
        settle(&mut harness);
        harness.snapshot(format!("timeline_findings_{theme}"));
        results.extend_harness(&mut harness);
    }
}
