//! What a cluster holds: topics with how much is in them and how long it stays, and who reads them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, OwnedResourceSpecifier, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::Consumer;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::broker::{Overview, PlaceInfo, Reader as GroupReader, Url, reading};
use super::client::{PATIENCE, Reader, connect, reader};
use super::config;
use super::plan::Marks;
use super::token;
use crate::base::cancel::Cancel;
use crate::base::text::{bytes, duration_ns, plural};
use crate::model::error::Result;
use crate::model::message::is_dead_letter_name;

/// Longest that groups are asked for their offsets, one after another.
const GROUPS_TIME: Duration = Duration::from_secs(15);

type Key = (Arc<str>, i32);

/// # Errors
/// When there is no connection.
pub(super) fn overview(url: &Url, cancel: &Cancel) -> Result<Overview> {
    let config = config::reader(url)?;
    let connected = connect(url, &config, cancel)?;
    let reader = &connected.reader;
    let topics = connected.metadata.topics();
    let keys: Vec<Key> = topics
        .iter()
        .flat_map(|topic| {
            let name: Arc<str> = topic.name().into();
            (0..topic.partitions().len() as i32).map(move |partition| (Arc::clone(&name), partition))
        })
        .collect();
    let mut notes = vec!["Kafka's own interface for clients does not tell how many bytes a topic takes".to_owned()];
    let marks = Marks::ask(url, reader, &keys)?;
    if !marks.failed.is_empty() {
        let failed = plural(marks.failed.len() as u64, "partition", "partitions");
        notes.push(format!("{failed} could not be asked: no leader, or no right to read"));
    }
    let names: Vec<&str> = topics.iter().map(rdkafka::metadata::MetadataTopic::name).collect();
    let mut kept = keeping(&config, &names).unwrap_or_else(|why| {
        notes.push(format!("How long topics keep messages is not told: {why}"));
        BTreeMap::new()
    });
    let mut readers = groups(url, &config, reader, &keys, &marks.high, cancel, &mut notes);
    let mut places: Vec<PlaceInfo> = topics
        .iter()
        .map(|topic| {
            let name = topic.name();
            let of_topic = |(key, low): (&Key, &i64)| {
                (*key.0 == *name).then(|| marks.high.get(key).map(|high| high.abs_diff(*low))).flatten()
            };
            PlaceInfo {
                name: name.to_owned(),
                url: topic_url(url, name),
                messages: topic.error().is_none().then(|| marks.low.iter().filter_map(of_topic).sum()),
                bytes: None,
                partitions: Some(topic.partitions().len() as u32),
                keeps: kept.remove(name).unwrap_or_default(),
                readers: readers.remove(name).unwrap_or_default(),
                dead_letters: is_dead_letter_name(name),
                internal: name.starts_with("__"),
            }
        })
        .collect();
    places.sort_by(|a, b| a.name.cmp(&b.name));
    let brokers = plural(connected.metadata.brokers().len() as u64, "broker", "brokers");
    let system = match reader.client().fetch_cluster_id(Duration::from_secs(2)) {
        Some(cluster) => format!("Kafka, {brokers}, cluster {cluster}"),
        None => format!("Kafka, {brokers}"),
    };
    Ok(Overview { system, places, notes })
}

/// The address with another topic, without what bounds the reading.
fn topic_url(url: &Url, topic: &str) -> String {
    Url { path: vec![topic.to_owned()], query: reading::left_out(url), password: None, ..url.clone() }.to_string()
}

/// In words, by topic; else why not.
fn keeping(config: &ClientConfig, topics: &[&str]) -> std::result::Result<BTreeMap<String, String>, String> {
    // Its client serves no events, and a token is asked for by one.
    if config.get("sasl.mechanism") == Some(token::MECHANISM) {
        return Err("it cannot be asked for with a login by token".to_owned());
    }
    let admin: AdminClient<DefaultClientContext> = config.create().map_err(|cause| cause.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|cause| cause.to_string())?;
    let asked: Vec<ResourceSpecifier<'_>> = topics.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
    let options = AdminOptions::new().request_timeout(Some(PATIENCE));
    let answers = runtime.block_on(admin.describe_configs(&asked, &options)).map_err(|cause| cause.to_string())?;
    let mut kept = BTreeMap::new();
    for answer in answers {
        let resource = answer.map_err(|code| code.to_string())?;
        if let OwnedResourceSpecifier::Topic(name) = &resource.specifier {
            kept.insert(name.clone(), in_words(&resource));
        }
    }
    Ok(kept)
}

fn in_words(resource: &ConfigResource) -> String {
    let value = |name: &str| resource.get(name).and_then(|entry| entry.value.clone()).unwrap_or_default();
    let number = |name: &str| value(name).parse::<i64>().ok().filter(|number| *number >= 0);
    let policy = value("cleanup.policy");
    let mut words = Vec::new();
    if policy.contains("compact") {
        words.push("compacted".to_owned());
    }
    if policy.contains("delete") {
        words
            .push(number("retention.ms").map_or("for ever".to_owned(), |ms| duration_ns(ms.saturating_mul(1_000_000))));
        if let Some(most) = number("retention.bytes") {
            words.push(format!("at most {} a partition", bytes(most as u64)));
        }
    }
    words.join(", ")
}

/// Consumer groups by the topics that they have offsets in. Groups are only asked, never joined.
fn groups(
    url: &Url,
    config: &ClientConfig,
    reader: &Reader,
    keys: &[Key],
    high: &BTreeMap<Key, i64>,
    cancel: &Cancel,
    notes: &mut Vec<String>,
) -> BTreeMap<String, Vec<GroupReader>> {
    let mut readers: BTreeMap<String, Vec<GroupReader>> = BTreeMap::new();
    let list = match reader.fetch_group_list(None, PATIENCE) {
        Ok(list) => list,
        Err(cause) => {
            notes.push(format!("Consumer groups are not told: {cause}"));
            return readers;
        }
    };
    let started = Instant::now();
    let mut left_out = 0;
    for group in list.groups() {
        if started.elapsed() > GROUPS_TIME || cancel.is_cancelled() {
            left_out += 1;
            continue;
        }
        match committed(url, config, group.name(), keys) {
            Ok(offsets) => {
                for (topic, lag) in lags(&offsets, high) {
                    readers.entry(topic.to_string()).or_default().push(GroupReader {
                        name: group.name().to_owned(),
                        members: group.members().len() as u32,
                        lag: Some(lag),
                        state: group.state().to_owned(),
                    });
                }
            }
            Err(cause) => notes.push(format!("What the group {} has read is not told: {cause}", group.name())),
        }
    }
    if left_out > 0 {
        notes.push(format!(
            "{} not asked for want of time",
            plural(left_out, "consumer group was", "consumer groups were")
        ));
    }
    readers
}

/// The group's offsets, by a client that has its name and does not join it.
fn committed(
    url: &Url,
    config: &ClientConfig,
    group: &str,
    keys: &[Key],
) -> std::result::Result<BTreeMap<Key, i64>, String> {
    let mut config = config.clone();
    let asker = reader(url, config.set("group.id", group)).map_err(|error| error.to_string())?;
    let mut list = TopicPartitionList::new();
    for (topic, partition) in keys {
        list.add_partition(topic, *partition);
    }
    let list = asker.committed_offsets(list, Duration::from_secs(5)).map_err(|cause| cause.to_string())?;
    let offset = |offset| match offset {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    };
    let known = list.elements().into_iter();
    Ok(known.filter_map(|one| Some(((Arc::from(one.topic()), one.partition()), offset(one.offset())?))).collect())
}

/// Messages not read yet, by topic.
fn lags(offsets: &BTreeMap<Key, i64>, high: &BTreeMap<Key, i64>) -> BTreeMap<Arc<str>, u64> {
    let mut lags = BTreeMap::new();
    for (key, offset) in offsets {
        let left = high.get(key).map_or(0, |high| high.saturating_sub(*offset).max(0) as u64);
        *lags.entry(Arc::clone(&key.0)).or_default() += left;
    }
    lags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_counted_over_the_partitions_that_a_group_reads() {
        let map = |entries: &[(&str, i32, i64)]| -> BTreeMap<Key, i64> {
            entries.iter().map(|(topic, partition, offset)| ((Arc::from(*topic), *partition), *offset)).collect()
        };
        let high = map(&[("a", 0, 10), ("a", 1, 20), ("b", 0, 5)]);
        let found = lags(&map(&[("a", 0, 4), ("a", 1, 20), ("gone", 0, 3)]), &high);
        assert_eq!((found.get("a"), found.get("gone"), found.get("b")), (Some(&6), Some(&0), None));
    }

    #[test]
    fn addresses_of_topics_keep_the_way_there() {
        let url = Url::parse("kafka://me:pw@a:1/x?newest=5&sasl=plain").expect("an address");
        assert_eq!(topic_url(&url, "orders"), "kafka://me@a:1/orders?sasl=plain");
    }
}
