//! The first event after which something holds of the state.
//!
//! Looked for twice. Keyframes give an answer at once: the first of them at which it holds, and the run
//! before it. What held between two keyframes and no longer at the second is only found by folding all
//! that came before; that is the second, verified answer.

mod predicate;

use std::ops::ControlFlow;

pub use self::predicate::Predicate;
use super::fold::Folded;
use super::reducer::{Reducer, Stopped};
use super::value::Value;
use super::walk::{Walked, walk};
use crate::analysis::OnProgress;
use crate::base::cancel::Cancel;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub first: Option<First>,
    /// It held before the first event already.
    pub from_start: bool,
    /// Every state before `first` (or all of them) was looked at.
    pub verified: bool,
    /// The reducer could not go on, so that not everything was looked at.
    pub stopped: Option<Stopped>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct First {
    pub step: u32,
    pub state: Value,
}

/// The first step from 1 on at which `predicate` holds, as far as is folded. `soon` gets the answer of
/// the keyframes; what is returned is verified unless cancelled or stopped.
pub fn bisect(
    folded: &Folded,
    reducer: &mut dyn Reducer,
    predicate: &Predicate,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
    soon: &mut dyn FnMut(&Answer),
) -> Answer {
    let mut answer = Answer { from_start: predicate.holds(folded.initial()), ..Answer::default() };
    let (mut before, mut at) = (0, None);
    for (step, value) in folded.keyframes().filter(|(step, _)| *step > 0) {
        if predicate.holds(value) {
            at = Some((step, value.clone()));
            break;
        }
        before = step;
    }
    if let Some((step, value)) = at {
        // The keyframe's own state is known: only those before it are folded again.
        answer.look(folded, reducer, predicate, (before + 1, step - 1), cancel, &|_, _| ());
        answer.first = answer.first.or(Some(First { step, state: value }));
    }
    answer.verified = before == 0 && answer.stopped.is_none() && !cancel.is_cancelled();
    soon(&answer);
    if answer.verified && answer.first.is_some() {
        return answer;
    }
    let later = answer.first.take();
    let end = if later.is_some() { before } else { folded.done() };
    answer.verified = answer.look(folded, reducer, predicate, (1, end), cancel, on_progress);
    answer.first = answer.first.or(later);
    answer
}

impl Answer {
    /// Looks at the states of these steps in order; whether it got as far as there was need to.
    fn look(
        &mut self,
        folded: &Folded,
        reducer: &mut dyn Reducer,
        predicate: &Predicate,
        (from, to): (u32, u32),
        cancel: &Cancel,
        on_progress: OnProgress<'_>,
    ) -> bool {
        if from > to {
            return true;
        }
        let walked = walk(folded, reducer, from, to, cancel, &mut |step, state, _| {
            if step.is_multiple_of(4096) {
                on_progress(u64::from(step - from), u64::from(to - from));
            }
            if predicate.holds(state) {
                self.first = Some(First { step, state: state.clone() });
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        match walked {
            Walked::Through | Walked::Left => true,
            Walked::Cancelled => false,
            Walked::Stopped(stopped) => {
                self.stopped = Some(stopped);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::state::fold::{LIMIT_BYTES, fold};
    use crate::analysis::state::reducer::ReducerSource;
    use crate::analysis::state::testing::{Counter, Given};

    fn folded(amounts: impl IntoIterator<Item = i64>) -> Arc<Folded> {
        let events = Arc::new(Given::amounts(amounts));
        let never = Cancel::new();
        fold(events, ReducerSource::default(), &mut Counter::default(), None, LIMIT_BYTES, &never, &mut |_| ())
    }

    /// The answers given at once and in the end: step and whether it was verified.
    fn answers(folded: &Folded, predicate: &str) -> [(Option<u32>, bool); 2] {
        let predicate = Predicate::parse(predicate).expect("a predicate");
        let mut soon = None;
        let answer = bisect(folded, &mut Counter::default(), &predicate, &Cancel::new(), &|_, _| (), &mut |answer| {
            soon = Some(answer.clone());
        });
        [soon.expect("there is always a first answer"), answer]
            .map(|answer| (answer.first.map(|first| first.step), answer.verified))
    }

    #[test]
    fn the_first_step_is_found() {
        let rising = folded(0..5000);
        for (predicate, soon, verified) in [
            // 0 + 1 + … + n-1 first exceeds 1000 at n = 46, which no keyframe comes before.
            ("balance > 1000", (Some(46), true), Some(46)),
            ("count = 1", (None, false), Some(1)),
            ("count >= 0", (Some(1), true), Some(1)),
            ("count = 256", (Some(256), true), Some(256)),
            ("count >= 257", (Some(257), false), Some(257)),
            ("count >= 5000", (Some(5000), false), Some(5000)),
            ("count = 1000", (None, false), Some(1000)),
            ("balance < 0", (None, false), None),
        ] {
            assert_eq!(answers(&rising, predicate), [soon, (verified, true)], "{predicate}");
        }
    }

    #[test]
    fn what_held_only_between_keyframes_replaces_the_first_answer() {
        let mut amounts = vec![1; 3000];
        amounts[699] = -10_000;
        amounts[700] = 10_000;
        amounts[2000] = -10_000;
        assert_eq!(answers(&folded(amounts), "balance < 0"), [(Some(2001), false), (Some(700), true)]);
    }

    #[test]
    fn what_held_from_the_start_is_said() {
        let folded = folded([5, 5]);
        let predicate = Predicate::parse("balance < 10").expect("a predicate");
        let answer = bisect(&folded, &mut Counter::default(), &predicate, &Cancel::new(), &|_, _| (), &mut |_| ());
        assert!(answer.from_start && answer.first.is_some_and(|first| first.step == 1));
    }

    #[test]
    fn a_cancelled_search_is_not_verified() {
        let cancel = Cancel::new();
        cancel.cancel();
        let predicate = Predicate::parse("count = 700").expect("a predicate");
        let answer = bisect(&folded(0..5000), &mut Counter::default(), &predicate, &cancel, &|_, _| (), &mut |_| ());
        assert_eq!((answer.first, answer.verified), (None, false));
    }
}
