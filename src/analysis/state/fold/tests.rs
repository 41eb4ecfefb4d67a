//! Keyframes, errors, stops and what is published, with a reducer whose states are sums.

use super::*;
use crate::analysis::state::testing::{Counter, Given};
use crate::analysis::state::walk::state_at;

fn folded(events: Given, limit_bytes: usize) -> (Arc<Folded>, Vec<Arc<Folded>>) {
    let mut published = Vec::new();
    let folded = fold(
        Arc::new(events),
        ReducerSource::default(),
        &mut Counter::default(),
        None,
        limit_bytes,
        &Cancel::new(),
        &mut |folded| published.push(folded),
    );
    (folded, published)
}

fn balance(value: &Value) -> String {
    value.member("balance").map(ToString::to_string).unwrap_or_default()
}

#[test]
fn every_state_is_a_short_run_from_a_keyframe() {
    let (folded, published) = folded(Given::amounts(1..=5000), LIMIT_BYTES);
    assert!(folded.is_done() && folded.stopped().is_none() && folded.complete_at(5000));
    assert_eq!(balance(folded.last()), "12502500");
    assert_eq!(folded.nearest(0), (0, folded.initial().clone()));
    assert_eq!((folded.nearest(255).0, folded.nearest(256).0, folded.nearest(4999).0), (0, 256, 4864));
    assert_eq!((folded.nearest(5000).0, folded.nearest(9999).0), (5000, 5000));
    for (step, value) in folded.keyframes() {
        assert_eq!(balance(value), (u64::from(step) * (u64::from(step) + 1) / 2).to_string());
    }
    let steps: Vec<u32> = published.iter().map(|folded| folded.done()).collect();
    assert!(steps.is_sorted() && steps.len() >= 6 && steps.len() < 50 && steps.first() == Some(&128), "{steps:?}");
}

#[test]
fn keyframes_stay_within_their_limit() {
    let (folded, _) = folded(Given::amounts(0..100_000), 20_000);
    assert!(folded.bytes() <= 20_000, "{folded:?}");
    let frames: Vec<u32> = folded.keyframes().map(|(step, _)| step).collect();
    assert!(frames.len() > 20, "{folded:?}");
    let gaps: Vec<u32> = frames.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps[..gaps.len() - 1].iter().all(|gap| *gap == gaps[0]) && gaps[0] > 256, "{gaps:?}");
    for (step, value) in folded.keyframes() {
        assert_eq!(balance(value), (u64::from(step) * u64::from(step).saturating_sub(1) / 2).to_string());
    }
    let (tiny, _) = self::folded(Given::amounts(0..10_000), 0);
    assert_eq!(tiny.keyframes().map(|(step, _)| step).collect::<Vec<_>>(), [0, 10_000]);
}

#[test]
fn a_step_that_fails_leaves_its_error_and_the_fold_goes_on() {
    let mut payloads: Vec<String> = (0..1000).map(|_| "{\"amount\":1}".to_owned()).collect();
    payloads[299] = "{\"fail\":true}".to_owned();
    payloads[700] = "{\"fail\":true}".to_owned();
    let (folded, _) = folded(Given::new(payloads), LIMIT_BYTES);
    assert_eq!(balance(folded.last()), "998");
    let steps: Vec<u32> = folded.errors().iter().map(|(step, _)| *step).collect();
    assert_eq!((steps, folded.error_count()), (vec![300, 701], 2));
    assert!(folded.complete_at(299) && !folded.complete_at(300) && !folded.complete_at(999));
    let failed = Given::new((0..3000).map(|_| "{\"fail\":true}"));
    let (failed, _) = self::folded(failed, LIMIT_BYTES);
    assert_eq!((failed.errors().len(), failed.error_count()), (1000, 3000));
}

#[test]
fn a_reducer_that_stops_leaves_what_came_before() {
    let mut payloads: Vec<String> = (0..1000).map(|_| "{\"amount\":1}".to_owned()).collect();
    payloads[299] = "{\"stop\":true}".to_owned();
    let (folded, _) = folded(Given::new(payloads), LIMIT_BYTES);
    assert_eq!((folded.done(), balance(folded.last())), (299, "299".to_owned()));
    assert_eq!(folded.stopped().map(|stopped| stopped.at), Some(300));
    assert!(!folded.is_done() && folded.complete_at(299) && !folded.complete_at(300));
}

#[test]
fn a_cancelled_fold_keeps_what_it_has() {
    let cancel = Cancel::new();
    let folded = fold(
        Arc::new(Given::amounts(0..100_000)),
        ReducerSource::default(),
        &mut Counter::default(),
        None,
        LIMIT_BYTES,
        &cancel,
        &mut |_| cancel.cancel(),
    );
    assert!(folded.done() > 0 && folded.done() < 100_000);
}

#[test]
fn a_fold_goes_on_from_another() {
    let (base, _) = folded(Given::amounts(0..5000), LIMIT_BYTES);
    for same in [0, 100, 1000, 4999, 5000] {
        let branch = Given::amounts((0..5500).map(|i| if i < i64::from(same) { i } else { 2 * i }));
        let mut counter = Counter::default();
        let from =
            fold_on(&base, same, Arc::new(branch.clone()), &mut counter, LIMIT_BYTES, &Cancel::new(), &mut |_| ());
        let work = counter.folded.load(std::sync::atomic::Ordering::Relaxed);
        assert!(work <= 5500 - same + 256, "{work} events folded again from {same}");
        let (whole, _) = folded(branch, LIMIT_BYTES);
        for step in [0, 50, 100, 101, 999, 1000, 4998, 5000, 5300, 5500] {
            let [a, b] = [&from, &whole].map(|folded| state_at(folded, &mut Counter::default(), step).value);
            assert_eq!(a, b, "step {step}, same up to {same}");
        }
    }
    let start = (200, state_at(&base, &mut Counter::default(), 200).value);
    let events = Arc::clone(base.events());
    let mut counter = Counter::default();
    let source = ReducerSource::default();
    let again = fold(events, source, &mut counter, Some(start), LIMIT_BYTES, &Cancel::new(), &mut |_| ());
    assert_eq!(again.last(), base.last());
    assert_eq!(counter.folded.load(std::sync::atomic::Ordering::Relaxed), 4800);
    assert_eq!(state_at(&again, &mut counter, 10).value, state_at(&base, &mut counter, 10).value);
}
