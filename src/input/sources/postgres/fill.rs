//! The thread that reads tables into a spool: page by page along a unique column, else by a cursor; afterwards, where
//! the source is followed, whatever comes.
//!
//! Numbers of a sequence are given out before their rows are committed, so a row can appear behind later ones.
//! Numbers that were passed over are looked for again until a minute has gone by.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::SimpleQueryRow;

use super::super::broker::place;
use super::super::stage::SpoolWriter;
use super::super::stores::places::Places;
use super::cells::Cells;
use super::connect::{Connection, connect};
use super::plan::{PAGE, Part, Plan};
use super::settings::Settings;
use crate::model::error::{Error, Result};

pub(super) struct Fill {
    pub connection: Connection,
    pub settings: Settings,
    pub plan: Plan,
    pub places: Arc<Places>,
    pub follow: bool,
}

/// How often a followed store is asked.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Longest life of a transaction whose rows are waited for.
const GAP_TIME: Duration = Duration::from_mins(1);

/// Gaps that are remembered at most; a store with more of them deletes rows.
const MOST_GAPS: usize = 200;

/// Wait before a lost connection is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Numbers of a sequence that nobody has seen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    first: i64,
    last: i64,
    since: Instant,
}

/// How far a table was read.
#[derive(Default)]
struct Done {
    rows: u64,
    /// The last key of the pages.
    key: Option<String>,
    /// The highest number of the rising column.
    highest: Option<i64>,
    gaps: VecDeque<Gap>,
}

impl Fill {
    pub fn run(&mut self, out: &mut SpoolWriter) -> Result<()> {
        let mut done: Vec<Done> = self.plan.parts.iter().map(|_| Done::default()).collect();
        let mut total = Some(0);
        for part in &self.plan.parts {
            let counted = self.connection.value(&part.count()).ok().flatten().and_then(|text| text.parse::<u64>().ok());
            total = total.zip(counted).map(|(total, counted)| total + counted);
        }
        for at in 0..done.len() {
            self.read(at, &mut done, total, out)?;
        }
        out.flush()?;
        if self.follow && self.plan.parts.iter().any(|part| part.relation.key.rising.is_some()) {
            self.go_on(&mut done, out)?;
        }
        Ok(())
    }

    /// Everything that is there.
    fn read(&mut self, at: usize, done: &mut [Done], total: Option<u64>, out: &mut SpoolWriter) -> Result<()> {
        let Some(part) = self.plan.parts.get(at) else { return Ok(()) };
        if self.settings.window.live {
            if let (Some(rising), Some(done)) = (&part.relation.key.rising, done.get_mut(at)) {
                let last = self.connection.value(&part.last(rising))?;
                done.highest = Some(last.and_then(|text| text.parse().ok()).unwrap_or(0));
            }
            return Ok(());
        }
        let paged = part.relation.key.paged().map(str::to_owned);
        if paged.is_none() {
            self.connection.declare(&part.all())?;
        }
        loop {
            let part = &self.plan.parts[at];
            let rows = match &paged {
                Some(key) => self.connection.rows(&part.page(key, done[at].key.as_deref()))?,
                None => self.connection.fetch(PAGE)?,
            };
            let count = rows.len();
            self.write(at, &rows, &mut done[at], out)?;
            if let Some(total) = total {
                let read = done.iter().map(|done| done.rows).sum::<u64>();
                out.records(read, total.max(read));
            }
            if count < PAGE || out.is_stopped() {
                break;
            }
        }
        if paged.is_none() {
            self.connection.end()?;
        }
        Ok(())
    }

    /// What comes from now on, for as long as anyone looks.
    fn go_on(&mut self, done: &mut [Done], out: &mut SpoolWriter) -> Result<()> {
        while !out.is_stopped() {
            out.caught_up()?;
            std::thread::sleep(LOOK_EVERY);
            for (at, done) in done.iter_mut().enumerate() {
                if let Err(error) = self.look(at, done, out) {
                    if !self.connection.is_lost() {
                        return Err(error);
                    }
                    out.warn(Error::new("The connection was lost; it is tried again", place(&self.settings.url), ""));
                    if !self.reconnect(out) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, at: usize, done: &mut Done, out: &mut SpoolWriter) -> Result<()> {
        let part = &self.plan.parts[at];
        let Some(rising) = part.relation.key.rising.clone() else { return Ok(()) };
        done.gaps.retain(|gap| gap.since.elapsed() < GAP_TIME);
        if !done.gaps.is_empty() {
            let gaps: Vec<(i64, i64)> = done.gaps.iter().map(|gap| (gap.first, gap.last)).collect();
            let rows = self.connection.rows(&part.within(&rising, &gaps))?;
            self.write(at, &rows, done, out)?;
        }
        loop {
            let after = done.highest.map(|number| number.to_string());
            let rows = self.connection.rows(&self.plan.parts[at].page(&rising, after.as_deref()))?;
            self.write(at, &rows, done, out)?;
            if rows.len() < PAGE || out.is_stopped() {
                return out.flush();
            }
        }
    }

    fn reconnect(&mut self, out: &SpoolWriter) -> bool {
        while !out.is_stopped() {
            std::thread::sleep(AGAIN);
            if let Ok(connection) = connect(&self.settings) {
                self.connection = connection;
                return true;
            }
        }
        false
    }

    fn write(&self, at: usize, rows: &[SimpleQueryRow], done: &mut Done, out: &mut SpoolWriter) -> Result<()> {
        let part = &self.plan.parts[at];
        let rising = part.relation.key.rising.as_ref();
        let rising = rising.and_then(|name| part.members.iter().position(|member| member == name));
        if done.rows == 0 && !rows.is_empty() {
            self.places.table(out.position(), &label(part));
        }
        let shape = part.shape(self.plan.profile, self.plan.parts.len() > 1);
        let mut record = Vec::new();
        for row in rows {
            done.rows += 1;
            let number = rising.and_then(|ix| row.get(ix + 1)?.parse::<i64>().ok());
            if let Some(number) = number {
                done.seen(number);
            }
            self.places.row(out.position(), number.unwrap_or(done.rows.cast_signed()))?;
            let cells = Cells::of(&part.kinds, row);
            record.clear();
            shape.write(&mut record, &|ix| cells.get(ix));
            out.write(&record)?;
        }
        if let Some(last) = rows.last().and_then(|row| row.get(0)) {
            done.key = Some(last.to_owned());
        }
        Ok(())
    }
}

/// `messages global_position`
fn label(part: &Part) -> String {
    let name = &part.relation.table.name;
    match &part.relation.key.rising {
        Some(rising) => format!("{name} {rising}"),
        None => format!("{name} row"),
    }
}

impl Done {
    /// Takes a number in; numbers between it and the highest one so far may still come.
    fn seen(&mut self, number: i64) {
        match self.highest {
            Some(highest) if number > highest => {
                if number - highest > 1 {
                    self.gaps.push_back(Gap { first: highest + 1, last: number - 1, since: Instant::now() });
                    if self.gaps.len() > MOST_GAPS {
                        self.gaps.pop_front();
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
        let Some(at) = self.gaps.iter().position(|gap| gap.first <= number && number <= gap.last) else { return };
        let Some(gap) = self.gaps.remove(at) else { return };
        let parts = [Gap { last: number - 1, ..gap }, Gap { first: number + 1, ..gap }];
        self.gaps.extend(parts.into_iter().filter(|gap| gap.first <= gap.last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_passed_over_are_waited_for_until_they_come() {
        let mut done = Done::default();
        let gaps = |done: &Done| done.gaps.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>();
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
            done.seen(number);
            assert_eq!((done.highest, gaps(&done)), (Some(highest), expected), "after {number}");
        }
    }

    #[test]
    fn gaps_without_end_are_not_all_kept() {
        let mut done = Done::default();
        (0..10_000).for_each(|number| done.seen(number * 2));
        assert_eq!(done.gaps.len(), MOST_GAPS);
    }
}
