//! Lists, search and counts over small logs; counts against a naive walk over each entity's events.

use std::sync::Arc;

use proptest::prelude::*;

use super::{EntityStats, ListQuery, Sort, Stat, in_range, list, search, sparkline, stats};
use crate::analysis::rows::Rows;
use crate::analysis::timeline::Basis;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx, KindIx};
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

fn log() -> Arc<Snapshot> {
    Builder::new()
        .batch_rows(2)
        .simple(50, "A", &["order:order-10", "customer:Zoë"])
        .simple(10, "A", &["order:order-9"])
        .simple(20, "B", &["order:order-10"])
        .simple(90, "B", &["order:order-2", "customer:cust-1"])
        .build()
}

fn all_stats(log: &Snapshot) -> EntityStats {
    stats(log, None, Basis::Time, &Cancel::new()).expect("nobody cancels")
}

fn names(log: &Snapshot, entities: &[EntityIx]) -> Vec<String> {
    entities.iter().filter_map(|&ix| log.entity(ix)).map(|entity| entity.id.to_owned()).collect()
}

fn listed(log: &Snapshot, query: &ListQuery) -> Vec<String> {
    names(log, &list(log, &all_stats(log), query, &Cancel::new()).expect("nobody cancels").order)
}

#[test]
fn lists_are_sorted_as_people_expect() {
    let log = log();
    for (sort, reversed, expected) in [
        (Sort::First, false, ["order-9", "order-10", "Zoë", "order-2", "cust-1"]),
        (Sort::Last, false, ["order-2", "cust-1", "order-10", "Zoë", "order-9"]),
        (Sort::Count, false, ["order-10", "order-9", "Zoë", "order-2", "cust-1"]),
        (Sort::Name, false, ["Zoë", "cust-1", "order-2", "order-9", "order-10"]),
        (Sort::Name, true, ["order-10", "order-9", "order-2", "cust-1", "Zoë"]),
    ] {
        assert_eq!(listed(&log, &ListQuery { sort, reversed, ..ListQuery::default() }), expected, "{sort:?}");
    }
}

#[test]
fn pins_come_first_and_groups_by_size() {
    let log = log();
    let pin = log.find_entity("customer", "cust-1").expect("it is there");
    let query = ListQuery { group_by_kind: true, pinned: vec![pin, pin, EntityIx(99)], ..ListQuery::default() };
    let found = list(&log, &all_stats(&log), &query, &Cancel::new()).expect("nobody cancels");
    assert_eq!(names(&log, &found.order), ["cust-1", "order-9", "order-10", "order-2", "Zoë"]);
    let groups: Vec<_> = found.groups.iter().map(|g| (&*log.kinds()[g.kind.at()].name, g.first, g.len)).collect();
    assert_eq!((found.pinned, groups), (1, vec![("order", 1, 3), ("customer", 4, 1)]));
    let text = ListQuery { text: "order-1".to_owned(), pinned: vec![pin], ..ListQuery::default() };
    assert_eq!(listed(&log, &text), ["cust-1", "order-10"]);
}

#[test]
fn search_ignores_case_and_knows_kinds() {
    let log = log();
    let order = KindIx(0);
    for (text, kinds, expected) in [
        ("", &[][..], &["order-10", "Zoë", "order-9", "order-2", "cust-1"][..]),
        ("ER-1", &[], &["order-10"]),
        ("zOË", &[], &["Zoë"]),
        ("ZO", &[], &["Zoë"]),
        ("customer", &[], &["Zoë", "cust-1"]),
        ("order:order-1", &[], &["order-10"]),
        ("mer:c", &[], &["cust-1"]),
        ("order:10", &[], &[]),
        ("o", &[order], &["order-10", "order-9", "order-2"]),
        ("order-100", &[], &[]),
    ] {
        let found = search(text, kinds, &log, &Cancel::new()).expect("nobody cancels");
        assert_eq!(names(&log, &found), expected, "{text}");
    }
}

#[test]
fn sparklines_count_every_event_of_the_range() {
    let log = log();
    let order = log.find_entity("order", "order-10").expect("it is there");
    assert_eq!(sparkline(&log, order, Basis::Time, 10, 90, 4), [1, 1, 0, 0]);
    assert_eq!(sparkline(&log, order, Basis::Position, 0, 3, 2), [1, 1]);
    assert_eq!(sparkline(&log, order, Basis::Time, i64::MIN, i64::MAX, 2), [0, 2]);
    assert_eq!(sparkline(&log, order, Basis::Time, 90, 10, 2), [0, 0]);
}

proptest! {
    #[test]
    fn counts_agree_with_each_entitys_events(
        events in proptest::collection::vec((proptest::option::of(0_i64..50), 0_u8..6, any::<bool>()), 0..50),
        batch in 1_usize..20,
        filtered: bool,
        basis in proptest::sample::select(vec![Basis::Time, Basis::Position]),
    ) {
        let mut builder = Builder::new().batch_rows(batch);
        for (time, entity, _) in &events {
            let entities = vec![format!("k:{entity}"), "k:all".to_owned()];
            builder.push(TestEvent { time: *time, type_name: "T".to_owned(), entities, ..TestEvent::default() });
        }
        let log = builder.build();
        let wanted = |ix: &EventIx| !filtered || events[ix.at()].2;
        let rows = Rows::from_events(&log, (0..log.len()).map(EventIx).filter(wanted));
        let stats = stats(&log, filtered.then_some(&rows), basis, &Cancel::new()).expect("nobody cancels");
        for ix in (0..log.entity_count()).map(EntityIx) {
            let of: Vec<EventIx> = log.entity_events(ix).filter(wanted).collect();
            let places: Vec<i64> = of.iter().filter_map(|&e| basis.place(&log, e)).collect();
            let extent = places.iter().min().copied().zip(places.iter().max().copied());
            prop_assert_eq!(stats.get(ix), Some(Stat { count: of.len() as u32, extent }));
        }
    }
}

#[test]
fn lanes_in_view_have_an_event_there_or_are_pinned() {
    let log = log();
    let zoe = log.find_entity("customer", "Zoë").expect("an entity of the log");
    let check = |range: (i64, i64), query: &ListQuery, rows: Option<&Rows>, expected: &[&str]| {
        let all = list(&log, &all_stats(&log), query, &Cancel::new()).expect("nobody cancels");
        let found = in_range(&log, &all, rows, Basis::Time, range, &Cancel::new()).expect("nobody cancels");
        assert_eq!(names(&log, &found.order), expected, "{range:?}");
        let mut at = found.pinned;
        for group in &found.groups {
            assert_eq!(group.first, at, "groups stand behind each other");
            at += group.len;
        }
        assert!(found.groups.is_empty() || at as usize == found.order.len());
    };
    let plain = ListQuery::default();
    check((10, 20), &plain, None, &["order-9", "order-10"]);
    check((11, 49), &plain, None, &["order-10"]);
    check((91, i64::MAX), &plain, None, &[]);
    check((i64::MIN, i64::MAX), &plain, None, &["order-9", "order-10", "Zoë", "order-2", "cust-1"]);
    let grouped = ListQuery { group_by_kind: true, pinned: vec![zoe], ..ListQuery::default() };
    check((20, 90), &grouped, None, &["Zoë", "order-10", "order-2", "cust-1"]);
    let third = Rows::from_events(&log, [EventIx(2)]);
    check((10, 60), &plain, Some(&third), &["order-10"]);
}

proptest! {
    #[test]
    fn lanes_in_view_equal_a_walk_over_their_events(
        times in proptest::collection::vec((proptest::option::of(-20..20_i64), 0..6_u8), 1..40),
        (start, len) in (-25..25_i64, 0..20_i64),
    ) {
        let mut builder = Builder::new().batch_rows(7);
        for (time, entity) in &times {
            builder.push(TestEvent { time: *time, entities: vec![format!("e:{entity}")], ..TestEvent::default() });
        }
        let log = builder.build();
        for basis in [Basis::Time, Basis::Position] {
            let all = list(&log, &all_stats(&log), &ListQuery::default(), &Cancel::new()).expect("nobody cancels");
            let found = in_range(&log, &all, None, basis, (start, start + len), &Cancel::new()).expect("not cancelled");
            let mut naive = all.order.clone();
            naive.retain(|&e| {
                let mut places = log.entity_events(e).filter_map(|event| basis.place(&log, event));
                places.any(|at| start <= at && at <= start + len)
            });
            prop_assert_eq!(&found.order, &naive);
        }
    }
}
