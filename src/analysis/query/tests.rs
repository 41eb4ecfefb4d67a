//! Filters answered on small logs: by hand, and against a reading of every record.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Answer, complete, evaluate, evaluate_again, parse, term, with_term};
use crate::base::cancel::Cancel;
use crate::model::filter::{Condition, Expr, NameKey, Node, Pattern, Test};
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

fn answer(filter: &str, log: &Snapshot) -> Answer {
    let filter = parse(filter).expect("the filter parses");
    evaluate(&filter, log, &Cancel::new(), &|_, _| ())
}

fn rows(filter: &str, log: &Snapshot) -> Vec<u64> {
    let answer = answer(filter, log);
    assert!(answer.complete && answer.unread == 0);
    answer.rows.iter().map(|ix| ix.0).collect()
}

fn event(time: i64, type_name: &str, entities: &[&str]) -> TestEvent {
    let entities = entities.iter().map(|&e| e.to_owned()).collect();
    TestEvent { time: Some(time * 1_000_000_000), type_name: type_name.to_owned(), entities, ..TestEvent::default() }
}

/// Times are seconds of 1970-01-01T00:00.
fn shop(batch: usize) -> Arc<Snapshot> {
    let text = str::to_owned;
    Builder::new()
        .batch_rows(batch)
        .event(TestEvent {
            id: text("e1"),
            service: text("orders"),
            version: Some(1),
            correlations: vec![text("c1")],
            data: text(r#"{"total":59.98,"items":[{"sku":"A"},{"sku":"B"}],"note":"urgent \"gift\""}"#),
            ..event(1, "OrderPlaced", &["order:456", "customer:cust-789"])
        })
        .event(TestEvent {
            id: text("e2"),
            service: text("payments"),
            version: Some(2),
            correlations: vec![text("c1")],
            causes: vec![text("e1")],
            data: text(r#"{"total":20}"#),
            ..event(2, "PaymentTaken", &["order:456"])
        })
        .event(TestEvent { undecodable: true, ..TestEvent::default() })
        .event(TestEvent {
            id: text("e3"),
            service: text("orders"),
            version: Some(3),
            ..event(62, "OrderShipped", &["order:457", "parcel:a:b"])
        })
        .event(TestEvent { time: None, data: text(r#"{"note":"later"}"#), ..event(0, "Note", &[]) })
        .next_source()
        .event(event(3, "OrderPlaced", &["order:458"]))
        .build()
}

#[test]
fn every_key_finds_its_rows() {
    for batch in [1, 2, 100] {
        let log = shop(batch);
        for (filter, expected) in [
            ("", &[0, 1, 2, 3, 4, 5][..]),
            ("type:OrderPlaced", &[0, 5]),
            ("type:Order*", &[0, 3, 5]),
            ("type:*", &[0, 1, 3, 4, 5]),
            ("type!=Order*", &[1, 2, 4]),
            ("service:orders", &[0, 3]),
            ("service:\"\"", &[2, 4, 5]),
            ("kind:customer", &[0]),
            ("kind:order", &[0, 1, 3, 5]),
            ("entity:order:456", &[0, 1]),
            ("entity:456", &[0, 1]),
            ("entity:cust-*", &[0]),
            ("entity:order:45*", &[0, 1, 3, 5]),
            ("entity:parcel:a:b", &[3]),
            ("entity:nothing:1", &[]),
            ("id:e2", &[1]),
            ("id:e*", &[0, 1, 3]),
            ("correlation:c1", &[0, 1]),
            ("correlation:c*", &[0, 1]),
            ("correlation:x", &[]),
            ("cause:e1", &[1]),
            ("cause:*", &[1]),
            ("version>=2", &[1, 3]),
            ("version!=2", &[0, 3]),
            ("source:test-1*", &[5]),
            ("is:undecodable", &[2]),
            ("is:untimed", &[2, 4]),
            ("time<1970-01-01T00:00:02Z", &[0]),
            ("time<=1970-01-01T00:00:02Z", &[0, 1]),
            ("time>1970-01-01T00:00Z", &[3]),
            ("time:1970-01-01T00:00Z", &[0, 1, 5]),
            ("time!=1970-01-01T00:00Z", &[3]),
            ("time>=1970-01-01T00:00:01.5Z", &[1, 3, 5]),
            ("data.total>50", &[0]),
            ("data.total>=20", &[0, 1]),
            ("data.items.sku:B", &[0]),
            ("record.data.total=20.0", &[1]),
            ("record.version>=3", &[3]),
            ("\"urgent\"", &[0]),
            ("\"urgent \\\"gift\\\"\"", &[0]),
            ("not urgent", &[1, 2, 3, 4, 5]),
            ("/tot.l\":[0-9]+}/", &[1]),
            ("/LATER/i", &[4]),
            ("\"not an event\"", &[2]),
            ("type:Order* (urgent or data.total<30 or version=3)", &[0, 3]),
            ("not (service:orders or data.total<30)", &[2, 4, 5]),
        ] {
            assert_eq!(rows(filter, &log), expected, "{filter} in batches of {batch}");
        }
    }
}

#[test]
fn a_cancelled_search_says_so() {
    let cancel = Cancel::new();
    cancel.cancel();
    let filter = parse("urgent").expect("the filter parses");
    let answer = evaluate(&filter, &shop(2), &cancel, &|_, _| ());
    assert!(!answer.complete && answer.rows.is_empty());
}

#[test]
fn a_grown_log_is_not_searched_anew() {
    let events = |n: i64| (0..n).map(|i| TestEvent { data: format!("{{\"n\":{}}}", i % 3), ..event(i, "T", &[]) });
    let log = |n| events(n).fold(Builder::new().batch_rows(4), Builder::event).build();
    let filter = parse("data.n=1 or \"n\\\":2\"").expect("the filter parses");
    let ask =
        |log: &Snapshot, before: Option<&Answer>| evaluate_again(&filter, log, before, &Cancel::new(), &|_, _| ());
    let long = log(30);
    let all = ask(&long, None);
    assert_eq!(ask(&long, Some(&all)).rows, all.rows);
    // Other segments, other snapshot: nothing may be taken over.
    let short = ask(&log(10), Some(&all));
    assert_eq!(short.rows.iter().map(|ix| ix.0).collect::<Vec<_>>(), [1, 2, 4, 5, 7, 8]);
    assert_eq!(ask(&long, Some(&short)).rows, all.rows);
    let other = parse("data.n=0").expect("the filter parses");
    assert_eq!(evaluate_again(&other, &long, Some(&all), &Cancel::new(), &|_, _| ()).rows.len(), 10);
}

#[test]
fn suggestions_follow_the_caret() {
    let log = shop(100);
    let check = |text: &str, expected: &[(&str, &str)]| {
        let found = complete(text, text.len(), &log);
        let all: Vec<(String, String)> =
            found.into_iter().map(|c| (format!("{}{}", &text[..c.replace.start], c.text), c.note)).collect();
        for (text, note) in expected {
            assert!(all.contains(&((*text).to_owned(), (*note).to_owned())), "{text} {note} in {all:?}");
        }
        assert!(!expected.is_empty() || all.is_empty(), "{all:?}");
    };
    check("", &[("type:", "4 types"), ("entity:", "5 entities"), ("data.", "a field of the payload")]);
    check("ty", &[("type:", "4 types")]);
    check("type:", &[("type:OrderPlaced", "2"), ("type:PaymentTaken", "1")]);
    check("type:order", &[("type:OrderPlaced", "2"), ("type:OrderShipped", "1")]);
    check("a (service:pay", &[("a (service:payments", "1")]);
    check("entity:", &[("entity:order:", "3 entities")]);
    check("entity:order:45", &[("entity:order:456", "2 events"), ("entity:order:458", "1 event")]);
    check("entity:cust", &[("entity:customer:", "1 entity"), ("entity:customer:cust-789", "1 event")]);
    check("is:un", &[("is:undecodable", ""), ("is:untimed", "")]);
    check("data.it", &[("data.items.sku", "\"A\"")]);
    check("time>=", &[("time>=1970-01-01T00:00:01Z", "first event")]);
    check("\"typ", &[]);
    check("type:zzz", &[]);
    assert_eq!(complete("é", 1, &log).len(), complete("", 0, &log).len(), "a caret inside a letter is no accident");
}

#[test]
fn terms_are_added_safely() {
    assert_eq!(term(NameKey::Entity, "order:a b"), "entity:\"order:a b\"");
    for (before, expected) in [
        ("", "is:untimed"),
        ("a b", "a b is:untimed"),
        ("a or b", "(a or b) is:untimed"),
        ("a (b or c)", "a (b or c) is:untimed"),
    ] {
        assert_eq!(with_term(before, "is:untimed"), expected);
    }
}

/// The meaning of a filter, by reading the whole record of an event.
fn naive(node: &Node, event: &TestEvent, record: &str) -> bool {
    let pattern = |pattern: &Pattern, text: &str| pattern.matches(text);
    match &node.expr {
        Expr::And(parts) => parts.iter().all(|part| naive(part, event, record)),
        Expr::Or(parts) => parts.iter().any(|part| naive(part, event, record)),
        Expr::Not(inner) => !naive(inner, event, record),
        Expr::Test(test) => match test {
            Test::Is(Condition::Undecodable) => event.undecodable,
            Test::Text(text) => record.contains(text.as_str()),
            _ if event.undecodable => matches!(test, Test::Is(Condition::Untimed)),
            Test::Is(Condition::Untimed) => event.time.is_none(),
            Test::Is(Condition::Doubtful) => false,
            Test::Name { key: NameKey::Type, pattern: p } => pattern(p, &event.type_name),
            Test::Name { key: NameKey::Id, pattern: p } => !event.id.is_empty() && pattern(p, &event.id),
            Test::Name { key: NameKey::Cause, pattern: p } => event.causes.iter().any(|id| pattern(p, id)),
            Test::Name { key: NameKey::Entity, pattern: p } => event.entities.iter().any(|id| pattern(p, id)),
            Test::Version { op, value } => event.version.is_some_and(|v| op.holds(v.cmp(value))),
            Test::Time { op, value } => event.time.is_some_and(|time| op.holds(time.cmp(&value.from.0))),
            Test::Field { op, value, .. } => {
                let found: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
                let wanted: i64 = value.pattern.exact().and_then(|text| text.parse().ok()).unwrap_or_default();
                found["n"].as_i64().is_some_and(|n| op.holds(n.cmp(&wanted)))
            }
            _ => unreachable!("not generated"),
        },
    }
}

fn filter_text() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "type:A",
        "type:B*",
        "id:i1",
        "id:i*",
        "cause:i2",
        "entity:k:1",
        "entity:k:*",
        "version>=2",
        "version!=1",
        "is:undecodable",
        "is:untimed",
        "data.n>1",
        "data.n!=2",
        "data.n<=2",
        "x1",
        "\"x2\"",
        // One nanosecond, so that comparing with its start is the whole comparison.
        "time>=1970-01-01T00:00:00.000000003Z",
        "time!=1970-01-01T00:00:00.000000001Z",
        "time<1970-01-01T00:00:00.000000004Z",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" "))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|inner| format!("not {inner}")),
        ]
    })
}

fn some_event() -> impl Strategy<Value = TestEvent> {
    let number = || 0_i64..5;
    let names = proptest::sample::select(vec!["A", "B", "BB"]);
    (names, proptest::option::of(number()), number(), number(), number(), number(), 0..10).prop_map(
        |(type_name, time, id, cause, entity, n, kind)| TestEvent {
            time,
            type_name: type_name.to_owned(),
            id: if id == 0 { String::new() } else { format!("i{id}") },
            causes: if cause == 0 { Vec::new() } else { vec![format!("i{cause}")] },
            entities: if entity == 0 { Vec::new() } else { vec![format!("k:{entity}")] },
            version: u32::try_from(n).ok().filter(|&n| n > 0),
            data: format!("{{\"n\":{n},\"t\":\"x{}\"}}", entity % 3),
            undecodable: kind == 0,
            ..TestEvent::default()
        },
    )
}

proptest! {
    #[test]
    fn columns_and_reading_agree(
        filter in filter_text(),
        events in proptest::collection::vec(some_event(), 0..60),
        batch in 1_usize..30,
    ) {
        let mut builder = Builder::new().batch_rows(batch);
        events.iter().for_each(|event| builder.push(event.clone()));
        let log = builder.build();
        let parsed = parse(&filter).expect("the filter parses");
        let root = parsed.root.expect("the filter is not empty");
        let record = |i: usize| String::from_utf8(log.record(crate::model::ids::EventIx(i as u64)).expect("in memory")).expect("text");
        let expected: Vec<u64> = (0..events.len()).filter(|&i| naive(&root, &events[i], &record(i))).map(|i| i as u64).collect();
        prop_assert_eq!(rows(&filter, &log), expected, "{}", filter);
    }
}
