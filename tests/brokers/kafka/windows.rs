//! Windows: what an address leaves out, and what comes after it was opened.

use std::collections::BTreeMap;
use std::time::Duration;

use eventglass::input::open::{OpenOptions, Opened};
use eventglass::input::sources::follow::Change;
use eventglass::model::message::{Message, Place, TimestampKind};
use rdkafka::admin::AdminOptions;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::{Sent, address, open_with, records, server, wait_for};
use crate::program::run;

/// Topic, partition and offset of each message.
fn places(messages: &[Message]) -> Vec<(String, i32, i64)> {
    let place = |message: &Message| match &message.place {
        Place::Kafka { topic, partition, offset } => (topic.clone(), *partition, *offset),
        other => panic!("{other:?} is no place in Kafka"),
    };
    let mut places: Vec<_> = messages.iter().map(place).collect();
    places.sort();
    places
}

fn offsets(url: &str) -> BTreeMap<(String, i32), Vec<i64>> {
    let mut found: BTreeMap<_, Vec<i64>> = BTreeMap::new();
    for (topic, partition, offset) in places(&records(url)) {
        found.entry((topic, partition)).or_default().push(offset);
    }
    found
}

/// Times of the messages that [`fill`] writes: one a second.
const FIRST_MS: i64 = 1_771_236_000_000;

fn fill(topic: &str, partitions: i32, each: i64) {
    let server = server();
    server.topic(topic, partitions, &[]);
    let values: Vec<String> = (0..each).map(|i| format!(r#"{{"type":"Counted","n":{i}}}"#)).collect();
    let messages: Vec<Sent<'_>> = (0..partitions)
        .flat_map(|partition| {
            values
                .iter()
                .zip(0..)
                .map(move |(value, i)| Sent { ms: Some(FIRST_MS + i * 1000), ..Sent::json(partition, "k", value) })
        })
        .collect();
    server.write(topic, &messages);
}

#[test]
fn windows_are_exact() {
    let server = server();
    fill("windows", 3, 100);
    let all = |range: std::ops::Range<i64>| {
        (0..3)
            .map(|partition| (("windows".to_owned(), partition), range.clone().collect()))
            .collect::<BTreeMap<_, Vec<i64>>>()
    };
    for (options, range) in [
        ("", 0..100),
        ("?newest=10", 90..100),
        ("?newest=1000", 0..100),
        ("?from=95", 95..100),
        ("?to=5", 0..5),
        ("?from=20&to=30", 20..30),
        ("?from=20&to=30&newest=3", 27..30),
        ("?from=2026-02-16T10:01:30Z", 90..100),
        ("?from=2026-02-16T10:00:10Z&to=2026-02-16T10:00:12.500Z", 10..13),
        ("?to=2027-01-01", 0..100),
    ] {
        assert_eq!(offsets(&server.url(&format!("windows{options}"))), all(range), "{options}");
    }
    assert!(records(&server.url("windows?from=2027-01-01")).is_empty());
    let some = offsets(&server.url("windows?partition=0,2&newest=1"));
    assert_eq!(some.keys().map(|(_, partition)| *partition).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn several_topics_by_name_and_pattern() {
    let server = server();
    fill("several.a", 2, 3);
    fill("several.b", 1, 4);
    assert_eq!(records(&server.url("several.*")).len(), 10);
    assert_eq!(records(&server.url("several.a,several.b?newest=1")).len(), 3);
}

#[test]
fn a_key_is_found_where_its_producer_put_it() {
    let server = server();
    server.topic("keyed", 12, &[]);
    for partitioner in ["murmur2_random", "consistent_random"] {
        let producer = server.producer(&[("partitioner", partitioner)]);
        for key in 0..50 {
            let key = format!("order-{key}");
            let record = rdkafka::producer::BaseRecord::to("keyed").key(key.as_bytes()).payload(&b"{}"[..]);
            producer.send(record).map_err(|(e, _)| e).expect("it is taken");
        }
        producer.flush(Duration::from_secs(20)).expect("they arrive");
    }
    for key in ["order-0", "order-7", "order-31"] {
        let found = records(&server.url(&format!("keyed?key={key}")));
        assert_eq!(found.len(), 2, "{key}");
        assert!(found.iter().all(|message| message.key.as_deref() == Some(key.as_bytes())));
    }
}

fn transactional(id: &str) -> BaseProducer {
    let producer = server().producer(&[("transactional.id", id)]);
    producer.init_transactions(Duration::from_secs(30)).expect("transactions");
    producer
}

fn transaction(producer: &BaseProducer, topic: &str, n: usize) {
    producer.begin_transaction().expect("it begins");
    for _ in 0..n {
        producer.send(Sent::json(0, "k", r#"{"type":"T"}"#).record(topic)).map_err(|(e, _)| e).expect("it is taken");
    }
    producer.flush(Duration::from_secs(20)).expect("they arrive");
}

#[test]
fn aborted_and_open_transactions_are_left_out_and_reading_ends() {
    let server = server();
    server.topic("transacted", 1, &[]);
    let wait = Duration::from_secs(20);
    let producer = transactional("t1");
    transaction(&producer, "transacted", 5);
    producer.commit_transaction(wait).expect("committed");
    transaction(&producer, "transacted", 4);
    producer.abort_transaction(wait).expect("aborted");
    // Its end is a marker: the last offset of the topic holds no message.
    assert_eq!(records(&server.url("transacted")).len(), 5);
    transaction(&producer, "transacted", 3);
    producer.commit_transaction(wait).expect("committed");
    assert_eq!(records(&server.url("transacted")).len(), 8);
    assert_eq!(records(&server.url("transacted?isolation=uncommitted")).len(), 12);
    let open = transactional("t2");
    transaction(&open, "transacted", 2);
    assert_eq!(records(&server.url("transacted")).len(), 8);
    assert_eq!(records(&server.url("transacted?isolation=uncommitted")).len(), 14);
    open.abort_transaction(wait).expect("aborted");
}

#[test]
fn what_retention_took_is_not_waited_for() {
    let server = server();
    fill("retained", 1, 100);
    let mut before = TopicPartitionList::new();
    before.add_partition_offset("retained", 0, Offset::Offset(60)).expect("an offset");
    wait_for(server.admin().delete_records(&before, &AdminOptions::new())).expect("it is deleted");
    let found = offsets(&server.url("retained"));
    assert_eq!(found.values().next().map(Vec::as_slice), Some(&(60..100).collect::<Vec<_>>()[..]));
    assert_eq!(records(&server.url("retained?from=10&to=70")).len(), 10);
}

#[test]
fn retention_that_overtakes_the_reading_is_said() {
    let server = server();
    server.topic("overtaken", 1, &[]);
    let value = format!(r#"{{"type":"Large","padding":"{}"}}"#, "x".repeat(900));
    server.write("overtaken", &vec![Sent::json(0, "k", &value); 5000]);
    server.slow_down("crawler", 100_000);
    let url = server.url("overtaken?property.client.id=crawler&property.fetch.message.max.bytes=50000");
    let opened = open_with(&url, &OpenOptions::default());
    let mut before = TopicPartitionList::new();
    before.add_partition_offset("overtaken", 0, Offset::Offset(4990)).expect("an offset");
    wait_for(server.admin().delete_records(&before, &AdminOptions::new())).expect("it is deleted");
    let lines = lines_when_caught_up(&opened, 11);
    assert!(lines < 5000, "{lines}");
    let warnings = opened.growth.as_ref().expect("a spool").warnings();
    let said = warnings.iter().any(|warning| warning.summary.contains("deleted by retention"));
    assert!(said, "{lines} lines, {warnings:?}");
}

#[test]
fn every_compression_and_the_broker_s_own_times() {
    let server = server();
    server.topic("packed", 1, &[("message.timestamp.type", "LogAppendTime")]);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let producer = server.producer(&[("compression.codec", codec), ("linger.ms", "50")]);
        let value = format!(r#"{{"type":"Packed","by":"{codec}","padding":"{}"}}"#, "x".repeat(500));
        for _ in 0..20 {
            producer.send(Sent::json(0, "k", &value).record("packed")).map_err(|(e, _)| e).expect("it is taken");
        }
        producer.flush(Duration::from_secs(20)).expect("they arrive");
    }
    let found = records(&server.url("packed"));
    assert_eq!(found.len(), 100);
    assert!(found.iter().all(|message| message.timestamp.is_some_and(|time| time.kind == TimestampKind::Append)));
}

/// Waits until the spool has so many lines and its writer waits for more.
fn lines_when_caught_up(opened: &Opened, wanted: usize) -> usize {
    let growth = opened.growth.as_ref().expect("a spool");
    let mut len = 0;
    for _ in 0..6000 {
        match growth.poll() {
            Change::Grew(now) => len = now,
            Change::Same | Change::Ended => {
                let mut bytes = vec![0; len as usize];
                opened.info.bytes.read_at(&mut bytes, eventglass::model::ids::ByteOffset(0)).expect("it can be read");
                let lines = memchr::memchr_iter(b'\n', &bytes).count();
                if lines >= wanted {
                    return lines;
                }
            }
            _ => {}
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{wanted} lines do not come");
}

#[test]
fn a_followed_topic_grows_and_a_live_one_begins_now() {
    let server = server();
    fill("followed", 2, 10);
    let followed = OpenOptions { follow: true, ..OpenOptions::default() };
    let followed = open_with(&server.url("followed"), &followed);
    let live = open_with(&server.url("followed?live"), &OpenOptions::default());
    assert_eq!(lines_when_caught_up(&followed, 20), 20);
    assert_eq!(lines_when_caught_up(&live, 0), 0);
    server.write("followed", &[Sent::json(0, "k", r#"{"type":"New"}"#), Sent::json(1, "k", r#"{"type":"New"}"#)]);
    assert_eq!(lines_when_caught_up(&followed, 22), 22);
    assert_eq!(lines_when_caught_up(&live, 2), 2);
}

#[test]
fn a_cancelled_reading_keeps_what_came() {
    let server = server();
    fill("cancelled", 1, 20_000);
    let options = OpenOptions::default();
    let opened = open_with(&server.url("cancelled"), &options);
    options.cancel.cancel();
    let lines = lines_when_caught_up(&opened, 1);
    assert!(lines <= 20_000, "{lines}");
}

#[test]
fn an_empty_topic_is_an_empty_log() {
    let server = server();
    server.topic("empty", 2, &[]);
    let ran = run(["info", &server.url("empty")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("0 offsets in 2 partitions"), "{}", ran.out);
}

#[test]
fn reading_leaves_no_group_and_makes_no_topic() {
    let server = server();
    fill("untouched", 1, 3);
    assert_eq!(records(&server.url("untouched")).len(), 3);
    assert!(eventglass::input::open::open(&address(&server.url("never-made")), &OpenOptions::default()).is_err());
    let watcher: BaseConsumer = server.client().create().expect("a client");
    let groups = watcher.fetch_group_list(None, Duration::from_secs(10)).expect("groups");
    assert!(groups.groups().iter().all(|group| group.name() != "eventglass"));
    let metadata = watcher.fetch_metadata(None, Duration::from_secs(10)).expect("topics");
    assert!(metadata.topics().iter().all(|topic| topic.name() != "never-made"));
}
