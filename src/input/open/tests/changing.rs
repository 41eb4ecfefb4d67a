//! Files that others write while they are open: documents that are put in each other's place, logs that are
//! overwritten, rotated and truncated faster than anyone can look.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{eventually, lines};
use crate::input::ingest::Log;
use crate::input::ingest::progress::State;
use crate::input::open::{OpenOptions, open};
use crate::input::sources::address::Address;
use crate::model::ids::EventIx;

fn followed(path: &Path) -> Log {
    let follow = OpenOptions { follow: true, ..OpenOptions::default() };
    let log = Log::new();
    log.add(open(&Address::file(path), &follow).expect("a log")).expect("one source");
    log
}

/// The ids of all events, read from their records again.
fn ids(log: &Log) -> Vec<String> {
    let snapshot = log.snapshot();
    let id = |n| snapshot.envelope(EventIx(n)).map_or_else(|error| error.to_string(), |e| e.id.unwrap_or_default());
    (0..snapshot.len()).map(id).collect()
}

/// Different ids there are.
fn distinct(log: &Log) -> usize {
    let snapshot = log.snapshot();
    let ids = (0..snapshot.len()).filter_map(|n| snapshot.id_hash_of(EventIx(n)));
    ids.collect::<std::collections::BTreeSet<u64>>().len()
}

fn warnings(log: &Log) -> Vec<String> {
    log.progress().sources.iter().flat_map(|source| source.warnings.iter().map(|error| error.summary.clone())).collect()
}

fn event(n: u32) -> String {
    format!(
        "{{\"eventType\":\"A\",\"eventId\":\"e{n}\",\"timestamp\":\"2026-02-16T10:00:{:02}Z\",\"orderId\":\"o\"}}",
        n % 60
    )
}

fn document(events: impl IntoIterator<Item = u32>) -> String {
    let events: Vec<String> = events.into_iter().map(event).collect();
    format!("{{\"source\":\"shop\",\"events\":[\n  {}\n]}}\n", events.join(",\n  "))
}

#[test]
fn a_document_is_followed_however_it_is_written() {
    type Writer = fn(&Path, &str);
    let in_place: Writer = |path, text| std::fs::write(path, text).expect("a file");
    let renamed: Writer = |path, text| {
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).expect("a file");
        std::fs::rename(beside, path).expect("the same folder");
    };
    for (writer, newest_first) in [(in_place, false), (renamed, false), (in_place, true), (renamed, true)] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("orders.json");
        let order = |n: u32| if newest_first { (1..=n).rev().collect::<Vec<_>>() } else { (1..=n).collect() };
        writer(&path, &document(order(3)));
        let log = followed(&path);
        eventually(&log, 3);
        writer(&path, &document(order(5)));
        eventually(&log, 5);
        writer(&path, &document(order(6)));
        eventually(&log, 6);
        let mut found = ids(&log);
        found.sort();
        assert_eq!(found, ["e1", "e2", "e3", "e4", "e5", "e6"], "newest first: {newest_first}");
        assert_eq!(warnings(&log), [""; 0]);
        assert_eq!(log.snapshot().sources().len(), 1);
        assert!(matches!(log.progress().sources[0].state, State::Following | State::Validating));
    }
}

#[test]
fn what_leaves_a_document_stays_listed_and_can_be_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("orders.json");
    std::fs::write(&path, document([1, 2, 2])).expect("a file");
    let log = followed(&path);
    eventually(&log, 3);
    // Another one of what was there twice, one that was there before, one that is changed, one that is new.
    std::fs::write(&path, document([2, 2, 2, 3]).replace("\"e3\"", "\"e1-corrected\"")).expect("a file");
    eventually(&log, 5);
    assert_eq!(ids(&log), ["e1", "e2", "e2", "e2", "e1-corrected"]);
    assert_eq!(warnings(&log), ["1 event is no longer in the document"]);
    let snapshot = log.snapshot();
    let places: Vec<String> = (0..5)
        .filter_map(|n| {
            let (source, span) = snapshot.source_of(EventIx(n))?;
            Some(snapshot.sources().get(source.at())?.origin.as_ref()?.place(span))
        })
        .collect();
    assert_eq!(places[0], "byte 30");
    assert!(places[4].ends_with(" when it came"), "{places:?}");
}

#[test]
fn an_event_without_its_end_is_shown_and_then_replaced() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("orders.json");
    let whole = document([1, 2, 3]);
    std::fs::write(&path, &whole[..whole.len() - 30]).expect("a file");
    let log = followed(&path);
    eventually(&log, 3);
    assert_eq!(log.snapshot().undecodable(), 1);
    std::fs::write(&path, document([1, 2, 3, 4])).expect("a file");
    eventually(&log, 4);
    assert_eq!((log.snapshot().undecodable(), log.progress().undecodable(), log.progress().rows()), (0, 0, 4));
    assert_eq!(ids(&log), ["e1", "e2", "e3", "e4"]);
}

#[test]
fn damage_in_a_document_is_told_once_however_often_it_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("orders.json");
    std::fs::write(&path, format!("[{},7]", event(1))).expect("a file");
    let log = followed(&path);
    eventually(&log, 2);
    for n in 2..4 {
        let events: Vec<String> = (1..=n).map(event).collect();
        std::fs::write(&path, format!("[{{\"eventId\" 5}},7,{}]", events.join(","))).expect("a file");
        eventually(&log, u64::from(n) + 2);
        assert_eq!(log.snapshot().undecodable(), 2);
    }
}

/// What stands at their places now is something else, and must not be shown as what they were.
#[test]
fn events_of_a_log_that_was_overwritten_say_that_their_bytes_are_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("app.log");
    std::fs::write(&path, lines(0..20)).expect("a file");
    let log = followed(&path);
    eventually(&log, 20);
    std::fs::write(&path, lines(20..23)).expect("a file");
    eventually(&log, 23);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(lines(23..60).as_bytes()))
        .expect("room");
    eventually(&log, 60);
    let snapshot = log.snapshot();
    let error = snapshot.record(EventIx(0)).expect_err("it is overwritten");
    assert!(error.to_string().contains("overwritten"), "{error}");
    assert!((20..60).all(|n| snapshot.record(EventIx(n)).is_ok()), "what came since is there");
}

/// A mapped file would end the program with the first cut.
#[test]
fn a_followed_file_truncated_a_thousand_times_ends_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("app.log");
    std::fs::write(&path, lines(0..200)).expect("a file");
    let log = Arc::new(followed(&path));
    eventually(&log, 200);
    let opened_before = log.snapshot();
    let stop = Arc::new(AtomicBool::new(false));
    let (reading, stopped) = (Arc::clone(&log), Arc::clone(&stop));
    let reader = std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let (mut read, mut gone) = (0_u64, 0_u64);
        while !stopped.load(Ordering::Relaxed) {
            for snapshot in [&opened_before, &reading.snapshot()] {
                for n in 0..snapshot.len().min(200) {
                    match snapshot.record(EventIx(n)) {
                        Ok(_) => read += 1,
                        Err(_) => gone += 1,
                    }
                }
            }
        }
        (read, gone)
    });
    let whole = lines(0..300);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
    for round in 0..1000_usize {
        file.set_len((round * 61 % whole.len()) as u64).expect("it is cut");
        file.write_all(&whole.as_bytes()[..round * 37 % whole.len()]).expect("room");
        if round % 20 == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    file.set_len(0).expect("it is cut");
    let last = "{\"eventType\":\"TheLast\",\"eventId\":\"last\",\"timestamp\":\"2026-02-16T10:00:00Z\"}\n";
    std::thread::sleep(Duration::from_millis(300));
    file.write_all(last.as_bytes()).expect("room");
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while log.snapshot().find_event_id("last").is_empty() && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    stop.store(true, Ordering::Relaxed);
    let (read, gone) = reader.expect("a thread").join().expect("reading never fails");
    assert!(read > 0 && gone > 0, "{read} read, {gone} gone");
    assert!(!log.snapshot().find_event_id("last").is_empty(), "what came last is read: {:?}", warnings(&log));
    assert_eq!(log.progress().failures().count(), 0);
}

#[test]
fn no_line_of_a_fast_writer_is_missed_or_doubled() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("app.log");
    std::fs::write(&path, lines(0..1)).expect("a file");
    let log = followed(&path);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
    // A second at fifty thousand lines, torn anywhere.
    let text = lines(1..50_000);
    for piece in text.as_bytes().chunks(61_337) {
        file.write_all(piece).expect("room");
        std::thread::sleep(Duration::from_millis(12));
    }
    eventually(&log, 50_000);
    assert_eq!((log.snapshot().undecodable(), distinct(&log)), (0, 50_000));
}

#[test]
fn rotating_again_and_again_loses_no_line() {
    for rename in [true, false] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("app.log");
        std::fs::write(&path, lines(0..10)).expect("a file");
        let log = followed(&path);
        let append = |text: &str| {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path).expect("a file");
            file.write_all(text.as_bytes()).expect("room");
        };
        let mut written = 10;
        for turn in 0..3 {
            append(&lines(written..written + 7));
            written += 7;
            if !rename {
                // Who truncates must not lose lines itself.
                eventually(&log, written as u64);
            }
            if rename {
                std::fs::rename(&path, dir.path().join(format!("app.log.{turn}"))).expect("the same folder");
            } else {
                std::fs::File::create(&path).expect("it is cut to nothing");
                std::thread::sleep(Duration::from_millis(300));
            }
            append(&lines(written..written + 5));
            written += 5;
            eventually(&log, written as u64);
        }
        assert_eq!(distinct(&log), written, "rename: {rename}");
    }
}
