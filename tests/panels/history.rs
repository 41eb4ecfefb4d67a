//! The history panel.

use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::path::Path;
use eventglass::app::command::TravelCommand;
use eventglass::app::update;

use crate::bank::at_step;
use crate::harness::{World, settle, window};

const SIZE: [f32; 2] = [1000.0, 320.0];

fn asking(field: Option<&str>, question: Option<&str>) -> World {
    asking_at(12, field, question)
}

fn asking_at(step: u32, field: Option<&str>, question: Option<&str>) -> World {
    let mut world = at_step("history", step);
    let field = field.map(|path| TravelCommand::FieldHistory(Path::parse(path)));
    let question = question.map(|text| TravelCommand::Bisect(text.to_owned()));
    for command in field.into_iter().chain(question) {
        update(&mut world.state, command.into(), &world.snapshot, &mut Vec::new());
    }
    world
}

#[test]
fn a_condition_is_found_and_gone_to() {
    let mut harness = window(at_step("history", 12), SIZE, true);
    harness.get_by_label("Condition").focus();
    harness.step();
    harness.get_by_label("Condition").type_text("balance < 0");
    harness.step();
    harness.get_by_label("Find").click();
    settle(&mut harness);
    settle(&mut harness);
    harness.get_by_label("first true after");
    harness.get_by_label("event 5");
    assert_eq!(harness.state().state.step(), Some(5));
}

#[test]
fn a_condition_that_cannot_be_read_says_where() {
    let mut harness = window(asking(None, Some("balance <")), SIZE, true);
    settle(&mut harness);
    assert!(harness.query_by_label("first true after").is_none());
    assert_eq!(harness.state().state.step(), Some(12), "nothing was gone to");
}

#[test]
fn a_fields_rows_lead_to_their_events() {
    let mut harness = window(asking(Some("limits.daily"), None), SIZE, true);
    settle(&mut harness);
    harness.get_by_label("2 changes by 12 events");
    harness.get_by_label_contains("LimitChanged, 500, 250").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.step(), Some(6));
}

#[test]
fn fields_are_offered_where_none_is_chosen() {
    let mut harness = window(asking(None, None), SIZE, true);
    harness.get_by_label("balance").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.travel.field, Some(Path::parse("balance")));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, field, question, dark) in [
        ("history_dark", Some("balance"), Some("balance < 0"), true),
        ("history_light", Some("balance"), Some("balance < 0"), false),
        ("history_no_field", None, Some("balance > 1000000"), true),
    ] {
        // From where the answer is, so that the table is scrolled once.
        let mut harness = window(asking_at(5, field, question), SIZE, dark);
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
