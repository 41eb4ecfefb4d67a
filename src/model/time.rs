//! Instants in nanoseconds since 1970-01-01 UTC.

use serde::{Deserialize, Serialize};

/// Nanoseconds since the epoch, UTC: 1677-09-21 to 2262-04-11.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeNs(pub i64);

impl TimeNs {
    /// `2026-02-16T10:30:00.000000000Z` with as many fraction digits as are needed, in threes.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        chrono::DateTime::from_timestamp_nanos(self.0).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }
}
