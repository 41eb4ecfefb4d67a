//! Dead letters of the sample put back into a file: planned, looked at, sent, in the journal.

use std::path::Path;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::Command;
use eventglass::app::command::RequeueCommand;
use eventglass::app::passwords::Passwords;
use eventglass::app::state::Wish;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::message::{Message, Place};
use eventglass::requeue::plan::{Choice, Target};
use eventglass::requeue::{Journal, testing};

use crate::accounts::run;
use crate::dead_letters::{event, letters, until};
use crate::harness::{World, settle, window};

/// The panel with a plan that sends all letters into a file of this folder, where the journal is too.
fn planned(dir: &Path, size: [f32; 2], dark: bool) -> Harness<'static, World> {
    let mut world = World::new("requeue", letters());
    world.jobs.requeue.journal = Some(dir.join("requeue.sqlite"));
    let mut wish = Wish::of(Choice::All);
    wish.to = format!("file:{}", dir.join("back.ndjson").display());
    wish.canary = String::new();
    let mut harness = window(world, size, dark);
    run(harness.state_mut(), RequeueCommand::Change(Box::new(wish)));
    until(&mut harness, |harness| harness.state().jobs.requeue.plan.answer().is_some());
    settle(&mut harness);
    harness
}

#[test]
fn without_letters_it_says_where_to_choose_some() {
    let mut harness = window(World::new("requeue", letters()), [1200.0, 320.0], true);
    harness.get_by_label("Nothing to put back");
    harness.get_by_label("Show dead letters").click();
    settle(&mut harness);
    assert!(matches!(harness.state().commands.as_slice(), [Command::Layout(_)]));
}

#[test]
fn what_an_interrupted_plan_left_is_told_and_goes_on_from_the_journal() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let journal = dir.path().join("requeue.sqlite");
    let item = |offset| {
        let place = Place::Kafka { topic: "orders-dlt".to_owned(), partition: 0, offset };
        let letter = Message { place, value: Some(b"{}".to_vec()), ..Message::default() };
        testing::item(letter, Target::Topic { name: "orders".to_owned(), partition: None })
    };
    let system = "kafka://broker:9092/?ledger=none";
    let plan = testing::plan(system, (0..3).map(item).collect());
    Journal::open(&journal).expect("a journal").add(&plan).expect("it is written");
    let mut world = World::new("requeue", letters());
    world.jobs.requeue.journal = Some(journal);
    let mut harness = window(world, [1200.0, 320.0], true);
    until(&mut harness, |harness| harness.query_by_label("3 messages were left when a plan ended").is_some());
    harness.get_by_label("Show the journal").click();
    settle(&mut harness);
    harness.get_by_label("3 not sent yet");
    harness.get_by_label("Unlock kafka://broker:9092/").click();
    settle(&mut harness);
    let unlocked = harness
        .state()
        .commands
        .iter()
        .any(|command| matches!(command, Command::Requeue(RequeueCommand::Unlock(unlocked)) if unlocked == system));
    assert!(unlocked);
}

#[test]
fn letters_go_into_a_file_and_into_the_journal() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = planned(dir.path(), [1200.0, 420.0], true);
    let plan = harness.state().jobs.requeue.plan.answer().expect("it was waited for");
    let plan = &plan.value.as_ref().expect("a plan").plan;
    let sent = plan.items.len();
    assert!(sent > 3, "{plan:?}");
    assert!(!dir.path().join("back.ndjson").exists(), "a plan sends nothing");
    harness.get_by_label_contains(&format!("Requeue {sent} to file")).click();
    settle(&mut harness);
    let run = harness.state().commands.iter().find_map(|command| match command {
        Command::Requeue(RequeueCommand::Run(plan)) => Some(plan.clone()),
        _ => None,
    });
    harness.state_mut().jobs.requeue.start(run.expect("the button asks for it"), &Passwords::default());
    until(&mut harness, |harness| !harness.state().jobs.requeue.is_running());
    settle(&mut harness);
    harness.get_by_label(&format!("{sent} messages put back"));
    let written = std::fs::read_to_string(dir.path().join("back.ndjson")).expect("it was written");
    assert_eq!(written.lines().count(), sent);
    assert!(written.lines().all(|line| line.contains("eventglass-requeue-id")));
    harness.get_by_label("Done").click();
    settle(&mut harness);
    harness.get_by_label("Nothing to put back");
    crate::accounts::run(harness.state_mut(), RequeueCommand::Look);
    harness.get_by_label("Journal").click();
    until(&mut harness, |harness| harness.query_by_label(&format!("{sent} put back")).is_some());
}

#[test]
fn a_filter_that_makes_no_sense_is_said_where_the_plan_would_be() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = planned(dir.path(), [1200.0, 420.0], true);
    let mut wish = harness.state().state.requeue.wish.clone().expect("one");
    wish.jq = ".a |".to_owned();
    run(harness.state_mut(), RequeueCommand::Change(Box::new(wish)));
    until(&mut harness, |harness| !harness.state().jobs.requeue.plan.busy());
    settle(&mut harness);
    assert!(harness.query_by_label_contains("The filter cannot be read").is_some());
}

#[test]
fn what_the_edited_message_would_do_is_shown() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = planned(dir.path(), [1400.0, 1400.0], true);
    let snapshot = harness.state().snapshot.clone();
    let letter = event(&snapshot, "\"topic\":\"orders-dlt\",\"partition\":0,\"offset\":4");
    let mut wish = harness.state().state.requeue.wish.clone().expect("one");
    wish.choice = Choice::Events(vec![letter]);
    wish.json_patch = r#"[{"op":"add","path":"/data/seen","value":true}]"#.to_owned();
    let rules = ReducerSource { kind: ReducerKind::Rules, text: "on *\n merge .\n".into() };
    harness.state_mut().state.travel.reducers.insert("customer".to_owned(), rules);
    run(harness.state_mut(), RequeueCommand::Change(Box::new(wish)));
    until(&mut harness, |harness| harness.query_by_label_contains("By the reducer in use, after").is_some());
    assert!(harness.query_by_label("What it would do to customer:cust-812").is_some());
    // The customer's by the reducer given, the order's by what was inferred.
    assert_eq!(harness.query_all_by_label("seen: nothing → true").count(), 2);
}

/// A letter in MessagePack, with one field changed by hand.
fn packed(dir: &Path, dark: bool) -> Harness<'static, World> {
    let letter = Message {
        place: Place::Kafka { topic: "orders-dlt".to_owned(), partition: 0, offset: 4 },
        headers: vec![("kafka_dlt-original-topic".to_owned(), "orders".into())],
        value: Some(b"\x82\xA7orderId\xA9order-456\xA5total\x01".to_vec()),
        ..Message::default()
    };
    let path = dir.join("letters.ndjson");
    let mut line = Vec::new();
    letter.write(&mut line);
    line.push(b'\n');
    std::fs::write(&path, line).expect("files can be written");
    let log = Log::new();
    log.add(open(&Address::file(&path), &OpenOptions::default()).expect("a log")).expect("it is taken");
    log.wait();
    let mut world = World::new("requeue", log.snapshot());
    world.jobs.requeue.journal = Some(dir.join("requeue.sqlite"));
    let mut wish = Wish::of(Choice::All);
    "file:/letters/back.ndjson".clone_into(&mut wish.to);
    wish.canary = String::new();
    wish.value = Some("{\n  \"orderId\": \"order-456\",\n  \"total\": 300\n}".to_owned());
    let mut harness = window(world, [1180.0, 520.0], dark);
    run(harness.state_mut(), RequeueCommand::Change(Box::new(wish)));
    until(&mut harness, |harness| harness.state().jobs.requeue.plan.answer().is_some());
    settle(&mut harness);
    harness
}

#[test]
fn a_binary_body_is_edited_as_json_and_its_bytes_are_shown() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = packed(dir.path(), true);
    harness.get_by_label("Value, sent as MessagePack");
    harness.get_by_label("Value, changed");
    harness.get_by_label_contains("+   \"total\": 300");
    harness.get_by_label("Bytes sent, 28");
    harness.get_by_label_contains("cd 01 2c");
    // What does not fit is not sent, and says why.
    let mut wish = harness.state().state.requeue.wish.clone().expect("one");
    wish.value = Some("paid".to_owned());
    run(harness.state_mut(), RequeueCommand::Change(Box::new(wish)));
    // Its field stays where it is meanwhile, and can be mended.
    harness.step();
    harness.get_by_label("Value, sent as MessagePack");
    until(&mut harness, |harness| harness.query_by_label_contains("MessagePack, edited as JSON").is_some());
    harness.get_by_label("Value, sent as MessagePack");
    assert_eq!(harness.get_by_label("Value").value().as_deref(), Some("paid"));
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures_of_a_binary_body() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (dark, theme) in [(true, "dark"), (false, "light")] {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let mut harness = packed(dir.path(), dark);
        harness.snapshot(format!("requeue_binary_{theme}"));
        results.extend_harness(&mut harness);
    }
}

/// Nothing is written: the folder need not be there, and its name is the same on each machine.
#[cfg(feature = "image-tests")]
#[test]
fn pictures_of_a_plan() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (dark, theme) in [(true, "dark"), (false, "light")] {
        let mut harness = planned(Path::new("/letters"), [1180.0, 340.0], dark);
        harness.snapshot(format!("requeue_{theme}"));
        results.extend_harness(&mut harness);
    }
}
