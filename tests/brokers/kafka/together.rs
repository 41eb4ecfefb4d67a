//! The commands with topics, a topic beside a file, and what a cluster tells of itself.

use std::time::Duration;

use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{self, Url};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::{Sent, server};
use crate::program::run;

#[test]
fn a_topic_and_a_file_share_chains() {
    let server = server();
    server.topic("shared-orders", 1, &[]);
    let placed = r#"{"type":"OrderPlaced","id":"e1","time":"2026-02-16T10:00:00Z","orderId":"order-1","correlationId":"req-77"}"#;
    server.write("shared-orders", &[Sent::json(0, "order-1", placed)]);
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let file = folder.path().join("billing.ndjson");
    let charged = r#"{"type":"PaymentCharged","id":"e2","time":"2026-02-16T10:00:01Z","orderId":"order-1","correlationId":"req-77","causationId":"e1"}"#;
    std::fs::write(&file, format!("{charged}\n")).expect("files can be written");
    let (url, file) = (server.url("shared-orders"), file.display().to_string());
    let trace = run(["trace", &url, &file, "--correlation", "req-77"]);
    assert_eq!(trace.code, 0, "{}", trace.err);
    assert!(trace.out.contains("OrderPlaced") && trace.out.contains("PaymentCharged"), "{}", trace.out);
    let events = run(["events", "--format", "ndjson", "--entity", "order:order-1", &url, &file]);
    assert_eq!(events.lines().len(), 2, "{} {}", events.out, events.err);
    let lint = run(["lint", &url, &file]);
    assert!(lint.code <= 1, "{}", lint.err);
}

#[test]
fn dead_letters_of_a_topic_are_grouped() {
    let server = server();
    server.topic("orders.DLT", 1, &[]);
    let partition = 0_i32.to_be_bytes();
    let offset = 41_i64.to_be_bytes();
    let headers: &[(&str, Option<&[u8]>)] = &[
        ("kafka_dlt-original-topic", Some(b"orders")),
        ("kafka_dlt-original-partition", Some(&partition)),
        ("kafka_dlt-original-offset", Some(&offset)),
        ("kafka_dlt-exception-fqcn", Some(b"java.lang.IllegalStateException")),
        ("kafka_dlt-exception-message", Some(b"customer 812 has no billing address")),
    ];
    let letter = Sent { headers, ..Sent::json(0, "order-1", r#"{"type":"OrderPlaced","orderId":"order-1"}"#) };
    server.write("orders.DLT", &[letter]);
    let ran = run(["dead-letters", "--format", "json", &server.url("orders.DLT")]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let groups = ran.lines();
    let group = groups.first().expect("a group");
    assert_eq!(group["cause"], "java.lang.IllegalStateException: customer <n> has no billing address", "{group}");
    assert_eq!(group["origins"], serde_json::json!([{"topic": "orders", "count": 1}]));
}

#[test]
fn the_overview_tells_topics_and_their_readers() {
    let server = server();
    server.topic("overview-dlt", 2, &[("retention.ms", "86400000")]);
    server.topic("overview-table", 1, &[("cleanup.policy", "compact")]);
    let messages: Vec<_> = (0..10).map(|i| Sent::json(i % 2, "k", "{}")).collect();
    server.write("overview-dlt", &messages);
    let mut config = server.client();
    config.set("group.id", "billing");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset("overview-dlt", 0, Offset::Offset(2)).expect("an offset");
    consumer.commit(&offsets, CommitMode::Sync).expect("committed");
    // Groups are told by their coordinator once it knows them.
    std::thread::sleep(Duration::from_millis(200));
    let url = Url::parse(&server.url("x?newest=5")).expect("an address");
    let kafka = broker::of(&url).expect("Kafka");
    let overview = kafka.overview(&url, &Cancel::new()).expect("an overview");
    assert!(overview.system.starts_with("Kafka, 1 broker, cluster "), "{}", overview.system);
    let place = |name: &str| overview.places.iter().find(|place| place.name == name).expect("a topic");
    let letters = place("overview-dlt");
    assert_eq!((letters.messages, letters.partitions, letters.dead_letters), (Some(10), Some(2), true));
    assert_eq!((letters.keeps.as_str(), letters.internal), ("1 d", false));
    assert_eq!(letters.url, server.url("overview-dlt"));
    let reader = letters.readers.iter().find(|reader| reader.name == "billing").expect("a group");
    assert_eq!((reader.lag, reader.members), (Some(3), 0));
    assert_eq!(place("overview-table").keeps, "compacted");
    assert!(place("__consumer_offsets").internal);
}

#[test]
fn a_connection_is_tried_step_by_step() {
    let server = server();
    let (login, tls) = (server.port + 10, server.port + 20);
    for (url, failing, words) in [
        (server.url(""), None, ""),
        (format!("kafka://reader:reader-secret@127.0.0.1:{login}"), None, ""),
        (format!("kafka://localhost:{tls}?ca={}", server.dir.join("tls/ca.pem").display()), None, ""),
        ("kafka://no-such-host.invalid".to_owned(), Some("name"), "not known"),
        ("kafka://127.0.0.1:1".to_owned(), Some("connection"), "Nothing answers"),
        (format!("kafka://127.0.0.1:{tls}?tls"), Some("encryption"), "not trusted"),
        (format!("kafka://reader:wrong@127.0.0.1:{login}"), Some("login"), "refused"),
        ("kafka://a?ca=/no/such.pem".to_owned(), Some("settings"), "no file"),
    ] {
        let parsed = Url::parse(&url).expect("an address");
        let steps = broker::of(&parsed).expect("Kafka").test(&parsed, &Cancel::new());
        let failed = steps.iter().find_map(|step| Some((step.name, step.result.as_ref().err()?.summary.clone())));
        assert_eq!(failed.as_ref().map(|(name, _)| *name), failing, "{url}: {steps:?}");
        assert!(failed.is_none_or(|(_, summary)| summary.contains(words)), "{url}: {steps:?}");
        if failing.is_none() {
            let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
            assert_eq!(names, ["name", "connection", "encryption", "login", "metadata"], "{url}");
        }
    }
}
