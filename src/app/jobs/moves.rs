//! Move tasks of one queue: what its system tells of them, and what a person starts or cancels.

use std::sync::{Arc, Mutex};

use super::{Slot, Waker};
use crate::base::sync::lock;
use crate::model::error::{Error, Place, Result};
use crate::requeue::Journal;
use crate::requeue::moves::{self, Change, Mover, Moves, Source};

/// A connection is made once for a queue: credentials may come from a server of their own.
type Held = Arc<Mutex<Option<(String, Box<dyn Mover>)>>>;

/// See the module's documentation.
pub struct MoveJobs {
    /// By the queue's address; asked again with each generation.
    pub looked: Slot<String, Result<Moves>>,
    /// What came of a change, by its number.
    pub changed: Slot<u64, Result<String>>,
    changes: u64,
    held: Held,
    /// How a connection is made.
    pub open: fn(&str) -> Result<Box<dyn Mover>>,
}

impl MoveJobs {
    pub(super) fn new(waker: &Waker) -> Self {
        Self {
            looked: Slot::new("move tasks", waker.clone()),
            changed: Slot::new("move task", waker.clone()),
            changes: 0,
            held: Held::default(),
            open: moves::open,
        }
    }

    /// Asks for the tasks of the queue that is looked at; cheap where that was asked before.
    pub fn look(&mut self, asked: Option<&(String, u64)>) {
        let Some((address, times)) = asked else { return };
        let (held, of, open) = (Arc::clone(&self.held), address.clone(), self.open);
        self.looked.ask(address.clone(), *times, move |_| with(&held, &of, open, |mover| mover.look()));
    }

    pub(super) fn change(
        &mut self,
        source: Source,
        change: Change,
        journal: impl FnOnce() -> Result<Journal> + Send + 'static,
    ) {
        // A start that is on its way is not to be followed by a second one.
        if self.changed.busy() {
            return;
        }
        self.changes += 1;
        let (held, open) = (Arc::clone(&self.held), self.open);
        self.changed.ask(self.changes, 0, move |_| {
            let mut journal = journal()?;
            with(&held, &source.address, open, |mover| moves::change(mover, &source, &change, &mut journal))
        });
    }

    pub(super) fn clear(&mut self) {
        self.looked.clear();
        self.changed.clear();
    }
}

/// Over the connection to this queue, made where there is none. One that failed is not used again.
fn with<T>(
    held: &Held,
    address: &str,
    open: fn(&str) -> Result<Box<dyn Mover>>,
    work: impl FnOnce(&dyn Mover) -> Result<T>,
) -> Result<T> {
    let mut held = lock(held);
    if held.as_ref().is_none_or(|(of, _)| of != address) {
        *held = Some((address.to_owned(), open(address)?));
    }
    let Some((_, mover)) = held.as_ref() else {
        return Err(Error::new("There is no connection", Place::Nowhere, "Look at the tasks again"));
    };
    let worked = work(mover.as_ref());
    if worked.is_err() {
        *held = None;
    }
    worked
}
