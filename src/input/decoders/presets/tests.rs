//! Each preset takes a record of its kind, and says where its fields are.

mod conventions;

use serde_json::{Value, json};

use super::*;
use crate::input::decoders::infer;

/// One record of each kind, as its producers' documentation has it, cut to what matters.
fn records() -> Vec<(&'static str, Value)> {
    vec![
        ("plain", json!({"eventType": "A", "eventId": "1", "timestamp": "2026-02-16T10:30:00Z", "data": {}})),
        (
            "cloudevents",
            json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "2026-02-16T10:30:00Z"}),
        ),
        (
            "cdevents",
            json!({"context": {"id": "1", "type": "t", "source": "s", "specversion": "0.4"}, "subject": {"id": "x"}}),
        ),
        (
            "kurrentdb",
            json!({"eventId": "1", "eventType": "A", "streamId": "account-1", "eventNumber": 0, "data": {}, "metaData": {}}),
        ),
        (
            "kurrentdb_written",
            json!({"eventId": "1", "eventType": "A", "data": {}, "metadata": {"$correlationId": "c"}}),
        ),
        (
            "message_db",
            json!({"id": "1", "stream_name": "account-1", "type": "A", "position": 0, "global_position": 9, "time": "2026-02-16T10:30:00Z"}),
        ),
        (
            "kcat",
            json!({"topic": "orders", "partition": 0, "offset": 4, "tstype": "create", "ts": 1_771_237_800_123_i64, "key": "o1", "payload": "x"}),
        ),
        (
            "messages",
            json!({"topic": "orders", "partition": 0, "offset": 4, "timestamp": 1_771_237_800_123_i64, "timestamp_type": "create", "key": "o1", "value": {}}),
        ),
        (
            "debezium",
            json!({"before": null, "after": {"id": 1}, "source": {"table": "t", "txId": 3}, "op": "c", "ts_ms": 1}),
        ),
        (
            "debezium_schema",
            json!({"schema": {}, "payload": {"before": null, "after": {"id": 1}, "source": {"table": "t"}, "op": "c", "ts_ms": 1}}),
        ),
        ("maxwell", json!({"database": "d", "table": "t", "type": "insert", "ts": 1, "xid": 1, "data": {"id": 1}})),
        (
            "canal",
            json!({"database": "d", "table": "t", "type": "INSERT", "es": 1, "ts": 1, "pkNames": ["id"], "data": [{"id": "1"}]}),
        ),
        ("goldengate", json!({"table": "t", "op_type": "I", "op_ts": "2026-02-16 10:30:00", "after": {"ID": 1}})),
        (
            "dms",
            json!({"data": {"id": 1}, "metadata": {"operation": "insert", "record-type": "data", "timestamp": "2026-02-16T10:30:00Z", "table-name": "t"}}),
        ),
        (
            "eventbridge",
            json!({"version": "0", "id": "1", "detail-type": "A", "source": "aws.ec2", "time": "2026-02-16T10:30:00Z", "detail": {}}),
        ),
        (
            "cloudtrail",
            json!({"eventName": "A", "eventSource": "s", "eventID": "1", "userIdentity": {}, "eventTime": "2026-02-16T10:30:00Z"}),
        ),
        ("dynamodb", json!({"eventName": "INSERT", "eventID": "1", "dynamodb": {"Keys": {"Id": {"N": "1"}}}})),
        ("s3", json!({"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "k"}, "bucket": {"name": "b"}}})),
        (
            "sqs",
            json!({"messageId": "1", "receiptHandle": "r", "body": "{}", "attributes": {"SentTimestamp": "1713185156609"}}),
        ),
        (
            "sns",
            json!({"Type": "Notification", "MessageId": "1", "TopicArn": "t", "Message": "{}", "Timestamp": "2026-02-16T10:30:00Z"}),
        ),
        ("nservicebus", json!({"headers": {"NServiceBus.MessageId": "1"}, "body": "{}"})),
        (
            "masstransit",
            json!({"messageId": "1", "messageType": ["urn:message:A"], "message": {}, "destinationAddress": "d"}),
        ),
        (
            "windows",
            json!({"EventID": 1, "Channel": "Security", "Hostname": "h", "@timestamp": "2026-02-16T10:30:00Z"}),
        ),
        ("console_consumer", json!({"tstype": "CreateTime", "ts": 1, "key": "k", "value": "{}"})),
        ("zeek", json!({"ts": 1.5, "uid": "C", "id.orig_h": "10.0.0.1"})),
        ("github", json!({"event": "issues", "payload": {"action": "opened", "sender": {"login": "x"}}})),
        ("github_bare", json!({"action": "opened", "sender": {"login": "x"}, "repository": {"full_name": "a/b"}})),
        (
            "stripe",
            json!({"object": "event", "type": "a.b", "id": "evt", "created": 1, "data": {"object": {"id": "x"}}}),
        ),
        ("ocel1", json!({"ocel:activity": "a", "ocel:timestamp": "2026-02-16T10:30:00Z", "ocel:omap": ["o"]})),
        (
            "ocel2",
            json!({"id": "e", "type": "t", "time": "2026-02-16T10:30:00Z", "relationships": [{"objectId": "o", "qualifier": "q"}]}),
        ),
        ("eiffel", json!({"meta": {"type": "t", "id": "1", "time": 1}, "links": [], "data": {}})),
        ("temporal", json!({"eventId": "1", "eventType": "t", "eventTime": "2026-02-16T10:30:00Z", "taskId": "1"})),
        ("matrix", json!({"event_id": "$1", "room_id": "!r", "type": "m.room.create", "origin_server_ts": 0})),
        ("atproto", json!({"frame": {"header": {"t": "#commit"}, "body": {"seq": 1}}})),
        ("openlineage", json!({"eventType": "START", "eventTime": "x", "run": {"runId": "r"}, "job": {"name": "j"}})),
        ("dbt", json!({"data": {}, "info": {"name": "A", "ts": "2026-02-16T10:30:00Z", "invocation_id": "i"}})),
        ("jaeger", json!({"traceID": "t", "spanID": "s", "operationName": "o", "startTime": 1})),
        ("otlp_spans", json!({"traceId": "t", "spanId": "s", "name": "n", "startTimeUnixNano": "1706678909209712000"})),
        (
            "otlp_logs",
            json!({"timeUnixNano": "1706678909209712000", "body": {"stringValue": "x"}, "severityText": "INFO"}),
        ),
        (
            "zipkin",
            json!({"traceId": "t", "id": "s", "name": "n", "timestamp": 1, "localEndpoint": {"serviceName": "s"}}),
        ),
    ]
}

#[test]
fn each_preset_takes_its_kind_and_no_other() {
    for (name, record) in records() {
        let found = best(std::slice::from_ref(&record)).map(|preset| preset.name);
        assert_eq!(found, Some(name), "{record}");
    }
}

#[test]
fn each_preset_has_a_record_to_try_it_on() {
    let tried: Vec<&str> = records().iter().map(|(name, _)| *name).collect();
    for preset in PRESETS {
        assert!(tried.contains(&preset.name), "{} has no record in this test", preset.name);
        assert!(
            !preset.label.is_empty() && !preset.marks.is_empty() && !preset.type_name.is_empty(),
            "{}",
            preset.name
        );
    }
}

#[test]
fn a_few_strange_records_do_not_hide_the_envelope() {
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t"});
    let mut sample = vec![event; 8];
    sample.push(json!({"note": "rotated"}));
    assert_eq!(best(&sample).map(|preset| preset.name), Some("cloudevents"));
    assert!(best(&[json!({"a": 1})]).is_none());
}

#[test]
fn rows_of_tables_are_known_by_their_key() {
    for (columns, expected) in [
        (json!({"name": "x", "id": 1}), "id"),
        (json!({"order_id": 1, "total": 5}), "order_id"),
        (json!({"code": "x", "label": "y"}), "code"),
    ] {
        let record = json!({"after": columns});
        assert_eq!(debezium::key_column(&[record], &["/after".to_owned()]).as_deref(), Some(expected));
    }
}

#[test]
fn cloudevents_are_known_by_source_and_id_unless_causes_name_ids_alone() {
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "subject": "order/1"});
    let mapping = cloudevents::PRESET.mapping(std::slice::from_ref(&event));
    assert_eq!(mapping.id, vec!["{/source}#{/id}".into()]);
    assert_eq!(mapping.entities.first().map(|e| e.kind.0.as_str()), Some("{/subject|before:/}"));
    let mut caused = event;
    caused["causationid"] = json!("0");
    assert_eq!(cloudevents::PRESET.mapping(&[caused]).id, vec!["/id".into()]);
}

#[test]
fn headers_of_messages_fill_what_their_values_leave_open() {
    let headers = json!([
        ["ce_specversion", "1.0"],
        ["ce_type", "order.placed"],
        ["ce_id", "e1"],
        ["X-Correlation-Id", "c1"],
        ["traceparent", "00-4bf9-00f0-01"]
    ]);
    let record = json!({"topic": "t", "partition": 0, "offset": 4, "timestamp_type": "create", "headers": headers, "value": {"a": 1}});
    let mapping = messages::PRESET.mapping(std::slice::from_ref(&record));
    let first = |list: &[Template]| list.first().map(|template| template.0.clone()).unwrap_or_default();
    assert_eq!(first(&mapping.type_name), "/headers/[ce_type]", "in binary mode the headers are the envelope");
    assert_eq!(first(&mapping.id), "/headers/[ce_id]");
    let correlations: Vec<&str> = mapping.correlation.iter().map(|template| template.0.as_str()).collect();
    assert!(correlations.contains(&"/headers/[X-Correlation-Id]"), "{correlations:?}");
    assert!(correlations.contains(&"{/headers/[traceparent]|after:-|before:-}"), "{correlations:?}");
    let enveloped = json!({"topic": "t", "partition": 0, "offset": 4, "timestamp_type": "create", "key": "o1",
        "headers": [["eventType", "FromHeader"]], "value": {"eventType": "A", "eventId": "1", "timestamp": "2026-02-16T10:30:00Z", "data": {"orderId": "o1"}}});
    let mapping = messages::PRESET.mapping(std::slice::from_ref(&enveloped));
    assert_eq!(first(&mapping.type_name), "/value/eventType", "an envelope in the value counts first");
    let entities: Vec<_> = mapping.entities.iter().map(|e| (e.kind.0.as_str(), e.id.0.as_str())).collect();
    assert_eq!(entities, [("order", "/value/data/orderId")], "the value's own field names the key's entity");
}

/// A field that is new in every message is the key's entity all the same, and is not taken for plumbing.
#[test]
fn keys_are_named_by_the_field_that_holds_them() {
    let message = |topic: &str, key: &str, value: Value| json!({"topic": topic, "partition": 0, "offset": 1, "key": key, "timestamp_type": "create", "value": value});
    let numbered = |n: u32| format!("o-{n}");
    /// What is tried, the messages, and each entity's kind and place.
    type Case<'a> = (&'a str, Vec<Value>, &'a [(&'a str, &'a str)]);
    let cases: [Case<'_>; 4] = [
        (
            "each order once, customers again and again",
            (0..60).map(|n| message("t", &numbered(n), json!({"orderId": numbered(n), "customerId": n % 3}))).collect(),
            &[("order", "/value/orderId")],
        ),
        (
            "two topics",
            (0..60)
                .map(|n| match n % 2 {
                    0 => message("t", &numbered(n), json!({"orderId": numbered(n)})),
                    _ => message("u", &numbered(n), json!({"body": {"cart_id": numbered(n)}, "orderId": "o-0"})),
                })
                .collect(),
            &[("cart", "/value/body/cart_id")],
        ),
        (
            "an id without a name of its own",
            (0..60).map(|n| message("t", &numbered(n), json!({"id": numbered(n)}))).collect(),
            &[("{/topic}", "/key")],
        ),
        (
            "keys that are something else",
            (0..60).map(|n| message("t", "eu", json!({"orderId": numbered(n)}))).collect(),
            &[("{/topic}", "/key")],
        ),
    ];
    for (what, records, expected) in cases {
        let mapping = messages::PRESET.mapping(&records);
        let found: Vec<_> = mapping.entities.iter().map(|e| (e.kind.0.as_str(), e.id.0.as_str())).collect();
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn what_tells_every_letter_apart_is_an_entity_where_nothing_else_is() {
    let letters = |key: Option<&str>| -> Vec<Value> {
        let letter = |n: usize| {
            let value = json!({"type": "OrderPlaced", "orderId": format!("order-{n}")});
            let mut letter =
                json!({"queue": "orders-dlq", "message_id": format!("m{n}"), "timestamp": n, "value": value});
            if let (Some(key), Some(letter)) = (key, letter.as_object_mut()) {
                letter.insert("key".to_owned(), format!("{key}-{}", n % 3).into());
            }
            letter
        };
        (0..60).map(letter).collect()
    };
    let entities = |records: &[Value]| -> Vec<String> {
        infer::recognise(records).entities.iter().map(|entity| entity.id.0.clone()).collect()
    };
    assert_eq!(entities(&letters(None)), ["/key", "/value/orderId"]);
    assert_eq!(entities(&letters(Some("customer"))), ["/key"]);
}
