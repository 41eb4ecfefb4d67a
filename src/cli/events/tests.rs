//! What is printed of known snapshots, in each form.

use super::*;
use crate::analysis::query;
use crate::store::testing::{Builder, TestEvent};

fn shop() -> Builder {
    Builder::new()
        .event(TestEvent {
            time: Some(1_771_237_800_000_000_001),
            type_name: "OrderPlaced".to_owned(),
            service: "orders".to_owned(),
            id: "e1".to_owned(),
            version: Some(1),
            entities: vec!["order:o-1".to_owned(), "customer:c-1".to_owned()],
            correlations: vec!["r-1".to_owned()],
            causes: Vec::new(),
            data: r#"{ "total":59.980, "note":"=1+1 \u001b[31m", "n":9007199254740993 }"#.to_owned(),
            ..TestEvent::default()
        })
        .event(TestEvent { undecodable: true, ..TestEvent::default() })
        .simple(1_771_237_700_000_000_000, "OrderSeen", &["order:o-1"])
}

fn printed(builder: &Builder, filter: &str, format: EventsFormat, limit: u64) -> String {
    let selection = Selection { filter: query::parse(filter).unwrap(), limit };
    let mut bytes = Vec::new();
    let unread = print(&builder.build(), &selection, format, &mut Out::new(&mut bytes, false), &|_, _| {}).unwrap();
    assert_eq!(unread, 0);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn ndjson_keeps_payloads_byte_for_byte() {
    let lines = printed(&shop(), "", EventsFormat::Ndjson, u64::MAX);
    let placed = concat!(
        r#"{"ix":0,"time":"2026-02-16T10:30:00.000000001Z","type":"OrderPlaced","id":"e1","#,
        r#""entities":["order:o-1","customer:c-1"],"version":1,"service":"orders","correlation":["r-1"],"#,
        r#""causation":[],"source":{"name":"test-0.ndjson","position":0},"#,
        r#""data":{ "total":59.980, "note":"=1+1 \u001b[31m", "n":9007199254740993 }}"#
    );
    assert!(lines.lines().any(|line| line == placed), "{lines}");
    let undecodable = r#""undecodable":{"reason":"not JSON"}}"#;
    assert!(lines.lines().any(|line| line.starts_with(r#"{"ix":1,"source":"#) && line.ends_with(undecodable)));
    for line in lines.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn events_come_in_the_order_of_time() {
    let lines = printed(&shop(), "type:Order*", EventsFormat::Ndjson, u64::MAX);
    let order: Vec<bool> = lines.lines().map(|line| line.contains("OrderSeen")).collect();
    assert_eq!(order, [true, false]);
    assert_eq!(printed(&shop(), "", EventsFormat::Ndjson, 1).lines().count(), 1);
    assert_eq!(printed(&shop(), "type:Nothing", EventsFormat::Ndjson, 9), "");
}

#[test]
fn csv_has_one_header_and_as_many_columns_in_each_row() {
    let text = printed(&shop(), "", EventsFormat::Csv, u64::MAX);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().get(4), Some("entities"));
    let rows: Vec<::csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 3);
    let placed = rows.iter().find(|row| row.get(2) == Some("OrderPlaced")).unwrap();
    assert_eq!(placed.get(4), Some("order:o-1 customer:c-1"));
    let damaged = rows.iter().find(|row| row.get(0) == Some("1")).unwrap();
    assert_eq!(damaged.get(12), Some("not JSON"));
}

#[test]
fn text_is_one_line_an_event() {
    let text = printed(&shop(), "", EventsFormat::Text, u64::MAX);
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains("2026-02-16T10:28:20Z      OrderSeen  "), "{text}");
    assert!(text.contains("not JSON: test-0.ndjson at byte"), "{text}");
}

#[test]
fn payloads_over_several_lines_become_one() {
    assert_eq!(on_one_line(b"{\r\n  \"a\": 1\n}".to_vec()), b"{    \"a\": 1 }");
}
