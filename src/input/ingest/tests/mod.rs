//! Reading in any cut and with any number of threads gives the same log; sources that change while
//! they are read end nothing.

mod cached;
mod changing;
mod words;

use std::sync::Arc;

use self::words::{DEFECT, opened, text};
use super::{Log, Options};
use crate::input::decoders::Framing;
use crate::model::ids::{CorrelationIx, EntityIx, EventIx, TypeIx};
use crate::model::issue::{IssueCode, MAX_RECORD_BYTES};
use crate::store::snapshot::Snapshot;
use crate::store::testing::Memory;

fn log(threads: usize, block_bytes: u64) -> Log {
    Log::with(Options { threads: Some(threads), block_bytes, ..Options::default() })
}

fn read(text: &[u8], threads: usize, block_bytes: u64, framing: Framing) -> Arc<Snapshot> {
    let log = log(threads, block_bytes);
    log.add(opened(Arc::new(Memory(text.to_vec())), framing)).expect("one source");
    log.wait_valid();
    log.snapshot()
}

/// Everything that readers can ask, as text.
fn said(snapshot: &Snapshot) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let mut say = |line: std::fmt::Arguments<'_>| writeln!(out, "{line}").expect("writing to a String cannot fail");
    say(format_args!("{:?} {:?} {:?}", snapshot.types(), snapshot.kinds(), snapshot.services()));
    say(format_args!("{:?} {:?}", snapshot.duplicate_ids(), snapshot.time_range()));
    for ix in (0..snapshot.len()).map(EventIx) {
        let (segment, row) = snapshot.locate(ix).expect("rows are without gaps");
        let (type_ix, issue) = (segment.type_ix(row), segment.issue(row));
        let offset = segment.span(row).offset;
        say(format_args!("{ix:?} {:?} {type_ix:?} {issue:?} {offset:?}", segment.time(row)));
        say(format_args!("{:?} {:?} {:?}", segment.id_hash(row), segment.causes(row), snapshot.record(ix).ok()));
    }
    for ix in (0..snapshot.entity_count()).map(EntityIx) {
        say(format_args!("{:?} {:?}", snapshot.entity(ix), snapshot.entity_events(ix).collect::<Vec<_>>()));
    }
    for ix in (0..snapshot.correlation_count()).map(CorrelationIx) {
        say(format_args!("{ix:?} {:?}", snapshot.correlation_events(ix).collect::<Vec<_>>()));
    }
    out
}

#[test]
fn any_cut_and_any_number_of_threads_give_the_same_log() {
    let text = text(3000);
    let expected = said(&read(&text, 1, u64::MAX, Framing::Stream));
    for (threads, block_bytes) in [(1, u64::MAX), (1, 1000), (2, 1), (3, 77), (4, 4096), (7, 100_000)] {
        let block_bytes = if block_bytes == 1 { 13 } else { block_bytes };
        let found = said(&read(&text, threads, block_bytes, Framing::Lines));
        assert!(found == expected, "{threads} threads, blocks of {block_bytes}");
    }
}

#[test]
fn sources_keep_their_order() {
    let texts: Vec<Vec<u8>> = (1..30).map(|n| text(n * 11)).collect();
    let mut expected: Option<String> = None;
    for (threads, framing) in [(1, Framing::Lines), (4, Framing::Stream), (3, Framing::Lines), (8, Framing::Lines)] {
        let log = log(threads, 500);
        for (i, text) in texts.iter().enumerate() {
            let framing = if i % 3 == 0 { framing } else { Framing::Lines };
            log.add(opened(Arc::new(Memory(text.clone())), framing)).expect("few sources");
        }
        log.wait_valid();
        let found = said(&log.snapshot());
        assert!(*expected.get_or_insert_with(|| found.clone()) == found, "{threads} threads");
        assert_eq!(log.progress().rows(), log.snapshot().len());
        assert_eq!(log.progress().bytes_done(), log.progress().bytes_total());
    }
}

#[test]
fn spans_read_back_the_exact_record() {
    let text = text(500);
    let snapshot = read(&text, 2, 999, Framing::Lines);
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(snapshot.len(), lines.len() as u64);
    for (ix, line) in lines.iter().enumerate() {
        assert_eq!(snapshot.record(EventIx(ix as u64)).expect("memory"), line.trim_ascii_end());
    }
}

#[test]
fn cut_at_every_byte_rows_only_grow() {
    let text = text(24);
    let mut rows = 0;
    for end in 0..=text.len() {
        let snapshot = read(&text[..end], 2, 400, Framing::Lines);
        assert!(snapshot.len() >= rows, "cut at {end}");
        rows = snapshot.len();
        let incomplete = |ix| {
            snapshot
                .locate(EventIx(ix))
                .and_then(|(s, row)| s.issue(row))
                .is_some_and(|i| i.code == IssueCode::Incomplete)
        };
        assert!((0..rows.saturating_sub(1)).all(|ix| !incomplete(ix)), "cut at {end}");
    }
}

#[test]
fn a_line_longer_than_any_record_is_one_row() {
    let mut text = b"1 A a o1 - -\n".to_vec();
    text.resize(text.len() + MAX_RECORD_BYTES + 5_000_000, b'x');
    text.extend_from_slice(b"\n2 B b o2 - -\n");
    for framing in [Framing::Lines, Framing::Stream] {
        let snapshot = read(&text, 2, 1 << 20, framing);
        if framing == Framing::Lines {
            assert_eq!(snapshot.len(), 3);
            let issue = snapshot.locate(EventIx(1)).and_then(|(segment, row)| segment.issue(row)).map(|i| i.code);
            assert_eq!(issue, Some(IssueCode::TooLong));
            assert_eq!(snapshot.record(EventIx(1)).expect("memory").len(), MAX_RECORD_BYTES);
        } else {
            assert_eq!(snapshot.len(), 2);
        }
    }
}

#[test]
fn damage_found_later_makes_a_row_undecodable() {
    let mut text = Vec::new();
    for n in 0..1000 {
        let note = if n % 100 == 7 { "rotten" } else { "fine" };
        text.extend_from_slice(format!("{n} Type{} id{n} o{},call k{n} - {note}\n", n % 3, n / 2).as_bytes());
    }
    let snapshot = read(&text, 2, 5000, Framing::Lines);
    assert_eq!((snapshot.len(), snapshot.undecodable(), snapshot.types()[0].events), (1000, 10, 10));
    assert_eq!(snapshot.types().iter().map(|name| name.events).sum::<u64>(), 1000);
    let all = snapshot.find_entity("c", "all").expect("in every row");
    assert_eq!(snapshot.entity_events(all).count(), 990);
    assert_eq!(snapshot.kinds().iter().map(|kind| kind.events).collect::<Vec<_>>(), [990, 990]);
    let damaged = EventIx(107);
    assert_eq!(snapshot.type_ix(damaged), TypeIx::UNDECODABLE);
    let (segment, row) = snapshot.locate(damaged).expect("it stays a row");
    assert!(segment.time(row).is_none() && segment.id_hash(row).is_none());
    assert_eq!(segment.issue(row).map(|issue| issue.code), Some(IssueCode::BrokenJson));
    assert_eq!(
        segment.span(row).offset.0 as usize,
        text.split(|b| *b == b'\n').take(107).map(|l| l.len() + 1).sum::<usize>()
    );
}

#[test]
fn cancelled_reading_keeps_what_it_has() {
    let log = log(2, 1000);
    log.add(opened(Arc::new(Memory(text(20_000))), Framing::Lines)).expect("one source");
    log.cancel();
    log.wait_valid();
    let snapshot = log.snapshot();
    assert!(said(&snapshot).len() > 10);
    assert!(snapshot.len() <= 20_000);
}

#[test]
fn nothing_to_read_is_no_rows() {
    for text in ["", "\n", "\n\n\n"] {
        let snapshot = read(text.as_bytes(), 2, 10, Framing::Lines);
        assert_eq!(snapshot.len(), 0);
    }
}

/// Nothing is known that does this; but if something is, the program must not wait for it for ever.
#[test]
fn a_reader_that_breaks_down_ends_the_reading_and_is_said() {
    for (threads, framing) in [(1, Framing::Stream), (1, Framing::Lines), (3, Framing::Lines)] {
        let mut bytes = text(500);
        bytes.extend([DEFECT, b"\n"].concat());
        bytes.extend(text(500));
        let log = log(threads, 1000);
        log.add(opened(Arc::new(Memory(bytes)), framing)).expect("one source");
        log.wait_valid();
        let progress = log.progress();
        let (_, error) = progress.failures().next().expect("it is said");
        assert_eq!(error.details, "a defect of ours", "{threads} threads");
    }
}
