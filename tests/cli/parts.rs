//! Parts of a source that are no events and are read where their name is asked for: the objects of
//! object-centric logs with their attributes as they were from the start and as they changed, and the
//! snapshots of event stores.

use std::path::Path;

use serde_json::{Value, json};

use crate::Bench;

fn ocel(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ocel").join(name).display().to_string()
}

/// Type, time and data of an object's records.
fn story(bench: &Bench, sources: &[String], entity: &str) -> Vec<(String, Value, Value)> {
    let args = ["events", "--format", "ndjson", "--entity", entity];
    let args = args.iter().map(|arg| (*arg).to_owned()).chain(sources.iter().cloned());
    let tell = |event: Value| {
        let type_name = event["type"].as_str().expect("a type").to_owned();
        (type_name, event["time"].clone(), event["data"].clone())
    };
    bench.lines(args).into_iter().map(tell).collect()
}

fn defined(data: Value) -> (String, Value, Value) {
    ("ObjectDefined".to_owned(), Value::Null, data)
}

fn changed(time: &str, data: Value) -> (String, Value, Value) {
    ("AttributeChanged".to_owned(), time.into(), data)
}

#[test]
fn values_from_the_start_and_changes_are_records_in_every_form() {
    let bench = Bench::new();
    // The three files are one log, but only one of them knows its zone.
    for (form, hour) in [("jsonocel", 11), ("xmlocel", 12), ("sqlite", 12)] {
        let objects = format!("{}?table=objects", ocel(&format!("ocel20-example.{form}")));
        let info = bench.info([&objects]);
        assert_eq!(info["undecodable"], 0, "{form}");
        assert_eq!(
            info["types"],
            json!([{"type": "ObjectDefined", "events": 9}, {"type": "AttributeChanged", "events": 3}]),
            "{form}"
        );
        assert_eq!(info["entities"], 9, "{form}");
        let expected = [
            defined(json!({"po_product": "Cows", "po_quantity": "500"})),
            changed(&format!("2022-01-13T{hour}:00:00Z"), json!({"po_quantity": "600"})),
        ];
        assert_eq!(story(&bench, &[objects], "Purchase Order:PO1"), expected, "{form}");
    }
}

#[test]
fn the_log_itself_keeps_its_count_and_both_are_one_story_together() {
    let bench = Bench::new();
    let log = ocel("ocel20-example.jsonocel");
    let objects = format!("{log}?table=objects");
    assert_eq!(bench.info([&log])["events"], 13);
    assert_eq!(bench.info([&log, &objects])["events"], 13 + 12);
    let types: Vec<String> =
        story(&bench, &[log, objects], "Purchase Order:PO1").into_iter().map(|(name, ..)| name).collect();
    let expected = ["ObjectDefined", "Create Purchase Order", "Change PO Quantity", "AttributeChanged"];
    assert!(expected.iter().all(|name| types.iter().any(|its| its == name)), "{types:?}");
}

#[test]
fn the_first_version_has_definitions_only() {
    let bench = Bench::new();
    for form in ["jsonocel", "xmlocel"] {
        let objects = format!("{}?table=objects", ocel(&format!("minimal.{form}")));
        assert_eq!(bench.info([&objects])["types"], json!([{"type": "ObjectDefined", "events": 5}]), "{form}");
        let expected = [defined(json!({"customer": "Apple", "costs": 3500.0}))];
        assert_eq!(story(&bench, &[objects], "order:o1"), expected, "{form}");
    }
}

#[test]
fn snapshots_stand_beside_the_events_of_their_entity() {
    let bench = Bench::new();
    let store = ocel("../stores/eventsourcing_py.sqlite");
    let snapshots = format!("{store}?table=stored_snapshots");
    assert_eq!(bench.info([&store])["events"], 10);
    let both = bench.lines(["events", "--format", "ndjson", &store, &snapshots]);
    let snapshot = both.iter().find(|event| event["type"] == "Snapshot").expect("one of them");
    let same = both.iter().filter(|event| event["entities"][0] == snapshot["entities"][0]);
    assert!(same.clone().count() > 1 && same.clone().any(|event| event["version"] == snapshot["version"]));
    assert_eq!(snapshot["data"]["full_name"], "Ada");
}

#[test]
fn a_table_that_is_not_there_is_said() {
    let bench = Bench::new();
    for (source, told) in [
        ("ocel20-example.jsonocel?table=order", "There is no table order in it"),
        ("ocel20-example.sqlite?table=nowhere", "No such table"),
    ] {
        let ran = bench.run(["info", &ocel(source)]);
        assert!(ran.code == 3 && ran.err.contains(told), "{ran:?}");
    }
}
