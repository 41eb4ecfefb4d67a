//! What one thread does with a job: read, decode, bring the batch in, seal what is ready.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Shared;
use super::cache;
use super::check::Check;
use super::commit::Ready;
use super::document;
use super::lines::{Block, Window, read_block, skip_line, too_long};
use super::pool::{Job, Work};
use super::progress::add;
use super::source::{Source, Status, Tail};
use crate::base::sync::{caught, lock};
use crate::input::decoders::RecordReader;
use crate::input::sources::follow::{Change, Growth};
use crate::model::error::{Error, Place};
use crate::model::ids::{ByteOffset, SourceIx};
use crate::model::issue::MAX_RECORD_BYTES;
use crate::store::batch::Batch;
use crate::store::segment::SEGMENT_ROWS;
use crate::store::writer::Sealer;

/// Bytes of a sequential source that make a batch.
const BATCH_BYTES: u64 = 16 << 20;

/// A source that flows but gives nothing for so long lets others go before it.
const PATIENCE: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(4);
/// What grows is read no more often: each batch costs the log's last segment, which is built anew with it.
const PACE: Duration = Duration::from_millis(25);

/// Scratch space of one thread.
#[derive(Default)]
pub(super) struct Hands {
    window: Window,
    sealer: Sealer,
    /// The reader of the source whose blocks it had last: it knows that source's shapes.
    reader: Option<(SourceIx, Box<dyn RecordReader>)>,
}

pub(super) fn run(shared: &Arc<Shared>) {
    let mut hands = Hands::default();
    while let Some(work) = shared.pool.next() {
        match work {
            Work::Job(job) => {
                if let Err(said) = caught(|| carry_out(shared, job, &mut hands)) {
                    // What it held may be half done, and others would wait for its ticket for ever.
                    shared.give_up(&said);
                    hands = Hands::default();
                }
                shared.pool.job_done(|| shared.plan_checks());
                shared.notify();
            }
            Work::Check(check) => {
                hands = Hands::default();
                let was_save = matches!(check, Check::Save);
                if let Err(said) = caught(|| check.run(shared)) {
                    shared.give_up(&said);
                }
                shared.pool.check_done(was_save, || cache::is_due(shared));
                shared.notify();
            }
        }
    }
}

fn carry_out(shared: &Arc<Shared>, job: Job, hands: &mut Hands) {
    match job {
        Job::Seal(ready) => {
            shared.commit.seal(*ready, &mut hands.sealer);
        }
        Job::Block { source, block, ticket } => read_one_block(shared, &source, block, ticket, hands),
        Job::LastLine { source, ticket } => {
            provisional_end(shared, &source, ticket, hands);
            source.busy.store(false, Ordering::Release);
        }
        Job::Sequence { source, ticket, first } => {
            sequence(shared, &source, ticket, first, hands);
            source.busy.store(false, Ordering::Release);
        }
    }
}

fn read_one_block(shared: &Arc<Shared>, source: &Arc<Source>, block: Block, ticket: u64, hands: &mut Hands) {
    let mut batch = shared.commit.spare();
    batch.reset(source.ix, true);
    if hands.reader.as_ref().is_none_or(|(ix, _)| *ix != source.ix) {
        hands.reader = Some((source.ix, source.format.reader()));
    }
    if let Some((_, reader)) = &mut hands.reader
        && !shared.cancel.is_cancelled()
    {
        let bytes = &*source.info.bytes;
        match read_block(bytes, &mut **reader, block, &mut hands.window, &mut batch, &shared.cancel) {
            Ok(end) => {
                let mut tail = lock(&source.tail);
                tail.done = tail.done.max(end.unwrap_or(0));
            }
            Err(cause) => source.set_status(Status::Failed(unreadable(source, block.from, &cause))),
        }
    }
    add(&source.counters.bytes_done, block.to - block.from);
    deliver(shared, source, ticket, Some(batch), true, hands);
    if source.blocks.fetch_sub(1, Ordering::AcqRel) == 1 {
        let done = if source.growth().is_some() { Status::Following } else { Status::Done };
        source.set_status(done);
        source.busy.store(false, Ordering::Release);
    }
}

fn unreadable(source: &Source, offset: u64, cause: &io::Error) -> Error {
    let place = Place::File { path: source.info.address.clone(), offset: Some(offset) };
    Error::new("Cannot be read any further", place, "Check the disk, then open it again").because(cause)
}

/// Brings a batch and seals what has its turn; the rest goes to whoever is free.
pub(super) fn deliver(
    shared: &Shared,
    source: &Source,
    ticket: u64,
    batch: Option<Batch>,
    finished: bool,
    hands: &mut Hands,
) -> Option<u64> {
    if let Some(batch) = &batch {
        add(&source.counters.rows, batch.len() as u64);
        add(&source.counters.undecodable, batch.undecodable_rows());
    }
    let ready = shared.commit.deliver(ticket, batch, finished, &shared.cancel);
    seal(shared, ready, hands)
}

fn seal(shared: &Shared, ready: Vec<Ready>, hands: &mut Hands) -> Option<u64> {
    let mut ready = ready.into_iter();
    let mine = ready.next();
    shared.pool.push_ready(ready.rev());
    let first_row = mine.map(|mine| shared.commit.seal(mine, &mut hands.sealer));
    shared.notify();
    first_row
}

/// Reads on from where the source's reader stands, until it ends or nothing comes for a while.
fn sequence(shared: &Arc<Shared>, source: &Arc<Source>, ticket: u64, first: Option<Change>, hands: &mut Hands) {
    let mut tail = lock(&source.tail);
    let tail = &mut *tail;
    match source.growth() {
        None => {
            let len = source.info.bytes.len().unwrap_or(0);
            source.counters.bytes_total.store(len, Ordering::Relaxed);
            read_on(shared, source, tail, ticket, End { to: len, last: true }, hands);
            source.set_status(Status::Done);
        }
        Some(growth) => {
            let mut change = first.unwrap_or_else(|| growth.poll());
            let mut quiet = Instant::now();
            let (mut brought, mut next) = (None, None);
            loop {
                if let Some(brought) = brought {
                    next = gather(&*growth, &mut change, brought);
                }
                for warning in growth.warnings() {
                    source.warn(warning);
                }
                match change {
                    Change::Grew(len) => {
                        tail.known = len;
                        source.counters.bytes_total.store(len, Ordering::Relaxed);
                        read_on(shared, source, tail, ticket, End { to: len, last: false }, hands);
                        tail.quiet_since = None;
                        quiet = Instant::now();
                        brought = Some(quiet);
                    }
                    Change::Flowing if quiet.elapsed() < PATIENCE => std::thread::sleep(POLL),
                    Change::Flowing => {
                        shared.hand_to_watch(source, true);
                        break;
                    }
                    Change::Same => {
                        source.set_status(Status::Following);
                        shared.hand_to_watch(source, false);
                        break;
                    }
                    Change::Ended => {
                        let to = tail.known.max(tail.done);
                        read_on(shared, source, tail, ticket, End { to, last: true }, hands);
                        for warning in growth.warnings() {
                            source.warn(warning);
                        }
                        *lock(&source.growth) = None;
                        source.set_status(Status::Done);
                        break;
                    }
                    Change::Rewritten => {
                        if let Some(document) = growth.document()
                            && let Err(error) = document::read(shared, source, document, tail, ticket, hands)
                        {
                            if tail.document.is_begun() {
                                source.warn(error);
                            } else {
                                source.set_status(Status::Failed(error));
                            }
                        }
                        quiet = Instant::now();
                    }
                    Change::Truncated(_) | Change::Replaced => {
                        shared.start_anew(source, change);
                        break;
                    }
                }
                if shared.cancel.is_cancelled() || matches!(source.status(), Status::Failed(_)) {
                    break;
                }
                change = next.take().unwrap_or_else(|| growth.poll());
            }
        }
    }
    deliver(shared, source, ticket, None, true, hands);
}

/// Where something was brought just now, waits a moment for what comes after `change` and can be read with it. Gives
/// what came behind that.
fn gather(growth: &dyn Growth, change: &mut Change, brought: Instant) -> Option<Change> {
    while matches!(change, Change::Grew(_)) && brought.elapsed() < PACE {
        std::thread::sleep(POLL);
        match growth.poll() {
            more @ Change::Grew(_) => *change = more,
            Change::Flowing => {}
            other => return Some(other),
        }
    }
    None
}

/// A last line without its newline that has been there for a while: it is shown, and read again when
/// more comes.
fn provisional_end(shared: &Arc<Shared>, source: &Arc<Source>, ticket: u64, hands: &mut Hands) {
    let mut tail = lock(&source.tail);
    let to = tail.known.max(tail.done);
    let mut batch = Batch::new(source.ix, source.is_lines());
    let mut reader = source.format.reader();
    let start = tail.done;
    hands.window.start(start);
    let read = hands.window.fill(&*source.info.bytes, to);
    if read.is_ok() && hands.window.end() == to {
        reader.read(hands.window.filled(), ByteOffset(start), true, &mut batch);
    }
    // A row that waits for its turn would stay unknown, and could not be replaced: the next look shows it.
    let one = (batch.len() == 1 && shared.commit.has_turn(ticket)).then_some(batch);
    let decoded = one.as_ref().map(|batch| batch.undecodable_rows() == 0);
    let first_row = deliver(shared, source, ticket, one, true, hands);
    tail.provisional = first_row.zip(decoded);
}

#[derive(Clone, Copy)]
struct End {
    to: u64,
    last: bool,
}

fn read_on(shared: &Arc<Shared>, source: &Arc<Source>, tail: &mut Tail, ticket: u64, end: End, hands: &mut Hands) {
    let mut batch = shared.commit.spare();
    batch.reset(source.ix, source.is_lines());
    let mut reader = tail.reader.take().unwrap_or_else(|| source.format.reader());
    let result = read_until(shared, source, tail, ticket, end, hands, &mut *reader, &mut batch);
    tail.reader = Some(reader);
    bring(shared, source, tail, ticket, batch, hands);
    if let Err(cause) = result {
        source.set_status(Status::Failed(unreadable(source, tail.done, &cause)));
    }
}

#[expect(clippy::too_many_arguments, reason = "the loop's whole state, used once")]
fn read_until(
    shared: &Arc<Shared>,
    source: &Arc<Source>,
    tail: &mut Tail,
    ticket: u64,
    end: End,
    hands: &mut Hands,
    reader: &mut dyn RecordReader,
    batch: &mut Batch,
) -> io::Result<()> {
    let bytes = &*source.info.bytes;
    let mut batch_start = tail.done;
    hands.window.start(tail.done);
    while !shared.cancel.is_cancelled() {
        hands.window.fill(bytes, end.to)?;
        let window = &mut hands.window;
        let at_end = window.ended() || window.end() >= end.to;
        let used = reader.read(window.filled(), ByteOffset(window.at()), end.last && at_end, batch);
        window.take(used);
        if used == 0 && window.filled().len() > MAX_RECORD_BYTES {
            if source.is_lines() {
                skip_line(bytes, window, batch, &shared.cancel)?;
            } else {
                too_long(window.at(), end.to, batch);
                window.start(end.to);
            }
        }
        add(&source.counters.bytes_done, hands.window.at() - tail.done);
        tail.done = hands.window.at();
        if at_end {
            break;
        }
        if batch.len() >= SEGMENT_ROWS || tail.done - batch_start >= BATCH_BYTES {
            let mut full = shared.commit.spare();
            full.reset(source.ix, source.is_lines());
            std::mem::swap(&mut full, batch);
            bring(shared, source, tail, ticket, full, hands);
            batch_start = tail.done;
        }
    }
    hands.window.shrink();
    Ok(())
}

/// Adds a batch, in place of the row that was shown before it was whole.
pub(super) fn bring(shared: &Shared, source: &Source, tail: &mut Tail, ticket: u64, batch: Batch, hands: &mut Hands) {
    if batch.is_empty() {
        shared.commit.give_back(batch);
        return;
    }
    match tail.provisional.take() {
        None => {
            deliver(shared, source, ticket, Some(batch), false, hands);
        }
        Some((row, decoded)) => {
            let rows = (batch.len() as u64, batch.undecodable_rows());
            let ready = shared.commit.replace_last_row(ticket, batch, row, &shared.cancel);
            let replaced = ready.first().is_some_and(Ready::drops_last_row);
            // Counted before they can be seen, as in `deliver`.
            add(&source.counters.rows, rows.0 - u64::from(replaced));
            add(&source.counters.undecodable, rows.1);
            if replaced && !decoded {
                source.counters.undecodable.fetch_sub(1, Ordering::Relaxed);
            }
            seal(shared, ready, hands);
        }
    }
}
