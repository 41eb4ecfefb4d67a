//! What is read, and that nothing is left out or changed.

use eventglass::model::message::{HeaderValue, Place, Timestamp, TimestampKind};

use super::{Sent, records, server};
use crate::program::run;

fn shop(n: usize) -> Vec<String> {
    (0..n)
        .map(|i| format!(r#"{{"type":"OrderPlaced","orderId":"order-{}","correlationId":"req-{i}"}}"#, i % 7))
        .collect()
}

#[test]
fn a_topic_is_a_log_to_its_present_end() {
    let server = server();
    server.topic("whole", 3, &[]);
    let values = shop(1000);
    let messages: Vec<_> = values.iter().enumerate().map(|(i, value)| Sent::json((i % 3) as i32, "k", value)).collect();
    server.write("whole", &messages);
    let ran = run(["events", "--format", "ndjson", "--limit", "2000", &server.url("whole")]);
    assert_eq!((ran.code, ran.lines().len()), (0, 1000), "{}", ran.err);
    let info = run(["info", &server.url("whole")]);
    assert!(info.out.contains("topic whole, 1,000 offsets in 3 partitions"), "{}", info.out);
    assert!(info.out.contains("OrderPlaced"), "{}", info.out);
}

#[test]
fn nothing_of_a_message_is_lost() {
    let server = server();
    server.topic("exact", 1, &[]);
    let headers: &[(&str, Option<&[u8]>)] =
        &[("a", Some(b"1")), ("a", None), ("b", Some(b"")), ("n", Some(&[0, 0, 0, 3])), ("", Some(b"nameless"))];
    let message = |key, value, headers| Sent { key, value, headers, ms: Some(1_771_237_800_123), ..Sent::default() };
    server.write(
        "exact",
        &[
            message(Some(b"k"), Some(b"{\"orderId\":\"o-1\", \"total\": 1.50}"), headers),
            message(None, Some(b"plain text"), &[]),
            message(Some(b"tombstone"), None, &[]),
            message(Some(b""), Some(b""), &[]),
            message(Some(&[0xff, 0]), Some(&[0xde, 0xad]), &[]),
        ],
    );
    let key = |bytes: &[u8]| Some(bytes.to_vec());
    let found = records(&server.url("exact"));
    let text: Vec<_> = found.iter().map(|m| (m.key.clone(), m.value.clone())).collect();
    assert_eq!(
        text,
        [
            (key(b"k"), key(b"{\"orderId\":\"o-1\", \"total\": 1.50}")),
            (None, key(b"plain text")),
            (key(b"tombstone"), None),
            (key(b""), key(b"")),
            (key(&[0xff, 0]), key(&[0xde, 0xad])),
        ]
    );
    let first = found.first().expect("a message");
    let sent: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), header(*value))).collect();
    assert_eq!(first.headers, sent);
    assert_eq!(first.timestamp, Some(Timestamp { ms: 1_771_237_800_123, kind: TimestampKind::Create }));
    assert_eq!(first.place, Place::Kafka { topic: "exact".to_owned(), partition: 0, offset: 0 });
}

fn header(value: Option<&[u8]>) -> HeaderValue {
    value.map_or(HeaderValue::Null, |bytes| HeaderValue::Bytes(bytes.to_vec()))
}
