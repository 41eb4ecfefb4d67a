//! Databases made to hurt, and databases that others are writing: nothing beside them may change.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::super::peel;
use super::super::spool::Phase;
use super::super::stage::Context;
use super::super::tests::{all, stage_at};
use super::tests::{data, made};

const EVENTS: &str = "CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, time TEXT, data TEXT);
     INSERT INTO events VALUES (1,'A','2026-01-01T00:00:00Z','{}'),(2,'B','2026-01-01T00:00:01Z','{}');";

/// Names, sizes and contents of what lies beside a file.
fn folder(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let parent = path.parent().expect("a folder");
    let entries = std::fs::read_dir(parent).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect();
    files.sort();
    files
}

fn lines(path: &Path) -> usize {
    let stage = peel(stage_at(path), &Context::default()).expect("a database");
    let (bytes, warnings) = all(&stage);
    assert!(warnings.is_empty(), "{warnings:?}");
    bytes.split(|byte| *byte == b'\n').count() - 1
}

#[test]
fn views_and_triggers_are_never_run() {
    let bomb = "CREATE VIEW events_view AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id FROM r) \
                SELECT id, 'T' AS type, 't' AS time, '{}' AS payload FROM r;
         CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT load_extension('x'); END;
         CREATE TABLE generated (a INT, b TEXT AS (printf('%*c', a, 'x')));";
    let (path, _dir) = made(&format!("{EVENTS}{bomb}"));
    let started = Instant::now();
    assert_eq!(lines(&path), 2);
    let context = Context { table: Some("events_view".to_owned()), ..Context::default() };
    assert!(peel(stage_at(&path), &context).is_err(), "a view is no table");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_database_at_rest_in_wal_mode_stays_untouched() {
    let (path, _dir) = made(&format!("PRAGMA journal_mode=WAL;{EVENTS}"));
    let before = folder(&path);
    assert_eq!(before.len(), 1, "its writer left cleanly");
    assert_eq!(lines(&path), 2);
    assert!(folder(&path) == before);
}

#[test]
fn rows_in_the_wal_of_a_living_writer_are_seen() {
    let (path, _dir) = made("PRAGMA journal_mode=WAL;");
    let writer = Connection::open(&path).expect("a database");
    writer.execute_batch(EVENTS).expect("valid SQL");
    // Within one process SQLite shares the index with the writer, so only the other two are compared.
    let but_index = || folder(&path).into_iter().filter(|(name, _)| !name.ends_with("made.db-shm")).collect::<Vec<_>>();
    let before = but_index();
    assert_eq!(before.len(), 2, "database and WAL");
    assert_eq!(lines(&path), 2);
    assert!(but_index() == before);
}

#[test]
fn a_wal_left_behind_is_honoured_from_a_copy() {
    for with_index in [true, false] {
        let (path, _dir) = made("PRAGMA journal_mode=WAL;");
        let writer = Connection::open(&path).expect("a database");
        writer.execute_batch(EVENTS).expect("valid SQL");
        let left = tempfile::tempdir().expect("a folder");
        let name = left.path().join("left #1?.db");
        std::fs::copy(&path, &name).expect("a copy");
        let wal = left.path().join("left #1?.db-wal");
        std::fs::copy(path.with_file_name("made.db-wal"), wal).expect("a copy");
        if with_index {
            let index = left.path().join("left #1?.db-shm");
            std::fs::copy(path.with_file_name("made.db-shm"), index).expect("a copy");
        }
        let before = folder(&name);
        assert_eq!(lines(&name), 2);
        assert!(folder(&name) == before, "with index {with_index}");
    }
}

#[test]
fn a_missing_wal_and_a_wrong_page_size_are_no_crash() {
    let (path, _dir) = made("PRAGMA journal_mode=WAL;");
    let writer = Connection::open(&path).expect("a database");
    writer.execute_batch(EVENTS).expect("valid SQL");
    let mut alone = std::fs::read(&path).expect("a file");
    let (other, _other_dir) = made("");
    std::fs::write(&other, &alone).expect("a file");
    if let Ok(stage) = peel(stage_at(&other), &Context::default()) {
        all(&stage);
    }
    let (path, _dir) = made(EVENTS);
    alone = std::fs::read(&path).expect("a file");
    for size in [0_u16, 1, 3, 512, 513, 32_768, 65_535] {
        alone[16..18].copy_from_slice(&size.to_be_bytes());
        std::fs::write(&other, &alone).expect("a file");
        if let Ok(stage) = peel(stage_at(&other), &Context::default()) {
            all(&stage);
        }
    }
}

/// Bytes changed at random places of real databases: an error, a warning or rows, but always an end.
#[test]
fn damaged_databases_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("damaged.db");
    let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for name in ["stores/eventsourcing_py.sqlite", "stores/emmett.sqlite", "ocel/pallet-logistics.sqlite"] {
        let whole = std::fs::read(data(name)).expect("a file");
        for round in 0..120 {
            let mut bytes = whole.clone();
            for _ in 0..=round % 20 {
                // The header's magic stays, so that it is taken for a database.
                let at = 16 + random(if round % 3 == 0 { 4096 } else { bytes.len() } - 16);
                bytes[at] = random(256) as u8;
            }
            if round % 7 == 0 {
                bytes.truncate(100 + random(whole.len() - 100));
            }
            std::fs::write(&path, &bytes).expect("a file");
            if let Ok(stage) = peel(stage_at(&path), &Context::default()) {
                all(&stage);
            }
        }
    }
}

/// A tree whose inner page points at itself or at one child many times.
#[test]
fn a_tree_that_lies_ends() {
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3000)
         INSERT INTO events SELECT i+10, 'T', '2026-01-01', printf('%0200d', i) FROM n;";
    let (path, _dir) = made(&format!("PRAGMA page_size=512;{EVENTS}{many}"));
    let mut bytes = std::fs::read(&path).expect("a file");
    let inner: Vec<usize> = (1..bytes.len() / 512).map(|page| page * 512).filter(|at| bytes[*at] == 5).collect();
    assert!(!inner.is_empty(), "there are inner pages");
    for at in inner {
        let cells = usize::from(u16::from_be_bytes([bytes[at + 3], bytes[at + 4]]));
        let first = usize::from(u16::from_be_bytes([bytes[at + 12], bytes[at + 13]]));
        let child: [u8; 4] = bytes[at + first..at + first + 4].try_into().expect("four bytes");
        for cell in 0..cells {
            let pointer = usize::from(u16::from_be_bytes([bytes[at + 12 + cell * 2], bytes[at + 13 + cell * 2]]));
            bytes[at + pointer..at + pointer + 4].copy_from_slice(&child);
        }
    }
    std::fs::write(&path, &bytes).expect("a file");
    let stage = peel(stage_at(&path), &Context::default()).expect("a database");
    let (_, warnings) = all(&stage);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn a_packed_database_is_opened() {
    let bytes = std::fs::read(data("stores/emmett.sqlite")).expect("a file");
    let packed = zstd::encode_all(&bytes[..], 1).expect("memory");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("emmett.sqlite.zst");
    std::fs::write(&path, packed).expect("a file");
    assert_eq!(lines(&path), 6);
}

#[test]
fn new_rows_are_followed() {
    for mode in ["WAL", "DELETE"] {
        let (path, _dir) = made(&format!("PRAGMA journal_mode={mode};{EVENTS}"));
        let context = Context { follow: true, ..Context::default() };
        let stage = peel(stage_at(&path), &context).expect("a database");
        let spool = stage.spool.clone().expect("a spool");
        let (bytes, _) = all(&stage);
        assert_eq!(spool.phase(), Phase::CaughtUp);
        let writer = Connection::open(&path).expect("a database");
        for id in 3..6 {
            let sql = format!("INSERT INTO events VALUES ({id},'C','2026-01-01T00:00:02Z','{{}}')");
            writer.execute_batch(&sql).expect("not locked for long");
            std::thread::sleep(Duration::from_millis(30));
        }
        let end = Instant::now() + Duration::from_secs(20);
        while all(&stage).0.split(|byte| *byte == b'\n').count() < 6 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        let text = String::from_utf8(all(&stage).0).expect("UTF-8");
        assert!(text.len() > bytes.len() && text.lines().count() == 5, "{mode}: {text}");
    }
}
