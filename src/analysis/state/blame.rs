//! Why a field is as it is: the event that set it, every event that touched it, its values over time.
//!
//! An event touches a place when the value there differs from before; one that writes the same value
//! again leaves no trace in states. A list's element is a place by its number: removing the first
//! touches all.

use std::ops::ControlFlow;

use super::event::Need;
use super::fold::Folded;
use super::path::Path;
use super::reducer::Reducer;
use super::value::Value;
use super::walk::walk;
use crate::analysis::OnProgress;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;

/// What an event did to a place; `None` where nothing was there.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    pub step: u32,
    /// None for an event that a person made up.
    pub event: Option<EventIx>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The last event up to `step` that touched `path`; none where it is as it was before the first event,
/// or when cancelled. Runs of events that left the very same copy in place are passed by.
#[must_use]
pub fn set_by(folded: &Folded, reducer: &mut dyn Reducer, path: &Path, step: u32, cancel: &Cancel) -> Option<Touch> {
    let mut end = step.min(folded.done());
    let mut at_end: Option<Option<Value>> = None;
    while end > 0 && !cancel.is_cancelled() {
        let (start, value) = folded.nearest(end - 1);
        let before = path.get(&value).cloned();
        let same = |after: &Option<Value>| before.as_ref().zip(after.as_ref()).is_some_and(|(a, b)| a.is_same(b));
        if !at_end.as_ref().is_some_and(same) {
            let mut last = None;
            each_touch(folded, reducer, path, (start, end), cancel, &mut |touch| last = Some(touch));
            if let Some(touch) = last {
                return Some(named(touch, folded, cancel));
            }
        }
        at_end = Some(before);
        end = start;
    }
    None
}

/// Every event that touched `path`, in order, as far as is folded. Fewer when cancelled.
#[must_use]
pub fn touches(
    folded: &Folded,
    reducer: &mut dyn Reducer,
    path: &Path,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Vec<Touch> {
    let mut found = Vec::new();
    let mut inputs = Vec::new();
    let mut named_to = 0;
    // Cut so that progress can be told and events are named run by run.
    for (start, end) in cuts(folded.done()) {
        each_touch(folded, reducer, path, (start, end), cancel, &mut |touch| found.push(touch));
        folded.events().load(start..end, &Need::default(), cancel, &mut inputs);
        for touch in found.iter_mut().skip(named_to) {
            let input = inputs.get((touch.step - start) as usize - 1);
            touch.event = input.and_then(|input| input.ix);
        }
        named_to = found.len();
        if cancel.is_cancelled() {
            break;
        }
        on_progress(u64::from(end), u64::from(folded.done()));
    }
    found
}

/// For each path its numbers over the steps, each where it changes: a point stands until the next. A
/// step at which no number is there ends the line with a NaN.
#[must_use]
pub fn series(
    folded: &Folded,
    reducer: &mut dyn Reducer,
    paths: &[Path],
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Vec<Vec<(u32, f64)>> {
    let mut lines: Vec<Vec<(u32, f64)>> = vec![Vec::new(); paths.len()];
    let of = u64::from(folded.done());
    walk(folded, reducer, 0, folded.done(), cancel, &mut |step, state, _| {
        for (path, line) in paths.iter().zip(&mut lines) {
            let number = path.get(state).and_then(Value::as_f64).unwrap_or(f64::NAN);
            let last = line.last().map_or(f64::NAN, |(_, number)| *number);
            if number.to_bits() != last.to_bits() {
                line.push((step, number));
            }
        }
        if step.is_multiple_of(4096) {
            on_progress(u64::from(step), of);
        }
        ControlFlow::Continue(())
    });
    lines
}

const CUT: u32 = 1 << 16;

fn cuts(done: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..done).step_by(CUT as usize).map(move |start| (start, done.min(start.saturating_add(CUT))))
}

/// Touches of the steps behind `start` up to `end`, without their events' numbers.
fn each_touch(
    folded: &Folded,
    reducer: &mut dyn Reducer,
    path: &Path,
    (start, end): (u32, u32),
    cancel: &Cancel,
    found: &mut dyn FnMut(Touch),
) {
    let mut last: Option<Option<Value>> = None;
    walk(folded, reducer, start, end, cancel, &mut |step, state, _| {
        let now = path.get(state);
        let Some(before) = &last else {
            last = Some(now.cloned());
            return ControlFlow::Continue(());
        };
        let touched = match (before, now) {
            (Some(before), Some(now)) => !before.is_same(now) && before != now,
            (None, None) => false,
            _ => true,
        };
        if touched {
            let before = last.replace(now.cloned()).flatten();
            found(Touch { step, event: None, before, after: now.cloned() });
        }
        ControlFlow::Continue(())
    });
}

fn named(mut touch: Touch, folded: &Folded, cancel: &Cancel) -> Touch {
    let mut inputs = Vec::new();
    folded.events().load(touch.step - 1..touch.step, &Need::default(), cancel, &mut inputs);
    touch.event = inputs.first().and_then(|input| input.ix);
    touch
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::analysis::state::fold::{LIMIT_BYTES, fold};
    use crate::analysis::state::reducer::ReducerSource;
    use crate::analysis::state::testing::{Counter, Given};

    fn folded(amounts: &[i64]) -> Arc<Folded> {
        let events = Arc::new(Given::amounts(amounts.iter().copied()));
        let never = Cancel::new();
        fold(events, ReducerSource::default(), &mut Counter::default(), None, LIMIT_BYTES, &never, &mut |_| ())
    }

    fn text(value: Option<&Value>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn the_last_event_that_changed_a_field_set_it() {
        let mut amounts = vec![0; 3000];
        for (i, amount) in [(4, 10), (700, 5), (701, -5), (2500, 7)] {
            amounts[i] = amount;
        }
        let folded = folded(&amounts);
        let balance = Path::parse("balance");
        for (step, expected) in [
            (0, None),
            (4, None),
            (5, Some((5, "0", "10"))),
            (700, Some((5, "0", "10"))),
            (701, Some((701, "10", "15"))),
            // Between two keyframes it went up and came back.
            (2000, Some((702, "15", "10"))),
            (3000, Some((2501, "10", "17"))),
            (9999, Some((2501, "10", "17"))),
        ] {
            let touch = set_by(&folded, &mut Counter::default(), &balance, step, &Cancel::new());
            let found =
                touch.as_ref().map(|touch| (touch.step, text(touch.before.as_ref()), text(touch.after.as_ref())));
            assert_eq!(found, expected.map(|(step, a, b)| (step, a.to_owned(), b.to_owned())), "{step}");
            assert_eq!(touch.and_then(|touch| touch.event).map(|ix| ix.0 as u32 + 1), expected.map(|(step, ..)| step));
        }
        let touches = touches(&folded, &mut Counter::default(), &balance, &Cancel::new(), &|_, _| ());
        assert_eq!(touches.iter().map(|touch| touch.step).collect::<Vec<_>>(), [5, 701, 702, 2501]);
        assert_eq!(
            touches.iter().filter_map(|touch| touch.event).map(|ix| ix.0).collect::<Vec<_>>(),
            [4, 700, 701, 2500]
        );
        let nowhere = Path::parse("nowhere");
        assert_eq!(set_by(&folded, &mut Counter::default(), &nowhere, 3000, &Cancel::new()), None);
    }

    #[test]
    fn a_recent_touch_is_found_without_folding_all() {
        let folded = folded(&vec![1; 100_000]);
        let mut counter = Counter::default();
        let touch = set_by(&folded, &mut counter, &Path::parse("count"), 60_000, &Cancel::new());
        assert_eq!(touch.map(|touch| touch.step), Some(60_000));
        assert!(counter.folded.load(Ordering::Relaxed) <= 512);
    }

    #[test]
    fn touches_come_from_all_cuts() {
        let folded = folded(&vec![1; CUT as usize * 2 + 10]);
        let found = touches(&folded, &mut Counter::default(), &Path::parse("balance"), &Cancel::new(), &|_, _| ());
        assert!(found.iter().map(|touch| touch.step).eq(1..=CUT * 2 + 10));
        assert!(found.iter().all(|touch| touch.event == Some(EventIx(u64::from(touch.step) - 1))));
    }

    #[test]
    fn numbers_over_time_are_points_where_they_change() {
        let folded = folded(&[1, 0, 0, 2]);
        let paths = [Path::parse("balance"), Path::parse("nowhere"), Path::parse("count")];
        let lines = series(&folded, &mut Counter::default(), &paths, &Cancel::new(), &|_, _| ());
        assert_eq!(lines[0], [(0, 0.0), (1, 1.0), (4, 3.0)]);
        assert!(lines[1].is_empty());
        assert_eq!(lines[2].len(), 5);
    }
}
