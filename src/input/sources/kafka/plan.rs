//! Which offsets of which partitions a window means, asked before anything is read: where partitions begin
//! and end, and which offsets lie at which times.

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::broker::reading::THEN;
use super::super::broker::{Url, place};
use super::client::{Connected, PATIENCE, Reader};
use super::window::{Bound, Window};
use crate::base::text::{count, one_edit, plural};
use crate::model::error::{Error, Result};

/// A partition and what is read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub topic: Arc<str>,
    pub partition: i32,
    /// The first offset read.
    pub start: i64,
    /// The first one after the window. Grows where the source is followed.
    pub end: i64,
}

/// What is read, and what cannot be.
#[derive(Debug)]
pub(super) struct Plan {
    pub parts: Vec<Part>,
    pub warnings: Vec<Error>,
}

type Key = (Arc<str>, i32);

impl Plan {
    /// # Errors
    /// When no topic fits, or nothing of what fits can be read.
    pub fn make(url: &Url, window: &Window, connected: &Connected) -> Result<Self> {
        let (keys, mut warnings) = partitions(url, window, connected)?;
        let Marks { low, high, failed } = Marks::ask(url, &connected.reader, &keys)?;
        for ((topic, partition), code) in &failed {
            let what = format!("Partition {partition} of {topic} cannot be read");
            warnings.push(Error::new(what, place(url), next_step(*code)).because(code));
        }
        let times = |bound: Option<Bound>| match bound {
            Some(Bound::Time(ms)) => at_times(url, &connected.reader, &low, ms),
            _ => Ok(BTreeMap::new()),
        };
        let (from_times, to_times) = (times(window.from)?, times(window.to)?);
        let mut parts = Vec::new();
        for (key, low) in &low {
            let Some(high) = high.get(key) else { continue };
            let at = |bound: Option<Bound>, times: &BTreeMap<Key, i64>, otherwise: i64| match bound {
                None => otherwise,
                Some(Bound::Offset(offset)) => offset,
                // No message is that late.
                Some(Bound::Time(_)) => times.get(key).copied().unwrap_or(*high),
            };
            let end = at(window.to, &to_times, *high).clamp(*low, *high);
            let mut start = at(window.from, &from_times, *low).clamp(*low, end);
            if let Some(newest) = window.newest {
                start = start.max(end.saturating_sub_unsigned(newest));
            }
            if window.live {
                start = end;
            }
            parts.push(Part { topic: Arc::clone(&key.0), partition: key.1, start, end });
        }
        match warnings.first() {
            Some(first) if parts.is_empty() => Err(first.clone()),
            _ => Ok(Self { parts, warnings }),
        }
    }

    /// Offsets in the window: at most so many messages.
    pub fn offsets(&self) -> u64 {
        self.parts.iter().map(|part| part.end.abs_diff(part.start)).sum()
    }

    /// `Kafka, topic orders, 1,041 offsets in 3 partitions`
    pub fn describe(&self, window: &Window, follow: bool) -> String {
        let mut topics: Vec<&str> = self.parts.iter().map(|part| &*part.topic).collect();
        topics.dedup();
        let named = match topics.as_slice() {
            [one] => format!("topic {one}"),
            several => format!("{} topics", several.len()),
        };
        let partitions = plural(self.parts.len() as u64, "partition", "partitions");
        let read = if window.live {
            format!("from now on in {partitions}")
        } else {
            format!("{} offsets in {partitions}", count(self.offsets()))
        };
        let only = match &window.key {
            Some(key) => format!(", only the key {}", String::from_utf8_lossy(key)),
            None => String::new(),
        };
        let then = if follow && !window.live { THEN } else { "" };
        format!("Kafka, {named}, {read}{only}{then}")
    }
}

/// The partitions of all topics that fit.
fn partitions(url: &Url, window: &Window, connected: &Connected) -> Result<(Vec<Key>, Vec<Error>)> {
    let topics = connected.metadata.topics();
    let mut keys = Vec::new();
    let mut warnings = Vec::new();
    for topic in topics.iter().filter(|topic| window.takes(topic.name())) {
        if let Some(code) = topic.error().map(RDKafkaErrorCode::from) {
            let what = format!("The topic {} cannot be read", topic.name());
            warnings.push(Error::new(what, place(url), next_step(code)).because(code));
            continue;
        }
        let name: Arc<str> = topic.name().into();
        let numbers = topic.partitions().len() as i32;
        let chosen = window.chosen(numbers);
        if let Some(wanted) = &window.partitions
            && let Some(missing) = wanted.iter().find(|partition| **partition >= numbers)
        {
            let next_step = format!("It has partitions 0 to {}", numbers - 1);
            warnings.push(Error::new(format!("{name} has no partition {missing}"), place(url), next_step));
        }
        keys.extend(chosen.into_iter().map(|partition| (Arc::clone(&name), partition)));
    }
    let taken = |wanted: &&String| topics.iter().any(|topic| Window::names(wanted, topic.name()));
    for wanted in window.topics.iter().filter(|wanted| !taken(wanted)) {
        warnings.push(missing(url, wanted, topics));
    }
    if window.topics.is_empty() {
        return Err(Error::new("The address names no topic", place(url), there_are(topics, "")));
    }
    match warnings.first() {
        Some(first) if keys.is_empty() => Err(first.clone()),
        _ => Ok((keys, warnings)),
    }
}

fn missing(url: &Url, wanted: &str, topics: &[MetadataTopic]) -> Error {
    let what = if wanted.contains('*') {
        format!("No topic fits {wanted}")
    } else {
        format!("There is no topic {wanted} that you may see")
    };
    Error::new(what, place(url), there_are(topics, wanted))
}

/// Topics to choose from: those that look like `wanted`, else the first few.
fn there_are(topics: &[MetadataTopic], wanted: &str) -> String {
    let mut names: Vec<&str> = topics.iter().map(MetadataTopic::name).filter(|name| !name.starts_with("__")).collect();
    names.sort_unstable();
    let bare = wanted.trim_matches('*').to_lowercase();
    let near = |name: &&str| {
        let name = name.to_lowercase();
        !bare.is_empty() && (one_edit(&bare, &name) || name.contains(&bare) || bare.contains(name.as_str()))
    };
    let alike: Vec<&str> = names.iter().copied().filter(near).take(SHOWN).collect();
    match (alike.is_empty(), names.as_slice()) {
        (false, _) => format!("Did you mean {}?", alike.join(" or ")),
        (true, []) => "The cluster shows no topics to this user".to_owned(),
        (true, names) => {
            let shown = names.get(..SHOWN.min(names.len())).unwrap_or_default().join(", ");
            let more = names.len().saturating_sub(SHOWN);
            let and = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("There are {shown}{and}")
        }
    }
}

const SHOWN: usize = 6;

/// Where partitions begin and end now.
pub(super) struct Marks {
    pub low: BTreeMap<Key, i64>,
    /// The last stable offset where only what is committed is read.
    pub high: BTreeMap<Key, i64>,
    pub failed: Vec<(Key, RDKafkaErrorCode)>,
}

impl Marks {
    /// # Errors
    /// When the cluster does not answer.
    pub fn ask(url: &Url, reader: &Reader, keys: &[Key]) -> Result<Self> {
        let (low, mut failed) = ask(url, reader, keys.iter(), Offset::Beginning)?;
        let (high, more) = ask(url, reader, low.keys(), Offset::End)?;
        failed.extend(more);
        Ok(Self { low, high, failed })
    }
}

/// The first offset at or after a time; a partition without one is left out.
fn at_times(url: &Url, reader: &Reader, parts: &BTreeMap<Key, i64>, ms: i64) -> Result<BTreeMap<Key, i64>> {
    let (found, _) = ask(url, reader, parts.keys(), Offset::Offset(ms.max(0)))?;
    Ok(found)
}

type Answers = (BTreeMap<Key, i64>, Vec<(Key, RDKafkaErrorCode)>);

/// One question to each leader for all of its partitions. The protocol has logical offsets among the times.
fn ask<'k>(url: &Url, reader: &Reader, keys: impl Iterator<Item = &'k Key>, at: Offset) -> Result<Answers> {
    let failed = |cause: KafkaError| {
        Error::new("The cluster does not say where partitions begin and end", place(url), "Try again").because(cause)
    };
    let mut list = TopicPartitionList::new();
    for (topic, partition) in keys {
        list.add_partition_offset(topic, *partition, at).map_err(failed)?;
    }
    if list.count() == 0 {
        return Ok(Answers::default());
    }
    let list = reader.offsets_for_times(list, PATIENCE).map_err(failed)?;
    let (mut found, mut refused) = Answers::default();
    for answer in list.elements() {
        let key = (Arc::from(answer.topic()), answer.partition());
        match (answer.error(), answer.offset()) {
            (Err(error), _) => {
                refused.push((key, error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)));
            }
            (Ok(()), Offset::Offset(offset)) => {
                found.insert(key, offset);
            }
            (Ok(()), _) => {}
        }
    }
    Ok((found, refused))
}

/// What a person does about it.
pub(super) fn next_step(code: RDKafkaErrorCode) -> &'static str {
    match code {
        RDKafkaErrorCode::TopicAuthorizationFailed => "Ask for the right to read it, or log in as somebody who has it",
        RDKafkaErrorCode::LeaderNotAvailable | RDKafkaErrorCode::NotLeaderForPartition => {
            "It has no leader now: wait until its brokers are up, and read again"
        }
        RDKafkaErrorCode::UnknownTopicOrPartition
        | RDKafkaErrorCode::UnknownTopic
        | RDKafkaErrorCode::UnknownPartition => "It may have been deleted; read again",
        _ => "Read again",
    }
}
