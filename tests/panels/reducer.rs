//! The editor of reducers.

use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::Command;
use eventglass::app::command::{ReducerCommand, TravelCommand};
use eventglass::app::state::Waiting;

use crate::accounts::{CLASS, RULES, account, bank, run};
use crate::harness::{World, settle, window};

#[test]
fn rules_are_edited_previewed_and_applied() {
    let mut harness = window(account("reducer"), [400.0, 640.0], true);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("in use: rules").is_some());
    assert!(harness.query_by_label_contains("after 1: ").is_some(), "states on the way are shown");
    let editor = harness.get_by_label("Reducer");
    editor.focus();
    settle(&mut harness);
    harness.get_by_label("Reducer").type_text("on FeeCharged\n  balance -= fee\n");
    settle(&mut harness);
    settle(&mut harness);
    assert!(harness.state().state.travel.reducer("account").is_some_and(|r| &*r.text == RULES), "not before Apply");
    harness.get_by_label("Apply").click();
    settle(&mut harness);
    let reducer = harness.state().state.travel.reducer("account").expect("applied").text.to_string();
    assert!(reducer.contains("FeeCharged"), "{reducer}");
}

#[test]
fn an_error_is_said_at_its_line_and_nothing_breaks() {
    let mut world = account("reducer");
    let source = ReducerSource { kind: ReducerKind::Rules, text: "on A\n  balance + = 1\n".into() };
    run(&mut world, TravelCommand::Reducer("account".to_owned(), Some(source)));
    let mut harness = window(world, [400.0, 640.0], true);
    settle(&mut harness);
    assert!(harness.query_all_by_label_contains("Line 2: ").count() > 0);
}

#[test]
fn a_pasted_class_is_recognised_at_once() {
    let mut harness = window(World::new("reducer", bank()), [400.0, 640.0], true);
    harness.hover_at(egui::pos2(200.0, 300.0));
    harness.event(egui::Event::Paste(CLASS.to_owned()));
    settle(&mut harness);
    harness.get_by_label("Apply").click();
    settle(&mut harness);
    let reducer = harness.state().state.travel.reducer("account").cloned().expect("applied");
    assert_eq!((reducer.kind, &*reducer.text), (ReducerKind::JavaScript, CLASS));
}

#[test]
fn a_script_of_the_settings_waits_until_it_is_allowed() {
    let mut world = World::new("reducer", bank());
    let source = ReducerSource { kind: ReducerKind::JavaScript, text: CLASS.into() };
    let waiting = Waiting { from: "bank.ndjson".to_owned(), source: source.clone() };
    world.state.travel.waiting.insert("account".to_owned(), waiting);
    let mut harness = window(world, [400.0, 640.0], true);
    settle(&mut harness);
    assert!(harness.state().state.travel.reducer("account").is_none());
    harness.get_by_label("Run it").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.travel.reducer("account"), Some(&source));
    let allowed = Command::from(ReducerCommand::Allow("account".to_owned()));
    assert!(harness.state().commands.contains(&allowed));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let mut harness = window(account("reducer"), [400.0, 640.0], dark);
        settle(&mut harness);
        harness.snapshot(if dark { "reducer_dark" } else { "reducer_light" });
        results.extend_harness(&mut harness);
    }
    let mut broken = account("reducer");
    let text = RULES.replace("balance += amount", "balance += amount amount");
    let source = ReducerSource { kind: ReducerKind::Rules, text: text.into() };
    run(&mut broken, TravelCommand::Reducer("account".to_owned(), Some(source)));
    let mut harness = window(broken, [960.0, 360.0], true);
    settle(&mut harness);
    harness.snapshot("reducer_error");
    results.extend_harness(&mut harness);
}
