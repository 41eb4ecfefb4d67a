//! Read models and lists of processed events with planted errors: each is found, and nothing else.

use std::sync::Arc;

use super::check::{Checker, Report, Spec, Why, kind_of_key};
use super::columns::Field;
use super::fold::Folder;
use super::processed::{self, Processed};
use crate::analysis::state::bisect::Predicate;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::analysis::state::reducers::compile;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

const RULES: &str = "on Opened\n  customerName = name\n  total = 0\n  status = \"open\"\non Paid\n  total += amount\non Closed\n  status = \"closed\"\n";

/// Per order: Opened, Paid 10.10, Paid 20.20, and for odd ones Closed.
fn log() -> Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(7);
    let mut push = |type_name: &str, order: u32, version: u32, data: String| {
        builder.push(TestEvent {
            time: Some(i64::from(order * 10 + version) * 1_000_000_000),
            type_name: type_name.to_owned(),
            id: format!("e{order}-{version}"),
            version: Some(version),
            entities: vec![format!("order:o{order}")],
            data,
            ..TestEvent::default()
        });
    };
    for order in 0..6 {
        push("Opened", order, 1, format!("{{\"name\":\"N{order}\"}}"));
        push("Paid", order, 2, "{\"amount\":10.10}".to_owned());
        push("Paid", order, 3, "{\"amount\":20.20}".to_owned());
        if order % 2 == 1 {
            push("Closed", order, 4, "{}".to_owned());
        }
    }
    builder.build()
}

fn checked(log: &Arc<Snapshot>, rows: &[&str], columns: &[(&str, &str)], only: Option<&str>) -> Report {
    let source = ReducerSource { kind: ReducerKind::Rules, text: RULES.into() };
    let reducer = compile(&source).expect("rules");
    let spec = Spec {
        kind: kind_of_key(log, "order_id").expect("a kind"),
        key: "order_id".to_owned(),
        columns: columns.iter().map(|(name, field)| ((*name).to_owned(), Field::parse(field))).collect(),
        only: only.map(|only| Predicate::parse(only).expect("a condition")),
    };
    let cancel = Cancel::new();
    let mut checker = Checker::new(spec, Folder::new(Arc::clone(log), source, reducer), &cancel);
    for row in rows {
        assert!(checker.row(row.as_bytes()).expect("a row").is_continue());
    }
    checker.finish()
}

fn row(order: u32, total: &str, status: &str) -> String {
    format!(
        "{{\"order_id\":\"o{order}\",\"customer_name\":\"N{order}\",\"total\":{total},\"status\":\"{status}\",\"note\":1}}"
    )
}

#[test]
fn every_planted_error_is_found_and_nothing_else() {
    let log = log();
    let rows = [
        row(0, "30.30", "open"),
        // As it was two events before the end.
        row(1, "10.1", "open"),
        // At no moment so.
        row(2, "30.31", "open"),
        row(4, "30.3", "open"),
        row(4, "30.3", "open"),
        row(9, "0", "open"),
        row(5, "\"30.30\"", "closed"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let found = checked(&log, &rows, &[], None);
    assert_eq!((found.rows, found.entities, found.matching, found.different_rows, found.stale_rows), (7, 6, 3, 2, 1));
    assert_eq!(found.missing.first, [("o3".to_owned(), Some(EventIx(10)))]);
    let extra: Vec<(&str, Why)> = found.extra.first.iter().map(|of| (of.key.as_str(), of.why)).collect();
    assert_eq!(extra, [("o4", Why::Repeated), ("o9", Why::NoEvents)]);
    let different: Vec<String> = (found.different.first.iter())
        .map(|of| {
            let (event, seen) = (of.event.map(|e| e.0), of.seen.map(|e| e.0));
            format!("{} {} {} {} {event:?} {seen:?} {}", of.key, of.column, of.expected, of.actual, of.behind)
        })
        .collect();
    assert_eq!(
        different,
        [
            "o1 total 30.30 10.1 Some(5) Some(4) 2",
            "o1 status \"closed\" \"open\" Some(6) Some(4) 2",
            "o2 total 30.30 30.31 Some(9) None 0",
        ]
    );
    assert_eq!(found.columns.left_out, ["note"]);
    assert_eq!((found.seen, found.complete, found.agrees()), (Some(EventIx(20)), true, false));
}

#[test]
fn a_right_read_model_agrees() {
    let log = log();
    let rows: Vec<String> = (0..6).map(|n| row(n, "30.30", if n % 2 == 1 { "closed" } else { "open" })).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert!(checked(&log, &rows, &[], None).agrees());
    let open: Vec<&str> = rows.iter().step_by(2).copied().collect();
    assert!(checked(&log, &open, &[], Some("status = \"open\"")).agrees());
    assert_eq!(checked(&log, &rows, &[], Some("status = \"open\"")).extra.count, 3);
}

#[test]
fn columns_may_be_named() {
    let log = log();
    let row = "{\"ORDER_ID\":\"o1\",\"buyer\":\"N1\",\"created_at\":\"1970-01-01 00:00:11\",\"n\":4,\"v\":3}";
    let found = checked(&log, &[row], &[("buyer", "/customerName"), ("n", "@events"), ("v", "@version")], None);
    assert_eq!(found.missing.count, 5);
    let different: Vec<&str> = found.different.first.iter().map(|of| of.column.as_str()).collect();
    assert_eq!(different, ["v"]);
    assert_eq!(found.different.first[0].event, Some(EventIx(6)));
}

#[test]
fn a_table_without_the_key_is_refused() {
    let log = log();
    let source = ReducerSource { kind: ReducerKind::Rules, text: RULES.into() };
    let reducer = compile(&source).expect("rules");
    let spec = Spec {
        kind: kind_of_key(&log, "id").expect("the only kind"),
        key: "id".to_owned(),
        columns: Vec::new(),
        only: None,
    };
    let cancel = Cancel::new();
    let mut checker = Checker::new(spec, Folder::new(log, source, reducer), &cancel);
    let wrong = checker.row(b"{\"order_id\":\"o1\"}").expect_err("no key");
    assert_eq!(wrong, "The table has no column id; it has order_id");
}

fn looked_at(rows: &[&str], time: Option<&str>, consumer: Option<&str>) -> processed::Report {
    let log = log();
    let named = |name: &str| name.to_owned();
    let spec = processed::Spec {
        id: "event_id".to_owned(),
        time: time.map(named),
        consumer: consumer.map(named),
        types: Vec::new(),
    };
    let mut look = Processed::new(&log, spec);
    rows.iter().for_each(|row| look.row(row.as_bytes()).expect("a row"));
    look.finish()
}

#[test]
fn events_that_were_skipped_repeated_or_late_are_found_per_consumer() {
    let rows = [
        // Paid of three orders: o0's second was skipped, o1's came in the wrong order, o2's first twice.
        r#"{"who":"a","event_id":"e0-2","at":1}"#,
        r#"{"who":"a","event_id":"e1-3","at":2}"#,
        r#"{"who":"b","event_id":"e5-4","at":1}"#,
        r#"{"who":"a","event_id":"e1-2","at":3}"#,
        r#"{"who":"a","event_id":"e2-3","at":6}"#,
        r#"{"who":"a","event_id":"e2-2","at":4}"#,
        r#"{"who":"a","event_id":"e2-2","at":5}"#,
        r#"{"who":"a","event_id":"lost","at":7}"#,
    ];
    let found = looked_at(&rows, Some("at"), Some("who"));
    let [a, b] = &found.consumers[..] else { panic!("two consumers") };
    assert_eq!((a.name.as_str(), a.rows, a.processed, a.latest), ("a", 7, 5, Some(EventIx(9))));
    assert_eq!(a.skipped.first, [EventIx(2)]);
    // The six of o3, o4 and o5.
    assert_eq!(a.pending.count, 6);
    assert_eq!(a.repeated.first, [EventIx(8)]);
    assert_eq!(a.late.first, [(EventIx(4), EventIx(5))]);
    assert_eq!(a.unknown.first, ["lost"]);
    assert_eq!(a.other_types, 9);
    // It closes orders only.
    assert_eq!((b.skipped.first.as_slice(), b.pending.count), ([EventIx(6), EventIx(13)].as_slice(), 0));
    // By the order of rows e2-2 came late too.
    let found = looked_at(&rows, None, Some("who"));
    assert_eq!(found.consumers[0].late.count, 2);
    let found = looked_at(&[], None, None);
    assert!(found.consumers.len() == 1 && found.consumers[0].is_sound());
}
