//! Sets of rows behave as lists of rows; time order is a stable sort.

use std::sync::Arc;

use proptest::prelude::*;

use super::{RowOrder, Rows};
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

/// `None` is an event without a time; each list is a source.
fn log(sources: &[Vec<Option<i64>>], batch: usize) -> Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(batch);
    for (i, times) in sources.iter().enumerate() {
        if i > 0 {
            builder = builder.next_source();
        }
        for &time in times {
            builder.push(TestEvent { time, type_name: "T".to_owned(), ..TestEvent::default() });
        }
    }
    builder.build()
}

fn by_time(snapshot: &Snapshot, rows: Rows) -> RowOrder {
    RowOrder::by_time(snapshot, rows, &Cancel::new()).expect("nobody cancels")
}

fn list(order: &RowOrder) -> Vec<u64> {
    (0..order.len()).filter_map(|k| order.nth(k)).map(|ix| ix.0).collect()
}

#[test]
fn sources_are_merged_by_time_and_rows_without_time_stay_behind_their_neighbour() {
    let log = log(&[vec![None, Some(10), None, Some(30)], vec![Some(20), Some(5), None]], 2);
    let order = by_time(&log, Rows::all(&log));
    assert_eq!(list(&order), [0, 5, 6, 1, 2, 4, 3]);
    assert_eq!(order.place_of_time(&log, TimeNs(20)), 5);
    assert_eq!(order.place_of_time(&log, TimeNs(31)), 7);
}

#[test]
fn a_log_in_time_order_needs_no_memory_for_it() {
    let log = log(&[vec![Some(1), None, Some(1), Some(4)], vec![Some(4), Some(9)]], 2);
    let order = by_time(&log, Rows::all(&log));
    assert_eq!(order.bytes(), 0);
    assert_eq!(list(&order), [0, 1, 2, 3, 4, 5]);
}

proptest! {
    #[test]
    fn sets_and_orders_agree_with_lists(
        sources in proptest::collection::vec(proptest::collection::vec(proptest::option::weighted(0.8, 0_i64..30), 0..40), 1..4),
        batch in 1_usize..20,
        picks in proptest::collection::btree_set(0_u64..100, 0..60),
        all: bool,
    ) {
        let log = log(&sources, batch);
        let wanted: Vec<u64> = if all { (0..log.len()).collect() } else { picks.into_iter().filter(|&r| r < log.len()).collect() };
        let rows = if all { Rows::all(&log) } else { Rows::from_events(&log, wanted.iter().map(|&r| EventIx(r))) };
        prop_assert_eq!(rows.iter().map(|ix| ix.0).collect::<Vec<_>>(), wanted.clone());
        prop_assert_eq!(rows.len(), wanted.len() as u64);
        prop_assert_eq!(rows.is_all(), wanted.len() as u64 == log.len());
        for row in 0..log.len() + 2 {
            prop_assert_eq!(rows.contains(EventIx(row)), wanted.contains(&row));
            prop_assert_eq!(rows.rank(EventIx(row)), wanted.iter().filter(|&&r| r < row).count() as u64);
        }
        for k in 0..=rows.len() {
            prop_assert_eq!(rows.nth(k).map(|ix| ix.0), wanted.get(k as usize).copied());
        }

        let mut in_force = Vec::new();
        for source in &sources {
            let mut now = i64::MIN;
            in_force.extend(source.iter().map(|time| { now = time.unwrap_or(now); now }));
        }
        let mut sorted = wanted;
        sorted.sort_by_key(|&row| (in_force[row as usize], row));
        let order = by_time(&log, rows);
        prop_assert_eq!(list(&order), sorted.clone());
        for (k, &row) in sorted.iter().enumerate() {
            prop_assert_eq!(order.rank(&log, EventIx(row)), k as u64);
        }
        for time in [-1, 0, 7, 15, 40] {
            let before = sorted.iter().filter(|&&row| in_force[row as usize] < time).count() as u64;
            prop_assert_eq!(order.place_of_time(&log, TimeNs(time)), before);
        }
    }
}
