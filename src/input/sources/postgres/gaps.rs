//! Numbers of a sequence that were passed over. They are given out before their rows are committed, so a row can
//! appear behind later ones: what was passed over is looked for again until nobody can commit it any more.
//!
//! That is so when a minute has gone by and every transaction has ended that was open when the gap was seen. Neither
//! alone would do: a transaction may last for hours, and one that took a number ahead of its first row has no id yet
//! by which it could be known.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A gap is waited for at least so long.
const GAP_TIME: Duration = Duration::from_mins(1);

/// Gaps that are remembered at most; a store with more of them deletes rows.
pub(super) const MOST_GAPS: usize = 200;

/// Transactions as a server numbers them: all below the first have ended, none from the second on has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transactions {
    pub open_from: u64,
    pub next: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    first: i64,
    last: i64,
    since: Instant,
    /// The transaction that was to begin next when the gap was first asked for.
    before: Option<u64>,
}

/// How far the numbers of a table were seen.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    highest: Option<i64>,
    open: VecDeque<Gap>,
    /// Numbers that were given up.
    given_up: u64,
    /// Gaps that were forgotten because there were too many, and whether that was said.
    forgotten: u64,
    said_forgotten: bool,
    /// How many were given up when that was last said.
    said: u64,
}

impl Gaps {
    /// The highest number there is and the stretches below it that nobody has seen, the last ones first.
    pub fn begin(&mut self, highest: i64, stretches: impl IntoIterator<Item = (i64, i64)>) {
        self.highest = Some(highest);
        for (first, last) in stretches {
            if self.open.len() == MOST_GAPS {
                self.forgotten += 1;
                break;
            }
            self.open.push_front(Gap { first, last, since: Instant::now(), before: None });
        }
    }

    pub fn highest(&self) -> Option<i64> {
        self.highest
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// First and last number of each.
    pub fn stretches(&self) -> Vec<(i64, i64)> {
        self.open.iter().map(|gap| (gap.first, gap.last)).collect()
    }

    /// Takes a number in; those between it and the highest one so far may still come.
    pub fn seen(&mut self, number: i64) {
        match self.highest {
            Some(highest) if number > highest => {
                if number - highest > 1 {
                    let gap = Gap { first: highest + 1, last: number - 1, since: Instant::now(), before: None };
                    self.open.push_back(gap);
                    if self.open.len() > MOST_GAPS {
                        self.open.pop_front();
                        self.forgotten += 1;
                    }
                }
                self.highest = Some(number);
            }
            Some(_) => self.fill(number),
            None => self.highest = Some(number),
        }
    }

    /// A number that was passed over is there now.
    fn fill(&mut self, number: i64) {
        let Some(at) = self.open.iter().position(|gap| gap.first <= number && number <= gap.last) else { return };
        let Some(gap) = self.open.remove(at) else { return };
        let parts = [Gap { last: number - 1, ..gap }, Gap { first: number + 1, ..gap }];
        self.open.extend(parts.into_iter().filter(|gap| gap.first <= gap.last));
    }

    /// Takes out what can come no more: to be called after the gaps were asked for, with the time and the
    /// transactions from before that question.
    pub fn give_up(&mut self, asked: Instant, transactions: Option<Transactions>) {
        let given_up = &mut self.given_up;
        self.open.retain_mut(|gap| {
            if let Some(now) = transactions {
                gap.before.get_or_insert(now.next);
            }
            let have_ended = gap.before.zip(transactions).is_none_or(|(before, now)| now.open_from >= before);
            let is_over = have_ended && asked.saturating_duration_since(gap.since) >= GAP_TIME;
            if is_over {
                *given_up = given_up.saturating_add(gap.last.abs_diff(gap.first).saturating_add(1));
            }
            !is_over
        });
    }

    /// What was given up and not said yet, in words; seldom, since there are stores where this is every day's work.
    pub fn news(&mut self, transactions: Option<Transactions>) -> Option<String> {
        if self.forgotten > 0 && !std::mem::replace(&mut self.said_forgotten, true) {
            return Some(format!("more than {MOST_GAPS} stretches: only the last ones are waited for"));
        }
        if self.given_up == 0 || self.given_up < self.said.saturating_mul(10) {
            return None;
        }
        self.said = self.given_up;
        let why = match transactions {
            Some(_) => "a minute went by, and all transactions that were open then have ended",
            None => "a minute went by",
        };
        Some(format!("{} given up: {why}", crate::base::text::plural(self.given_up, "number was", "numbers were")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_passed_over_are_waited_for_until_they_come() {
        let mut gaps = Gaps::default();
        for (number, highest, expected) in [
            (5, 5, vec![]),
            (6, 6, vec![]),
            (10, 10, vec![(7, 9)]),
            (8, 10, vec![(7, 7), (9, 9)]),
            (12, 12, vec![(7, 7), (9, 9), (11, 11)]),
            (7, 12, vec![(9, 9), (11, 11)]),
            (7, 12, vec![(9, 9), (11, 11)]),
            (11, 12, vec![(9, 9)]),
        ] {
            gaps.seen(number);
            assert_eq!((gaps.highest, gaps.stretches()), (Some(highest), expected), "after {number}");
        }
    }

    #[test]
    fn gaps_without_end_are_not_all_kept_and_that_is_said() {
        let mut gaps = Gaps::default();
        (0..10_000).for_each(|number| gaps.seen(number * 2));
        assert_eq!(gaps.open.len(), MOST_GAPS);
        assert!(gaps.news(None).is_some_and(|said| said.contains("only the last ones")));
        assert_eq!(gaps.news(None), None, "once");
    }

    #[test]
    fn a_gap_is_given_up_when_time_and_transactions_are_over() {
        let at = |open_from, next| Some(Transactions { open_from, next });
        let mut gaps = Gaps::default();
        gaps.begin(9, [(7, 8), (3, 3)]);
        let soon = Instant::now();
        let late = soon + GAP_TIME + Duration::from_secs(1);
        for (asked, transactions, left, why) in [
            (soon, at(50, 60), 2, "a minute has not gone by"),
            (late, at(59, 80), 2, "59 was open when they were seen"),
            (late, at(60, 90), 0, "all have ended"),
        ] {
            gaps.give_up(asked, transactions);
            assert_eq!(gaps.open.len(), left, "{why}");
        }
        assert!(gaps.news(at(60, 90)).is_some_and(|said| said.contains("3 numbers were given up")));
        assert_eq!(gaps.news(at(60, 90)), None, "once");
        let mut plain = Gaps::default();
        plain.begin(9, [(7, 8)]);
        plain.give_up(late, None);
        assert!(plain.is_empty(), "a server that numbers no transactions has only the clock");
    }
}
