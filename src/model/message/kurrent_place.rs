//! Where an event lies in KurrentDB (EventStoreDB), and what the store itself says of it.
//!
//! Source: the protocol's `streams.proto` (`RecordedEvent`, `ReadEvent`) and the server's documentation on streams
//! and metadata.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An event of a stream. Its data is the message's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KurrentPlace {
    pub stream: String,
    /// Counts the stream's events from 0.
    pub revision: u64,
    /// A UUID.
    pub event_id: String,
    pub event_type: String,
    /// In the log of all streams; unknown to old servers where a single stream is read.
    pub position: Option<LogPosition>,
    /// `application/json`, `application/octet-stream`; empty where the store does not say.
    pub content_type: String,
    /// RFC 3339, with all digits that the store has; empty where it does not say.
    pub created: String,
    /// What else the store says of it, by its own names.
    pub system: BTreeMap<String, String>,
    /// The metadata that its writer gave it, byte for byte; none where it is empty.
    pub metadata: Option<Vec<u8>>,
    /// Set where it was read through a link to it.
    pub link: Option<Box<KurrentLink>>,
}

/// A link (`$>`) that leads to an event: in `$ce-…` streams, and in those of parked messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KurrentLink {
    pub stream: String,
    pub revision: u64,
    pub event_id: String,
    pub created: String,
    /// A parked message's reason is in it.
    pub metadata: Option<Vec<u8>>,
}

/// `C:5120/P:5008`: where a transaction was committed in the log, and where the event was prepared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    pub commit: u64,
    pub prepare: u64,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C:{}/P:{}", self.commit, self.prepare)
    }
}

impl FromStr for LogPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(())
        };
        let (commit, prepare) = text.strip_prefix("C:").and_then(|rest| rest.split_once("/P:")).ok_or(())?;
        Ok(Self { commit: number(commit)?, prepare: number(prepare)? })
    }
}

impl KurrentPlace {
    /// Where it was read: the stream of the link, where it was read through one.
    #[must_use]
    pub fn read_from(&self) -> (&str, u64) {
        match &self.link {
            Some(link) => (&link.stream, link.revision),
            None => (&self.stream, self.revision),
        }
    }

    /// The content type, if it is asked for.
    #[must_use]
    pub fn said(&self, names: [&str; 2]) -> Option<&str> {
        names.contains(&"content-type").then_some(self.content_type.as_str()).filter(|text| !text.is_empty())
    }

    /// The persistent subscription whose parked message it is.
    #[must_use]
    pub fn parked(&self) -> Option<(&str, &str)> {
        parked(self.read_from().0)
    }
}

const PARKED: (&str, &str) = ("$persistentsubscription-", "-parked");

/// The stream of a persistent subscription's parked messages.
#[must_use]
pub fn parked_stream(stream: &str, group: &str) -> String {
    format!("{}{stream}::{group}{}", PARKED.0, PARKED.1)
}

/// Stream and group of a persistent subscription whose parked messages this stream holds.
#[must_use]
pub fn parked(stream: &str) -> Option<(&str, &str)> {
    // Both names may hold the sign between them; in groups it is the rarer one.
    stream.strip_prefix(PARKED.0)?.strip_suffix(PARKED.1)?.rsplit_once("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position = LogPosition { commit: u64::MAX, prepare: 7 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "C:1", "C:1/P:", "C:-1/P:-1", "c:1/p:2", "C:1/P:2/", "C:99999999999999999999/P:1"] {
            assert_eq!(wrong.parse::<LogPosition>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn streams_of_parked_messages_tell_whose_they_are() {
        for (stream, group) in [("orders", "billing"), ("$all", "audit"), ("a::b", "c-parked")] {
            assert_eq!(parked(&parked_stream(stream, group)), Some((stream, group)));
        }
        for other in
            ["orders", "$persistentsubscription-orders::billing-checkpoint", "$persistentsubscription-a-parked"]
        {
            assert_eq!(parked(other), None, "{other}");
        }
    }
}
