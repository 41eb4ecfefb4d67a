//! Looking at queues: what is read, what is said, and that the queue is as it was afterwards.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, DecimalValue};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::proxy::Proxy;

/// Looks twice and takes all: same messages, same order.
fn a_look_leaves_the_queue_as_it_was(queue: &str, arguments: &[(&str, AMQPValue)]) {
    let client = Client::new(server());
    client.queue(queue, arguments);
    client.numbered(queue, 0..2300);
    client.wait_for(queue, 2300);
    let expected: Vec<String> = (0..2300).map(|n| format!("{{\"n\":{n}}}")).collect();
    for look in 0..2 {
        let (messages, warnings) = read(&server().url(&format!("{queue}?limit=all")));
        assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), expected, "look {look}");
        assert!(messages.iter().all(|message| redelivered(message) == (look > 0)));
        assert!(said(&warnings, "2,300 messages were taken, read and put back"), "{warnings:?}");
        client.wait_for(queue, 2300);
    }
    let (messages, warnings) = read(&server().url(queue));
    assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), expected[..1000]);
    assert!(said(&warnings, "the oldest 1,000 of 2,300 messages"), "{warnings:?}");
    let (messages, warnings) = read(&server().url(&format!("{queue}?newest=3")));
    assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), expected[2297..]);
    assert!(said(&warnings, "the newest 3 of 2,300 messages"), "{warnings:?}");
    client.wait_for(queue, 2300);
    for body in expected {
        assert_eq!(client.next(queue), Some((body.into_bytes(), true)));
    }
    assert_eq!(client.next(queue), None);
}

#[test]
fn a_classic_queue_is_as_it_was() {
    a_look_leaves_the_queue_as_it_was("look-classic", &[]);
}

#[test]
fn a_quorum_queue_is_as_it_was() {
    a_look_leaves_the_queue_as_it_was("look-quorum", &[quorum()]);
}

#[test]
fn a_part_of_a_long_quorum_queue_is_looked_at_only_when_told() {
    let client = Client::new(server());
    client.queue("long-quorum", &[quorum()]);
    client.many("long-quorum", 10_001);
    client.wait_for("long-quorum", 10_001);
    let error = open(&server().url("long-quorum")).expect_err("the order would change");
    assert!(error.summary.contains("moves it to the end"), "{error:?}");
    let (messages, warnings) = read(&server().url("long-quorum?limit=2&disturb=yes"));
    assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), ["{\"n\":0}", "{\"n\":1}"]);
    assert!(said(&warnings, "at the end of the queue"), "{warnings:?}");
    let (messages, _) = read(&server().url("long-quorum?newest=2"));
    assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), ["{\"n\":0}", "{\"n\":1}"]);
}

#[test]
fn a_stream_is_only_read() {
    let client = Client::new(server());
    client.queue("look-stream", &[("x-queue-type", text("stream"))]);
    client.numbered("look-stream", 0..50);
    let numbers = |url: &str| -> Vec<String> {
        let (messages, _) = read(&server().url(url));
        messages.iter().map(|message| body(message).to_owned()).collect()
    };
    let expected: Vec<String> = (0..50).map(|n| format!("{{\"n\":{n}}}")).collect();
    assert_eq!(numbers("look-stream"), expected);
    assert_eq!(numbers("look-stream?limit=7"), expected[..7]);
    assert_eq!(numbers("look-stream?newest=7"), expected[43..]);
    assert_eq!(numbers("look-stream?from=45"), expected[45..]);
    assert_eq!(numbers("look-stream?from=2020-01-01T00:00:00Z"), expected);
    let (messages, warnings) = read(&server().url("look-stream?limit=2"));
    assert!(said(&warnings, "the oldest 2 messages of the stream; the last has the offset 49"), "{warnings:?}");
    let offset = ("x-stream-offset".to_owned(), eventglass::model::message::HeaderValue::Int { value: 1, bits: 64 });
    assert!(messages[1].headers.contains(&offset));
}

#[test]
fn a_followed_stream_goes_on() {
    let client = Client::new(server());
    client.queue("follow-stream", &[("x-queue-type", text("stream"))]);
    client.numbered("follow-stream", 0..5);
    let url = Url::parse(&server().url("follow-stream")).expect("a URL");
    let options = OpenOptions { follow: true, ..OpenOptions::default() };
    let opened = eventglass::input::open::open(&Address::Broker(Box::new(url)), &options).expect("it opens");
    let growth = opened.growth.as_ref().expect("it is a spool");
    let lines = || {
        let len = usize::try_from(opened.info.bytes.len().expect("a length")).expect("it fits");
        let mut bytes = vec![0; len];
        opened.info.bytes.read_at(&mut bytes, ByteOffset(0)).expect("it can be read");
        bytes.split(|byte| *byte == b'\n').count() - 1
    };
    eventually("first five", || lines() == 5);
    client.numbered("follow-stream", 5..8);
    eventually("three more", || lines() == 8);
    assert!(growth.follows());
}

/// Cut at an acknowledgement: nothing is lost and nothing comes twice.
#[test]
fn a_followed_stream_goes_on_after_a_lost_connection() {
    let client = Client::new(server());
    client.queue("cut-stream", &[("x-queue-type", text("stream"))]);
    client.numbered("cut-stream", 0..5);
    let proxy = Proxy::start(0, server().port);
    let url = format!("amqp://127.0.0.1:{}/%2F/cut-stream?management={}", proxy.port, server().management);
    let url = Url::parse(&url).expect("a URL");
    let options = OpenOptions { follow: true, ..OpenOptions::default() };
    let opened = eventglass::input::open::open(&Address::Broker(Box::new(url)), &options).expect("it opens");
    let growth = opened.growth.as_ref().expect("it is a spool");
    let read = || {
        let len = usize::try_from(opened.info.bytes.len().expect("a length")).expect("it fits");
        let mut bytes = vec![0; len];
        opened.info.bytes.read_at(&mut bytes, ByteOffset(0)).expect("it can be read");
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| body(&Message::read(line).expect("a record")).to_owned()).collect::<Vec<_>>()
    };
    eventually("first five", || read().len() == 5);
    proxy.cut_after(0);
    client.numbered("cut-stream", 5..8);
    eventually("word of the loss", || said(&growth.warnings(), "The connection was lost; it is tried again"));
    client.numbered("cut-stream", 8..9);
    eventually("all nine", || read().len() >= 9);
    assert_eq!(read(), (0..9).map(|n| format!("{{\"n\":{n}}}")).collect::<Vec<_>>());
    assert!(growth.follows());
}

#[test]
fn what_consumers_hold_is_said() {
    let client = Client::new(server());
    client.queue("held", &[]);
    client.numbered("held", 0..3);
    let got = client.run(client.channel.basic_get("held".into(), BasicGetOptions::default())).expect("it answers");
    let mut warnings = Vec::new();
    // The management API's numbers come late.
    eventually("word of the held one", || {
        let (messages, found) = read(&server().url("held"));
        assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), ["{\"n\":1}", "{\"n\":2}"]);
        warnings = found;
        said(&warnings, "1 message is held by consumers")
    });
    drop(got);
}

#[test]
fn a_quorum_queue_that_counts_is_looked_at_only_when_told() {
    let client = Client::new(server());
    client.queue("counts", &[quorum(), ("x-delivery-limit", AMQPValue::LongInt(3))]);
    client.numbered("counts", 0..2);
    client.wait_for("counts", 2);
    for url in [server().url("counts"), server().url("counts").replace("management=", "management=off&limit=")] {
        let error = open(&url).expect_err("it may cost the messages");
        assert!(error.summary.contains("counts as a delivery"), "{error:?}");
        assert!(error.next_step.contains("disturb=yes"), "{error:?}");
    }
    let (messages, warnings) = read(&server().url("counts?disturb=yes"));
    assert_eq!(messages.len(), 2);
    assert!(said(&warnings, "counted as delivered once more"), "{warnings:?}");
    let (messages, _) = read(&server().url("counts?disturb=yes"));
    let count = ("x-delivery-count".to_owned(), eventglass::model::message::HeaderValue::Int { value: 1, bits: 64 });
    assert!(messages[0].headers.contains(&count), "{:?}", messages[0].headers);
    client.wait_for("counts", 2);
}

#[test]
fn without_management_classic_queues_are_still_told() {
    let client = Client::new(server());
    client.queue("plain", &[]);
    client.numbered("plain", 0..2);
    let (messages, _) = read(&format!("amqp://127.0.0.1:{}/%2F/plain?management=off", server().port));
    assert_eq!(messages.len(), 2);
    client.wait_for("plain", 2);
}

#[test]
fn an_empty_queue_is_an_empty_log() {
    let client = Client::new(server());
    client.queue("empty", &[]);
    let (messages, warnings) = read(&server().url("empty"));
    assert_eq!((messages.len(), warnings.len()), (0, 0));
}

fn value() -> impl Strategy<Value = AMQPValue> {
    let finite = any::<f64>().prop_filter("a number", |real| real.is_finite());
    let leaf = prop_oneof![
        Just(AMQPValue::Void),
        any::<bool>().prop_map(AMQPValue::Boolean),
        any::<i8>().prop_map(AMQPValue::ShortShortInt),
        any::<u8>().prop_map(AMQPValue::ShortShortUInt),
        any::<i16>().prop_map(AMQPValue::ShortInt),
        any::<u16>().prop_map(AMQPValue::ShortUInt),
        any::<i32>().prop_map(AMQPValue::LongInt),
        any::<u32>().prop_map(AMQPValue::LongUInt),
        any::<i64>().prop_map(AMQPValue::LongLongInt),
        finite.prop_map(AMQPValue::Double),
        (-1000_i16..1000).prop_map(|n| AMQPValue::Float(f32::from(n) / 8.0)),
        (any::<u8>(), any::<u32>()).prop_map(|(scale, value)| AMQPValue::DecimalValue(DecimalValue { scale, value })),
        vec(any::<u8>(), 0..20).prop_map(|bytes| AMQPValue::LongString(bytes.into())),
        vec(any::<u8>(), 0..20).prop_map(|bytes| AMQPValue::ByteArray(bytes.into())),
        any::<u64>().prop_map(AMQPValue::Timestamp),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| AMQPValue::FieldArray(items.into())),
            btree_map(key(), inner, 0..4).prop_map(|members| AMQPValue::FieldTable(members.into())),
        ]
    })
}

fn key() -> impl Strategy<Value = ShortString> {
    "\\PC{0,12}".prop_map(|name| ShortString::try_new(name).expect("it is short"))
}

fn properties() -> impl Strategy<Value = BasicProperties> {
    let word = || "\\PC{0,12}".prop_map(|word| ShortString::try_new(word).expect("it is short"));
    (btree_map(key(), value(), 0..6), word(), word(), any::<u8>(), any::<u64>()).prop_map(
        |(headers, id, kind, priority, time)| {
            BasicProperties::default()
                .with_headers(headers.into())
                .with_message_id(id)
                .with_type(kind)
                .with_priority(priority)
                .with_timestamp(time)
        },
    )
}

/// What was sent comes back from the spool's record as AMQP values equal to those sent: through the server,
/// the message, its record and the message again, to the one that would be sent when it is put back.
#[test]
fn every_header_and_property_survives() {
    let client = Client::new(server());
    client.queue("exact", &[]);
    let mut runner = TestRunner::deterministic();
    let strategy = (properties(), vec(any::<u8>(), 0..30));
    let sent: Vec<(BasicProperties, Vec<u8>)> =
        (0..300).map(|_| strategy.new_tree(&mut runner).expect("a message").current()).collect();
    for (properties, body) in &sent {
        client.send("exact", body, properties.clone());
    }
    let (messages, _) = read(&server().url("exact"));
    client.queue("exact-again", &[]);
    assert_eq!(messages.len(), sent.len());
    let mut outlet = letters::outlet("exact");
    let batch: Vec<_> = messages.iter().map(|letter| letters::outgoing(letter, "exact-again")).collect();
    letters::put_back(&mut *outlet, &batch);
    for (n, (properties, body)) in sent.iter().enumerate() {
        let options = BasicGetOptions { no_ack: true };
        let got = client.run(client.channel.basic_get("exact-again".into(), options)).expect("it answers");
        let got = got.expect("it was put back");
        assert_eq!(got.delivery.data, *body, "{n}");
        let mut headers = got.delivery.properties.headers().clone().unwrap_or_default();
        headers = headers
            .inner()
            .iter()
            .filter(|(name, _)| name.as_str() != "eventglass-requeue-id")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<std::collections::BTreeMap<_, _>>()
            .into();
        let expected = properties.clone().with_delivery_mode(2);
        assert_eq!(got.delivery.properties.clone().with_headers(headers), expected, "{n}");
    }
}
