//! Letters as their producers write them, put back by the program from outside.

use std::time::Duration;

use eventglass::model::message::{HeaderValue, Message, Place};

use super::Desk;
use crate::kafka::{Sent, records, server};

type Bytes<'b> = Option<&'b [u8]>;

/// As Spring writes it, of partition 2.
const SPRING: &[(&str, Option<&[u8]>)] = &[
    ("b", Some(b"\xff\x00")),
    ("a", None),
    ("b", Some(b"")),
    ("kafka_dlt-exception-cause-fqcn", Some(b"java.lang.IllegalStateException")),
    ("", Some(b"no name")),
    ("b", Some(b"\xff\x00")),
    ("kafka_replyPartition", Some(b"\x00\x00\x00\x07")),
];

fn spring<'t>(topic: &'t str, partition: &'t [u8; 4]) -> Vec<(&'static str, Option<&'t [u8]>)> {
    let mut headers = SPRING.to_vec();
    headers.push(("kafka_dlt-original-topic", Some(topic.as_bytes())));
    headers.push(("kafka_dlt-original-partition", Some(partition)));
    headers
}

fn place(message: &Message) -> (i32, i64) {
    match &message.place {
        Place::Kafka { partition, offset, .. } => (*partition, *offset),
        _ => panic!("it came from Kafka"),
    }
}

/// IBM Event Streams 128, kafka-ui 841, 4352 and 4394, AKHQ's form, kafka-backup 95, mcp-confluent 588: what
/// peers lose of headers, keys and values goes back as it was.
#[test]
fn keys_values_and_headers_go_back_to_the_byte() {
    let server = server();
    server.topic("to-the-byte", 4, &[]);
    server.topic("to-the-byte-dlt", 4, &[]);
    let headers = spring("to-the-byte", &[0, 0, 0, 2]);
    let letter = |key, value| Sent { key, value, headers: &headers, ..Sent::default() };
    server.write(
        "to-the-byte-dlt",
        &[
            letter(Some(b"k"), Some(b"{ \"a\": 1.0 }")),
            letter(Some(b""), Some(b"")),
            letter(None, Some(b"\xff\xfe")),
            letter(Some(b"\xff"), Some(b"null")),
            letter(Some(b"gone"), None),
        ],
    );
    let desk = Desk::new();
    let from = server.url("to-the-byte-dlt?ledger=none");
    let (ran, plan) = desk.plan(&from, &["--all"]);
    assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(4)), "{ran:?}");
    let (ran, plan) = desk.plan(&from, &["--all", "--tombstones"]);
    assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(5)), "{ran:?}");
    assert_eq!(desk.run().code, 0);
    let back = records(&server.url("to-the-byte"));
    let told: Vec<_> = back.iter().map(|m| (m.key.as_deref(), m.value.as_deref())).collect();
    // spring-cloud-function 1060: a tombstone keeps its key and its headers.
    let expected: [(Bytes<'_>, Bytes<'_>); 5] = [
        (Some(b"k"), Some(b"{ \"a\": 1.0 }")),
        (Some(b""), Some(b"")),
        (None, Some(b"\xff\xfe")),
        (Some(b"\xff"), Some(b"null")),
        (Some(b"gone"), None),
    ];
    assert_eq!(told, expected);
    for (at, message) in back.iter().enumerate() {
        assert_eq!(place(message).0, 2, "where it was before it failed");
        let kept: Vec<_> = SPRING.iter().filter(|(name, _)| !name.starts_with("kafka_dlt-")).collect();
        let headers: Vec<_> = message.headers.iter().take(kept.len()).collect();
        for ((name, value), (had, was)) in headers.iter().zip(&kept) {
            let was = was.map_or(HeaderValue::Null, |bytes| HeaderValue::Bytes(bytes.to_vec()));
            assert_eq!((name.as_str(), value), (*had, &was));
        }
        let ours: Vec<&str> = message.headers[kept.len()..].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(ours, ["eventglass-requeue-id", "eventglass-requeue-attempt", "eventglass-requeue-from"]);
        let from = message.headers.last().and_then(|(_, value)| value.text());
        assert_eq!(from, Some(format!("to-the-byte-dlt/0@{at}").as_str()));
    }
}

/// Keys go where Java's producer sends them where the first partition is not known.
#[test]
fn another_topic_gets_keys_where_java_sends_them() {
    let server = server();
    server.topic("elsewhere", 5, &[]);
    server.topic("keyed-dlt", 1, &[]);
    let headers = spring("keyed", &[0, 0, 0, 2]);
    let keys = ["21", "foobar", "abc"];
    let letters = keys.iter().map(|key| Sent {
        key: Some(key.as_bytes()),
        value: Some(b"{}"),
        headers: &headers,
        ..Sent::default()
    });
    server.write("keyed-dlt", &letters.collect::<Vec<_>>());
    let desk = Desk::new();
    let (ran, _) = desk.plan(&server.url("keyed-dlt"), &["--all", "--to", "elsewhere"]);
    assert_eq!((ran.code, desk.run().code), (0, 0), "{ran:?}");
    // toPositive(murmur2(key)) % 5, with kafka-clients' own hashes.
    for message in records(&server.url("elsewhere")) {
        let hash: i32 = match message.key.as_deref() {
            Some(b"21") => -973_932_308,
            Some(b"foobar") => -790_332_482,
            _ => 479_470_107,
        };
        assert_eq!(place(&message).0, (hash & 0x7fff_ffff) % 5, "{:?}", message.key);
    }
}

#[test]
fn what_comes_back_stops_the_run_and_is_the_next_attempt() {
    let server = server();
    server.topic("poison", 1, &[]);
    server.topic("poison-dlt", 1, &[]);
    let headers = spring("poison", &[0, 0, 0, 0]);
    let letters: Vec<_> = (0..6).map(|_| Sent { value: Some(b"{}"), headers: &headers, ..Sent::default() }).collect();
    server.write("poison-dlt", &letters);
    let desk = Desk::new();
    let from = server.url("poison-dlt");
    let (ran, _) = desk.plan(&from, &["--all", "--canary", "1,2", "--observe", "4s"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    // A consumer that has not been mended: the first message fails again.
    let consumer = std::thread::Builder::new().name("consumer".to_owned()).spawn(move || {
        let first = loop {
            if let Some(first) = records(&server.url("poison")).into_iter().next() {
                break first;
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        let own: Vec<_> = first.headers.iter().map(|(name, value)| (name.as_str(), value.bytes())).collect();
        let headers = [&own[..], &spring("poison", &[0, 0, 0, 0])[..]].concat();
        server.write("poison-dlt", &[Sent { value: first.value.as_deref(), headers: &headers, ..Sent::default() }]);
    });
    let ran = desk.run();
    consumer.expect("a thread").join().expect("it ends");
    assert_eq!((ran.code, records(&server.url("poison")).len()), (1, 1), "{ran:?}");
    assert!(ran.err.contains("failed again"), "{}", ran.err);
    assert_eq!(desk.status()["plans"][0]["came_back"], 1);
    assert_eq!(desk.requeue(&["--resume"]).code, 1, "it does not go on by itself");
    assert_eq!(records(&server.url("poison")).len(), 1);
    // Brighter 4283: what is put back for the second time carries our headers once.
    let (_, plan) = desk.plan(&from, &["--id", "poison-dlt/0/6"]);
    assert_eq!(plan["items"][0]["attempt"], 2, "{plan}");
    let names: Vec<&str> = plan["items"][0]["message"]["headers"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|header| header[0].as_str())
        .filter(|name| name.starts_with("eventglass-"))
        .collect();
    assert_eq!(names.len(), 3);
}

#[test]
fn a_file_of_letters_goes_back_to_a_broker() {
    let server = server();
    server.topic("from-file", 1, &[]);
    let desk = Desk::new();
    let line = r#"{"topic":"from-file-dlt","partition":0,"offset":3,"headers":[["kafka_dlt-original-topic","from-file"]],"value":{"a":1}}"#;
    std::fs::write(desk.path("letters.ndjson"), format!("{line}\n")).expect("it can be written");
    let file = desk.path("letters.ndjson").display().to_string();
    let (ran, _) = desk.plan(&file, &["--all", "--to", &server.url("")]);
    assert_eq!((ran.code, desk.run().code), (0, 0), "{ran:?}");
    let back = records(&server.url("from-file"));
    assert_eq!(back.first().and_then(|message| message.value.as_deref()), Some(&b"{\"a\":1}"[..]));
}
