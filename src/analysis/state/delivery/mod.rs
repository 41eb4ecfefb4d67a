//! Delivery: what becomes of the state when the same events arrive twice, not at all or in another order?
//!
//! Two kinds of answers. Event by event: which types may be delivered twice, which pairs may change places,
//! which losses matter, each with the smallest example. And whole histories with random faults, of which
//! one that ends in another state is made as small as it gets. Everything is repeatable by its seed.

mod advice;
mod lab;
mod places;
mod report;
mod rounds;

pub use report::{Example, Fault, Minimal, PairReport, Report, Rounds, TypeReport};

use serde::{Deserialize, Serialize};

use self::lab::{Halt, Lab};
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::Reducer;
use crate::base::cancel::Cancel;

/// What a delivery may do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// At least once: an event comes again, at once or a few events later.
    Duplicates,
    /// At most once.
    Loss,
    /// An event comes up to `window` events late.
    Reorder { window: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: Kind,
    pub seed: u64,
    /// Histories with random faults.
    pub rounds: u32,
    /// Of a longer history only so many events are looked at one by one, in pieces spread over it.
    pub sample: u32,
    /// Events folded in all; rounds that would need more are not run.
    pub most_folded: u64,
}

impl Request {
    #[must_use]
    pub fn new(kind: Kind, seed: u64) -> Self {
        Self { kind, seed, rounds: 100, sample: 10_000, most_folded: 4_000_000 }
    }
}

/// An example lists so many changes.
const MOST_CHANGES: usize = 8;

/// `progress` gets the part that is done.
pub fn simulate(
    base: &Folded,
    reducer: &mut dyn Reducer,
    request: &Request,
    cancel: &Cancel,
    progress: &mut dyn FnMut(f32),
) -> Report {
    let mut report = Report::new(base, request);
    let mut lab = Lab::new(base, reducer, request.most_folded, cancel);
    let looked = places::look(&mut lab, request, &mut report, &mut |part| progress(part * 0.4));
    let ended = match looked {
        // The rounds have a share of their own.
        Ok(()) | Err(Halt::Spent) => {
            rounds::run(&mut lab, request, &mut report, &mut |part| progress(0.4 + part * 0.6))
        }
        halted => halted,
    };
    match ended {
        Ok(()) | Err(Halt::Spent) => report.complete = true,
        Err(Halt::Cancelled) => (),
        Err(Halt::Stopped(stopped)) => report.stopped = Some(stopped),
    }
    report.settle();
    report
}

#[cfg(test)]
mod tests;
