//! Letters of small logs, found, grouped and seen in context.

use std::sync::Arc;

use super::*;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

/// An advisory that a message was given up: of all letters the one whose form is in the body.
fn advisory(stream: &str, seq: u64, minute: u64) -> TestEvent {
    let data = format!(
        r#"{{"type":"io.nats.jetstream.advisory.v1.max_deliver","stream":"{stream}","consumer":"billing","stream_seq":{seq},"deliveries":5,"timestamp":"2026-02-16T10:{minute:02}:00Z"}}"#
    );
    TestEvent {
        time: Some(0),
        type_name: "advisory".to_owned(),
        id: format!("{stream}-{seq}"),
        entities: vec![format!("order:{seq}")],
        data,
        ..TestEvent::default()
    }
}

fn all(snapshot: &Arc<Snapshot>, config: &Config) -> Found {
    find(snapshot, config, &Cancel::new(), &|_, _| {}).expect("nobody cancels")
}

fn of_config(json: &str) -> Config {
    Config::parse(json, "config.json").expect("a configuration")
}

#[test]
fn letters_are_found_among_others_and_grouped() {
    let mut builder = Builder::new().batch_rows(2).simple(1, "OrderPlaced", &["order:1"]);
    for (stream, seq, minute) in [("ORDERS", 1, 5), ("ORDERS", 2, 1), ("MAILS", 3, 9)] {
        builder = builder.event(advisory(stream, seq, minute)).simple(2, "OrderPaid", &["order:1"]);
    }
    let snapshot = builder.build();
    let found = all(&snapshot, &Config::default());
    assert_eq!((found.looked, found.of, found.entries.len()), (7, 7, 3));
    let groups = groups(&found, &Regroup::default());
    let told: Vec<_> = groups.iter().map(|g| (g.cause.as_str(), g.count, g.examples.clone())).collect();
    assert_eq!(
        told,
        [
            ("delivered too often, from ORDERS", 2, vec![EventIx(1), EventIx(3)]),
            ("delivered too often, from MAILS", 1, vec![EventIx(5)]),
        ]
    );
    let orders = groups.first().expect("a group");
    assert_eq!(orders.origins, [("ORDERS".to_owned(), 2)]);
    assert_eq!(orders.consumers, [("billing".to_owned(), 2)]);
    assert_eq!(orders.entities.len(), 2);
    let (first, last) = orders.first.zip(orders.last).expect("times");
    assert_eq!(
        (first.to_rfc3339().as_str(), last.to_rfc3339().as_str()),
        ("2026-02-16T10:01:00Z", "2026-02-16T10:05:00Z")
    );
    assert_eq!(orders.sparkline(&found, (first, last), 4), [1, 0, 0, 1]);
    assert!(found.entry(EventIx(3)).is_some() && found.entry(EventIx(4)).is_none());
}

#[test]
fn a_log_that_grows_is_the_same_as_one_read_at_once() {
    let mut builder = Builder::new().batch_rows(2);
    let mut before: Option<Found> = None;
    for n in 0..9 {
        builder = builder.event(advisory(["A", "B"][n as usize % 2], n, n)).simple(1, "X", &[]);
        let snapshot = builder.build();
        let again = find_again(&snapshot, &Config::default(), before.as_ref(), &Cancel::new(), &|_, _| {});
        let again = again.expect("nobody cancels");
        let fresh = all(&snapshot, &Config::default());
        assert_eq!(again.entries, fresh.entries);
        assert_eq!(again.fingerprints, fresh.fingerprints);
        before = Some(again);
    }
    let cancelled = Cancel::new();
    cancelled.cancel();
    assert!(find(&builder.build(), &Config::default(), &cancelled, &|_, _| {}).is_none());
}

#[test]
fn groups_are_split_merged_and_renamed() {
    let snapshot =
        Builder::new().event(advisory("A", 1, 1)).event(advisory("A", 2, 2)).event(advisory("B", 3, 3)).build();
    let found = all(&snapshot, &Config::default());
    let plain = groups(&found, &Regroup::default());
    let ids: Vec<&str> = plain.iter().map(|group| group.fingerprint.id.as_str()).collect();
    let &[a, b] = ids.as_slice() else { panic!("two groups: {ids:?}") };
    let merged =
        of_config(&format!(r#"{{"groups":{{"merged":{{"{b}":"{a}","{a}":"{b}"}},"names":{{"{a}":"ours"}}}}}}"#));
    let told: Vec<_> = groups(&found, &merged.groups).into_iter().map(|group| (group.cause, group.count)).collect();
    assert_eq!(told.iter().map(|(_, count)| count).sum::<u64>(), 3, "a circle of merges loses nothing: {told:?}");
    let merged = of_config(&format!(r#"{{"groups":{{"merged":{{"{b}":"{a}"}},"names":{{"{a}":"ours"}}}}}}"#));
    let told: Vec<_> = groups(&found, &merged.groups).into_iter().map(|group| (group.cause, group.count)).collect();
    assert_eq!(told, [("ours".to_owned(), 3)]);
    let split = of_config(&format!(r#"{{"groups":{{"split":{{"{a}":["consumer","header:tenant"]}}}}}}"#));
    let again = groups(&all(&snapshot, &split), &split.groups);
    assert!(again.iter().any(|group| group.count == 2 && group.fingerprint.id != a), "{again:?}");
    let own = of_config(r#"{"groups":{"keys":["consumer"],"without_cause":true}}"#);
    let told: Vec<_> =
        groups(&all(&snapshot, &own), &own.groups).into_iter().map(|group| (group.cause, group.count)).collect();
    assert_eq!(told, [("billing".to_owned(), 3)]);
}

#[test]
fn configurations_that_make_no_sense_are_refused() {
    for json in [
        "",
        "{\"names\":[{}]}",
        "{\"names\":[{\"label\":\"x\"}]}",
        "{\"groups\":{\"keys\":[\"tenant\"]}}",
        "{\"grups\":{}}",
    ] {
        assert!(Config::parse(json, "config.json").is_err(), "{json}");
    }
}

#[test]
fn an_application_s_own_names_come_first() {
    use super::dialects::{is_added, read};
    let config = of_config(
        r#"{"names":[{"label":"our library","topic":"x-failed-topic","root":"x-error-class","message":"x-error","newest":"first"}],"targets":{"invoices-dlq":"invoices"}}"#,
    );
    let headers = [("x-failed-topic", "second"), ("x-failed-topic", "first"), ("x-error", "no"), ("tenant", "de")];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let seen = Seen::of(serde_json::json!({"topic": "anything"}), headers, None, Some(TimeNs(7)));
    let letter = read(&seen, &config).expect("a letter");
    assert_eq!((letter.dialect.as_str(), letter.failed_at), ("our library", Some(TimeNs(7))));
    assert_eq!(letter.origin.as_ref().map(Location::name), Some("first"));
    assert!(is_added(&letter, "x-error", &config) && !is_added(&letter, "tenant", &config));
    let by_name = Seen::of(serde_json::json!({"topic": "invoices-dlq"}), Vec::new(), None, None);
    assert_eq!(read(&by_name, &config).map(|letter| letter.target), Some(Ok(Location::topic("invoices", None, None))));
}

#[test]
fn a_letter_is_seen_among_what_happened_around_it() {
    let minute = |n: i64| 1_771_236_000_000_000_000 + n * 60_000_000_000;
    let of_order = |time: i64, id: &str, data: &str| TestEvent {
        time: Some(minute(time)),
        type_name: "OrderChanged".to_owned(),
        id: id.to_owned(),
        entities: vec!["order:7".to_owned()],
        correlations: vec!["c1".to_owned()],
        data: data.to_owned(),
        ..TestEvent::default()
    };
    // The letter keeps its message's id and time; it failed five minutes later.
    let mut letter_event = advisory("ORDERS", 7, 5);
    letter_event.time = Some(minute(0));
    letter_event.id = "m".to_owned();
    let snapshot = Builder::new()
        .event(of_order(-2, "a", "{}"))
        .event(of_order(-1, "b", "{}"))
        .event(of_order(0, "m", "{}"))
        .event(letter_event)
        .event(of_order(3, "c", "{}"))
        .event(of_order(6, "d", "{}"))
        .event(of_order(9, "e", "{}"))
        .build();
    let event = EventIx(3);
    let (letter, _) = read(&snapshot, event, &Config::default()).expect("a letter");
    assert_eq!(letter.failed_at, Some(TimeNs(minute(5))));
    let context = context::context(&snapshot, event, &letter, &Cancel::new()).expect("nobody cancels");
    assert_eq!(context.original.map(|original| (original.event, original.by)), Some((EventIx(2), "its id")));
    let around = context.entities.first().expect("the order");
    assert_eq!(around.before, Some(EventIx(1)));
    assert_eq!((around.later, around.first_later.as_slice()), (2, &[EventIx(5), EventIx(6)][..]));
}
