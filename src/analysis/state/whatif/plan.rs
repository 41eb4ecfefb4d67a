//! Which events are folded, in which order: a history with some of them left out, exchanged, added or
//! moved.
//!
//! Kept as runs of the stored history, so that a change to a million events costs two runs.

use std::ops::Range;

/// One place of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The event of the stored history, counted from 0.
    Stored(u32),
    /// A stored event with other content.
    Changed { stored: u32, content: u32 },
    /// An event that is not in the stored history.
    Made(u32),
}

/// Slots that follow each other; only of stored ones more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub first: Slot,
    pub len: u32,
}

/// Positions count from 0, as those of the stored history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    runs: Vec<Run>,
    stored: u32,
}

impl Plan {
    /// The stored history as it is.
    #[must_use]
    pub fn whole(stored: u32) -> Self {
        let runs = if stored == 0 { Vec::new() } else { vec![Run { first: Slot::Stored(0), len: stored }] };
        Self { runs, stored }
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.runs.iter().map(|run| run.len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// How many events at the front are those of the stored history.
    #[must_use]
    pub fn same_front(&self) -> u32 {
        match self.runs.first() {
            Some(Run { first: Slot::Stored(0), len }) => *len,
            _ => 0,
        }
    }

    /// Where the stored history is followed to its end: the position in it and in the plan. Both are the
    /// ends where the last event is not the stored one.
    #[must_use]
    pub fn same_tail(&self) -> (u32, u32) {
        let len = self.len();
        match self.runs.last() {
            Some(Run { first: Slot::Stored(first), len: run }) if first + run == self.stored => (*first, len - run),
            _ => (self.stored, len),
        }
    }

    /// Where a stored event is, changed or not.
    #[must_use]
    pub fn place_of(&self, stored: u32) -> Option<u32> {
        self.place(|run| match run.first {
            Slot::Stored(first) => stored.checked_sub(first).filter(|inside| *inside < run.len),
            Slot::Changed { stored: changed, .. } => (changed == stored).then_some(0),
            Slot::Made(_) => None,
        })
    }

    #[must_use]
    pub fn place_of_made(&self, content: u32) -> Option<u32> {
        self.place(|run| (run.first == Slot::Made(content)).then_some(0))
    }

    #[must_use]
    pub fn slot(&self, at: u32) -> Option<Slot> {
        self.pieces(at..at.saturating_add(1)).next().map(|run| run.first)
    }

    /// The slots of these positions as runs; positions past the end have none.
    pub fn pieces(&self, range: Range<u32>) -> impl Iterator<Item = Run> {
        let mut start = 0;
        self.runs.iter().filter_map(move |run| {
            let (from, to) = (range.start.max(start), range.end.min(start + run.len));
            let inside = from.saturating_sub(start);
            start += run.len;
            (from < to).then(|| Run { first: ahead(run.first, inside), len: to - from })
        })
    }

    /// Takes out what is there; nothing past the end.
    pub fn remove(&mut self, at: u32) -> Option<Slot> {
        let slot = self.slot(at)?;
        let i = self.split(at);
        self.split(at + 1);
        self.runs.remove(i);
        self.join(i);
        Some(slot)
    }

    /// Puts a slot before the one at `at`, or at the end.
    pub fn insert(&mut self, at: u32, slot: Slot) {
        let i = self.split(at);
        self.runs.insert(i, Run { first: slot, len: 1 });
        self.join(i + 1);
        self.join(i);
    }

    pub fn replace(&mut self, at: u32, slot: Slot) {
        if self.remove(at).is_some() {
            self.insert(at, slot);
        }
    }

    fn place(&self, inside: impl Fn(&Run) -> Option<u32>) -> Option<u32> {
        let mut start = 0;
        for run in &self.runs {
            if let Some(inside) = inside(run) {
                return Some(start + inside);
            }
            start += run.len;
        }
        None
    }

    /// Makes a run begin at this position and gives its number.
    fn split(&mut self, at: u32) -> usize {
        let mut start = 0;
        for (i, run) in self.runs.iter_mut().enumerate() {
            if at <= start {
                return i;
            }
            let inside = at - start;
            if inside < run.len {
                let rest = Run { first: ahead(run.first, inside), len: run.len - inside };
                run.len = inside;
                self.runs.insert(i + 1, rest);
                return i + 1;
            }
            start += run.len;
        }
        self.runs.len()
    }

    /// Makes one run of this one and the one before it where they follow each other.
    fn join(&mut self, i: usize) {
        let Some([before, after]) = i.checked_sub(1).and_then(|start| self.runs.get_mut(start..=i)) else { return };
        if let (Slot::Stored(first), Slot::Stored(next)) = (before.first, after.first)
            && first + before.len == next
        {
            before.len += after.len;
            self.runs.remove(i);
        }
    }
}

fn ahead(slot: Slot, by: u32) -> Slot {
    match slot {
        Slot::Stored(first) => Slot::Stored(first + by),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slots(plan: &Plan) -> Vec<Slot> {
        (0..plan.len()).filter_map(|at| plan.slot(at)).collect()
    }

    #[test]
    fn a_move_and_back_is_the_stored_history() {
        let mut plan = Plan::whole(6);
        let slot = plan.remove(4).expect("it is there");
        plan.insert(1, slot);
        assert_eq!((plan.same_front(), plan.same_tail()), (1, (5, 5)));
        assert_eq!(plan.place_of(4), Some(1));
        let slot = plan.remove(1).expect("it is there");
        plan.insert(4, slot);
        assert_eq!(plan, Plan::whole(6));
        assert_eq!((plan.same_front(), plan.same_tail()), (6, (0, 0)));
    }

    #[test]
    fn what_is_past_the_end_is_nothing() {
        let mut plan = Plan::whole(2);
        assert_eq!((plan.slot(2), plan.remove(7)), (None, None));
        assert_eq!(plan.pieces(1..9).collect::<Vec<_>>(), [Run { first: Slot::Stored(1), len: 1 }]);
        plan.insert(99, Slot::Made(0));
        assert_eq!((plan.len(), plan.place_of_made(0), plan.same_tail()), (3, Some(2), (2, 3)));
        assert_eq!((Plan::whole(0).same_front(), Plan::whole(0).same_tail()), (0, (0, 0)));
    }

    proptest! {
        /// A plan is a list of slots, whatever is done to it.
        #[test]
        fn runs_behave_as_a_list(len in 0_u32..12, edits in prop::collection::vec((0_u8..3, 0_u32..14, 0_u32..14), 0..20)) {
            let mut plan = Plan::whole(len);
            let mut list: Vec<Slot> = (0..len).map(Slot::Stored).collect();
            for (what, at, to) in edits {
                let (at, to) = (at.min(list.len() as u32), to.min(list.len() as u32));
                match what {
                    0 => {
                        let removed = (at < list.len() as u32).then(|| list.remove(at as usize));
                        prop_assert_eq!(plan.remove(at), removed);
                    }
                    1 => {
                        list.insert(at as usize, Slot::Made(to));
                        plan.insert(at, Slot::Made(to));
                    }
                    _ => if let Some(slot) = plan.remove(at) {
                        list.remove(at as usize);
                        let to = to.min(list.len() as u32);
                        list.insert(to as usize, slot);
                        plan.insert(to, slot);
                    },
                }
                prop_assert_eq!(slots(&plan), list.clone());
                prop_assert_eq!(plan.len() as usize, list.len());
            }
            let front = list.iter().zip(0..len).take_while(|(slot, i)| **slot == Slot::Stored(*i)).count();
            prop_assert_eq!(plan.same_front() as usize, front);
            let (stored, at) = plan.same_tail();
            prop_assert_eq!(list[at as usize..].to_vec(), (stored..len).map(Slot::Stored).collect::<Vec<_>>());
        }
    }
}
