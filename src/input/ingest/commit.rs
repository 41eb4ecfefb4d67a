//! Batches from many threads enter the log in the order of their tickets, whoever comes with them.
//!
//! A ticket is a place in the order of rows. Whoever brings the batch whose turn it is numbers it and
//! all that wait behind it; the others leave theirs and go on reading, unless too many wait already.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::store::batch::Batch;
use crate::store::contents::Contents;
use crate::store::saved::Restored;
use crate::store::writer::{Numbered, Sealed, Sealer, Writer};

/// Batches that wait for their turn; more make their threads wait as well.
const WAITING_BATCHES: usize = 8;

/// A batch that has its numbers and is to be sealed, by any thread.
#[derive(Debug)]
pub(super) struct Ready {
    order: u64,
    batch: Batch,
    numbered: Numbered,
    drops_last_row: bool,
}

#[derive(Debug)]
pub(super) struct Committer {
    turn: Mutex<Turn>,
    room: Condvar,
    contents: Mutex<Ordered>,
    spare: Mutex<Vec<Batch>>,
}

#[derive(Debug, Default)]
struct Turn {
    writer: Writer,
    /// The ticket whose batches may be numbered.
    ticket: u64,
    /// Numbers given out so far: the order of sealed batches.
    order: u64,
    waiting: BTreeMap<u64, Waiting>,
    waiting_batches: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: Vec<Batch>,
    finished: bool,
}

#[derive(Debug)]
struct Ordered {
    contents: Contents,
    next: u64,
    /// Sealed out of order.
    early: BTreeMap<u64, (Sealed, bool)>,
}

impl Committer {
    pub fn new(writer: Writer, contents: Contents) -> Self {
        Self {
            turn: Mutex::new(Turn { writer, ..Turn::default() }),
            room: Condvar::new(),
            contents: Mutex::new(Ordered { contents, next: 0, early: BTreeMap::new() }),
            spare: Mutex::new(Vec::new()),
        }
    }

    /// Brings a batch of a ticket, or only the word that the ticket is finished. Gives the batches
    /// that now have their numbers.
    pub fn deliver(&self, ticket: u64, batch: Option<Batch>, finished: bool, cancel: &Cancel) -> Vec<Ready> {
        let mut turn = lock(&self.turn);
        let mut ready = Vec::new();
        if turn.ticket == ticket {
            ready.extend(batch.and_then(|batch| turn.number(batch, None)));
            if finished {
                turn.ticket += 1;
                turn.drain(&mut ready);
                self.room.notify_all();
            }
            return ready;
        }
        let waiting = turn.waiting.entry(ticket).or_default();
        waiting.finished |= finished;
        if let Some(batch) = batch {
            waiting.batches.push(batch);
            turn.waiting_batches += 1;
        }
        // The thread whose turn it is never waits here, so room is made.
        while turn.waiting_batches > WAITING_BATCHES && turn.ticket != ticket && !cancel.is_cancelled() {
            turn = self.room.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        if turn.ticket == ticket {
            turn.drain(&mut ready);
        }
        ready
    }

    /// Whether nothing before this ticket is missing. It stays so until the ticket is finished.
    pub fn has_turn(&self, ticket: u64) -> bool {
        lock(&self.turn).ticket == ticket
    }

    /// As [`Self::deliver`], for a batch that begins with the row that is the log's last now (if
    /// `last_row` is still the last one).
    pub fn replace_last_row(&self, ticket: u64, batch: Batch, last_row: u64, cancel: &Cancel) -> Vec<Ready> {
        let mut turn = lock(&self.turn);
        if turn.ticket != ticket {
            drop(turn);
            return self.deliver(ticket, Some(batch), false, cancel);
        }
        turn.number(batch, Some(last_row)).into_iter().collect()
    }

    /// Builds the segments of a batch and publishes them when it is their turn. Gives the first row.
    pub fn seal(&self, ready: Ready, sealer: &mut Sealer) -> u64 {
        let Ready { order, batch, numbered, drops_last_row } = ready;
        let first_row = numbered.first_row();
        let sealed = Sealed::new(&batch, numbered, sealer);
        self.give_back(batch);
        let mut ordered = lock(&self.contents);
        ordered.early.insert(order, (sealed, drops_last_row));
        while let Some((sealed, drops)) = {
            let next = ordered.next;
            ordered.early.remove(&next)
        } {
            ordered.next += 1;
            if drops {
                ordered.contents.drop_last_row();
            }
            ordered.contents.apply(sealed);
        }
        first_row
    }

    pub fn with_contents<T>(&self, act: impl FnOnce(&mut Contents) -> T) -> T {
        act(&mut lock(&self.contents).contents)
    }

    /// Begins with a saved log; false where something was committed already.
    pub fn restore(&self, saved: Restored) -> bool {
        let mut turn = lock(&self.turn);
        if turn.order > 0 || turn.writer.rows() > 0 {
            return false;
        }
        turn.writer = saved.writer;
        lock(&self.contents).contents.restore(saved.contents);
        true
    }

    /// An empty batch, with the memory of an earlier one where there is one.
    pub fn spare(&self) -> Batch {
        lock(&self.spare).pop().unwrap_or_default()
    }

    pub fn give_back(&self, batch: Batch) {
        let mut spare = lock(&self.spare);
        if spare.len() < WAITING_BATCHES {
            spare.push(batch);
        }
    }

    /// Memory of unused batches is not kept once the log is read.
    pub fn forget_spares(&self) {
        lock(&self.spare).clear();
    }

    pub fn wake(&self) {
        // Whoever has not begun to wait yet sees the cancelled flag.
        drop(lock(&self.turn));
        self.room.notify_all();
    }
}

impl Ready {
    /// The log's last row goes, and this batch has it again.
    pub fn drops_last_row(&self) -> bool {
        self.drops_last_row
    }
}

impl Turn {
    fn number(&mut self, batch: Batch, last_row: Option<u64>) -> Option<Ready> {
        if batch.is_empty() {
            return None;
        }
        let drops_last_row = last_row.is_some_and(|row| row + 1 == self.writer.rows());
        if drops_last_row {
            self.writer.drop_last_row();
        }
        let numbered = self.writer.number(&batch);
        let order = self.order;
        self.order += 1;
        Some(Ready { order, batch, numbered, drops_last_row })
    }

    /// What waits for the ticket whose turn it is now, and for those behind it.
    fn drain(&mut self, ready: &mut Vec<Ready>) {
        while let Some(waiting) = self.waiting.remove(&self.ticket) {
            self.waiting_batches -= waiting.batches.len();
            for batch in waiting.batches {
                ready.extend(self.number(batch, None));
            }
            if !waiting.finished {
                break;
            }
            self.ticket += 1;
        }
    }
}
