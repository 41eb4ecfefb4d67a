//! From addresses to events through all layers: facts of real logs, pipes, devices, rotation.

mod changing;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::input::ingest::Log;
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn opened(path: &Path) -> Result<Opened> {
    open(&Address::file(path), &OpenOptions::default())
}

fn read(path: &Path) -> (Arc<Snapshot>, Vec<Error>) {
    let log = Log::new();
    log.add(opened(path).expect("a log")).expect("one source");
    log.wait_valid();
    let warnings = log.progress().sources.iter().flat_map(|source| source.warnings.clone()).collect();
    (log.snapshot(), warnings)
}

fn kinds(snapshot: &Snapshot) -> Vec<(String, u64)> {
    let mut kinds: Vec<_> = snapshot.kinds().iter().map(|kind| (kind.name.to_string(), kind.entities)).collect();
    kinds.sort();
    kinds
}

/// Type and time of an entity's first and last event in time, and how many it has.
fn story(snapshot: &Snapshot, kind: &str, id: &str) -> (usize, [(String, String); 2]) {
    let entity = snapshot.find_entity(kind, id).expect("it is there");
    let mut events: Vec<_> = snapshot.entity_events(entity).collect();
    events.sort_by_key(|event| snapshot.time(*event));
    let tell = |event: Option<&crate::model::ids::EventIx>| {
        let event = *event.expect("at least one");
        let name = snapshot.types()[snapshot.type_ix(event).at()].name.to_string();
        (name, snapshot.time(event).map_or_else(String::new, crate::model::time::TimeNs::to_rfc3339))
    };
    (events.len(), [tell(events.first()), tell(events.last())])
}

fn pair(kind: &str, time: &str) -> (String, String) {
    (kind.to_owned(), time.to_owned())
}

#[test]
fn facts_of_object_centric_logs_hold_in_every_form() {
    let example = [("Invoice", 3), ("Payment", 3), ("Purchase Order", 2), ("Purchase Requisition", 1)];
    for name in ["ocel20-example.xmlocel", "ocel20-example.sqlite"] {
        let (snapshot, warnings) = read(&data("ocel").join(name));
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!((snapshot.len(), snapshot.undecodable()), (13, 0), "{name}");
        assert_eq!(kinds(&snapshot), example.map(|(kind, n)| (kind.to_owned(), n)), "{name}");
        let r3 = [pair("Insert Invoice", "2022-02-02T09:00:00Z"), pair("Insert Payment", "2022-02-28T23:00:00Z")];
        assert_eq!(story(&snapshot, "Invoice", "R3"), (5, r3), "{name}");
        let po1 =
            [pair("Create Purchase Order", "2022-01-10T09:15:00Z"), pair("Insert Invoice", "2022-01-16T11:00:00Z")];
        assert_eq!(story(&snapshot, "Purchase Order", "PO1"), (4, po1), "{name}");
    }
    let (snapshot, _) = read(&data("ocel/pallet-logistics.sqlite"));
    assert_eq!(snapshot.len(), 14);
    let pallet = [("Item", 4), ("Order", 2), ("Pallet", 3), ("Vehicle", 2)];
    assert_eq!(kinds(&snapshot), pallet.map(|(kind, n)| (kind.to_owned(), n)));
    let v2 = [pair("load", "2024-05-20T14:00:00Z"), pair("inspect", "2024-05-26T16:30:00Z")];
    assert_eq!(story(&snapshot, "Vehicle", "v2"), (5, v2));
    let (snapshot, _) = read(&data("ocel/minimal.xmlocel"));
    let minimal = [("item", 2), ("order", 1), ("package", 1), ("product", 1)];
    assert_eq!((snapshot.len(), kinds(&snapshot)), (3, minimal.map(|(kind, n)| (kind.to_owned(), n)).to_vec()));
    let i1 = [pair("place_order", "2020-07-09T07:20:01.527Z"), pair("check_availability", "2020-07-09T07:21:01.527Z")];
    assert_eq!(story(&snapshot, "item", "i1"), (2, i1));
}

#[test]
fn facts_of_a_case_log_hold() {
    let (snapshot, warnings) = read(&data("caselogs/running-example.xes"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!((snapshot.len(), snapshot.undecodable(), snapshot.types().len()), (42, 0, 9));
    assert_eq!(kinds(&snapshot), [("case".to_owned(), 6)]);
    let five = [pair("register request", "2011-01-06T08:02:00Z"), pair("reject request", "2011-01-24T13:56:00Z")];
    assert_eq!(story(&snapshot, "case", "5"), (13, five));
}

#[test]
fn stores_tell_their_aggregates_and_what_payloads_name() {
    for name in ["eventsourcing_py.sqlite", "eventsourcing_py_zlib.sqlite"] {
        let (snapshot, _) = read(&data("stores").join(name));
        assert_eq!((snapshot.len(), snapshot.undecodable()), (10, 0), "{name}");
        assert_eq!(kinds(&snapshot), [("BankAccount".to_owned(), 3)], "{name}");
        assert!(snapshot.time_range().is_some(), "{name}");
        let versions: Vec<_> =
            snapshot.entity_events(crate::model::ids::EntityIx(0)).map(|event| snapshot.version(event)).collect();
        assert_eq!(versions, [Some(1), Some(2), Some(3), Some(4)], "{name}");
    }
    let (snapshot, _) = read(&data("stores/emmett.sqlite"));
    assert_eq!((snapshot.len(), snapshot.correlation_count()), (6, 2));
    let cart = snapshot.find_entity("shopping_cart", "1").expect("a cart");
    assert_eq!(snapshot.entity_events(cart).count(), 3);
    assert!(snapshot.find_entity("client", "ada").is_some(), "{:?}", kinds(&snapshot));
    assert_eq!(snapshot.kinds()[KindIx(0).at()].name.as_ref(), "shopping_cart");
}

#[test]
fn an_empty_store_opens() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("empty.db");
    let sql = "CREATE TABLE outbox (id, aggregatetype, aggregateid, type, payload);";
    rusqlite::Connection::open(&path).expect("a database").execute_batch(sql).expect("valid SQL");
    assert_eq!(read(&path).0.len(), 0);
}

fn line(n: usize) -> String {
    format!(
        "{{\"eventType\":\"Ticked\",\"eventId\":\"e{n}\",\"timestamp\":\"2026-02-16T10:00:00Z\",\"data\":{{\"clockId\":\"c1\"}}}}\n"
    )
}

fn lines(range: std::ops::Range<usize>) -> String {
    range.map(line).collect()
}

#[test]
fn a_packed_log_that_breaks_off_keeps_its_events_and_says_so() {
    let mut packed = Vec::new();
    for part in 0..3 {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        member.write_all(lines(part * 100..part * 100 + 100).as_bytes()).expect("memory");
        packed.extend(member.finish().expect("memory"));
    }
    packed.truncate(packed.len() - 30);
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("log.ndjson.gz");
    std::fs::write(&path, packed).expect("a file");
    let source = opened(&path).expect("a log");
    assert!(source.info.format.starts_with("gzip, NDJSON"), "{}", source.info.format);
    assert_eq!(source.identity, None);
    let log = Log::new();
    let warned = source.warnings.len();
    log.add(source).expect("one source");
    log.wait();
    assert!((200..300).contains(&log.snapshot().len()), "{}", log.snapshot().len());
    let warnings: usize = log.progress().sources.iter().map(|source| source.warnings.len()).sum();
    assert_eq!(warnings.max(warned), 1);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes, expected) in [
        ("log.zip", &b"PK\x03\x04rest of it"[..], "This is a zip archive"),
        ("log.gz", &b"\x1F\x8B\x08\0"[..], "The gzip data breaks off; what came before is kept"),
        ("log.db", &b"SQLite format 3\0short"[..], "Cannot read the"),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        let error = opened(&path).map(|source| source.info.format).expect_err(name);
        assert!(error.summary.starts_with(expected), "{name}: {error:?}");
    }
    assert!(opened(&dir.path().join("gone")).is_err());
    assert!(opened(dir.path()).is_err(), "a folder is no file");
}

#[test]
fn a_byte_order_mark_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("log.ndjson");
    std::fs::write(&path, format!("\u{FEFF}{}", lines(0..3))).expect("a file");
    let source = opened(&path).expect("a log");
    assert!(source.info.format.ends_with("byte-order mark"), "{}", source.info.format);
    assert_eq!(source.identity.map(|identity| identity.bytes), Some(std::fs::metadata(&path).expect("a file").len()));
    assert_eq!(read(&path).0.len(), 3);
}

fn eventually(log: &Log, rows: u64) {
    let end = Instant::now() + Duration::from_secs(30);
    while log.snapshot().len() < rows && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(log.snapshot().len(), rows);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_while_it_flows() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made.success());
    let (more, go_on) = std::sync::mpsc::sync_channel::<()>(1);
    let writer = std::thread::Builder::new().name("pipe's writer".to_owned());
    let target = path.clone();
    let writer = writer.spawn(move || {
        let mut pipe = std::fs::OpenOptions::new().write(true).open(target).expect("the pipe");
        pipe.write_all(lines(0..10).as_bytes()).expect("a reader");
        pipe.flush().expect("a reader");
        go_on.recv().expect("a sign");
        pipe.write_all(lines(10..15).as_bytes()).expect("a reader");
    });
    let addresses = crate::input::sources::address::expand(&[path.display().to_string()]);
    let Some(Ok(target)) = addresses.first() else { panic!("{addresses:?}") };
    let address = &target.address;
    assert_eq!(*address, Address::Stream { path: path.clone() });
    let source = open(address, &OpenOptions::default()).expect("a log");
    assert!(source.info.format.starts_with("stream, NDJSON"), "{}", source.info.format);
    let log = Log::new();
    log.add(source).expect("one source");
    eventually(&log, 10);
    more.send(()).expect("the writer waits");
    writer.expect("a thread").join().expect("it wrote");
    log.wait();
    assert_eq!(log.snapshot().len(), 15);
}

#[cfg(unix)]
#[test]
fn an_endless_device_ends() {
    let options = OpenOptions { device_limit_bytes: 3 << 20, ..OpenOptions::default() };
    let started = Instant::now();
    let address = Address::Stream { path: "/dev/zero".into() };
    assert!(open(&address, &options).is_err());
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_a_size_is_read_as_a_stream() {
    let source = peeled(&Address::file("/proc/self/status"), &OpenOptions::default()).expect("readable");
    assert_eq!(source.stage.formats, ["stream"]);
    assert!(source.file.is_none());
}

#[test]
fn a_rotated_log_is_followed_in_both_ways() {
    let follow = OpenOptions { follow: true, ..OpenOptions::default() };
    for rename in [true, false] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("app.log");
        std::fs::write(&path, lines(0..20)).expect("a file");
        let log = Log::new();
        log.add(open(&Address::file(&path), &follow).expect("a log")).expect("one source");
        eventually(&log, 20);
        let append = || std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
        append().write_all(lines(20..25).as_bytes()).expect("room");
        eventually(&log, 25);
        if rename {
            // The old handle's last words come before the new file.
            let mut old = append();
            std::fs::rename(&path, dir.path().join("app.log.1")).expect("the same folder");
            old.write_all(lines(25..27).as_bytes()).expect("room");
            std::fs::write(&path, "").expect("a file");
            std::thread::sleep(Duration::from_millis(300));
            append().write_all(lines(27..30).as_bytes()).expect("room");
        } else {
            append().write_all(lines(25..27).as_bytes()).expect("room");
            eventually(&log, 27);
            std::fs::copy(&path, dir.path().join("app.log.1")).expect("room");
            std::fs::File::create(&path).expect("it is cut to nothing");
            std::thread::sleep(Duration::from_millis(300));
            append().write_all(lines(27..30).as_bytes()).expect("room");
        }
        eventually(&log, 30);
        let warnings: Vec<_> = log.progress().sources.iter().flat_map(|source| source.warnings.clone()).collect();
        assert!(!warnings.is_empty(), "rotation is said");
    }
}

#[test]
fn a_table_is_followed_by_whole_rows() {
    let follow = OpenOptions { follow: true, ..OpenOptions::default() };
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("orders.csv");
    let header = "time,type,order_id,note\n";
    std::fs::write(&path, format!("{header}2026-02-16T10:00:00Z,Placed,1,a\n2026-02-16T10:00:01Z,Placed,2,b"))
        .expect("a file");
    let log = Log::new();
    log.add(open(&Address::file(&path), &follow).expect("a table")).expect("one source");
    let append = |text: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
        file.write_all(text.as_bytes()).expect("room");
    };
    let types = || {
        let snapshot = log.snapshot();
        let name = |row| {
            snapshot.envelope(crate::model::ids::EventIx(row)).map_or_else(|_| String::new(), |event| event.type_name)
        };
        (0..snapshot.len()).map(name).collect::<Vec<_>>()
    };
    // The last row has no end yet: it is shown after a moment and replaced when it grows.
    eventually(&log, 2);
    append("c\n2026-02-16T10:00:02Z,Paid,1,\"two\n");
    append("lines\"\n2026-02-16T10:00:03Z,Sent,1,d\n");
    eventually(&log, 4);
    assert_eq!(types(), ["Placed", "Placed", "Paid", "Sent"]);
    assert_eq!(log.progress().sources[0].undecodable, 0);
    std::fs::write(&path, header).expect("a file");
    std::thread::sleep(Duration::from_millis(400));
    append("2026-02-16T11:00:00Z,Closed,1,e\n");
    eventually(&log, 5);
    assert_eq!(types().last().map(String::as_str), Some("Closed"));
}

#[test]
fn a_first_record_longer_than_a_sample_is_recognised_too() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let record = |n: usize, len: usize| {
        let text = "x".repeat(len);
        format!(r#"{{"topic":"orders","partition":0,"offset":{n},"value":{{"eventType":"A","text":"{text}"}}}}"#)
    };
    for (name, records) in [("one", vec![record(0, 3 << 20)]), ("two", vec![record(0, 3 << 20), record(1, 5)])] {
        let path = folder.path().join(name);
        std::fs::write(&path, records.join("\n") + "\n").expect("files can be written");
        let (snapshot, warnings) = read(&path);
        assert_eq!(snapshot.sources()[0].mapping.envelope, "messages", "{name}");
        assert_eq!((snapshot.len(), snapshot.undecodable(), warnings.len()), (records.len() as u64, 0, 0), "{name}");
    }
}
