//! What a snapshot answers, against the events it was made from.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{Builder, TestEvent};
use crate::model::ids::{EntityIx, EventIx, ServiceIx, TypeIx};
use crate::model::time::TimeNs;

fn texts(prefix: &'static str, names: u32, most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(0..names, 0..most)
        .prop_map(move |set| set.into_iter().map(|n| format!("{prefix}{n}")).collect())
}

fn event() -> impl Strategy<Value = TestEvent> {
    let entities = (texts("order:", 30, 3), texts("customer:", 9, 3)).prop_map(|(a, b)| [a, b].concat());
    let ids = (0..40u32, texts("corr", 20, 2), texts("e", 40, 3));
    (proptest::option::of(0..1_000_000i64), 0..5u32, 0..3u32, ids, proptest::option::of(any::<u32>()), entities, 0..9u8)
        .prop_map(|(time, kind, service, (id, correlations, causes), version, entities, damage)| TestEvent {
            time,
            type_name: format!("Type{kind}"),
            service: if service == 0 { String::new() } else { format!("service{service}") },
            id: if id == 0 { String::new() } else { format!("e{id}") },
            version: version.filter(|v| *v != u32::MAX),
            entities,
            correlations,
            causes,
            undecodable: damage == 0,
            ..TestEvent::default()
        })
}

fn check(events: &[TestEvent], batch_rows: usize) {
    let mut builder = Builder::new().batch_rows(batch_rows);
    events.iter().for_each(|event| builder.push(event.clone()));
    let snapshot = builder.build();
    assert_eq!(snapshot.len(), events.len() as u64);
    let (mut entities, mut correlations) =
        (BTreeMap::<&str, Vec<EventIx>>::new(), BTreeMap::<&str, Vec<EventIx>>::new());
    let (mut types, mut services) = (BTreeMap::<&str, u64>::new(), BTreeMap::<&str, u64>::new());
    for (ix, event) in (0..).map(EventIx).zip(events) {
        if event.undecodable {
            assert_eq!(snapshot.type_ix(ix), TypeIx::UNDECODABLE);
            assert_eq!(snapshot.record(ix).expect("memory"), b"# not an event");
            assert!(snapshot.locate(ix).is_some_and(|(segment, row)| segment.issue(row).is_some()));
            continue;
        }
        *types.entry(&event.type_name).or_default() += 1;
        *services.entry(&event.service).or_default() += 1;
        event.entities.iter().for_each(|name| entities.entry(name).or_default().push(ix));
        event.correlations.iter().for_each(|name| correlations.entry(name).or_default().push(ix));
        let envelope = snapshot.envelope(ix).expect("memory");
        assert_eq!(envelope.type_name, event.type_name);
        assert_eq!(snapshot.time(ix), event.time.map(TimeNs));
        assert_eq!(snapshot.version(ix), event.version);
        assert_eq!(&*snapshot.types()[snapshot.type_ix(ix).at()].name, event.type_name);
        assert_eq!(&*snapshot.services()[snapshot.service_ix(ix).at()].name, event.service);
        let (segment, row) = snapshot.locate(ix).expect("the row is there");
        assert_eq!(segment.causes(row).len(), event.causes.len());
        if !event.id.is_empty() {
            assert!(snapshot.find_event_id(&event.id).contains(&ix));
        }
        for (i, name) in event.entities.iter().enumerate() {
            let (kind, id) = name.split_once(':').expect("written so above");
            let key = snapshot.find_entity(kind, id).expect("it has this event").0;
            let at = segment.entities().rows(key).iter().position(|r| *r == row).expect("its row");
            assert_eq!(segment.entities().is_stream(key, at), i == 0);
        }
    }
    assert_eq!(snapshot.entity_count() as usize, entities.len());
    for (name, expected) in &entities {
        let (kind, id) = name.split_once(':').expect("written so above");
        let ix = snapshot.find_entity(kind, id).expect("it has events");
        let found = snapshot.entity(ix).expect("numbers are without gaps");
        assert_eq!((&*snapshot.kinds()[found.kind.at()].name, found.id), (kind, id));
        assert_eq!(&snapshot.entity_events(ix).collect::<Vec<_>>(), expected);
    }
    assert_eq!(snapshot.correlation_count() as usize, correlations.len());
    for (name, expected) in &correlations {
        let ix = snapshot.find_correlation(name).expect("it has events");
        assert_eq!(&snapshot.correlation_events(ix).collect::<Vec<_>>(), expected);
    }
    let counted = snapshot.types().iter().skip(1).map(|name| (&*name.name, name.events)).collect::<BTreeMap<_, _>>();
    assert_eq!(counted, types);
    let served = snapshot.services().iter().filter(|n| n.events > 0).map(|name| (&*name.name, name.events));
    assert_eq!(served.collect::<BTreeMap<_, _>>(), services);
    for kind in snapshot.kinds() {
        let has = |event: &&TestEvent| {
            !event.undecodable && event.entities.iter().any(|e| e.starts_with(&format!("{}:", kind.name)))
        };
        assert_eq!(kind.events, events.iter().filter(has).count() as u64);
        let prefix = format!("{}:", kind.name);
        assert_eq!(kind.entities, entities.keys().filter(|e| e.starts_with(&prefix)).count() as u64);
    }
    let unread = events.iter().filter(|event| event.undecodable).count() as u64;
    assert_eq!((snapshot.undecodable(), snapshot.types()[0].events), (unread, unread));
}

proptest! {
    #[test]
    fn a_snapshot_answers_what_its_events_say(events in proptest::collection::vec(event(), 0..120), batch in 1..40usize) {
        check(&events, batch);
    }
}

#[test]
fn more_rows_than_a_segment_holds() {
    let mut builder = Builder::new();
    for n in 0..70_000i64 {
        builder = builder.simple(n, "Counted", &[&format!("order:{}", n / 2), "log:all"]);
    }
    let snapshot = builder.build();
    assert_eq!(snapshot.segments().len(), 2);
    assert_eq!(snapshot.entity_events(EntityIx(1)).count(), 70_000);
    let last = snapshot.find_entity("order", "34999").expect("the last pair");
    assert_eq!(snapshot.entity_events(last).collect::<Vec<_>>(), [EventIx(69_998), EventIx(69_999)]);
}

#[test]
fn what_is_not_there_is_none() {
    let snapshot = Builder::new().simple(1, "A", &["order:1"]).build();
    let past = EventIx(1);
    assert!(snapshot.locate(past).is_none() && snapshot.time(past).is_none() && snapshot.record(past).is_err());
    assert!(snapshot.find_entity("order", "2").is_none() && snapshot.find_correlation("x").is_none());
    assert_eq!(snapshot.entity_events(EntityIx(7)).count(), 0);
    assert_eq!((snapshot.type_ix(past), snapshot.service_ix(past)), (TypeIx::UNDECODABLE, ServiceIx::NONE));
}
