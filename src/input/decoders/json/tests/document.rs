//! Events inside documents.

use super::{JsonFormat, damage, events, plan, read, whole};
use crate::input::decoders::Format;
use crate::model::issue::IssueCode::{BrokenJson, NotAnObject};

const MAPPING: &str = r#"{"id": ["/@key", "/id"], "type": ["/t"]}"#;

/// The ids found and the text of their spans, whatever the pieces are.
fn check(pointer: &str, text: &str, expected: &[(&str, &str)]) {
    let format = JsonFormat::document(plan(MAPPING), pointer).expect("a pointer");
    for piece in [1, 3, 10, text.len()] {
        let outs = read(&format, text.as_bytes(), &[piece]);
        let found: Vec<_> = events(&outs)
            .iter()
            .map(|e| {
                (e.id.clone().unwrap_or_default(), &text[e.span.0 as usize..e.span.0 as usize + e.span.1 as usize])
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(id, span)| ((*id).to_owned(), *span)).collect();
        assert_eq!(found, expected, "{pointer} in {text}, {piece} bytes at a time");
        for (id, record) in expected {
            assert_eq!(format.decode().envelope(record.as_bytes()).id, Some(id), "{record}");
        }
    }
}

#[test]
fn events_are_found_at_their_pointer() {
    let two = [("1", "{\"id\":1}"), ("2", "{\"id\":2}")];
    check("", "[{\"id\":1}, {\"id\":2}]", &two);
    check("/", "[{\"id\":1},{\"id\":2}]\n", &two);
    check("/Records", "{\"Records\":[{\"id\":1},{\"id\":2}]}", &two);
    check(
        "/Records",
        "{\"x\":[{\"Records\":[{\"id\":9}]}],\"Records\":[{\"id\":1}],\"y\":{\"id\":8},\"Records\":[{\"id\":2}]}",
        &two,
    );
    check("/a/1/b", "{\"a\":[{\"b\":[{\"id\":9}]},{\"b\":[{\"id\":1},{\"id\":2}]},{\"b\":[{\"id\":9}]}]}", &two);
    check("/r/*/s/*/l", "{\"r\":[{\"s\":[{\"l\":[{\"id\":1}]},{\"k\":2}]},{\"s\":[{\"l\":[{\"id\":2}]}]}]}", &two);
    check("/a~1b", "{\"a\\/b\":[{\"id\":1},{\"id\":2}]}", &two);
    check("/e", "{\"big\":\"{\\\"e\\\":[\",\"e\":[]}", &[]);
    check("/e", "{\"e\":null}", &[]);
    check("", "[]", &[]);
    check("", "", &[]);
    let lines = "{\"Records\":[{\"id\":1}]}\n{\"Records\":[{\"id\":2}]}\n";
    check("/Records", lines, &two);
}

#[test]
fn members_bring_their_names() {
    let text = "{\"ocel:events\": {\"e1\": {\"t\":\"a\"}, \"e\\u00e9\" : {\"t\":\"b\"}}}";
    check("/ocel:events", text, &[("e1", "\"e1\": {\"t\":\"a\"}"), ("eé", "\"e\\u00e9\" : {\"t\":\"b\"}")]);
    let format = JsonFormat::document(plan(MAPPING), "/ocel:events").expect("a pointer");
    let record = b"\"e1\": {\"t\":\"a\"}";
    let decode = format.decode();
    assert_eq!(decode.json(record), Some(serde_json::json!({"t": "a", "@key": "e1"})));
    assert_eq!(decode.data_json(record).as_deref(), Some("{\"t\":\"a\"}"));
    assert_eq!(decode.envelope(record).data, 6..15);
}

#[test]
fn damage_costs_the_events_it_touches() {
    let format = JsonFormat::document(plan(MAPPING), "/e").expect("a pointer");
    let text = r#"{"e":[{"id":1},{"id":2,"x":{"y" 5}},7,{"id":3} {"id":4},oops,{"id":5}],"f":1}"#;
    for piece in [1, 5, text.len()] {
        let outs = read(&format, text.as_bytes(), &[piece]);
        let ids: Vec<_> = events(&outs).iter().filter_map(|e| e.id.clone()).collect();
        assert_eq!(ids.first().map(String::as_str), Some("1"), "{piece}");
        assert!(["3", "4", "5"].iter().all(|id| ids.iter().any(|found| found == id)), "{piece} {ids:?}");
        assert!(!ids.iter().any(|id| id == "2"));
        let codes: Vec<_> = damage(&outs).iter().map(|d| (d.0, d.2)).collect();
        assert_eq!(codes.first(), Some(&(15, BrokenJson)), "{piece}");
        assert_eq!(codes.get(1), Some(&(36, NotAnObject)), "{piece}");
    }
}

#[test]
fn what_lies_around_the_events_need_not_fit_into_memory() {
    let noise = format!("[{}]", vec!["{\"a\":[1,\"]}\"],\"b\":\"\\\\\"}"; 100_000].join(","));
    let text = format!("{{\"objects\":{noise},\"events\":[{{\"id\":1}}],\"more\":{noise}}}");
    let format = JsonFormat::document(plan(MAPPING), "/events").expect("a pointer");
    let mut reader = format.reader();
    let mut sink = super::Collect::default();
    let mut start = 0;
    while start < text.len() {
        let end = text.len().min(start + 100);
        let at = super::ByteOffset(start as u64);
        start += reader.read(&text.as_bytes()[start..end], at, end == text.len(), &mut sink);
    }
    assert_eq!(events(&sink.0).len(), 1);
}

#[test]
fn random_bytes_do_no_harm() {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let alphabet = b"{}[]\",:\\ \nae1-\0\xFFid";
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..next() % 80).map(|_| alphabet[next() % alphabet.len()]).collect();
        for format in [
            JsonFormat::document(plan(MAPPING), "/e").expect("a pointer"),
            JsonFormat::document(plan(MAPPING), "").expect("a pointer"),
            JsonFormat::values(plan(MAPPING)),
            JsonFormat::lines(plan(MAPPING)),
        ] {
            let _ = whole(&format, &bytes);
            let _ = read(&format, &bytes, &[1]);
            let _ = format.decode().envelope(&bytes);
            let _ = (format.decode().json(&bytes), format.decode().data_json(&bytes));
        }
    }
}
