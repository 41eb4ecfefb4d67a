//! Sources that grow, shrink and are cut short while they are read.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::words::{opened, text};
use super::{Log, log, read};
use crate::input::decoders::Framing;
use crate::input::ingest::progress::State;
use crate::input::sources::follow::{Change, Growth};
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// A file that others write, and its watcher.
#[derive(Debug, Default)]
struct Shifting {
    bytes: Mutex<Vec<u8>>,
    said: AtomicU64,
    ended: Mutex<bool>,
}

impl Shifting {
    fn append(&self, more: &[u8]) {
        self.bytes.lock().expect("no test panics with it").extend_from_slice(more);
    }

    fn replace(&self, bytes: &[u8]) {
        *self.bytes.lock().expect("no test panics with it") = bytes.to_vec();
    }
}

impl ReadAt for Shifting {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        let bytes = self.bytes.lock().expect("no test panics with it");
        let start = (offset.0 as usize).min(bytes.len());
        let len = buf.len().min(bytes.len() - start);
        buf[..len].copy_from_slice(&bytes[start..start + len]);
        Ok(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().expect("no test panics with it").len() as u64)
    }
}

impl Growth for Shifting {
    fn poll(&self) -> Change {
        let len = self.len().unwrap_or(0);
        let said = self.said.swap(len, Ordering::Relaxed);
        match len.cmp(&said) {
            std::cmp::Ordering::Less => Change::Truncated(len),
            std::cmp::Ordering::Greater => Change::Grew(len),
            std::cmp::Ordering::Equal if *self.ended.lock().expect("no test panics with it") => Change::Ended,
            std::cmp::Ordering::Equal => Change::Same,
        }
    }
}

fn followed(bytes: &Arc<Shifting>, framing: Framing) -> Log {
    let log = log(2, 1000);
    let mut source = opened(Arc::clone(bytes) as Arc<dyn ReadAt>, framing);
    source.growth = Some(Arc::clone(bytes) as Arc<dyn Growth>);
    bytes.said.store(bytes.len().unwrap_or(0), Ordering::Relaxed);
    log.add(source).expect("one source");
    log
}

#[track_caller]
fn until(log: &Log, what: &str, done: impl Fn(&Log) -> bool) {
    let start = Instant::now();
    while !done(log) {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long for {what}: {:?}", log.progress());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn appended_lines_are_read_as_they_come() {
    for framing in [Framing::Lines, Framing::Stream] {
        let whole = text(400);
        let bytes = Arc::new(Shifting::default());
        bytes.append(&whole[..5003]);
        let log = followed(&bytes, framing);
        log.wait();
        for end in [5010, 9000, 9001, 15_000, whole.len()] {
            let so_far = bytes.len().expect("memory") as usize;
            bytes.append(&whole[so_far..end]);
            let lines =
                whole[..end].split_inclusive(|b| *b == b'\n').filter(|l| l.len() > 1 && l.ends_with(b"\n")).count()
                    as u64;
            until(&log, "the lines", |log| log.snapshot().len() >= lines);
        }
        log.wait_valid();
        let lines = whole.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count() as u64;
        assert_eq!((log.snapshot().len(), log.progress().rows()), (lines, lines));
        assert!(matches!(log.progress().sources[0].state, State::Following | State::Validating));
    }
}

#[test]
fn an_unfinished_last_line_is_shown_and_then_replaced() {
    let bytes = Arc::new(Shifting::default());
    bytes.append(b"1 A a o1 - -\n2 B b");
    let log = followed(&bytes, Framing::Lines);
    until(&log, "the unfinished line", |log| log.snapshot().undecodable() == 1);
    assert_eq!(log.snapshot().len(), 2);
    bytes.append(b" o2 - -\n3 C c o3 - -\n");
    until(&log, "the finished line", |log| log.snapshot().len() == 3);
    let snapshot = log.snapshot();
    assert_eq!((snapshot.undecodable(), log.progress().undecodable(), log.progress().rows()), (0, 0, 3));
    assert!(snapshot.find_entity("o", "2").is_some_and(|entity| snapshot.entity_events(entity).count() == 1));
}

/// No line starts in the last blocks: the line that goes through them is read from its start once it is whole.
#[test]
fn an_unfinished_line_of_several_blocks_is_not_cut_in_two() {
    let begun = [&*text(100), b"1 A ", &b"long".repeat(1500)].concat();
    let rest = b" o1 - -\n2 B b o2 - -\n";
    let expected = read(&[&*begun, rest].concat(), 1, u64::MAX, Framing::Lines);
    let bytes = Arc::new(Shifting::default());
    bytes.append(&begun);
    let log = followed(&bytes, Framing::Lines);
    log.wait();
    bytes.append(rest);
    until(&log, "the finished line and the next", |log| log.snapshot().len() == expected.len());
    log.wait_valid();
    assert_eq!(log.snapshot().undecodable(), expected.undecodable());
}

#[test]
fn truncation_starts_another_source() {
    let bytes = Arc::new(Shifting::default());
    bytes.append(&text(100));
    let log = followed(&bytes, Framing::Lines);
    log.wait();
    let before = log.snapshot().len();
    bytes.replace(b"1 New a o1 - -\n");
    until(&log, "the new row", |log| log.snapshot().len() == before + 1);
    assert_eq!(log.snapshot().sources().len(), 2);
    assert_eq!(log.progress().sources[0].warnings.len(), 1);
    assert!(log.snapshot().record(crate::model::ids::EventIx(50)).is_err());
    bytes.append(b"2 New b o1 - -\n");
    until(&log, "growth after that", |log| log.snapshot().len() == before + 2);
}

#[test]
fn a_source_that_shrinks_while_it_is_read_ends_nothing() {
    let whole = text(300);
    for round in 0..1000usize {
        let bytes = Arc::new(Shifting::default());
        bytes.append(&whole);
        let log = log(2, 700);
        log.add(opened(Arc::clone(&bytes) as Arc<dyn ReadAt>, Framing::Lines)).expect("one source");
        if round % 3 == 0 {
            std::thread::yield_now();
        }
        bytes.replace(&whole[..round * 7 % whole.len()]);
        log.wait_valid();
        let snapshot = log.snapshot();
        assert!(snapshot.len() <= 300);
        let last = snapshot.len().saturating_sub(1);
        let _ = snapshot.record(crate::model::ids::EventIx(last));
    }
}

#[test]
fn many_small_growths_make_few_segments() {
    let bytes = Arc::new(Shifting::default());
    let log = followed(&bytes, Framing::Lines);
    log.wait();
    for n in 0..12u64 {
        bytes.append(format!("{n} A id{n} o{n},call k{n} -\n").as_bytes());
        until(&log, "the row", |log| log.snapshot().len() == n + 1);
    }
    let snapshot = log.snapshot();
    assert_eq!(snapshot.segments().len(), 1);
    assert_eq!(snapshot.entity_count(), 13);
    let all = snapshot.find_entity("c", "all").expect("in every row");
    assert_eq!(snapshot.entity_events(all).count(), 12);
}

#[test]
fn what_ends_is_settled() {
    let bytes = Arc::new(Shifting::default());
    bytes.append(b"1 A a o1 - -\n2 B b o2 - -");
    let log = followed(&bytes, Framing::Stream);
    bytes.append(b" more");
    until(&log, "the first row", |log| log.snapshot().len() == 1);
    *bytes.ended.lock().expect("no test panics with it") = true;
    until(&log, "both rows", |log| log.snapshot().len() == 2);
    log.wait_valid();
    assert!(matches!(log.progress().sources[0].state, State::Settled));
}
