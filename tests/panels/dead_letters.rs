//! The dead letters panel with the sample's letters, and the marks on the timeline.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventglass::app::command::{FilterCommand, LayoutCommand, SelectCommand};
use eventglass::app::{Command, PanelId};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::expand;
use eventglass::model::ids::EventIx;
use eventglass::store::snapshot::Snapshot;

use crate::accounts::run;
use crate::harness::{World, settle, shop, window};

/// The log is read from the sample, because a letter is in the headers of its record.
pub fn letters() -> Arc<Snapshot> {
    let log = Log::with(Options { cache: None, ..Options::default() });
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/dead-letters.ndjson");
    for target in expand(&[sample.to_owned()]) {
        let opened = open(&target.expect("it is there").address, &OpenOptions::default()).expect("it opens");
        log.add(opened).expect("it is added");
    }
    log.wait();
    log.snapshot()
}

fn world(panel: PanelId) -> World {
    World::new(panel, letters())
}

/// A window that has the letters.
fn letters_window(size: [f32; 2], dark: bool) -> Harness<'static, World> {
    let mut harness = window(world("dead-letters"), size, dark);
    until(&mut harness, |harness| harness.state().jobs.letters.answer().is_some());
    harness
}

/// Other tests may have the processor for a while.
pub fn until(harness: &mut Harness<'static, World>, done: impl Fn(&Harness<'static, World>) -> bool) {
    for _ in 0..400 {
        settle(harness);
        if done(harness) {
            return;
        }
    }
    panic!("it never came");
}

/// Selects a letter and waits until it is shown.
fn select(harness: &mut Harness<'static, World>, letter: EventIx) {
    run(harness.state_mut(), SelectCommand::Event(letter));
    until(harness, |harness| harness.query_by_label("survived").is_some());
    settle(harness);
}

/// The event of a topic's or queue's letter, by its text.
pub fn event(snapshot: &Snapshot, text: &str) -> EventIx {
    let filter = eventglass::analysis::query::parse(&format!("\"{}\"", text.replace('"', "\\\""))).expect("a filter");
    let found = eventglass::analysis::query::evaluate(&filter, snapshot, &Cancel::new(), &|_, _| {});
    found.rows.iter().next().expect("an event")
}

#[test]
fn a_group_unfolds_and_a_letter_is_selected_everywhere() {
    let mut harness = letters_window([1200.0, 320.0], true);
    let cause = "2 letters: java.lang.IllegalStateException: customer <id> has no billing address";
    harness.get_by_label(cause).click();
    settle(&mut harness);
    harness.get_by_label_contains("OrderPlaced order:order-601 orders").click();
    settle(&mut harness);
    let world = harness.state();
    let selected = world.state.selection.event.expect("a letter");
    assert_eq!(selected, event(&world.snapshot, "\"topic\":\"orders-dlt\",\"partition\":3,\"offset\":12"));
    assert!(harness.query_by_label("orders/3@1041").is_some(), "where it failed, from four and eight bytes");
    assert!(harness.query_by_label("customer cust-812 has no billing address").is_some());
    assert!(harness.query_by_label("2 events since").is_some(), "the customer's next order, the address too late");
}

#[test]
fn the_original_the_chain_and_what_came_later_are_a_click_away() {
    let mut harness = letters_window([1200.0, 640.0], false);
    let letter = event(&harness.state().snapshot, "\"topic\":\"orders-dlt\",\"partition\":3,\"offset\":12");
    let original = event(&harness.state().snapshot, "\"topic\":\"orders\",\"partition\":3,\"offset\":1041");
    select(&mut harness, letter);
    harness.get_by_label(&format!("event {}", original.0)).click();
    settle(&mut harness);
    assert_eq!(harness.state().state.selection.event, Some(original));
    select(&mut harness, letter);
    harness.get_by_role_and_label(egui::accesskit::Role::Link, "req-a1").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.view.filter, "correlation:req-a1");
    let second = event(&harness.state().snapshot, "\"topic\":\"orders-dlt\",\"partition\":0,\"offset\":4");
    select(&mut harness, second);
    until(&mut harness, |harness| harness.query_by_label("orders/0@1203").is_some());
    harness.get_by_label("state before it failed").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.selection.event, Some(original), "the customer's order before it");
    assert!(harness.state().commands.contains(&LayoutCommand::Show("state").into()));
    let chain = Command::from(FilterCommand::Set("correlation:req-a1".to_owned()));
    assert!(harness.state().commands.contains(&chain));
}

#[test]
fn a_pointer_a_name_and_a_message_put_back_say_what_they_are() {
    let mut harness = letters_window([1200.0, 480.0], true);
    for (text, words) in [
        ("\"topic\":\"dlq.shipping\"", "Only a pointer: key and value were not copied"),
        ("\"topic\":\"invoices-dlq\"", "the name of its topic or queue alone"),
        ("\"queue\":\"mails.dlq\"", "rejected"),
        ("\"topic\":\"dlq-orders-warehouse\"", "orders-warehouse"),
    ] {
        let letter = event(&harness.state().snapshot, text);
        select(&mut harness, letter);
        assert!(harness.query_all_by_label_contains(words).next().is_some(), "{text}: {words}");
    }
}

/// provectus/kafka-ui 4352: of two headers with one name only one was shown. kafka-backup 95: a binary
/// header failed to parse. IBM Event Streams UI 128: a repeated header blanked the panel.
#[test]
fn kafka_ui_4352_repeated_null_and_binary_headers_are_all_shown() {
    let mut harness = letters_window([1200.0, 1200.0], true);
    let letter = event(&harness.state().snapshot, "\"topic\":\"orders-dlt\",\"partition\":2,\"offset\":6");
    select(&mut harness, letter);
    assert_eq!(harness.query_all_by_label("kafka_dlt-original-offset").count(), 2);
    assert_eq!(harness.query_all_by_label("777").count(), 1, "00 00 00 00 00 00 03 09 is 777");
    assert_eq!(harness.query_all_by_label("791").count(), 1);
    assert_eq!(harness.query_all_by_label("null").count(), 1, "a message that is null");
    for place in ["orders/2@777", "orders/2@791"] {
        assert!(harness.query_all_by_label(place).next().is_some(), "its history: {place}");
    }
}

#[test]
fn a_log_without_letters_says_what_was_looked_at() {
    let mut harness = window(World::new("dead-letters", shop()), [1000.0, 240.0], true);
    until(&mut harness, |harness| harness.state().jobs.letters.answer().is_some());
    settle(&mut harness);
    assert!(harness.query_by_label("No dead letters").is_some());
    assert!(harness.query_by_label("Looked at 361 of 361 records").is_some());
}

#[test]
fn keys_walk_through_the_list() {
    let mut harness = letters_window([1200.0, 320.0], true);
    harness.get_by_label("2 letters: java.lang.IllegalStateException: customer <id> has no billing address").click();
    settle(&mut harness);
    harness.key_press(egui::Key::ArrowDown);
    settle(&mut harness);
    let first = harness.state().state.selection.event.expect("the first letter");
    harness.key_press(egui::Key::ArrowDown);
    settle(&mut harness);
    assert!(harness.state().state.selection.event.is_some_and(|second| second > first));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let mut results = egui_kittest::SnapshotResults::new();
    for dark in [true, false] {
        let theme = if dark { "dark" } else { "light" };
        let mut harness = letters_window([1280.0, 420.0], dark);
        let letter = event(&harness.state().snapshot, "\"topic\":\"orders-dlt\",\"partition\":3,\"offset\":12");
        harness
            .get_by_label("2 letters: java.lang.IllegalStateException: customer <id> has no billing address")
            .click();
        settle(&mut harness);
        harness.snapshot(format!("dead-letters_group_{theme}"));
        select(&mut harness, letter);
        harness.snapshot(format!("dead-letters_{theme}"));
        results.extend_harness(&mut harness);
    }
    // All of a letter: it was put back, failed again, and carries both stories.
    let mut harness = letters_window([1024.0, 860.0], false);
    let twice = event(&harness.state().snapshot, "\"topic\":\"orders-dlt\",\"partition\":2,\"offset\":6");
    select(&mut harness, twice);
    harness.snapshot("dead-letters_twice");
    results.extend_harness(&mut harness);
    let mut harness = letters_window([700.0, 260.0], true);
    let pointer = event(&harness.state().snapshot, "\"topic\":\"dlq.shipping\"");
    select(&mut harness, pointer);
    harness.snapshot("dead-letters_pointer_narrow");
    results.extend_harness(&mut harness);
    let mut harness = window(world("timeline"), [1000.0, 320.0], true);
    until(&mut harness, |harness| harness.state().jobs.letters.answer().is_some());
    settle(&mut harness);
    harness.snapshot("timeline_dead_letters");
    results.extend_harness(&mut harness);
}
