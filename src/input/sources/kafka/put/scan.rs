//! A bounded look behind noted ends of partitions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};

use super::super::client::{self, Reader};
use super::super::config;
use super::failed;
use crate::input::sources::broker::Url;
use crate::input::sources::outlet::ID_HEADER;
use crate::model::error::{Error, Result};

/// Which messages are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    All,
    /// Up to the first transaction that is open now.
    Committed,
    /// Committed ones up to the present end: what is open now is waited for. An end is told where the first
    /// open transaction begins, so without waiting what was committed behind it would seem absent.
    Settled,
}

const UNCOMMITTED: &str = "read_uncommitted";

/// What lies behind the ends.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Places by requeue id.
    pub found: BTreeMap<String, String>,
    /// Why what was not found may be there all the same.
    pub lacks: Option<String>,
}

/// Longest look; a topic may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Most messages that are looked at.
const MOST: u64 = 5_000_000;

/// Requeue ids from these places up to the present ends.
///
/// # Errors
/// When the cluster cannot be asked.
pub(super) fn ids(url: &Url, starts: &[(String, i32, i64)], view: View, quiet: Duration) -> Result<Scan> {
    let mut found = BTreeMap::new();
    let lacks = Scanner::new(url, view)?.each(starts, quiet, |message| {
        for id in ids_of(message) {
            found.insert(id, format!("{}/{}@{}", message.topic(), message.partition(), message.offset()));
        }
    })?;
    Ok(Scan { found, lacks })
}

fn ids_of(message: &BorrowedMessage<'_>) -> Vec<String> {
    let headers = message.headers().map(|headers| headers.iter().collect::<Vec<_>>()).unwrap_or_default();
    let ours = headers.into_iter().filter(|header| header.key == ID_HEADER);
    ours.filter_map(|header| String::from_utf8(header.value?.to_vec()).ok()).collect()
}

/// A client that looks. Who looks often keeps it: connecting takes longer than most looks.
pub(super) struct Scanner {
    url: Url,
    view: View,
    reader: Reader,
}

impl Scanner {
    /// # Errors
    /// When a certificate or key cannot be used.
    pub(super) fn new(url: &Url, view: View) -> Result<Self> {
        let mut config = config::reader(url)?;
        config.set("isolation.level", if view == View::All { UNCOMMITTED } else { "read_committed" });
        // An end is told when a fetch comes back empty.
        config.set("fetch.wait.max.ms", "5");
        Ok(Self { url: url.clone(), view, reader: client::reader(url, &config)? })
    }

    /// Shows all messages from these places on until the ends are reached and `quiet` has passed. Why some were
    /// not seen, if so.
    ///
    /// # Errors
    /// When the cluster cannot be asked.
    pub(super) fn each(
        &self,
        starts: &[(String, i32, i64)],
        quiet: Duration,
        mut show: impl FnMut(&BorrowedMessage<'_>),
    ) -> Result<Option<String>> {
        // An end is told with the partition's number alone, so topics are read one after another.
        let mut topics: BTreeMap<&str, Vec<(i32, i64)>> = BTreeMap::new();
        for (topic, partition, start) in starts {
            topics.entry(topic).or_default().push((*partition, *start));
        }
        for (topic, starts) in topics {
            if self.view == View::Settled && !is_settled(&self.url, topic, &starts, &self.reader)? {
                return Ok(Some("a transaction of somebody else stays open in it".to_owned()));
            }
            let mut places = TopicPartitionList::new();
            for (partition, start) in &starts {
                places
                    .add_partition_offset(topic, *partition, offset_of(*start))
                    .map_err(|cause| self.wrong(&cause))?;
            }
            self.reader.assign(&places).map_err(|cause| self.wrong(&cause))?;
            let lacks = self.topic_from(&starts, quiet, &mut show);
            // Nothing is fetched between two looks.
            self.reader.unassign().map_err(|cause| self.wrong(&cause))?;
            if lacks.is_some() {
                return Ok(lacks);
            }
        }
        Ok(None)
    }

    fn topic_from(
        &self,
        starts: &[(i32, i64)],
        quiet: Duration,
        show: &mut impl FnMut(&BorrowedMessage<'_>),
    ) -> Option<String> {
        let mut open: BTreeSet<i32> = starts.iter().map(|(partition, _)| *partition).collect();
        let (started, mut seen, mut quiet_since) = (Instant::now(), 0_u64, None::<Instant>);
        loop {
            if started.elapsed() > PATIENCE {
                return Some("the topic is too busy, or a transaction in it stays open".to_owned());
            }
            match self.reader.poll(Duration::from_millis(50)) {
                Some(Ok(message)) => {
                    seen += 1;
                    if seen > MOST {
                        return Some("too many messages have come since".to_owned());
                    }
                    show(&message);
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(cause)) if is_lost(&cause) => {
                    return Some(format!("a part of the topic is gone: {cause}"));
                }
                // Connections come back.
                Some(Err(_)) | None => {}
            }
            if open.is_empty() {
                let since = *quiet_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= quiet {
                    return None;
                }
            }
        }
    }

    fn wrong(&self, cause: &KafkaError) -> Error {
        failed(&self.url, "The topics cannot be read", cause)
    }
}

/// Waits until all that was begun before now has ended.
fn is_settled(url: &Url, topic: &str, starts: &[(i32, i64)], committed: &Reader) -> Result<bool> {
    let wrong = |cause: KafkaError| failed(url, "A partition's end is not told", cause);
    let mut config = config::reader(url)?;
    config.set("isolation.level", UNCOMMITTED);
    let all = client::reader(url, &config)?;
    let started = Instant::now();
    for (partition, _) in starts {
        let (_, end) = all.fetch_watermarks(topic, *partition, super::PATIENCE).map_err(wrong)?;
        while committed.fetch_watermarks(topic, *partition, super::PATIENCE).map_err(wrong)?.1 < end {
            if started.elapsed() > PATIENCE {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(true)
}

fn is_lost(cause: &KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    matches!(
        cause.rdkafka_error_code(),
        Some(Code::OffsetOutOfRange | Code::AutoOffsetReset | Code::UnknownTopicOrPartition | Code::UnknownPartition)
    )
}

/// From the first message that is there.
pub(super) const BEGINNING: i64 = -1;

fn offset_of(start: i64) -> Offset {
    if start == BEGINNING { Offset::Beginning } else { Offset::Offset(start) }
}
