//! Messages whose bodies are not plain JSON, in the inspector.

use std::path::Path;
use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventglass::app::Command;
use eventglass::app::command::WindowCommand;
use eventglass::input::codecs::bodies::{Bodies, Body};
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::EventIx;
use eventglass::model::message::{Decoding, EachByItself, Message, Place, SchemaName};
use eventglass::store::snapshot::Snapshot;

use crate::dead_letters::until;
use crate::harness::{World, settle, window};

/// `{"orderId":"order-456","total":59.9}` as MessagePack.
const ORDER: &[u8] = b"\x82\xA7orderId\xA9order-456\xA5total\xCB\x40\x4D\xF3\x33\x33\x33\x33\x33";

/// One that is read by a registry's schema, one by its own marks, one with a doubt, one that nobody reads, and text.
fn messages(folder: &Path) -> Arc<Snapshot> {
    let bodies = Bodies::default();
    let mut lines = Vec::new();
    let framed = b"\0\0\0\0\x07\x12order-456\xCC\xCC\xCC\xCC\xCC\xF3\x4D\x40";
    let all: [&[u8]; 5] = [framed, ORDER, ORDER, &framed[..9], b"paid by card"];
    for (at, bytes) in all.into_iter().enumerate() {
        let place = Place::Kafka { topic: "orders".to_owned(), partition: 0, offset: at as i64 };
        let message = Message { place, value: Some(bytes.to_vec()), ..Message::default() };
        message.write_with(&mut lines, |record| {
            record.value(message.value.as_deref(), &mut EachByItself);
            match at {
                0 => record.decoded(Some(br#"{"orderId":"order-456","total":59.9,"coupon":null}"#), &by_registry(None)),
                2 => record
                    .decoded(Some(br#"{"orderId":"order-456"}"#), &by_registry(Some("2 fields are not in the schema"))),
                _ => {
                    if let Some(answer) = bodies.read(Body { place: "orders", bytes, ..Body::default() }) {
                        record.decoded(answer.json.as_deref(), &answer.decoding);
                    }
                }
            }
        });
        lines.push(b'\n');
    }
    let path = folder.join("orders.ndjson");
    std::fs::write(&path, lines).expect("files can be written");
    let log = Log::new();
    log.add(open(&Address::file(&path), &OpenOptions::default()).expect("a log")).expect("it is taken");
    log.wait();
    log.snapshot()
}

fn by_registry(note: Option<&str>) -> Decoding {
    let subject = Some("orders-value".to_owned());
    let schema = SchemaName { name: "shop.OrderPlaced".to_owned(), id: Some(7), subject, version: Some(3) };
    Decoding {
        codec: Some("Avro".to_owned()),
        schema: Some(schema),
        note: note.map(str::to_owned),
        ..Decoding::default()
    }
}

fn inspecting(snapshot: &Arc<Snapshot>, event: u64, dark: bool) -> Harness<'static, World> {
    let mut world = World::new("inspector", Arc::clone(snapshot));
    world.state.selection.event = Some(EventIx(event));
    window(world, [420.0, 640.0], dark)
}

#[test]
fn the_tree_shows_what_was_decoded_and_the_bytes_stay() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let snapshot = messages(folder.path());
    let mut harness = inspecting(&snapshot, 0, true);
    for label in ["Avro", "shop.OrderPlaced", "id 7, version 3 of orders-value"] {
        harness.get_by_label(label);
    }
    harness.get_by_label_contains("59.9");
    harness.get_by_label("Bytes").click();
    settle(&mut harness);
    harness.get_by_label_contains("00 00 00 00 07 12");
    harness.get_by_label("Copy").click();
    settle(&mut harness);
    harness.get_by_label("Copy the stored bytes as base64").click();
    settle(&mut harness);
    let copied = Command::Window(WindowCommand::Copy("AAAAAAcSb3JkZXItNDU2zMzMzMzzTUA=".to_owned()));
    assert!(harness.state().commands.contains(&copied), "{:?}", harness.state().commands);
    let harness = inspecting(&snapshot, 1, true);
    harness.get_by_label("MessagePack");
    let harness = inspecting(&snapshot, 2, true);
    harness.get_by_label("2 fields are not in the schema");
}

#[test]
fn a_body_that_nobody_reads_says_why() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let snapshot = messages(folder.path());
    let harness = inspecting(&snapshot, 3, true);
    harness.get_by_label("Body not decoded");
    harness.get_by_label_contains("Avro, Protobuf: it may claim schema 7: no registry is named");
    let harness = inspecting(&snapshot, 4, true);
    assert!(harness.query_by_label("Body not decoded").is_none(), "text needs no decoding");
    harness.get_by_label("paid by card");
}

#[test]
fn of_thousands_of_headers_the_first_are_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Kafka { topic: "orders".to_owned(), partition: 0, offset: 0 };
    let headers = (0..5_000).map(|n| (format!("h-{n}"), "x".into())).collect();
    let message = Message { place, headers, value: Some(b"{}".to_vec()), ..Message::default() };
    let path = folder.path().join("orders.ndjson");
    let mut line = Vec::new();
    message.write(&mut line);
    std::fs::write(&path, [&line[..], b"\n"].concat()).expect("files can be written");
    let log = Log::new();
    log.add(open(&Address::file(&path), &OpenOptions::default()).expect("a log")).expect("it is taken");
    log.wait();
    let mut world = World::new("inspector", log.snapshot());
    world.state.selection.event = Some(EventIx(0));
    let mut harness = window(world, [420.0, 6000.0], true);
    until(&mut harness, |harness| harness.query_by_label("h-0").is_some());
    assert!(harness.query_by_label("h-99").is_some() && harness.query_by_label("h-100").is_none());
    assert!(harness.query_by_label_contains("headers  [").is_none(), "of the record only the body");
    harness.get_by_label("4,900 more headers").click();
    settle(&mut harness);
    harness.get_by_label_contains("headers  [");
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let snapshot = messages(folder.path());
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, event, dark, form) in [
        ("inspector_decoded_dark", 0, true, "Tree"),
        ("inspector_decoded_light", 2, false, "Tree"),
        ("inspector_refused_dark", 3, true, "Bytes"),
        ("inspector_refused_light", 3, false, "Bytes"),
    ] {
        let mut harness = inspecting(&snapshot, event, dark);
        harness.get_by_label(form).click();
        settle(&mut harness);
        harness.remove_cursor();
        settle(&mut harness);
        harness.snapshot(name);
        results.extend_harness(&mut harness);
    }
}
