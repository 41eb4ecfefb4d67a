//! The lines of the table: the stored history and the branch beside each other, as runs, so that a
//! million events with two changes are five runs. In the same order as the analysis compares them.

use std::ops::Range;

use crate::analysis::state::whatif::{BranchEvents, Slot, What};

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub what: What,
    /// The stored event, counted from 0.
    pub stored: Option<u32>,
    /// The branch's event, counted from 0.
    pub branch: Option<u32>,
    /// What the branch has in place of what is stored.
    pub content: Option<u32>,
}

impl Line {
    /// The stored event whose step this line makes: one that was moved here makes none.
    #[must_use]
    pub fn stored_step(self) -> Option<u32> {
        self.stored.filter(|_| self.what != What::MovedHere)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    row: u64,
    len: u32,
    first: Line,
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    runs: Vec<Run>,
    rows: u64,
}

impl Lines {
    #[must_use]
    pub fn of(branch: &BranchEvents) -> Self {
        let mut lines = Self::default();
        let (mut next, mut at) = (0, 0);
        for run in branch.plan().runs() {
            match run.first {
                Slot::Made(content) => {
                    let line = Line { what: What::Inserted, stored: None, branch: Some(at), content: Some(content) };
                    lines.push(line, 1);
                }
                Slot::Changed { stored, content } => {
                    lines.kept(branch, &mut next, stored..stored + 1, at, What::Changed, Some(content));
                }
                Slot::Stored(first) => {
                    lines.kept(branch, &mut next, first..first + run.len, at, What::Same, None);
                }
            }
            at += run.len;
        }
        lines.taken_out(branch, next..branch.base().len());
        lines
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    #[must_use]
    pub fn get(&self, row: u64) -> Option<Line> {
        let at = self.runs.partition_point(|run| run.row <= row).checked_sub(1)?;
        let run = self.runs.get(at)?;
        let inside = u32::try_from(row - run.row).ok().filter(|inside| *inside < run.len)?;
        let moved = |place: Option<u32>| place.map(|place| place + inside);
        Some(Line { stored: moved(run.first.stored), branch: moved(run.first.branch), ..run.first })
    }

    /// The row of a stored event, where it lies now: that of the branch where it is in there.
    #[must_use]
    pub fn row_of_stored(&self, stored: u32) -> Option<u64> {
        let of = |run: &&Run| run.first.stored.is_some_and(|first| (first..first + run.len).contains(&stored));
        let found = self.runs.iter().filter(of).max_by_key(|run| run.first.branch.is_some())?;
        Some(found.row + u64::from(stored - found.first.stored?))
    }

    /// The row of a branch's event.
    #[must_use]
    pub fn row_of_branch(&self, branch: u32) -> Option<u64> {
        let of = |run: &&Run| run.first.branch.is_some_and(|first| (first..first + run.len).contains(&branch));
        let found = self.runs.iter().find(of)?;
        Some(found.row + u64::from(branch - found.first.branch?))
    }

    /// The first row of each run.
    pub fn starts(&self) -> impl Iterator<Item = (u64, Line)> + '_ {
        self.runs.iter().map(|run| (run.row, run.first))
    }

    fn kept(
        &mut self,
        branch: &BranchEvents,
        next: &mut u32,
        stored: Range<u32>,
        mut at: u32,
        what: What,
        content: Option<u32>,
    ) {
        let mut first = stored.start;
        while first < stored.end {
            let line = Line { what, stored: Some(first), branch: Some(at), content };
            if first < *next || (first > *next && branch.is_moved(first)) {
                self.push(Line { what: What::MovedHere, ..line }, 1);
                first += 1;
                at += 1;
                continue;
            }
            self.taken_out(branch, *next..first);
            self.push(line, stored.end - first);
            *next = stored.end;
            break;
        }
    }

    fn taken_out(&mut self, branch: &BranchEvents, stored: Range<u32>) {
        for stored in stored {
            let what = if branch.plan().place_of(stored).is_none() { What::Skipped } else { What::MovedAway };
            self.push(Line { what, stored: Some(stored), branch: None, content: None }, 1);
        }
    }

    fn push(&mut self, first: Line, len: u32) {
        self.runs.push(Run { row: self.rows, len, first });
        self.rows += u64::from(len);
    }
}

/// The sign before a line, and its name.
#[must_use]
pub fn sign(what: What) -> (&'static str, &'static str) {
    match what {
        What::Same => ("", ""),
        What::Changed => ("~", "changed"),
        What::Skipped => ("−", "left out"),
        What::Inserted => ("+", "added"),
        What::MovedAway => ("×", "moved from here"),
        What::MovedHere => ("→", "moved here"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::state::testing::Given;
    use crate::analysis::state::whatif::{Branch, Edit, EventRef, Place};
    use crate::model::ids::EventIx;

    fn lines(edits: Vec<Edit>) -> Lines {
        let branch = Branch { name: String::new(), edits };
        let base = Arc::new(Given::amounts(0..6));
        Lines::of(&BranchEvents::new(base, &branch, &|event| Some(event.0 as u32 + 1)))
    }

    fn shown(edits: Vec<Edit>) -> String {
        let lines = lines(edits);
        let place = |place: Option<u32>| place.map_or("-".to_owned(), |place| place.to_string());
        let line = |row| lines.get(row).map(|l| format!("{}{}/{}", sign(l.what).0, place(l.stored), place(l.branch)));
        (0..lines.len()).filter_map(line).collect::<Vec<_>>().join(" ")
    }

    fn stored(event: u64) -> EventRef {
        EventRef::Stored(EventIx(event))
    }

    #[test]
    fn every_kind_of_change_has_its_lines() {
        let insert = |before| Edit::Insert { before, type_name: "T".to_owned(), text: "{}".to_owned(), time: None };
        let change = |event| Edit::Change { event: stored(event), type_name: None, text: Some("{}".to_owned()) };
        let to = |event, to| Edit::Move { event: stored(event), to };
        for (edits, expected) in [
            (vec![], "0/0 1/1 2/2 3/3 4/4 5/5"),
            (vec![Edit::Skip(stored(2))], "0/0 1/1 −2/- 3/2 4/3 5/4"),
            (vec![change(0)], "~0/0 1/1 2/2 3/3 4/4 5/5"),
            (vec![insert(Place::Before(stored(1))), insert(Place::End)], "0/0 +-/1 1/2 2/3 3/4 4/5 5/6 +-/7"),
            (vec![to(1, Place::End)], "0/0 ×1/- 2/1 3/2 4/3 5/4 →1/5"),
            (vec![to(4, Place::Before(stored(1)))], "0/0 →4/1 1/2 2/3 3/4 ×4/- 5/5"),
        ] {
            assert_eq!(shown(edits), expected);
        }
    }

    #[test]
    fn rows_are_found_again() {
        let lines = lines(vec![Edit::Skip(stored(2)), Edit::Move { event: stored(0), to: Place::End }]);
        for row in 0..lines.len() {
            let line = lines.get(row).expect("a row");
            if let Some(branch) = line.branch {
                assert_eq!(lines.row_of_branch(branch), Some(row));
                assert_eq!(line.stored.and_then(|stored| lines.row_of_stored(stored)), Some(row));
            }
        }
        assert_eq!(lines.row_of_stored(2), Some(2));
        assert_eq!((lines.get(lines.len()), lines.row_of_stored(99)), (None, None));
    }
}
