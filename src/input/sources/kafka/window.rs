//! What is read of which topics: the options of an address that bound the reading before it starts.

use std::collections::BTreeSet;

use flate2::Crc;

use super::super::broker::options::{self, instant};
use super::super::broker::{Url, place};
use super::murmur2::murmur2;
use crate::model::error::{Error, Result};
use crate::model::filter::Pattern;

/// A part of some topics.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    /// Names and patterns (`orders*`).
    pub topics: Vec<String>,
    /// At most so many of the last ones, per partition.
    pub newest: Option<u64>,
    /// The first one read.
    pub from: Option<Bound>,
    /// The first one not read.
    pub to: Option<Bound>,
    pub partitions: Option<BTreeSet<i32>>,
    /// Only messages with this key.
    pub key: Option<Vec<u8>>,
    /// Only what comes from now on.
    pub live: bool,
    /// Leave out what belongs to transactions that were aborted or are open.
    pub committed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Offset(i64),
    /// Milliseconds since 1970, by the messages' own times.
    Time(i64),
}

impl Window {
    /// # Errors
    /// The option that is wrong.
    pub fn of(url: &Url) -> Result<Self> {
        let wrong = |what: String, next_step: &str| Error::new(what, place(url), next_step);
        if url.path.len() > 1 {
            return Err(wrong("A topic's name has no slash".to_owned(), "Write kafka://host/topic or topic1,topic2"));
        }
        let topics = url.path.first().map_or_else(Vec::new, |names| options::names(names));
        let valid = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | '*');
        if let Some(name) = topics.iter().find(|name| !name.chars().all(valid)) {
            let next_step = "Topics have letters, digits, dots, dashes and underscores; * stands for any";
            return Err(wrong(format!("{name} cannot be a topic"), next_step));
        }
        let bound = |name: &str| match url.option(name) {
            None => Ok(None),
            Some(text) => Bound::parse(text).map(Some).ok_or_else(|| {
                let next_step = "Write an offset (1041), a time (2026-02-16T10:00Z) or how long ago (2h)";
                wrong(format!("{name}={text} is neither an offset nor a time"), next_step)
            }),
        };
        let partitions = match url.option("partition") {
            None => None,
            Some(text) => {
                match text.split(',').map(|number| number.trim().parse().ok().filter(|n| *n >= 0)).collect() {
                    Some(numbers) => Some(numbers),
                    None => return Err(wrong(format!("partition={text} is no number"), "Write it like partition=0,3")),
                }
            }
        };
        let committed = match url.option("isolation") {
            None | Some("committed") => true,
            Some("uncommitted") => false,
            Some(other) => {
                return Err(wrong(format!("isolation={other} is not known"), "It is committed or uncommitted"));
            }
        };
        Ok(Self {
            topics,
            newest: options::count(url, "newest")?,
            from: bound("from")?,
            to: bound("to")?,
            partitions,
            key: url.option("key").map(|key| key.as_bytes().to_vec()),
            live: options::live(url, ["newest", "from", "to"])?,
            committed,
        })
    }

    /// Whether a topic is meant. Patterns leave out the topics that Kafka keeps for itself.
    pub fn takes(&self, topic: &str) -> bool {
        self.topics.iter().any(|pattern| Self::names(pattern, topic))
    }

    pub fn names(pattern: &str, topic: &str) -> bool {
        if pattern.contains('*') {
            !topic.starts_with("__") && Pattern::with_stars(pattern).matches(topic)
        } else {
            pattern == topic
        }
    }

    /// Which partitions of a topic that has `count` are read: those of the wanted key alone, if there is one.
    pub fn chosen(&self, count: i32) -> Vec<i32> {
        let all = 0..count;
        match (&self.partitions, &self.key) {
            (Some(wanted), _) => all.filter(|partition| wanted.contains(partition)).collect(),
            (None, Some(key)) if count > 0 => {
                let found: BTreeSet<i32> = [java_partition(key, count), librdkafka_partition(key, count)].into();
                found.into_iter().collect()
            }
            (None, _) => all.collect(),
        }
    }

    pub fn takes_key(&self, key: Option<&[u8]>) -> bool {
        self.key.as_deref().is_none_or(|wanted| key == Some(wanted))
    }
}

impl Bound {
    fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::Offset);
        }
        instant(text).map(|time| Self::Time(time.0.div_euclid(1_000_000)))
    }
}

/// Where Java's producer puts a key.
pub(super) fn java_partition(key: &[u8], count: i32) -> i32 {
    (murmur2(key) & i32::MAX) % count
}

/// Where librdkafka's producer puts one, if nobody told it to do as Java (`consistent_random`, its usual way):
/// <https://github.com/confluentinc/librdkafka/blob/v2.12.1/src/rdkafka_msg.c>. Clients in C, Python, Go
/// and .NET stand on it.
fn librdkafka_partition(key: &[u8], count: i32) -> i32 {
    let mut crc = Crc::new();
    crc.update(key);
    (crc.sum() % count.unsigned_abs()) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::broker::testing::{refused, right};

    fn window(text: &str) -> Window {
        right(Window::of, text)
    }

    #[test]
    fn options_are_read() {
        let all = window("kafka://a/orders,pay*");
        assert_eq!((all.topics.len(), all.newest, all.from, all.committed, all.live), (2, None, None, true, false));
        let some = window("kafka://a/t?newest=1_000&partition=1,3&key=k&isolation=uncommitted");
        assert_eq!((some.newest, some.committed, some.chosen(4)), (Some(1000), false, vec![1, 3]));
        assert!(some.takes_key(Some(b"k")) && !some.takes_key(None));
        assert_eq!(window("kafka://a/t?from=7").from, Some(Bound::Offset(7)));
        assert_eq!(window("kafka://a/t?to=2026-02-16T10:30:00.5Z").to, Some(Bound::Time(1_771_237_800_500)));
        assert!(matches!(window("kafka://a/t?from=2h").from, Some(Bound::Time(_))));
        assert!(window("kafka://a/t?live").live);
    }

    #[test]
    fn wrong_ones_are_said() {
        let cases = [
            ("kafka://a/x/y", "slash"),
            ("kafka://a/caf%C3%A9", "cannot be a topic"),
            ("kafka://a/t?newest=many", "newest=many"),
            ("kafka://a/t?newest=0", "newest=0"),
            ("kafka://a/t?from=then", "neither an offset nor a time"),
            ("kafka://a/t?partition=-1", "partition=-1"),
            ("kafka://a/t?isolation=none", "isolation=none"),
            ("kafka://a/t?live&from=3", "live reads only"),
        ];
        refused(Window::of, &cases);
    }

    #[test]
    fn patterns_leave_out_kafka_s_own() {
        let window = window("kafka://a/orders*,__consumer_offsets,*-dlt");
        for (topic, taken) in [
            ("orders", true),
            ("orders.v2", true),
            ("x-dlt", true),
            ("order", false),
            ("__consumer_offsets", true),
            ("__orders-dlt", false),
        ] {
            assert_eq!(window.takes(topic), taken, "{topic}");
        }
    }

    #[test]
    fn a_key_is_looked_for_where_either_client_puts_it() {
        assert_eq!(window("kafka://a/t?key=order-456").chosen(1), [0]);
        let chosen = window("kafka://a/t?key=order-456").chosen(12);
        assert!(chosen.contains(&java_partition(b"order-456", 12)) && chosen.len() <= 2, "{chosen:?}");
        // rd_crc32("123456789"), the usual check value.
        assert_eq!(librdkafka_partition(b"123456789", i32::MAX), (0xCBF4_3926_u32 % i32::MAX.unsigned_abs()) as i32);
    }
}
