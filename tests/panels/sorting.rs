//! Dead letters sorted by hand: groups renamed, merged, split and put back, notes, the archive, and where letters
//! without an origin belong.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::{LettersCommand, RequeueCommand, SelectCommand};
use eventglass::app::jobs::{archive, note};

use crate::accounts::run;
use crate::dead_letters::{event, letters, until};
use crate::harness::{World, settle, window};

const GROUP: &str = "2 letters: java.lang.IllegalStateException: customer <id> has no billing address";
const OTHER: &str = "java.lang.IllegalArgumentException: no such currency: XTS";

fn panel(dir: &std::path::Path, size: [f32; 2], dark: bool) -> Harness<'static, World> {
    let mut world = World::new("dead-letters", letters());
    world.jobs.requeue.journal = Some(dir.join("requeue.sqlite"));
    let mut harness = window(world, size, dark);
    until(&mut harness, |harness| harness.state().jobs.letters.answer().is_some());
    harness
}

fn click(harness: &mut Harness<'static, World>, label: &str) {
    harness.get_by_label(label).click();
    settle(harness);
}

/// Types into a field and presses Enter.
fn enter(harness: &mut Harness<'static, World>, field: &str, text: &str) {
    harness.get_by_label(field).focus();
    settle(harness);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.get_by_label(field).type_text(text);
    settle(harness);
    harness.key_press(egui::Key::Enter);
    settle(harness);
}

fn causes(harness: &Harness<'static, World>) -> Vec<String> {
    let letters = harness.state().jobs.letters.answer().expect("they were found");
    letters.groups.iter().map(|group| group.cause.clone()).collect()
}

#[test]
fn groups_are_renamed_merged_split_and_put_back() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = panel(dir.path(), [1200.0, 520.0], true);
    click(&mut harness, GROUP);
    click(&mut harness, "Group");
    click(&mut harness, "Rename…");
    enter(&mut harness, "Name of the group", "Address missing");
    until(&mut harness, |harness| causes(harness).iter().any(|cause| cause == "Address missing"));
    let groups = causes(&harness).len();
    click(&mut harness, "Group");
    click(&mut harness, "Merge into");
    click(&mut harness, OTHER);
    until(&mut harness, |harness| causes(harness).len() == groups - 1);
    click(&mut harness, "Undo grouping");
    until(&mut harness, |harness| causes(harness).len() == groups);
    click(&mut harness, "Group by");
    click(&mut harness, "Cause");
    click(&mut harness, "Group by");
    click(&mut harness, "Origin");
    until(&mut harness, |harness| causes(harness).iter().any(|cause| cause == "orders"));
    assert_eq!(harness.state().state.regroups.len(), 3, "the name and two keys");
    run(harness.state_mut(), LettersCommand::UndoRegroup);
    run(harness.state_mut(), LettersCommand::UndoRegroup);
    run(harness.state_mut(), LettersCommand::UndoRegroup);
    until(&mut harness, |harness| causes(harness).len() == groups);
    assert!(!causes(&harness).iter().any(|cause| cause == "Address missing"));
}

#[test]
fn notes_are_kept_and_archived_groups_are_out_of_sight() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let journal = Some(dir.path().join("requeue.sqlite"));
    let mut harness = panel(dir.path(), [1200.0, 640.0], false);
    click(&mut harness, GROUP);
    enter(&mut harness, "Note", "Billing mends it in 2.1");
    click(&mut harness, "Archive");
    // The window carries these out on other threads.
    for command in std::mem::take(&mut harness.state_mut().commands) {
        match command {
            Command::Letters(LettersCommand::Note { subject, text }) => {
                note(journal.clone(), &subject, &text).expect("it is written");
            }
            Command::Letters(LettersCommand::Archive { subject, archived }) => {
                archive(journal.clone(), &subject, archived).expect("it is written");
            }
            _ => {}
        }
    }
    run(harness.state_mut(), RequeueCommand::Look);
    until(&mut harness, |harness| harness.query_by_label("Restore").is_some());
    assert!(harness.query_by_label("Billing mends it in 2.1").is_some());
    assert!(harness.query_by_label(GROUP).is_none(), "out of sight");
    click(&mut harness, "1 archived");
    assert!(harness.query_by_label(GROUP).is_some());
}

#[test]
fn where_letters_without_an_origin_belong_is_asked_once() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = panel(dir.path(), [1200.0, 640.0], true);
    let letter = event(&harness.state().snapshot, "\"topic\":\"invoices-dlq\"");
    run(harness.state_mut(), SelectCommand::Event(letter));
    until(&mut harness, |harness| harness.query_by_label("Where they belong").is_some());
    enter(&mut harness, "Where they belong", "invoices");
    until(&mut harness, |harness| harness.query_by_label("Requeue to invoices…").is_some());
    click(&mut harness, "Forget");
    until(&mut harness, |harness| harness.query_by_label("Where they belong").is_some());
    assert!(harness.state().state.settings.dead_letters.targets.is_empty());
}
