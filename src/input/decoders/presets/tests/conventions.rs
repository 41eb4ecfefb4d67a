//! The conventions by which events name their chain and their cause, row by row as their systems' documents
//! and sources have them: a record as it is found, and what is to be made of it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::input::decoders::{self, Sample};
use crate::model::source::ReadAt;
use crate::store::testing::Memory;

/// A record with `%` where each has another number, the ids of its chains and of its causes for number 1.
type Row = (&'static str, Value, &'static [&'static str], &'static [&'static str]);

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A message of Kafka with these headers.
fn kafka(headers: Value) -> Value {
    json!({"topic": "orders", "partition": 0, "offset": "%", "timestamp": 1_771_237_800_123_i64, "timestamp_type": "create",
        "headers": headers, "value": {"total": 5}})
}

/// An event without a known envelope, with these members beside it.
fn plain(members: Value) -> Value {
    let mut event = json!({"eventType": "OrderPlaced", "eventId": "e-%", "timestamp": "2026-02-16T10:30:00Z", "data": {"total": 5}});
    if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
        event.extend(members);
    }
    event
}

fn rows() -> Vec<Row> {
    vec![
        (
            "CloudEvents, structured",
            json!({"specversion": "1.0", "id": "e-%", "source": "/s", "type": "t", "correlationid": "c", "causationid": "m-%", "traceparent": PARENT}),
            &["c", TRACE],
            &["m-1"],
        ),
        (
            "CloudEvents, binary, in Kafka's headers",
            kafka(json!([
                ["ce_specversion", "1.0"],
                ["ce_id", "e-%"],
                ["ce_type", "t"],
                ["ce_source", "/s"],
                ["ce_correlationid", "c"],
                ["ce_causationid", "m-%"]
            ])),
            &["c"],
            &["m-1"],
        ),
        (
            "CloudEvents, binary, in AMQP's headers",
            json!({"queue": "orders", "exchange": "", "routing_key": "orders", "properties": {"message_id": "p-%"}, "value": {"total": 5},
                "headers": [["cloudEvents:specversion", "1.0"], ["cloudEvents:id", "e-%"], ["cloudEvents:type", "t"], ["cloudEvents:source", "/s"],
                    ["cloudEvents:correlationid", "c"], ["cloudEvents:causationid", "m-%"]]}),
            &["c"],
            &["m-1"],
        ),
        ("W3C trace context in headers", kafka(json!([["traceparent", PARENT]])), &[TRACE], &[]),
        ("W3C trace context beside an event", plain(json!({"metadata": {"traceparent": PARENT}})), &[TRACE], &[]),
        (
            "NServiceBus",
            json!({"headers": {"NServiceBus.MessageId": "e-%", "NServiceBus.CorrelationId": "c", "NServiceBus.ConversationId": "v", "NServiceBus.RelatedTo": "m-%"}, "body": "{}"}),
            &["v", "c"],
            &["m-1"],
        ),
        (
            "NServiceBus over a broker",
            kafka(json!([
                ["NServiceBus.MessageId", "e-%"],
                ["NServiceBus.CorrelationId", "c"],
                ["NServiceBus.ConversationId", "v"],
                ["NServiceBus.RelatedTo", "m-%"]
            ])),
            &["c", "v"],
            &["m-1"],
        ),
        (
            "MassTransit's envelope",
            json!({"messageId": "e-%", "messageType": ["urn:message:A"], "message": {}, "destinationAddress": "d", "conversationId": "v", "correlationId": "c", "initiatorId": "m-%"}),
            &["v", "c"],
            &["m-1"],
        ),
        (
            "MassTransit, raw",
            kafka(json!([
                ["MessageId", "e-%"],
                ["ConversationId", "v"],
                ["CorrelationId", "c"],
                ["MT-InitiatorId", "m-%"]
            ])),
            &["c", "v"],
            &["m-1"],
        ),
        (
            "Rebus",
            kafka(json!([
                ["rbs2-msg-id", "e-%"],
                ["rbs2-corr-id", "c"],
                ["rbs2-corr-seq", "3"],
                ["rbs2-in-reply-to", "m-%"]
            ])),
            &["c"],
            &["m-1"],
        ),
        (
            "Wolverine",
            kafka(json!([
                ["id", "e-%"],
                ["correlation-id", "c"],
                ["causation-id", "m-%"],
                ["conversation-id", "v"],
                ["parent-id", PARENT]
            ])),
            &["c", "v", TRACE],
            &["m-1"],
        ),
        (
            "Axon's metadata",
            json!({"payloadType": "OrderPlaced", "identifier": "e-%", "timestamp": "2026-02-16T10:30:00Z", "payload": {"total": 5},
                "metaData": {"correlationId": "c", "causationId": "m-%"}}),
            &["c"],
            &["m-1"],
        ),
        (
            "Eventide and Message DB, by the place in the store",
            json!({"id": "e-%", "stream_name": "order-1", "type": "A", "position": "%", "global_position": "9%", "time": "2026-02-16T10:30:00Z", "data": {},
                "metadata": {"correlationStreamName": "order-1", "causationMessageStreamName": "cart-7", "causationMessagePosition": 4, "causationMessageGlobalPosition": "8%"}}),
            &["order-1"],
            &["81"],
        ),
        (
            "Eventide, by the place in a stream",
            json!({"id": "e-%", "stream_name": "order-1", "type": "A", "position": "%", "time": "2026-02-16T10:30:00Z", "data": {}, "global_position": "9%",
                "metadata": {"correlationStreamName": "order-1", "causationMessageStreamName": "cart-7", "causationMessagePosition": 4}}),
            &["order-1"],
            &["cart-7/4"],
        ),
        (
            "Eventide, in Ruby's spelling",
            json!({"id": "e-%", "stream_name": "order-1", "type": "A", "position": "%", "global_position": "9%", "time": "2026-02-16T10:30:00Z", "data": {},
                "metadata": {"correlation_stream_name": "order-1", "causation_message_stream_name": "cart-7", "causation_message_position": 4, "causation_message_global_position": "8%"}}),
            &["order-1"],
            &["81"],
        ),
        (
            "KurrentDB",
            json!({"eventId": "e-%", "eventType": "A", "streamId": "order-1", "eventNumber": "%", "data": {}, "metadata": {"$correlationId": "c", "$causationId": "m-%"}}),
            &["c"],
            &["m-1"],
        ),
        (
            "Marten's columns",
            json!({"id": "e-%", "type": "order_placed", "stream_id": "s", "version": "%", "timestamp": "2026-02-16T10:30:00Z", "data": {}, "correlation_id": "c", "causation_id": "m-%"}),
            &["c"],
            &["m-1"],
        ),
        (
            "Rails Event Store",
            json!({"event_id": "e-%", "event_type": "OrderPlaced", "data": {"total": 5}, "metadata": {"timestamp": "2026-02-16T10:30:00Z", "correlation_id": "c", "causation_id": "m-%"}}),
            &["c"],
            &["m-1"],
        ),
        (
            "B3, single",
            kafka(json!([["b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90"]])),
            &["80f198ee56343ba864fe8b2a57d3eff7"],
            &[],
        ),
        (
            "B3, in several headers",
            kafka(json!([
                ["X-B3-TraceId", "80f198ee56343ba8"],
                ["X-B3-SpanId", "e457b5a2e4d86bd1"],
                ["X-B3-ParentSpanId", "05e3ac9a4f6e3b90"],
                ["X-B3-Sampled", "1"]
            ])),
            &["80f198ee56343ba8"],
            &[],
        ),
        (
            "B3, where the records are spans",
            json!({"name": "GET /orders", "timestamp": "2026-02-16T10:30:00Z", "X-B3-TraceId": "80f198ee56343ba8", "X-B3-SpanId": "e457b5a2e4d86bd%", "X-B3-ParentSpanId": "05e3ac9a4f6e3b9%"}),
            &["80f198ee56343ba8"],
            &["05e3ac9a4f6e3b91"],
        ),
        (
            "Spring Kafka and NestJS, as text",
            kafka(json!([["kafka_correlationId", "c"], ["kafka_replyTopic", "r"]])),
            &["c"],
            &[],
        ),
        (
            "RabbitMQ's properties",
            json!({"queue": "orders", "exchange": "", "routing_key": "orders", "properties": {"message_id": "e-%", "correlation_id": "c", "reply_to": "r"}, "headers": [], "value": {"total": 5}}),
            &["c"],
            &[],
        ),
        (
            "X-Ray in SQS's attributes",
            json!({"messageId": "e-%", "receiptHandle": "r", "body": "{}", "attributes": {"SentTimestamp": "1713185156609",
                "AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}),
            &["1-5759e988-bd862e3fe1be46a994272793"],
            &[],
        ),
        (
            "X-Ray in messages read from SQS",
            json!({"queue": "orders", "message_id": "e-%", "headers": [], "value": {"total": 5}, "timestamp": 1_771_237_800_123_i64, "timestamp_type": "create",
                "attributes": {"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}),
            &["1-5759e988-bd862e3fe1be46a994272793"],
            &[],
        ),
        (
            "OpenTelemetry's messaging attributes",
            plain(
                json!({"attributes": {"messaging.message.conversation_id": "v", "messaging.destination.name": "orders"}}),
            ),
            &["v"],
            &[],
        ),
        (
            "Eiffel's typed links",
            json!({"meta": {"type": "t", "id": "e-%", "time": 1}, "links": [{"type": "CAUSE", "target": "m-%"}, {"type": "CONTEXT", "target": "x"}], "data": {}}),
            &[],
            &["m-1", "x"],
        ),
        (
            "Matrix's previous events",
            json!({"event_id": "e-%", "room_id": "!r", "type": "m.room.message", "origin_server_ts": 0, "prev_events": ["m-%", "n"]}),
            &[],
            &["m-1", "n"],
        ),
        (
            "a process and its parent",
            json!({"EventID": 1, "Channel": "Sysmon", "Hostname": "h", "RecordNumber": "%", "@timestamp": "2026-02-16T10:30:00Z", "ProcessGuid": "{p}", "ParentProcessGuid": "{q}"}),
            &["{p}", "{q}"],
            &[],
        ),
        ("any spelling", plain(json!({"X-Correlation-ID": "c", "caused_by": "m-%"})), &["c"], &["m-1"]),
        (
            "a parent span beside events that are no spans",
            plain(json!({"traceId": "t", "parentSpanId": "05e3ac9a4f6e3b9%"})),
            &["t"],
            &[],
        ),
    ]
}

/// The records for numbers 1 to 4, a line each.
fn lines(record: &Value) -> String {
    let line = record.to_string();
    // A number may stand alone or be a part of a text.
    (1..5).map(|n| line.replace("\"%\"", &n.to_string()).replace('%', &n.to_string()) + "\n").collect()
}

#[test]
fn chains_and_causes_are_found_under_every_convention() {
    let mut wrong = Vec::new();
    for (name, record, correlations, causes) in rows() {
        let text = lines(&record);
        let sample = Sample { name: "log.ndjson", head: text.as_bytes(), complete: true };
        let bytes: Arc<dyn ReadAt> = Arc::new(Memory(text.clone().into_bytes()));
        let format = decoders::open(&sample, &bytes, None).expect(name);
        let envelope = format.decode().envelope(text.lines().next().unwrap_or_default().as_bytes());
        let found = |ids: &[crate::model::envelope::NamedId]| ids.iter().map(|id| id.value.clone()).collect::<Vec<_>>();
        let (correlated, caused) = (found(&envelope.correlations), found(&envelope.causes));
        let sorted = |list: &[&str]| {
            let mut list: Vec<String> = list.iter().map(|id| (*id).to_owned()).collect();
            list.sort();
            list
        };
        let as_texts = |list: &[String]| sorted(&list.iter().map(String::as_str).collect::<Vec<_>>());
        if as_texts(&correlated) != sorted(correlations) || as_texts(&caused) != sorted(causes) {
            wrong.push(format!("{name}: {correlated:?} not {correlations:?}, caused by {caused:?} not {causes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Folding is for finding; a person sees the name that is in the record.
#[test]
fn names_are_shown_as_they_are_written() {
    for (members, name) in [
        (json!({"X-Correlation-ID": "c"}), "X-Correlation-ID"),
        (json!({"correlation_id": "c"}), "correlation_id"),
        (json!({"metadata": {"$correlationId": "c"}}), "$correlationId"),
        (json!({"metadata": {"traceparent": PARENT}}), "traceparent"),
    ] {
        let text = lines(&plain(members));
        let sample = Sample { name: "log.ndjson", head: text.as_bytes(), complete: true };
        let bytes: Arc<dyn ReadAt> = Arc::new(Memory(text.clone().into_bytes()));
        let format = decoders::open(&sample, &bytes, None).expect(name);
        let envelope = format.decode().envelope(text.lines().next().unwrap_or_default().as_bytes());
        let shown: Vec<&str> = envelope.correlations.iter().map(|id| id.name.as_str()).collect();
        assert_eq!(shown, [name]);
    }
}
