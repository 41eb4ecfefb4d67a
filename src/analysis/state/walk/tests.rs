//! Walks and cursors equal one plain fold from the start.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::*;
use crate::analysis::state::event::Events;
use crate::analysis::state::fold::{LIMIT_BYTES, fold};
use crate::analysis::state::reducer::ReducerSource;
use crate::analysis::state::testing::{Counter, Given};

/// Every 97th event fails.
fn given(len: u32) -> Given {
    let payload = |i: u32| if i % 97 == 96 { "{\"fail\":1}".to_owned() } else { format!("{{\"amount\":{i}}}") };
    Given::new((0..len).map(payload))
}

fn folded(events: Arc<dyn Events>, limit: usize) -> Arc<Folded> {
    fold(events, ReducerSource::default(), &mut Counter::default(), None, limit, &Cancel::new(), &mut |_| ())
}

/// The states of all steps by the plainest means.
fn naive(given: &Given) -> Vec<State> {
    let mut counter = Counter::default();
    let mut value = counter.initial();
    let mut states = vec![State { value: value.clone(), error: None }];
    for event in &given.0 {
        let mut error = None;
        let event = std::slice::from_ref(event);
        counter.fold(&mut value, event, Keep::Last, &mut |step| error = step.error).expect("it never stops");
        states.push(State { value: value.clone(), error });
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn walks_and_cursors_equal_a_plain_fold(
        len in 1..4000_u32,
        tight in any::<bool>(),
        places in proptest::collection::vec((0..4100_u32, 0..700_u32), 1..12),
    ) {
        let given = given(len);
        let expected = naive(&given);
        let folded = folded(Arc::new(given), if tight { 3_000 } else { LIMIT_BYTES });
        let (mut counter, mut cursor) = (Counter::default(), Cursor::default());
        for (from, more) in places {
            let last = (from + more).min(len);
            let mut seen = Vec::new();
            let walked = walk(&folded, &mut counter, from, from + more, &Cancel::new(), &mut |step, value, error| {
                seen.push((step, State { value: value.clone(), error: error.cloned() }));
                ControlFlow::Continue(())
            });
            prop_assert_eq!(walked, Walked::Through);
            prop_assert_eq!(seen.len() as u32, (last + 1).saturating_sub(from));
            for (step, state) in &seen {
                prop_assert_eq!(state, &expected[*step as usize], "walk to step {}", step);
            }
            for step in [from, from + more, from + more + 1, from.saturating_sub(1), from + 300] {
                let state = &expected[step.min(len) as usize];
                prop_assert_eq!(&state_at(&folded, &mut counter, step), state, "step {}", step);
                prop_assert_eq!(&cursor.state_at(&folded, &mut counter, step), state, "cursor at {}", step);
            }
        }
    }
}

#[test]
fn small_moves_fold_nothing() {
    let folded = folded(Arc::new(given(100_000)), LIMIT_BYTES);
    let (mut counter, mut cursor) = (Counter::default(), Cursor::default());
    let mut work_of = |step: u32| {
        let before = counter.folded.load(Ordering::Relaxed);
        cursor.state_at(&folded, &mut counter, step);
        counter.folded.load(Ordering::Relaxed) - before
    };
    assert!(work_of(50_100) <= 256);
    assert_eq!((50_000..50_100).rev().map(&mut work_of).sum::<u32>(), 0);
    let forward: Vec<u32> = (50_101..51_000).map(&mut work_of).collect();
    assert!(forward.iter().sum::<u32>() <= 900 + AHEAD_MOST && *forward.iter().max().expect("moves") <= 66);
    assert_eq!((50_600..51_000).rev().map(&mut work_of).sum::<u32>(), 0);
}

const AHEAD_MOST: u32 = 128;

#[test]
fn a_walk_can_be_left_and_cancelled() {
    let folded = folded(Arc::new(given(10_000)), LIMIT_BYTES);
    for from in [0, 7, 256] {
        let mut visits = 0;
        let walked = walk(&folded, &mut Counter::default(), from, 9_000, &Cancel::new(), &mut |_, _, _| {
            visits += 1;
            if visits == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((walked, visits), (Walked::Left, 3));
    }
    let cancel = Cancel::new();
    let walked = walk(&folded, &mut Counter::default(), 0, 9_000, &cancel, &mut |_, _, _| {
        cancel.cancel();
        ControlFlow::Continue(())
    });
    assert_eq!(walked, Walked::Cancelled);
}

#[test]
fn more_errors_than_are_kept_are_found_again() {
    let folded = folded(Arc::new(Given::new((0..3000).map(|_| "{\"fail\":1}"))), LIMIT_BYTES);
    for step in [256, 512, 2560, 2561, 3000] {
        assert!(state_at(&folded, &mut Counter::default(), step).error.is_some(), "{step}");
    }
}
