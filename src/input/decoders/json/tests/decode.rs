//! Single records read again.

use super::{JsonFormat, SHOP, plan};
use crate::input::decoders::Format;
use crate::model::issue::IssueCode;

#[test]
fn an_envelope_has_all_that_a_person_asks_for() {
    let record = r#" {"eventType":"OrderPlaced","eventId":"e1","timestamp":"2026-02-16T10:30:00.5Z","version":7,"correlationId":"c1","causationId":"e0","key":"k","headers":{"a":"x","n":1},"data":{"orderId":"o2","big":1.00}}"#;
    let decode = JsonFormat::lines(plan(SHOP)).decode();
    let envelope = decode.envelope(record.as_bytes());
    assert_eq!(envelope.type_name, "OrderPlaced");
    assert_eq!(envelope.time.map(|t| t.0), Some(1_771_237_800_500_000_000));
    assert_eq!(envelope.time_text.as_deref(), Some("2026-02-16T10:30:00.5Z"));
    assert_eq!(envelope.correlations[0].name, "correlationId");
    assert_eq!(envelope.causes[0].value, "e0");
    assert_eq!(envelope.key.as_deref(), Some("k"));
    assert_eq!(envelope.headers, [("a".to_owned(), "x".into()), ("n".to_owned(), "1".into())]);
    assert_eq!(&record[envelope.data], r#"{"orderId":"o2","big":1.00}"#);
    assert_eq!(decode.data_json(record.as_bytes()).as_deref(), Some(r#"{"orderId":"o2","big":1.00}"#));
    assert_eq!(envelope.issue, None);
}

#[test]
fn headers_have_several_forms() {
    let check = |headers: &str, expected: &[(&str, &str)]| {
        let record = format!("{{\"headers\":{headers}}}");
        let found = JsonFormat::lines(plan(SHOP)).decode().envelope(record.as_bytes()).headers;
        let found: Vec<_> = found.into_iter().map(|(name, value)| (name, value.as_text().into_owned())).collect();
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected, "{headers}");
    };
    check(r#"["a","1","b","2"]"#, &[("a", "1"), ("b", "2")]);
    check(r#"["a","1","b"]"#, &[("a", "1"), ("b", "null")]);
    check(
        r#"[["a","1"],["a",null],["b",{"base64":"AAAAAw=="}],[]]"#,
        &[("a", "1"), ("a", "null"), ("b", "0x00000003"), ("", "null")],
    );
    check(r#"[{"key":"a","value":"1"},{"b":2}]"#, &[("a", "1"), ("b", "2")]);
    check("null", &[]);
    check("5", &[]);
}

#[test]
fn payloads_in_strings_are_opened() {
    let mapping = r#"{"data": ["/m/{}/detail", "/m/{}", "/m"]}"#;
    let decode = JsonFormat::lines(plan(mapping)).decode();
    let check = |record: &str, data: &str, range: &str| {
        assert_eq!(decode.data_json(record.as_bytes()).as_deref(), Some(data), "{record}");
        assert_eq!(&record[decode.envelope(record.as_bytes()).data], range, "{record}");
    };
    check(r#"{"m":"{\"detail\":{\"a\":1}}"}"#, r#"{"a":1}"#, r#""{\"detail\":{\"a\":1}}""#);
    check(r#"{"m":"{\"a\":1}"}"#, r#"{"a":1}"#, r#""{\"a\":1}""#);
    check(r#"{"m":"text"}"#, r#""text""#, r#""text""#);
    check(r#"{"m":null}"#, r#"{"m":null}"#, r#"{"m":null}"#);
    check("{}", "{}", "{}");
}

#[test]
fn what_is_no_event_says_so() {
    let decode = JsonFormat::lines(plan(SHOP)).decode();
    let check = |record: &[u8], code: Option<IssueCode>| {
        assert_eq!(decode.envelope(record).issue.map(|i| i.code), code, "{}", String::from_utf8_lossy(record));
    };
    check(b"{}", None);
    check(b"{} ", None);
    check(b"", Some(IssueCode::NotJson));
    check(b"text", Some(IssueCode::NotJson));
    check(b"[]", Some(IssueCode::NotAnObject));
    check(b"{\"a\":1", Some(IssueCode::BrokenJson));
    check(b"{} x", Some(IssueCode::BrokenJson));
    check(b"{\"a\":\"\xFF\"}", Some(IssueCode::InvalidUtf8));
    assert_eq!(decode.json(b"{\"a\":\"\xFF\"}"), Some(serde_json::json!({"a": "\u{fffd}"})));
    assert_eq!(decode.json(b"{\"a\":1"), None);
}

#[test]
fn pairs_are_found_by_their_name() {
    let mapping = r#"{"type": ["/headers/[ce_type]", "/topic"], "correlation": ["/headers/[X-Id]"], "causation": ["{/headers/[parent]|after:-|before:-}"],
        "entities": [{"kind": "tenant", "id": "/headers/[tenant]"}], "headers": "/headers"}"#;
    let check = |headers: &str, type_name: &str, correlation: Option<&str>, cause: Option<&str>| {
        let record = format!("{{\"topic\":\"t\",\"headers\":{headers}}}");
        let envelope = JsonFormat::lines(plan(mapping)).decode().envelope(record.as_bytes());
        assert_eq!(envelope.type_name, type_name, "{headers}");
        assert_eq!(envelope.correlations.first().map(|id| id.value.as_str()), correlation, "{headers}");
        assert_eq!(envelope.causes.first().map(|id| id.value.as_str()), cause, "{headers}");
    };
    check(r#"[["x-id","c1"],["CE_TYPE","A"],["parent","00-p-1"]]"#, "A", Some("c1"), Some("p"));
    check(r#"[["ce_type",null],["x-id",{"base64":"AA=="}]]"#, "t", None, None);
    check(r#"[["ce_type"],[],["x-id","a","b"]]"#, "t", Some("a"), None);
    check("[]", "t", None, None);
    check("null", "t", None, None);
}
