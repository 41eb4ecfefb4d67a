//! All chains of small logs: what is counted, what is missing, and where clocks differ.

use super::*;
use crate::base::cancel::Cancel;
use crate::model::ids::{EventIx, ServiceIx};
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

const MS: i64 = 1_000_000;

fn event(id: &str, ms: i64, type_name: &str, service: &str, correlation: &str, cause: &str) -> TestEvent {
    let list = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    TestEvent {
        time: Some(ms * MS),
        type_name: type_name.to_owned(),
        service: service.to_owned(),
        id: id.to_owned(),
        correlations: list(correlation),
        causes: list(cause),
        ..TestEvent::default()
    }
}

fn all(log: &Snapshot) -> Flows {
    survey(log, &Cancel::new(), &|_, _| ()).expect("nobody cancels")
}

/// Forty orders: the seventh is never paid, the ninth is refused; the last one has only begun.
fn orders() -> std::sync::Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(16);
    for n in 0..=60_i64 {
        let (id, at) = (format!("c{n}"), n * 1000);
        let e = |step: &str| format!("{step}{n}");
        builder.push(event(&e("a"), at, "OrderPlaced", "web", &id, ""));
        if n == 60 {
            continue;
        }
        builder.push(event(&e("b"), at + 10, "PaymentRequested", "orders", &id, &e("a")));
        if n == 7 {
            continue;
        }
        let paid = if n == 9 { "PaymentFailed" } else { "PaymentReceived" };
        builder.push(event(&e("c"), at + 30, paid, "payments", &id, &e("b")));
        if n == 9 {
            continue;
        }
        builder.push(event(&e("d"), at + 40, "OrderShipped", "shipping", &id, &e("c")));
    }
    builder.build()
}

#[test]
fn chains_are_summed_up_and_what_did_not_come_is_told() {
    let log = orders();
    let flows = all(&log);
    assert_eq!(flows.chains.len(), 61);
    assert_eq!(flows.loose, 0);
    let first = flows.chains[0];
    assert_eq!((first.events, first.duration_ns, first.missing, first.lacking), (4, 40 * MS, 0, 0));
    assert_eq!(flows.services(&first).len(), 4);
    assert!(!first.is_incomplete() && !first.flags.error);
    let unpaid = flows.chains[7];
    assert_eq!((unpaid.lacking, unpaid.flags.unfinished, unpaid.flags.open), (1, true, false));
    assert!(unpaid.is_incomplete());
    let failed = flows.chains[9];
    assert!(failed.flags.error && failed.flags.unfinished);
    let young = flows.chains[60];
    assert!(young.flags.unfinished && young.flags.open && !young.is_incomplete(), "the rest may still come");
    let told: Vec<(String, Vec<String>, u64)> = flows
        .follows
        .iter()
        .map(|rule| {
            let effects = rule.effects.iter().map(|of| log.type_name(*of).to_owned()).collect();
            (log.type_name(rule.cause).to_owned(), effects, rule.lacking)
        })
        .collect();
    let rule = |cause: &str, effect: &str, lacking| (cause.to_owned(), vec![effect.to_owned()], lacking);
    assert!(told.contains(&rule("OrderPlaced", "PaymentRequested", 0)), "{told:?}");
    assert!(told.contains(&rule("PaymentRequested", "PaymentReceived", 2)), "{told:?}");
    let kind = &flows.kinds[0];
    assert_eq!((kind.chains, kind.unfinished), (61, 2));
    assert_eq!(flows.variants[0].chains, 58);
    let lacking = flows.lacking(&log, &log.correlation_events(unpaid.correlation.unwrap()).collect::<Vec<_>>());
    assert_eq!(
        lacking.iter().map(|(event, _)| log.type_name(log.type_ix(*event))).collect::<Vec<_>>(),
        ["PaymentRequested"]
    );
}

#[test]
fn the_map_counts_causes_with_their_effects() {
    let log = orders();
    let map = ServiceMap::of(&log, &all(&log));
    assert!(!map.by_order && !map.types_only);
    let told: Vec<String> =
        map.edges.iter().map(|e| format!("{}>{} {}", map.nodes[e.from].name, map.nodes[e.to].name, e.count)).collect();
    assert_eq!(told, ["web>orders 60", "orders>payments 59", "payments>shipping 58"]);
    let (p50, p99) = (map.edges[1].p50_ms.unwrap(), map.edges[1].p99_ms.unwrap());
    assert!((18.5..=21.5).contains(&p50) && (18.5..=21.5).contains(&p99), "{p50} {p99}");
    assert_eq!(map.edges[1].types.len(), 2);
    assert!(mermaid(&map).contains("-->|\"60 · 10 ms\"|"), "{}", mermaid(&map));
    let drawn = svg(&map);
    let mut reader = quick_xml::Reader::from_str(&drawn);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => break,
            Ok(_) => (),
            Err(error) => panic!("no XML: {error}\n{drawn}"),
        }
    }
    let placed = layout(&map);
    for (i, a) in placed.nodes.iter().enumerate() {
        for b in &placed.nodes[i + 1..] {
            let apart = a.x + a.w < b.x || b.x + b.w < a.x || a.y + a.h < b.y || b.y + b.h < a.y;
            assert!(apart, "{a:?} {b:?}");
        }
    }
}

#[test]
fn circles_of_services_and_calls_to_oneself_are_laid_out() {
    let services = ["a", "b", "c"];
    let mut builder = Builder::new();
    for n in 0..12_usize {
        let cause = if n == 0 { String::new() } else { format!("e{}", n - 1) };
        let service = services[n % 3];
        builder.push(event(&format!("e{n}"), n as i64, "T", service, "c", &cause));
        builder.push(event(&format!("f{n}"), n as i64, "U", service, "c", &format!("e{n}")));
    }
    let log = builder.build();
    let map = ServiceMap::of(&log, &all(&log));
    let placed = layout(&map);
    assert_eq!(placed.routes.iter().filter(|route| route.to_itself).count(), 3);
    assert!(placed.routes.iter().all(|route| route.points.len() >= 2));
    assert!(placed.routes.iter().flat_map(|route| &route.points).all(|p| p[0] >= 0.0 && p[1] >= 0.0));
}

#[test]
fn clocks_are_compared_in_both_directions() {
    let mut builder = Builder::new();
    // The mail service's clock is 500 ms ahead, messages take 20 ms each way.
    for n in 0..50_i64 {
        let (at, id) = (n * 10_000, format!("c{n}"));
        builder.push(event(&format!("a{n}"), at, "Asked", "web", &id, ""));
        builder.push(event(&format!("b{n}"), at + 520 + n, "Sent", "mail", &id, &format!("a{n}")));
        builder.push(event(&format!("c{n}"), at + 40 + n, "Done", "web", &id, &format!("b{n}")));
    }
    let log = builder.build();
    let flows = all(&log);
    let [mail] = flows.offsets.list() else { panic!("{:?}", flows.offsets) };
    assert_eq!(log.service_name(mail.service), "mail");
    assert!((490..=510).contains(&(mail.ahead_ns / MS)), "{}", mail.ahead_ns);
    assert_eq!(flows.offsets.of(ServiceIx::NONE), 0);
    assert!(flows.chains.iter().all(|chain| chain.flags.before_cause));
    assert!(all(&orders()).offsets.list().is_empty(), "nothing speaks for a difference there");
}

#[test]
fn causes_alone_make_chains_and_those_elsewhere_are_not_missing() {
    let log = Builder::new()
        .batch_rows(2)
        .event(event("a", 1, "A", "s", "", ""))
        .event(event("b", 2, "B", "s", "", "a"))
        .event(event("c", 3, "C", "s", "", "b"))
        .event(event("x", 4, "X", "s", "", ""))
        .event(event("y", 5, "Y", "s", "k", "c"))
        .event(event("z", 6, "Z", "s", "k", "gone"))
        .build();
    let flows = all(&log);
    let told: Vec<(Option<u32>, u32, u32)> =
        flows.chains.iter().map(|c| (c.correlation.map(|c| c.0), c.events, c.missing)).collect();
    assert_eq!(told, [(Some(0), 2, 1), (None, 3, 0)]);
    assert_eq!(flows.loose, 1);
    assert_eq!(flows.edges.iter().map(|edge| edge.count).sum::<u64>(), 3);
}

#[test]
fn without_causes_the_order_of_time_stands_in() {
    let log = Builder::new()
        .event(event("a", 1, "A", "s", "k", ""))
        .event(event("b", 3, "B", "t", "k", ""))
        .event(event("b", 3, "B", "t", "k", ""))
        .event(event("c", 2, "C", "s", "k", ""))
        .build();
    let flows = all(&log);
    assert!(flows.by_order);
    let edges: Vec<String> =
        flows.edges.iter().map(|e| format!("{}>{}", log.type_name(e.key.cause), log.type_name(e.key.effect))).collect();
    assert_eq!(edges, ["A>C", "C>B"]);
    assert_eq!(flows.chains[0].events, 4, "deliveries count, but are no steps of their own");
}

#[test]
fn chains_are_found_and_sorted() {
    let log = orders();
    let flows = all(&log);
    let find = |query: ChainQuery| search(&log, &flows, &query, &Cancel::new()).expect("nobody cancels");
    assert_eq!(find(ChainQuery::default()).len(), 61);
    assert_eq!(find(ChainQuery { type_text: "paymentf".to_owned(), ..ChainQuery::default() }), [9]);
    assert_eq!(find(ChainQuery { error: true, ..ChainQuery::default() }), [9]);
    assert_eq!(find(ChainQuery { incomplete: true, ..ChainQuery::default() }), [7, 9]);
    assert_eq!(find(ChainQuery { service_text: "SHIP".to_owned(), ..ChainQuery::default() }).len(), 58);
    assert_eq!(find(ChainQuery { duration_ns: Some((0, 35 * MS)), ..ChainQuery::default() }), [7, 9, 60]);
    let by_size = find(ChainQuery { sort: ChainSort::Events, ..ChainQuery::default() });
    assert_eq!(by_size[..3], [60, 7, 9]);
    let columns = histogram(&flows, &by_size);
    assert_eq!(columns.iter().map(|(_, n)| n).sum::<u64>(), 61);
    assert_eq!(columns.last().map(|(_, n)| *n), Some(58));
}

#[test]
fn two_chains_are_aligned_where_they_agree() {
    let log = orders();
    let events = |at: usize| -> Vec<EventIx> {
        log.correlation_events(all(&log).chains[at].correlation.expect("an id")).collect()
    };
    let compared = compare(&log, &events(0), &events(9));
    assert_eq!(compared.parted, Some(2));
    let shape: Vec<(bool, bool)> =
        compared.lines.iter().map(|line| (line.left.is_some(), line.right.is_some())).collect();
    assert_eq!(shape, [(true, true), (true, true), (true, false), (true, false), (false, true)]);
    assert_eq!(compare(&log, &events(0), &events(1)).parted, None);
}

#[test]
fn a_constant_is_no_chain() {
    let mut builder = Builder::new();
    for n in 0..100_001_i64 {
        builder.push(event(&format!("e{n}"), n, "T", "s", "same", ""));
    }
    let flows = all(&builder.build());
    assert!(flows.chains.is_empty());
    assert_eq!(flows.constants, [(EventIx(0), 100_001)]);
}
