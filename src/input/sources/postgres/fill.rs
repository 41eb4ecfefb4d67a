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
use super::super::stores::cell::Cell;
use super::super::stores::places::Places;
use super::super::stores::profiles::Profile;
use super::super::stores::record::Shape;
use super::connect::{Connection, connect};
use super::plan::{PAGE, Part, Plan};
use super::schema::Kind;
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
        for gap in done.gaps.clone() {
            let rows = self.connection.rows(&self.plan.parts[at].between(&rising, gap.first, gap.last))?;
            if !rows.is_empty() {
                self.write(at, &rows, done, out)?;
            }
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
        let mut record = Vec::new();
        for row in rows {
            done.rows += 1;
            let number = rising.and_then(|ix| row.get(ix + 1)?.parse::<i64>().ok());
            if let Some(number) = number {
                done.seen(number);
            }
            self.places.row(out.position(), number.unwrap_or(done.rows.cast_signed()))?;
            record.clear();
            row_record(part, self.plan.profile, self.plan.parts.len() > 1, row, &mut record);
            out.write(&record)?;
        }
        if let Some(last) = rows.last().and_then(|row| row.get(0)) {
            done.key = Some(last.to_owned());
        }
        Ok(())
    }
}

/// Appends a row as a line of JSON.
pub(super) fn row_record(
    part: &Part,
    profile: Option<&'static Profile>,
    several: bool,
    row: &SimpleQueryRow,
    record: &mut Vec<u8>,
) {
    let shape = Shape { profile, table: &part.relation.table, members: &part.members, several };
    let bytes: Vec<Option<Vec<u8>>> =
        part.kinds.iter().enumerate().map(|(ix, kind)| hex(*kind, row.get(ix + 1))).collect();
    shape.write(record, &|ix| Some(cell(*part.kinds.get(ix)?, row.get(ix + 1), bytes.get(ix)?.as_deref())));
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

/// The bytes that a text of hexadecimal digits stands for.
fn hex(kind: Kind, text: Option<&str>) -> Option<Vec<u8>> {
    if !matches!(kind, Kind::Bytes | Kind::LargeObject) {
        return None;
    }
    let digits = text?.strip_prefix("\\x")?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A column's text as what it means.
fn cell<'a>(kind: Kind, text: Option<&'a str>, bytes: Option<&'a [u8]>) -> Cell<'a> {
    let Some(text) = text else { return Cell::Null };
    match kind {
        Kind::LargeObject if bytes.is_none() && is_number(text) => Cell::Number(text),
        Kind::Bytes | Kind::LargeObject => bytes.map_or(Cell::Text(text.as_bytes()), Cell::Bytes),
        Kind::Integer | Kind::Number if is_number(text) => Cell::Number(text),
        Kind::Bool => Cell::Bool(text == "t"),
        Kind::Json | Kind::Array => Cell::Json(text),
        _ => Cell::Text(text.as_bytes()),
    }
}

/// `NaN` and `Infinity` are no numbers in JSON.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
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

    #[test]
    fn texts_become_what_they_mean() {
        let said = |kind, text: &str| {
            let bytes = hex(kind, Some(text));
            format!("{:?}", cell(kind, Some(text), bytes.as_deref()))
        };
        for (kind, text, expected) in [
            (Kind::Integer, "-7", "Number(\"-7\")"),
            (Kind::Number, "1.50", "Number(\"1.50\")"),
            (Kind::Number, "NaN", "Text([78, 97, 78])"),
            (Kind::Bool, "t", "Bool(true)"),
            (Kind::Bytes, "\\x00ff", "Bytes([0, 255])"),
            (Kind::Bytes, "\\xzz", "Text([92, 120, 122, 122])"),
            (Kind::LargeObject, "\\x00", "Bytes([0])"),
            (Kind::LargeObject, "16401", "Number(\"16401\")"),
            (Kind::Text, "a", "Text([97])"),
        ] {
            assert_eq!(said(kind, text), expected);
        }
    }
}
