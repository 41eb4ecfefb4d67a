//! Databases that real libraries wrote, tables made for a rule, and hostile files.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::super::peel;
use super::super::stage::{Context, Stage};
use super::super::tests::{all, stage_at};
use super::*;
use crate::model::ids::ByteOffset;

pub(super) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The records, the warnings and the stage.
fn records(path: &Path, context: &Context) -> (Vec<Value>, Vec<String>, Stage) {
    let stage = peel(stage_at(path), context).expect("a database");
    let (bytes, warnings) = all(&stage);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let records = text.lines().map(|line| serde_json::from_str(line).expect("a record is JSON")).collect();
    (records, warnings, stage)
}

pub(super) fn made(sql: &str) -> (PathBuf, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("made.db");
    Connection::open(&path).expect("a database").execute_batch(sql).expect("valid SQL");
    (path, dir)
}

#[test]
fn eventsourcing_stores_are_known_and_opened() {
    for (file, packing) in [("eventsourcing_py.sqlite", None), ("eventsourcing_py_zlib.sqlite", Some("zlib"))] {
        let (records, warnings, stage) = records(&data("stores").join(file), &Context::default());
        assert_eq!(records.len(), 10, "snapshots are no events");
        assert!(warnings.is_empty(), "{warnings:?}");
        let first = records.first().expect("ten of them");
        assert_eq!(first["$event"], "BankAccount.Opened");
        assert_eq!(first["$aggregate"], "BankAccount");
        assert_eq!(first["state"]["full_name"], "Ada");
        assert_eq!(first["$packed"]["state"].as_str(), packing);
        assert_eq!(
            stage.formats,
            ["SQLite, eventsourcing, table stored_events of 2 (snapshots: ?table=stored_snapshots)"]
        );
        let mapping = stage.mapping.expect("a known store");
        assert_eq!(mapping.type_name, ["/$event".into()]);
        assert_eq!(mapping.version, ["/originator_version".into()]);
        assert_eq!(mapping.entities[0].kind, "{/$aggregate}".into());
        assert_eq!(mapping.entities[0].id, "/originator_id".into());
        assert_eq!(mapping.data, ["/state".into()]);
    }
}

#[test]
fn snapshots_are_read_where_their_table_is_named() {
    let context = Context { table: Some("stored_snapshots".to_owned()), ..Context::default() };
    for file in ["eventsourcing_py.sqlite", "eventsourcing_py_zlib.sqlite"] {
        let (events, ..) = records(&data("stores").join(file), &Context::default());
        let (snapshots, warnings, stage) = records(&data("stores").join(file), &context);
        assert!(warnings.is_empty(), "{warnings:?}");
        let [snapshot] = snapshots.as_slice() else { panic!("one in {file}") };
        // Of the same entity as its events.
        let account = snapshot["originator_id"].as_str().expect("an id");
        assert!(events.iter().any(|event| event["originator_id"] == account));
        assert!(snapshot["state"]["topic"].as_str().is_some_and(|topic| topic.ends_with(":BankAccount")));
        assert_eq!(snapshot["state"]["state"]["full_name"], "Ada", "{file}");
        let mapping = stage.mapping.expect("a known store");
        assert_eq!(mapping.type_name, ["Snapshot".into()]);
        assert_eq!(mapping.entities[0].kind, "{/state/topic|after::}".into());
        assert_eq!(mapping.data, ["/state/state".into(), "/state".into()]);
    }
}

#[test]
fn payloads_in_yaml_cbor_and_messagepack_are_opened() {
    let (path, _dir) = made(
        "CREATE TABLE event_store_events (id INTEGER PRIMARY KEY, event_id, event_type, metadata BLOB, data BLOB, created_at, valid_at);
         CREATE TABLE event_store_events_in_streams (id INTEGER PRIMARY KEY, stream, position, event_id, created_at);
         INSERT INTO event_store_events VALUES (1, 'e-1', 'OrderPlaced', CAST('---
:correlation_id: c-1
' AS BLOB), CAST('---
:order_id: order-1
:lines:
- :sku: a
  :price: !ruby/object:BigDecimal 18:0.1025e2
' AS BLOB), '2026-02-16', NULL);
         INSERT INTO event_store_events VALUES (2, 'e-2', 'OrderPaid', '{\"correlation_id\":\"c-1\"}', '{\"total\": 10.250}', '2026-02-16', NULL);",
    );
    let (records, warnings, _) = records(&path, &Context::default());
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        records[0]["data"],
        serde_json::json!({"order_id":"order-1","lines":[{"sku":"a","price":"18:0.1025e2"}]})
    );
    assert_eq!(records[0]["metadata"]["correlation_id"], "c-1");
    assert_eq!(records[0]["$packed"]["data"], "YAML");
    assert_eq!((records[1]["data"]["total"].to_string().as_str(), records[1].get("$packed")), ("10.25", None));
    let (path, _dir) = made(
        "CREATE TABLE event_journal (ordering INTEGER PRIMARY KEY, persistence_id, sequence_number, deleted, writer, \
         write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest, event_payload BLOB, meta_payload BLOB);
         INSERT INTO event_journal VALUES (1, 'Order|1', 1, 0, 'w', 0, '', 33, 'Placed', X'BF6269640161700AFF', NULL);
         INSERT INTO event_journal VALUES (2, 'Order|1', 2, 0, 'w', 0, '', 40, 'Paid', X'82A2696401A170C3', NULL);",
    );
    let (records, _, _) = super::tests::records(&path, &Context::default());
    assert_eq!(records[0]["event_payload"], serde_json::json!({"id": 1, "p": 10}));
    assert_eq!(records[0]["$packed"]["event_payload"], "CBOR");
    assert_eq!(records[1]["event_payload"], serde_json::json!({"id": 1, "p": true}));
}

/// Layouts as their libraries declare them.
#[test]
fn tables_of_snapshots_are_known_by_their_columns() {
    for (sql, table, envelope, version, data) in [
        (
            "CREATE TABLE snapshot_event_entry (aggregate_identifier, sequence_number, type, event_identifier, meta_data, \
             payload, payload_revision, payload_type, time_stamp);",
            "snapshot_event_entry",
            "axon",
            "/sequence_number",
            "/payload",
        ),
        (
            "CREATE TABLE snapshot (persistence_id, sequence_number, created, snapshot_ser_id, snapshot_ser_manifest, \
             snapshot_payload BLOB, meta_ser_id, meta_ser_manifest, meta_payload BLOB);",
            "snapshot",
            "pekko-persistence",
            "/sequence_number",
            "/snapshot_payload",
        ),
        (
            "CREATE TABLE snapshot (slice, entity_type, persistence_id, seq_nr, db_timestamp, write_timestamp, ser_id, \
             ser_manifest, snapshot BLOB, meta_payload BLOB);",
            "snapshot",
            "akka-r2dbc",
            "/seq_nr",
            "/snapshot",
        ),
        (
            "CREATE TABLE snapshot_store (persistence_id, sequence_nr, created_at, manifest, snapshot BLOB, serializer_id);",
            "snapshot_store",
            "akka.net",
            "/sequence_nr",
            "/snapshot",
        ),
        (
            "CREATE TABLE snapshots (aggregate_type, aggregate_id, last_sequence, current_snapshot, payload);",
            "snapshots",
            "cqrs-es",
            "/last_sequence",
            "/payload",
        ),
        (
            "CREATE TABLE snapshots (aggregate_id, aggregate_type, last_version, created_at, aggregate_root BLOB);",
            "snapshots",
            "prooph",
            "/last_version",
            "/aggregate_root",
        ),
        (
            "CREATE TABLE order_snapshots (id, aggregate_root_id, aggregate_root_version, state, created_at);",
            "order_snapshots",
            "eventsauce",
            "/aggregate_root_version",
            "/state",
        ),
    ] {
        let (path, _dir) = made(sql);
        let context = Context { table: Some(table.to_owned()), ..Context::default() };
        let (_, _, stage) = records(&path, &context);
        let mapping = stage.mapping.expect(envelope);
        assert_eq!(mapping.envelope, envelope);
        assert_eq!(mapping.type_name, ["Snapshot".into()], "{envelope}");
        assert_eq!(mapping.version, [version.into()], "{envelope}");
        assert_eq!(mapping.data, [data.into()], "{envelope}");
        assert_eq!(mapping.entities.len(), 1, "{envelope}");
    }
}

#[test]
fn emmett_stores_are_known() {
    let (records, warnings, stage) = records(&data("stores/emmett.sqlite"), &Context::default());
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(records.len(), 6);
    assert_eq!((&records[0]["$kind"], &records[0]["$id"]), (&"shopping_cart".into(), &"1".into()));
    assert_eq!(records[0]["message_metadata"]["correlationId"], "corr-ada");
    assert_eq!(stage.formats, ["SQLite, Emmett, table emt_messages of 4"]);
    let mapping = stage.mapping.expect("a known store");
    assert_eq!(mapping.correlation, ["/message_metadata/correlationId".into()]);
}

#[test]
fn rows_know_their_place() {
    let (_, _, stage) = records(&data("stores/eventsourcing_py.sqlite"), &Context::default());
    let (bytes, _) = all(&stage);
    let second = bytes.iter().position(|byte| *byte == b'\n').expect("two lines") + 1;
    let origin = stage.origin.expect("rows have numbers");
    assert_eq!(origin.place(Span { offset: ByteOffset(0), len: 1 }), "stored_events row 1");
    assert_eq!(origin.place(Span { offset: ByteOffset(second as u64), len: 1 }), "stored_events row 2");
}

#[test]
fn object_centric_logs_carry_their_objects() {
    for (file, events, busiest, kind, count, links) in
        [("ocel20-example.sqlite", 13, "R3", "Invoice", 5, 20), ("pallet-logistics.sqlite", 14, "v2", "Vehicle", 5, 29)]
    {
        let (records, warnings, stage) = records(&data("ocel").join(file), &Context::default());
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(records.len(), events, "{file}");
        assert!(records.iter().all(|record| record["time"].is_string() && record["type"].is_string()), "{file}");
        let objects = |record: &Value| record["objects"].as_array().cloned().expect("a list");
        let is_busiest = |object: &Value| object["id"] == busiest && object["kind"] == kind;
        let of_busiest = records.iter().filter(|record| objects(record).iter().any(is_busiest)).count();
        assert_eq!(of_busiest, count, "{file}");
        assert_eq!(records.iter().map(|record| objects(record).len()).sum::<usize>(), links, "{file}");
        assert!(stage.mapping.is_some(), "{file}");
        assert_eq!(stage.formats, ["OCEL 2.0 in SQLite"]);
    }
    let (records, ..) = records(&data("ocel/ocel20-example.sqlite"), &Context::default());
    assert_eq!(records[0]["time"], "2022-01-09 15:00:00");
    assert_eq!(records[1]["attributes"]["pr_approver"], "Tania");
    assert_eq!(records[0]["objects"][0]["qualifier"], "Regular placement of PR");
}

/// Layouts as their libraries declare them, with one event each.
#[test]
fn known_layouts_are_recognised_by_their_columns() {
    for (sql, name, version, stream) in [
        (
            "CREATE TABLE domainevententry (globalindex INTEGER PRIMARY KEY, eventidentifier, metadata BLOB, payload BLOB, \
             payloadrevision, payloadtype, timestamp, aggregateidentifier, sequencenumber, type);",
            "axon",
            "/sequencenumber",
            "{/type}",
        ),
        (
            "CREATE TABLE domain_event_entry (global_index INTEGER PRIMARY KEY, event_identifier, meta_data BLOB, \
             payload BLOB, payload_revision, payload_type, time_stamp, aggregate_identifier, sequence_number, type);",
            "axon",
            "/sequence_number",
            "{/type}",
        ),
        (
            "CREATE TABLE messages (global_position INTEGER PRIMARY KEY, position, time, stream_name, type, data, metadata, id);",
            "message-db",
            "/position",
            "{/$kind}",
        ),
        (
            "CREATE TABLE mt_events (seq_id INTEGER PRIMARY KEY, id, stream_id, version, data, type, timestamp, tenant_id, \
             mt_dotnet_type, correlation_id, causation_id);",
            "marten",
            "/version",
            "stream",
        ),
        (
            "CREATE TABLE event_journal (ordering INTEGER PRIMARY KEY, persistence_id, sequence_number, deleted, writer, \
             write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest, event_payload BLOB, meta_payload BLOB);",
            "pekko-persistence",
            "/sequence_number",
            "{/$kind}",
        ),
        (
            "CREATE TABLE events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata);",
            "cqrs-es",
            "/sequence",
            "{/aggregate_type}",
        ),
        (
            "CREATE TABLE account_events (id, aggregate_id, payload, occurred_on, sequence_number, version);",
            "esrs",
            "/sequence_number",
            "{/$table}",
        ),
        (
            "CREATE TABLE _abc (no INTEGER PRIMARY KEY, event_id, event_name, payload, metadata, created_at);",
            "prooph",
            "/metadata/_aggregate_version",
            "{/metadata/_aggregate_type|else:aggregate}",
        ),
        ("CREATE TABLE outbox (id, aggregatetype, aggregateid, type, payload);", "outbox", "", "{/aggregatetype}"),
    ] {
        let (path, _dir) = made(sql);
        let stage = peel(stage_at(&path), &Context::default()).expect("a database");
        let mapping = stage.mapping.expect(name);
        assert_eq!(mapping.envelope, name);
        assert_eq!(mapping.version.first().map_or("", |template| &template.0), version, "{name}");
        assert_eq!(mapping.entities[0].kind.0, stream, "{name}");
        assert!(mapping.entities[0].stream);
    }
}

#[test]
fn streams_are_fetched_from_the_tables_of_links() {
    let (path, _dir) = made(
        "CREATE TABLE event_store_events (id INTEGER PRIMARY KEY, event_id, event_type, metadata BLOB, data BLOB, created_at, valid_at);
         CREATE TABLE event_store_events_in_streams (id INTEGER PRIMARY KEY, stream, position, event_id, created_at);
         INSERT INTO event_store_events VALUES (1,'e1','Placed','{}','{\"a\":1}','2026-01-01 10:00:00',NULL),(2,'e2','Paid','{}','{}','2026-01-01',NULL);
         INSERT INTO event_store_events_in_streams VALUES (1,'$by_type_Placed',0,'e1',''),(2,'Order$7',4,'e1',''),(3,'$all',1,'e2','');",
    );
    let (rows, warnings, _) = records(&path, &Context::default());
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!((&rows[0]["$stream"], &rows[0]["$position"]), (&"Order$7".into(), &4.into()));
    assert_eq!((&rows[0]["$kind"], &rows[0]["$id"]), (&"Order".into(), &"7".into()));
    assert_eq!((&rows[1]["$stream"], rows[1].get("$kind")), (&Value::Null, None));

    let (path, _dir) = made(
        "CREATE TABLE events (event_id, event_type, causation_id, correlation_id, data BLOB, metadata BLOB, created_at);
         CREATE TABLE streams (stream_id INTEGER PRIMARY KEY, stream_uuid, stream_version);
         CREATE TABLE stream_events (event_id, stream_id, stream_version, original_stream_id, original_stream_version);
         INSERT INTO streams VALUES (0,'$all',1),(1,'account-9',1);
         INSERT INTO events VALUES ('e1','Opened','c','k','{}','{}','2026-01-01');
         INSERT INTO stream_events VALUES ('e1',0,1,1,1),('e1',1,1,1,1);",
    );
    let (rows, ..) = records(&path, &Context::default());
    assert_eq!(rows.len(), 1, "the link from $all is no second event");
    assert_eq!((&rows[0]["$kind"], &rows[0]["$id"], &rows[0]["$version"]), (&"account".into(), &"9".into(), &1.into()));
}

#[test]
fn unknown_tables_are_guessed_or_named() {
    let (path, _dir) = made(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);
         CREATE TABLE audit_log (id INTEGER PRIMARY KEY, occurred_at TEXT, action TEXT, user_id INT, details TEXT);
         CREATE TABLE event_empty (id INTEGER PRIMARY KEY, occurred_at TEXT, event_type TEXT, payload TEXT, version INT);
         INSERT INTO users VALUES (1,'Ada','2026-01-01');
         INSERT INTO audit_log VALUES (7,'2026-01-01T00:00:00Z','login',1,'{\"ip\":\"::1\"}');",
    );
    let (rows, _, stage) = records(&path, &Context::default());
    assert_eq!(
        rows,
        [
            serde_json::json!({"id":7,"occurred_at":"2026-01-01T00:00:00Z","action":"login","user_id":1,"details":{"ip":"::1"}})
        ]
    );
    assert_eq!(stage.mapping, None, "left to the inference");

    let context = Context { table: Some("USERS".to_owned()), ..Context::default() };
    assert_eq!(records(&path, &context).0[0]["name"], "Ada");
    let context = Context { table: Some("none".to_owned()), ..Context::default() };
    let error = peel(stage_at(&path), &context).expect_err("no such table");
    assert!(error.next_step.contains("audit_log"), "{}", error.next_step);
    let (path, _dir) = made("CREATE TABLE settings (name TEXT, value TEXT);");
    let error = peel(stage_at(&path), &Context::default()).expect_err("no events");
    assert!(error.next_step.contains("settings"), "{}", error.next_step);
}

#[test]
fn odd_tables_are_read_too() {
    let (path, _dir) = made(
        "CREATE TABLE \"we\"\"ird events\" (rowid TEXT, \"a/b\" TEXT, \"type\" TEXT, \"time\" TEXT, _rowid_ INT, \"pay load\" TEXT);
         INSERT INTO \"we\"\"ird events\" VALUES ('x','y','T','2026','3','{}');
         CREATE TABLE plain_events (id TEXT PRIMARY KEY, type TEXT, time TEXT) WITHOUT ROWID;
         INSERT INTO plain_events VALUES ('b','T','2'),('a','T','1');",
    );
    let context = Context { table: Some("we\"ird events".to_owned()), ..Context::default() };
    let (rows, ..) = records(&path, &context);
    assert_eq!(rows[0]["a/b"], "y");
    let context = Context { table: Some("plain_events".to_owned()), ..Context::default() };
    let (rows, _, stage) = records(&path, &context);
    assert_eq!(rows.len(), 2);
    assert_eq!(stage.origin.expect("numbers").place(Span { offset: ByteOffset(0), len: 1 }), "plain_events row 1");
}
