//! Instants in nanoseconds since 1970-01-01 UTC, and how sources write them.
//!
//! [`TimeReader`] is what decoders hold per time field: it knows the unit and the zone once and for
//! all and has a fast path for RFC 3339. The surprise: an instant outside 1677–2262 does not fit and
//! is no time at all, never a wrong one.

mod civil;
mod number;
mod reader;
mod text;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use number::{guess_unit, parse_number};
pub use reader::TimeReader;
pub use text::parse_text;

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
