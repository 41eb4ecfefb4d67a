//! Damaged, cut and made-up bytes: whatever they are, opening and reading them ends, and what opens is
//! read to its end.

use std::path::Path;

use proptest::prelude::*;

use crate::log::{Log, bytes_of, data, open_bytes};
use eventglass::input::decoders::mapping_file;
use eventglass::model::ids::ByteOffset;

const FILES: &[&str] = &[
    "ocel/minimal.jsonocel",
    "ocel/ocel20-example.jsonocel",
    "caselogs/running-example.csv",
    "cdc/debezium-many-tables.ndjson",
    "cloudevents/spec-json-format-examples.ndjson",
    "aws/snsSqsEvent.json",
    "aws/dynamoStreamEvent.json",
    "temporal/workflow1.json",
    "traces/otlp-single.json",
    "zeek/scranton/smb_mapping.ndjson",
];

fn try_bytes(name: &str, bytes: &[u8]) -> Option<Log> {
    let format = open_bytes(name, bytes, None).ok()?;
    let mut log = Log::default();
    assert_eq!(format.reader().read(bytes, ByteOffset(0), true, &mut log), bytes.len());
    for event in &log.events {
        let start = usize::try_from(event.span.0).expect("test data fit into memory");
        let record = &bytes[start..start + event.span.1 as usize];
        let decode = format.decode();
        let _ = (decode.envelope(record), decode.json(record), decode.data_json(record));
    }
    Some(log)
}

fn each(test: impl Fn(&str, Vec<u8>)) {
    for file in FILES {
        let path = data(file);
        let name = Path::new(file).file_name().expect("a file").to_string_lossy().into_owned();
        test(&name, bytes_of(&path));
    }
}

#[test]
fn files_cut_off_anywhere() {
    each(|name, bytes| {
        let step = (bytes.len() / 80).max(1);
        let mut most = 0;
        for end in (0..bytes.len()).step_by(step) {
            let seen = try_bytes(name, &bytes[..end]).map_or(0, |log| log.events.len());
            // More bytes may show that a table or a document is another one, but hardly lose events.
            most = most.max(seen);
        }
        let whole = try_bytes(name, &bytes).map_or(0, |log| log.events.len());
        assert!(most <= whole, "{name}: {most} events in a part of it, {whole} in all");
    });
}

#[test]
fn files_with_a_byte_changed() {
    each(|name, bytes| {
        let step = (bytes.len() / 20).max(1);
        for at in (0..bytes.len()).step_by(step) {
            for byte in [b'"', b'{', b'}', b'\n', 0, 0xFF, b'\\'] {
                let mut damaged = bytes.clone();
                damaged[at] = byte;
                try_bytes(name, &damaged);
            }
        }
    });
}

#[test]
fn deep_and_long_input() {
    let deep = "[".repeat(100_000);
    let deep_object = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let long = format!("{{\"type\":\"A\",\"id\":1,\"note\":\"{}\"}}\n", "x".repeat(3 << 20));
    let wide = format!("{}\n1\n", "a,".repeat(20_000));
    for text in
        [deep, deep_object.clone(), format!("{{\"type\":\"A\"}}\n{deep_object}\n{{\"type\":\"B\"}}\n"), long, wide]
    {
        try_bytes("x.log", text.as_bytes());
    }
}

#[test]
fn a_mapping_given_by_hand_wins() {
    let bytes = b"{\"eventType\":\"A\",\"eventId\":\"1\",\"timestamp\":\"2026-02-16T10:30:00Z\",\"data\":{\"orderId\":\"o\",\"what\":\"B\"}}\n";
    let text = r#"{"type": ["/data/what"], "entities": [{"kind": "thing", "id": "/eventId"}]}"#;
    let mapping = mapping_file::parse(text, "m.json").expect("a mapping");
    let format = open_bytes("x.ndjson", bytes, Some(mapping)).expect("opens");
    let mut log = Log::default();
    format.reader().read(bytes, ByteOffset(0), true, &mut log);
    let event = log.events.first().expect("one event");
    assert_eq!(event.type_name, "B");
    assert_eq!(event.entities, [("thing".to_owned(), "1".to_owned())]);
    assert_eq!((event.time, &event.id), (None, &None));
}

#[test]
fn a_mapping_says_where_events_are() {
    let bytes = br#"{"meta": {"n": 1}, "stuff": {"things": [{"a": "x"}, {"a": "y"}]}}"#;
    assert!(open_bytes("x.json", bytes, None).is_err());
    let text = r#"{"events": "/stuff/things", "type": ["/a"]}"#;
    let mapping = mapping_file::parse(text, "m.json").expect("a mapping");
    let format = open_bytes("x.json", bytes, Some(mapping)).expect("opens");
    let mut log = Log::default();
    format.reader().read(bytes, ByteOffset(0), true, &mut log);
    let types: Vec<&str> = log.events.iter().map(|event| event.type_name.as_str()).collect();
    assert_eq!(types, ["x", "y"]);
}

#[test]
fn wrappers_on_lines_are_opened() {
    let line = r#"{"Records":[{"eventName":"A","eventSource":"s","eventID":"1","userIdentity":{"accessKeyId":"k"},"eventTime":"2026-02-16T10:30:00Z"},{"eventName":"B","eventSource":"s","eventID":"2","userIdentity":{},"eventTime":"2026-02-16T10:30:01Z"}]}"#;
    let span = r#"{"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":[{"traceId":"t","spanId":"s","name":"n","startTimeUnixNano":"1706678909209712000"}]}]}]}"#;
    for (text, events) in [(format!("{line}\n{line}\n"), 4), (format!("{span}\n{span}\n{span}\n"), 3)] {
        let log = try_bytes("x.ndjson", text.as_bytes()).expect("opens");
        assert_eq!((log.events.len(), log.undecodable), (events, 0), "{text}");
        assert!(log.events.iter().all(|event| event.time.is_some()), "{text}");
    }
}

#[test]
fn refusals_say_why_and_what_to_do() {
    let error = open_bytes("notes.txt", b"Just some notes.\nNothing else.\n", None).err().expect("no log");
    for decoder in ["NDJSON", "JSON values", "JSON document", "CSV"] {
        assert!(error.details.contains(decoder), "{}", error.details);
    }
    assert!(error.to_string().contains("notes.txt") && !error.next_step.is_empty(), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn text_made_of_json_s_signs(text in "[{}\\[\\]\":,\\n a1.\\\\-]{0,120}") {
        try_bytes("x.json", text.as_bytes());
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        try_bytes("2024-01-01--00-00-00.json", &bytes);
    }

    #[test]
    fn any_table(rows in proptest::collection::vec(proptest::collection::vec("[a-c\"\\n;, ]{0,4}", 1..5), 0..8)) {
        let text: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        try_bytes("x.csv", text.join("\n").as_bytes());
    }
}
