//! Every message comes back from its record as it was, byte for byte.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 1..12),
        ".{0,8}".prop_map(String::into_bytes),
        prop_oneof![
            Just("null"),
            Just("{\"a\":1.00,\"a\":1e999}"),
            Just(" {\"a\":1}"),
            Just("{\"a\":\n1}"),
            Just("[1,\"\\u0000\\ud800\"]"),
            Just("12"),
            Just("\"text\""),
            Just("{\"a\":1"),
            Just("\u{feff}{}"),
        ]
        .prop_map(|text| text.as_bytes().to_vec()),
        (1_usize..140).prop_map(|depth| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes()),
    ]
}

fn header() -> impl Strategy<Value = HeaderValue> {
    let leaf = prop_oneof![
        Just(HeaderValue::Null),
        bytes().prop_map(HeaderValue::Bytes),
        bytes().prop_map(HeaderValue::ByteArray),
        any::<bool>().prop_map(HeaderValue::Bool),
        (any::<i64>(), prop_oneof![Just(8), Just(16), Just(32), Just(64)])
            .prop_map(|(value, bits)| HeaderValue::Int { value, bits }),
        (any::<u64>(), Just(64)).prop_map(|(value, bits)| HeaderValue::Unsigned { value, bits }),
        any::<u32>().prop_map(|bits_of| HeaderValue::Real { bits_of: bits_of.into(), bits: 32 }),
        any::<u64>().prop_map(|bits_of| HeaderValue::Real { bits_of, bits: 64 }),
        (any::<i32>(), any::<u8>()).prop_map(|(value, scale)| HeaderValue::Decimal { value, scale }),
        any::<u64>().prop_map(HeaderValue::Time),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(HeaderValue::List),
            vec((".{0,4}", inner), 0..4).prop_map(HeaderValue::Table),
        ]
    })
}

fn place() -> impl Strategy<Value = Place> {
    let properties = option::of(bytes()).prop_map(|id| {
        let id = id.map(|id| ("message_id".to_owned(), HeaderValue::Bytes(id)));
        let mode = ("delivery_mode".to_owned(), HeaderValue::Unsigned { value: 2, bits: 8 });
        let time = ("timestamp".to_owned(), HeaderValue::Time(1_771_237_800));
        id.into_iter().chain([mode, time]).collect()
    });
    prop_oneof![
        Just(Place::Nowhere),
        (".{0,8}", any::<i32>(), any::<i64>()).prop_map(|(topic, partition, offset)| Place::Kafka {
            topic,
            partition,
            offset
        }),
        (".{0,8}", ".{0,8}", ".{0,8}", any::<bool>(), properties).prop_map(
            |(queue, exchange, routing_key, redelivered, properties)| {
                Place::Amqp(Box::new(AmqpPlace { queue, exchange, routing_key, redelivered, properties }))
            }
        ),
        (".{0,8}", any::<u64>(), any::<u64>(), form(), vec(0..9_usize, 0..3), option::of(pending())).prop_map(
            |(stream, ms, seq, form, headers_at, pending)| {
                let entry = EntryId { ms, seq };
                Place::Redis(Box::new(RedisPlace { stream, entry, form, headers_at, pending }))
            }
        ),
        (
            ".{0,8}",
            ".{0,8}",
            btree_map(".{0,8}", ".{0,8}", 0..3),
            btree_map(".{0,8}", ".{0,8}", 0..3),
            vec(".{0,8}", 0..3)
        )
            .prop_map(|(queue, message_id, attributes, types, dead_letter_of)| {
                let (attributes, types) = (attributes.into_iter().collect(), types.into_iter().collect());
                Place::Sqs(Box::new(SqsPlace { queue, message_id, attributes, types, dead_letter_of }))
            }),
        (".{0,8}", ".{0,8}", option::of(".{0,8}"))
            .prop_map(|(table, id, received_at)| Place::Row(Box::new(RowPlace { table, id, received_at }))),
        kurrent(),
    ]
}

fn kurrent() -> impl Strategy<Value = Place> {
    let position = option::of((any::<u64>(), any::<u64>()))
        .prop_map(|pair| pair.map(|(commit, prepare)| LogPosition { commit, prepare }));
    let link = option::of((".{0,8}", any::<u64>(), ".{0,4}", ".{0,4}", option::of(bytes()))).prop_map(|link| {
        link.map(|(stream, revision, event_id, created, metadata)| {
            Box::new(KurrentLink { stream, revision, event_id, created, metadata })
        })
    });
    let texts = (".{0,8}", ".{0,4}", ".{0,4}", ".{0,4}", ".{0,4}");
    (texts, any::<u64>(), position, btree_map(".{0,4}", ".{0,4}", 0..3), option::of(bytes()), link).prop_map(
        |((stream, event_id, event_type, content_type, created), revision, position, system, metadata, link)| {
            Place::Kurrent(Box::new(KurrentPlace {
                stream,
                revision,
                event_id,
                event_type,
                position,
                content_type,
                created,
                system,
                metadata,
                link,
            }))
        },
    )
}

fn form() -> impl Strategy<Value = EntryForm> {
    prop_oneof![".{0,8}".prop_map(EntryForm::Field), Just(EntryForm::Object), Just(EntryForm::Pairs)]
}

fn pending() -> impl Strategy<Value = Pending> {
    (".{0,8}", ".{0,8}", any::<u64>(), any::<u64>(), any::<u64>()).prop_map(
        |(group, consumer, deliveries, idle_ms, delivered_ms)| Pending {
            group,
            consumer,
            deliveries,
            idle_ms,
            delivered_ms,
        },
    )
}

fn message() -> impl Strategy<Value = Message> {
    let kind = prop_oneof![Just(TimestampKind::Create), Just(TimestampKind::Append)];
    let timestamp = option::of((any::<i64>(), kind).prop_map(|(ms, kind)| Timestamp { ms, kind }));
    let headers = vec((prop_oneof![Just("same".to_owned()), ".{0,6}"], header()), 0..5);
    (place(), timestamp, option::of(bytes()), headers, option::of(bytes()))
        .prop_map(|(place, timestamp, key, headers, value)| Message { place, timestamp, key, headers, value })
}

proptest! {
    #[test]
    fn a_message_is_its_record(message in message()) {
        let mut record = Vec::new();
        message.write(&mut record);
        prop_assert!(!record.contains(&b'\n'), "one line");
        prop_assert_eq!(Message::read(&record).map_err(|e| e.to_string()), Ok(message));
    }

    #[test]
    fn foreign_lines_are_refused_without_a_panic(line in "\\PC{0,60}") {
        let _any = Message::read(line.as_bytes());
    }
}

fn read(record: &str) -> Message {
    Message::read(record.as_bytes()).unwrap_or_else(|e| panic!("{e}: {record}"))
}

fn written(message: &Message) -> String {
    let mut out = Vec::new();
    message.write(&mut out);
    String::from_utf8(out).expect("records are UTF-8")
}

#[test]
fn records_are_written_in_one_way() {
    for record in [
        r#"{"topic":"orders","partition":3,"offset":1041,"timestamp":1771237800123,"timestamp_type":"create","key":"order-456","headers":[["correlation-id","req-1"],["kafka_dlt-original-partition",{"base64":"/wAAAw=="}],["note",null]],"value":{"orderId":"order-456","total": 1.50}}"#,
        r#"{"topic":"t","partition":0,"offset":0,"key":"","value_text":""}"#,
        r#"{"topic":"t","partition":0,"offset":0,"value":null}"#,
        r#"{"topic":"t","partition":0,"offset":0}"#,
        r#"{"queue":"orders.dlq","exchange":"","routing_key":"orders.dlq","redelivered":true,"properties":{"delivery_mode":2,"message_id":"m1","timestamp":1771237800},"headers":[["x-death",{"list":[{"table":[["count",{"int":1,"bits":64}],["reason","rejected"],["time",{"time":1771237800}]]}]}]],"value":[1]}"#,
        r#"{"stream":"orders","entry":"1771237800123-0","timestamp":1771237800123,"timestamp_type":"append","value":{"orderId":"order-456"}}"#,
        r#"{"stream":"orders","entry":"1771237800123-7","value_field":"data","headers_at":[0],"pending":{"group":"billing","consumer":"c1","deliveries":7,"idle_ms":60000,"delivered_ms":1771237860123},"headers":[["type","OrderPlaced"]],"value":[1]}"#,
        r#"{"event_stream":"account-1","revision":4,"event_id":"5d6b7f3e-0000-4000-8000-000000000001","event_type":"Opened","position":"C:5120/P:5008","content_type":"application/json","created":"2026-02-16T10:30:00.1234567Z","metadata":{"$correlationId":"c"},"timestamp":1771237800123,"timestamp_type":"append","value":{}}"#,
        r#"{"event_stream":"orders","revision":4,"link":{"stream":"$persistentsubscription-orders::billing-parked","revision":2,"event_id":"l","created":"t","metadata_text":"{\"reason\":\"no\"}"},"event_id":"e","event_type":"Placed","metadata_base64":"/w==","value_base64":"/w=="}"#,
        r#"{"value_text":"{\n}"}"#,
        "{}",
    ] {
        assert_eq!(written(&read(record)), record);
    }
}

/// Brokers' messages are written without making a [`Message`] of them first.
#[test]
fn a_record_written_member_by_member_is_the_same() {
    let headers: [(&str, Option<&[u8]>); 5] =
        [("a", Some(b"1")), ("a", None), ("", Some(b"")), ("n\"", Some(&[0, 0, 0, 3])), ("b", Some(&[0xff]))];
    for (key, headers, value) in [
        (None, &headers[..0], None),
        (Some(&b"k"[..]), &headers[..1], Some(&b"{}"[..])),
        (Some(&[0xff]), &headers[..], Some(&b"{\n}"[..])),
    ] {
        let timestamp = Timestamp { ms: 5, kind: TimestampKind::Append };
        let mut out = Vec::new();
        let mut record = RecordWriter::begin(&mut out);
        record.kafka("t", 1, 2);
        record.timestamp(timestamp);
        record.key(key);
        record.headers(headers.iter().copied());
        record.value(value, &mut EachByItself);
        record.end();
        let of = |(name, value): &(&str, Option<&[u8]>)| {
            ((*name).to_owned(), value.map_or(HeaderValue::Null, |bytes| HeaderValue::Bytes(bytes.to_vec())))
        };
        let message = Message {
            place: Place::Kafka { topic: "t".to_owned(), partition: 1, offset: 2 },
            timestamp: Some(timestamp),
            key: key.map(<[u8]>::to_vec),
            headers: headers.iter().map(of).collect(),
            value: value.map(<[u8]>::to_vec),
        };
        assert_eq!(String::from_utf8_lossy(&out), written(&message));
    }
}

#[test]
fn what_is_no_record_is_refused_with_the_reason() {
    for (line, why) in [
        ("", "EOF"),
        ("[]", "invalid"),
        (r#"{"topic":"a","queue":"b"}"#, "several places"),
        (r#"{"stream":"a"}"#, "entry cannot be read"),
        (r#"{"value":1,"value_text":""}"#, "several values"),
        (r#"{"key_base64":"*"}"#, "key_base64 cannot be read"),
        (r#"{"headers":[["a"]]}"#, "a header cannot be read"),
        (r#"{"headers":[["a",{"base32":"x"}]]}"#, "a header cannot be read"),
        (r#"{"headers":[["a",7]]}"#, "a header cannot be read"),
    ] {
        let refused = Message::read(line.as_bytes()).expect_err(line).to_string();
        assert!(refused.contains(why), "{line}: {refused}");
    }
}

#[test]
fn headers_are_told_in_one_line() {
    for (value, text) in [
        (HeaderValue::Null, "null"),
        (HeaderValue::from("req-1"), "req-1"),
        (HeaderValue::Bytes(vec![0, 0, 0, 3]), "0x00000003"),
        (HeaderValue::Bytes(vec![0xff]), "0xff"),
        (HeaderValue::Decimal { value: -5, scale: 2 }, "-0.05"),
        (HeaderValue::Real { bits_of: u64::from(1.5_f32.to_bits()), bits: 32 }, "1.5"),
        (HeaderValue::Real { bits_of: f64::NAN.to_bits(), bits: 64 }, "0x7ff8000000000000"),
        (HeaderValue::List(vec![HeaderValue::Bool(true)]), r#"{"list":[true]}"#),
    ] {
        assert_eq!(value.as_text(), text);
    }
    assert_eq!(shown_bytes(&[0, 0, 0, 3]), "00 00 00 03");
    assert!(shown_bytes(&[7; 40]).ends_with("… 40 bytes"));
}

/// AKHQ: header values as text damaged binary ones, and headers with an empty name were dropped.
/// kafka-ui 4352: of two headers with one name one was lost; 4394: a null header could not be written.
#[test]
fn akhq_and_kafka_ui_binary_nameless_repeated_and_null_headers_survive() {
    let header = |name: &str, value| (name.to_owned(), value);
    let headers = vec![
        header("kafka_replyPartition", HeaderValue::Bytes(vec![0, 0, 0, 0x82])),
        header("", "nameless".into()),
        header("twice", "a".into()),
        header("twice", HeaderValue::Null),
    ];
    let message = Message { headers, ..Message::default() };
    assert_eq!(read(&written(&message)), message);
}

/// spring-cloud-function 1060: a tombstone lost its key and headers.
#[test]
fn spring_cloud_function_1060_a_tombstone_keeps_key_and_headers() {
    let headers = vec![("reason".to_owned(), "erased".into())];
    let message = Message { key: Some(b"cust-7".to_vec()), headers, value: None, ..Message::default() };
    assert_eq!(read(&written(&message)), message);
    assert_ne!(read(&written(&message)), Message { value: Some(Vec::new()), ..message });
}
