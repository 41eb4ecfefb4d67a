//! When what looks at a whole log looks again: on a log that is followed it would never rest.

use crate::store::snapshot::Snapshot;

/// A log that grew by one in so many events is looked at again.
const PART: u64 = 50;

/// Remembers how long the log was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grown(u64);

impl Grown {
    /// It has grown by two percent, or is another log.
    #[must_use]
    pub fn much(self, log: &Snapshot) -> bool {
        log.len().saturating_sub(self.0) > self.0 / PART || log.len() < self.0
    }

    pub fn looked(&mut self, log: &Snapshot) {
        self.0 = log.len();
    }
}
