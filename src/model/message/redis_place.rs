//! Where a message lies in Redis, and how an entry's fields are its headers and its value.
//!
//! An entry is a list of fields: names and values in order, both any bytes, names more than once. Which of them
//! are headers and which are the value is said by [`EntryForm`], so that the very same entry can be written again
//! (`input/sources/redis/fields`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An entry of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisPlace {
    pub stream: String,
    pub entry: EntryId,
    pub form: EntryForm,
    /// Positions of the first headers among all fields; those not told here follow the value's fields.
    pub headers_at: Vec<usize>,
    /// Set where it was read as delivered to a group and not acknowledged.
    pub pending: Option<Pending>,
}

impl RedisPlace {
    /// The header at this place among the headers is taken off: the other fields stay in their order.
    pub fn forget_header(&mut self, at: usize) {
        if at < self.headers_at.len() {
            self.headers_at.remove(at);
            self.headers_at.iter_mut().skip(at).for_each(|position| *position = position.saturating_sub(1));
        }
    }
}

/// Which fields make the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EntryForm {
    /// This one; all others are headers.
    Field(String),
    /// All that are no headers, as members of a JSON object. A text that is a JSON number, truth value, object or
    /// list stands in it as such, any other as a string.
    #[default]
    Object,
    /// All that are no headers, as a JSON list of pairs of the forms that headers have: where names occur twice or
    /// something is no text.
    Pairs,
}

/// What a consumer group says of an entry that it has not acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub group: String,
    pub consumer: String,
    /// How often it was delivered.
    pub deliveries: u64,
    /// Since the last time, when it was read.
    pub idle_ms: u64,
    /// The last time, in milliseconds since 1970 of the server's clock.
    pub delivered_ms: u64,
}

/// `1771237800123-0`: milliseconds since 1970 where the server made it, and a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    pub ms: u64,
    pub seq: u64,
}

impl EntryId {
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    /// The smallest one after it; none after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(Self { seq, ..self }),
            None => Some(Self { ms: self.ms.checked_add(1)?, seq: 0 }),
        }
    }

    /// The largest one before it; none before the first.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(Self { seq, ..self }),
            None => Some(Self { ms: self.ms.checked_sub(1)?, seq: u64::MAX }),
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

impl FromStr for EntryId {
    type Err = ();

    /// Without the second number it is the first of its millisecond.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(())
        };
        let (ms, seq) = text.split_once('-').unwrap_or((text, "0"));
        Ok(Self { ms: number(ms)?, seq: number(seq)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_are_taken_off_leave_the_others_where_they_are() {
        // h0 v h2 h3 v: without h2 it is h0 v h3 v.
        let mut place = RedisPlace { headers_at: vec![0, 2, 3], ..RedisPlace::default() };
        place.forget_header(7);
        place.forget_header(1);
        assert_eq!(place.headers_at, [0, 2]);
        place.forget_header(0);
        assert_eq!(place.headers_at, [1]);
    }

    #[test]
    fn ids_are_read_and_counted() {
        let id = |text: &str| text.parse::<EntryId>();
        assert_eq!(id("1771237800123-7"), Ok(EntryId { ms: 1_771_237_800_123, seq: 7 }));
        assert_eq!(id("5").map(|id| id.to_string()), Ok("5-0".to_owned()));
        for wrong in ["", "-", "5-", "+5-1", "5-1-1", "99999999999999999999-0", "*"] {
            assert_eq!(id(wrong), Err(()), "{wrong}");
        }
        let last = EntryId { ms: 5, seq: u64::MAX };
        assert_eq!((last.next(), EntryId::MAX.next()), (Some(EntryId { ms: 6, seq: 0 }), None));
        assert_eq!((EntryId { ms: 6, seq: 0 }.before(), EntryId::default().before()), (Some(last), None));
    }
}
