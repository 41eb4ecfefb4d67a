//! Chains of small logs, and what is odd about some of them.

use super::*;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

fn event(id: &str, time: i64, service: &str, correlations: &[&str], causes: &[&str]) -> TestEvent {
    let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    TestEvent {
        time: Some(time * 1_000_000),
        type_name: id.to_uppercase(),
        service: service.to_owned(),
        id: id.to_owned(),
        correlations: own(correlations),
        causes: own(causes),
        ..TestEvent::default()
    }
}

fn chain(log: &Snapshot, start: &Start) -> Chain {
    match trace(log, start, &Cancel::new()) {
        Some(Trace::Chain(chain)) => chain,
        other => panic!("no chain: {other:?}"),
    }
}

fn shown(log: &Snapshot, chain: &Chain) -> String {
    let described = describe(log, chain);
    let events = described.events.iter().map(|event| {
        let causes: Vec<String> = event.causes.iter().map(|ix| ix.0.to_string()).collect();
        format!("{}<{}@{}{}", event.ix.0, causes.join("+"), event.depth, event.odd.join("!"))
    });
    events.collect::<Vec<_>>().join(" ")
}

#[test]
fn causes_come_before_effects_whatever_the_clocks_say() {
    let log = Builder::new()
        .batch_rows(2)
        .event(event("a", 10, "web", &["c1"], &[]))
        .event(event("c", 5, "mail", &["c1"], &["b"]))
        .event(event("b", 20, "shop", &["c1"], &["a"]))
        .event(event("d", 30, "shop", &["c1"], &["a", "b", "lost"]))
        .event(event("x", 1, "shop", &["c2"], &[]))
        .build();
    let found = chain(&log, &Start::Event(EventIx(0)));
    assert_eq!(shown(&log, &found), "0<@0 2<0@1 1<2@2before its cause 3<0+2@2");
    let described = describe(&log, &found);
    assert_eq!(described.ids, ["c1"]);
    assert_eq!(described.services, ["web", "shop", "mail"]);
    assert_eq!(described.duration_ms, Some(25.0));
    assert_eq!(described.missing, [DescribedMissing { id: "lost".to_owned(), wanted_by: EventIx(3) }]);
    assert_eq!(described.critical_path, [0, 2, 3].map(EventIx));
}

#[test]
fn circles_and_self_causes_are_marked_and_end() {
    let log = Builder::new()
        .event(event("a", 1, "s", &["c"], &["c"]))
        .event(event("b", 2, "s", &["c"], &["a"]))
        .event(event("c", 3, "s", &["c"], &["b"]))
        .event(event("d", 4, "s", &["c"], &["d", "c"]))
        .event(event("a", 5, "s", &["c"], &["a"]))
        .build();
    let found = chain(&log, &Start::Event(EventIx(1)));
    assert_eq!(shown(&log, &found), "4<@0causes itself!repeated id 0<@0in a circle 1<0@1 2<1@2 3<2@3causes itself");
    assert_eq!((found.links[1].event, &found.links[1].circle), (EventIx(0), &vec![3]), "c, the third event, is told");
}

#[test]
fn causes_outside_of_the_id_belong_to_the_chain() {
    let log = Builder::new()
        .batch_rows(1)
        .event(event("root", 1, "s", &[], &[]))
        .event(event("up", 2, "s", &["other"], &["root"]))
        .event(event("a", 3, "s", &["c"], &["up"]))
        .event(event("b", 4, "s", &["c", "other"], &["a"]))
        .build();
    let correlation = log.find_correlation("c").expect("it is there");
    assert_eq!(shown(&log, &chain(&log, &Start::Correlation(correlation))), "0<@0 1<0@1 2<1@2 3<2@3");
    assert_eq!(chain(&log, &Start::Correlation(correlation)).ids, ["c"]);
    assert_eq!(chain(&log, &Start::Event(EventIx(3))).ids, ["c", "other"]);
    let one = chain(&log, &Start::EventBy(EventIx(3), "other".to_owned()));
    assert_eq!((shown(&log, &one).as_str(), one.ids), ("0<@0 1<0@1 2<1@2 3<2@3", vec!["other".to_owned()]));
    let names: Vec<String> = correlations_of(&log, EventIx(3)).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["c", "other"]);
}

#[test]
fn without_a_correlation_id_causes_lead_both_ways() {
    let log = Builder::new()
        .batch_rows(1)
        .event(event("a", 1, "s", &[], &[]))
        .event(event("b", 2, "s", &[], &["a"]))
        .event(event("c", 3, "s", &[], &["b"]))
        .event(event("z", 3, "s", &[], &[]))
        .build();
    assert_eq!(shown(&log, &chain(&log, &Start::Event(EventIx(1)))), "0<@0 1<0@1 2<1@2");
    assert_eq!(shown(&log, &chain(&log, &Start::Event(EventIx(3)))), "3<@0");
}

#[test]
fn diagrams_quote_what_is_in_the_log() {
    let mut odd = event("b", 2, "shop", &["c"], &["a"]);
    odd.type_name = "x; participant \"y\"\n#1".to_owned();
    let log = Builder::new().event(event("a", 1, "web", &["c"], &["gone"])).event(odd).build();
    let described = describe(&log, &chain(&log, &Start::Event(EventIx(0))));
    assert_eq!(
        mermaid(&Sequence::of(&described, &Folding::default())),
        "sequenceDiagram\n    participant s0 as web\n    participant s1 as shop\n    s0->>s0: A\n    \
         s0-)s1: x#59; participant #34;y#34; #35;1\n    Note over s0: cause gone is not in the log\n"
    );
    assert_eq!(
        plantuml(&Sequence::of(&described, &Folding::default())),
        "@startuml\nparticipant \"web\" as s0\nparticipant \"shop\" as s1\ns0 ->> s0 : A\n\
         s0 ->> s1 : x; participant ''y'' #1\nnote over s0 : cause gone is not in the log\n@enduml\n"
    );
}

#[test]
fn where_nothing_is_named_shared_entities_make_a_guess() {
    let hour = 3_600_000_i64;
    let seen = |ms: i64, kind: &str, entities: &[&str]| TestEvent {
        time: Some(ms * 1_000_000),
        type_name: kind.to_owned(),
        entities: entities.iter().map(|&name| name.to_owned()).collect(),
        ..TestEvent::default()
    };
    let mut builder = Builder::new()
        .batch_rows(3)
        .event(seen(0, "Placed", &["order:1", "country:de"]))
        .event(seen(hour, "Picked", &["order:1", "item:7"]))
        .event(seen(2 * hour, "Packed", &["item:7", "parcel:3"]))
        .event(seen(3 * hour, "Sent", &["parcel:3"]))
        .event(seen(900 * hour, "Returned", &["parcel:3"]));
    for n in 0..300 {
        builder = builder.event(seen(n, "Other", &["country:de"]));
    }
    let log = builder.build();
    let found = chain(&log, &Start::Event(EventIx(1)));
    assert_eq!(shown(&log, &found), "0<@0 1<0@1 2<1@2 3<2@3", "a country ties nothing, nor what comes weeks later");
    let described = describe(&log, &found);
    assert!(described.inferred);
    assert_eq!(described.events[2].shared, ["item:7"]);
}

#[test]
fn a_chain_by_causes_is_followed_to_its_ends() {
    let mut builder = Builder::new().batch_rows(50);
    for n in 0..400_i64 {
        let cause = format!("e{}", n - 1);
        let causes: &[&str] = if n == 0 { &[] } else { &[&cause] };
        builder = builder.event(event(&format!("e{n}"), n, "s", &[], causes));
    }
    let log = builder.build();
    for start in [0, 200, 399] {
        let found = chain(&log, &Start::Event(EventIx(start)));
        assert_eq!((found.links.len(), found.missing.len()), (400, 0), "from {start}");
    }
}

#[test]
fn a_constant_hides_no_chain() {
    let mut builder = Builder::new();
    for n in 0..CONSTANT_FROM as i64 {
        let trace: &[&str] = if n < 3 { &["same", "trace"] } else { &["same"] };
        builder = builder.event(event(&format!("e{n}"), n, "s", trace, &[]));
    }
    let log = builder.build();
    let found = chain(&log, &Start::Event(EventIx(1)));
    assert_eq!((found.links.len(), found.ids, found.constants), (3, vec!["trace".to_owned()], vec!["same".to_owned()]));
    let Some(Trace::Constant { id, events, .. }) = trace(&log, &Start::Event(EventIx(9)), &Cancel::new()) else {
        panic!()
    };
    assert_eq!((id.as_str(), events), ("same", CONSTANT_FROM as u64));
    let chosen = trace(&log, &Start::EventBy(EventIx(1), "same".to_owned()), &Cancel::new());
    assert!(matches!(chosen, Some(Trace::Constant { .. })), "asked for by name, it is told");
}

#[test]
fn too_many_effects_are_counted_not_drawn() {
    let mut builder = Builder::new().event(event("root", 0, "s", &[], &[]));
    for n in 0..=CONSTANT_FROM as i64 {
        builder = builder.event(event(&format!("e{n}"), n, "s", &[], &["root"]));
    }
    let found = trace(&builder.build(), &Start::Event(EventIx(0)), &Cancel::new());
    assert!(matches!(found, Some(Trace::TooLarge { .. })), "{found:?}");
}
