//! A statement and its answer, made ready to be shown.

use std::sync::Arc;
use std::time::Duration;

use crate::analysis::query::parse_instant;
use crate::analysis::sql::{Cell, Kept, MOST_ROWS, SqlError, run};
use crate::app::jobs::Job;
use crate::base::spreadsheet::disarmed;
use crate::base::text::{count, plural};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Statements to begin with.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("Events by type", "SELECT type, count(*) AS events\nFROM events\nGROUP BY type\nORDER BY events DESC"),
    (
        "Events per minute",
        "SELECT strftime('%Y-%m-%dT%H:%M', time) AS minute, count(*) AS events\nFROM events\nWHERE time IS NOT NULL\nGROUP BY minute\nORDER BY minute",
    ),
    (
        "The slowest chains",
        "SELECT first_ix AS ix, correlation, events, services, duration_ms\nFROM chains\nORDER BY duration_ms DESC\nLIMIT 20",
    ),
    ("The busiest entities", "SELECT kind, id, events, first, last\nFROM entities\nORDER BY events DESC\nLIMIT 20"),
    (
        "A field of the payloads",
        "SELECT ix, time, type, payload ->> '$.total' AS total\nFROM events\nWHERE total IS NOT NULL\nORDER BY ix\nLIMIT 1000",
    ),
];

/// What came of a statement.
#[derive(Debug)]
pub struct Answered {
    pub statement: Arc<str>,
    pub kept: Kept,
    /// Rows that came before it are kept.
    pub error: Option<SqlError>,
    /// Records that could not be read again.
    pub unread: u64,
    /// Which column is an event's number.
    pub ix: Option<usize>,
    pub lines: Option<Lines>,
    /// Of each column, in characters.
    pub widths: Vec<usize>,
    /// Columns of numbers.
    pub numbers: Vec<bool>,
}

/// Numbers over the first column.
#[derive(Debug, PartialEq)]
pub struct Lines {
    pub by_time: bool,
    /// A column's name and its points; x is the first column, in seconds where it is a time.
    pub lines: Vec<(String, Vec<[f64; 2]>)>,
}

/// Rows whose texts the widths follow.
const MEASURED: usize = 200;
const MOST_LINES: usize = 6;

impl Answered {
    #[must_use]
    pub fn find(log: &Arc<Snapshot>, statement: Arc<str>, job: &Job) -> Self {
        let mut kept = Kept::default();
        let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
        let done = run(log, &statement, &job.cancel, &progress, &mut kept);
        let (unread, error) = match done {
            Ok(unread) => (unread, None),
            Err(error) => (0, Some(error)),
        };
        let column = |i: usize| kept.rows.iter().take(MEASURED).filter_map(move |row| row.get(i));
        let numbers: Vec<bool> = (0..kept.columns.len()).map(|i| is_numbers(column(i))).collect();
        let widths = kept.columns.iter().enumerate().map(|(i, name)| {
            let widest = column(i).map(|cell| cell.text().chars().take(200).count()).max().unwrap_or(0);
            widest.max(name.chars().count())
        });
        let widths = widths.collect();
        let ix = kept.columns.iter().position(|name| name.eq_ignore_ascii_case("ix"));
        let lines = lines(&kept, &numbers);
        Self { statement, kept, error, unread, ix, lines, widths, numbers }
    }

    /// The event of a row, where the answer names one that the log has.
    #[must_use]
    pub fn event(&self, row: u64, log: &Snapshot) -> Option<EventIx> {
        let row = self.kept.rows.get(usize::try_from(row).ok()?)?;
        let Cell::Integer(ix) = row.get(self.ix?)? else { return None };
        u64::try_from(*ix).ok().filter(|ix| *ix < log.len()).map(EventIx)
    }

    /// `12 rows`
    #[must_use]
    pub fn summary(&self) -> String {
        let rows = self.kept.rows.len() as u64;
        let rows = if self.kept.more {
            format!("the first {} rows, there are more", count(rows))
        } else {
            plural(rows, "row", "rows")
        };
        let unread = match self.unread {
            0 => String::new(),
            n => format!(", {} could not be read", plural(n, "record", "records")),
        };
        format!("{rows}{unread}")
    }

    /// How long it took, and what is left out.
    #[must_use]
    pub fn hint(&self, took: Duration) -> String {
        let took = format!("In {:.1} ms", took.as_secs_f64() * 1e3);
        if !self.kept.more {
            return took;
        }
        format!("{took}. The window keeps {} rows; eventglass sql prints them all", count(MOST_ROWS as u64))
    }

    /// For the clipboard, and so most likely for a spreadsheet: what it would run is disarmed.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = writer.write_record(&self.kept.columns).is_ok()
            && self
                .kept
                .rows
                .iter()
                .all(|row| writer.write_record(row.iter().map(|cell| disarmed(&cell.text()).into_owned())).is_ok());
        let bytes = writer.into_inner().unwrap_or_default();
        if written { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() }
    }
}

fn is_numbers<'a>(cells: impl Iterator<Item = &'a Cell>) -> bool {
    let mut some = false;
    for cell in cells {
        match cell {
            Cell::Null => {}
            cell if cell.as_f64().is_some() => some = true,
            _ => return false,
        }
    }
    some
}

/// Where the first column is a number or a time and at least one other holds numbers.
fn lines(kept: &Kept, numbers: &[bool]) -> Option<Lines> {
    let first = kept.rows.iter().find_map(|row| row.first().filter(|cell| **cell != Cell::Null))?;
    let by_time = matches!(first, Cell::Text(text) if text.len() >= 10 && parse_instant(text).is_some());
    if !by_time && numbers.first() != Some(&true) {
        return None;
    }
    let x = |cell: &Cell| match cell {
        Cell::Text(text) if by_time => parse_instant(text).map(|instant| instant.from.0 as f64 / 1e9),
        cell => cell.as_f64(),
    };
    let columns = kept.columns.iter().enumerate().skip(1).filter(|(i, _)| numbers.get(*i) == Some(&true));
    let lines = columns.take(MOST_LINES).map(|(i, name)| {
        let point = |row: &Vec<Cell>| Some([x(row.first()?)?, row.get(i)?.as_f64()?]);
        let mut points: Vec<[f64; 2]> = kept.rows.iter().filter_map(point).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        (name.clone(), thinned(points))
    });
    let lines: Vec<_> = lines.filter(|(_, points)| points.len() > 1).collect();
    (!lines.is_empty()).then_some(Lines { by_time, lines })
}

/// More points than a screen is wide: of each stretch the least and the greatest.
fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    const MOST: usize = 4_096;
    if points.len() <= MOST {
        return points;
    }
    let stretch = points.len().div_ceil(MOST / 2);
    let ends = |part: &[[f64; 2]]| {
        let by = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
        let (least, most) = (part.iter().min_by(by).copied(), part.iter().max_by(by).copied());
        let mut two: Vec<[f64; 2]> = least.into_iter().chain(most).collect();
        two.sort_by(|a, b| a[0].total_cmp(&b[0]));
        two
    };
    points.chunks(stretch).flat_map(ends).collect()
}

/// Line (from 0) and words of an error, for the editor.
#[must_use]
pub fn mark(error: &SqlError, statement: &str) -> (usize, String) {
    let before = statement.get(..error.at.unwrap_or(statement.len())).unwrap_or(statement);
    (before.matches('\n').count(), error.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Builder;

    fn answered(sql: &str) -> Answered {
        let mut builder = Builder::new();
        for i in 0..6 {
            builder = builder.simple(i * 60_000_000_000, if i % 2 == 0 { "A" } else { "B" }, &["x:1"]);
        }
        Answered::find(&builder.build(), sql.into(), &Job::default())
    }

    #[test]
    fn numbers_over_a_number_or_a_time_are_lines() {
        let found = answered("SELECT time, ix, type, ix * 2 AS twice FROM events ORDER BY ix DESC");
        let lines = found.lines.expect("times and numbers");
        assert!(lines.by_time);
        let names: Vec<&str> = lines.lines.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ix", "twice"]);
        assert_eq!(lines.lines[0].1[..2], [[0.0, 0.0], [60.0, 1.0]]);
        assert!(answered("SELECT ix, version FROM events").lines.is_none(), "there is no number");
        assert!(answered("SELECT type, ix FROM events").lines.is_none());
        assert!(answered("SELECT ix, ix FROM events").lines.is_some_and(|lines| !lines.by_time));
    }

    #[test]
    fn a_row_with_a_number_of_an_event_is_one() {
        let found = answered("SELECT type, ix FROM events ORDER BY ix DESC");
        let log = Builder::new().simple(1, "A", &[]).build();
        assert_eq!((found.ix, found.event(0, &log), found.event(5, &log)), (Some(1), None, Some(EventIx(0))));
        assert_eq!(found.numbers, [false, true]);
        assert!(found.csv().starts_with("type,ix\nB,5\n"));
    }

    #[test]
    fn errors_are_marked_in_their_line() {
        let found = answered("SELECT ix,\n  nope\nFROM events");
        let error = found.error.expect("there is no such column");
        assert_eq!(mark(&error, &found.statement), (1, "no such column: nope".to_owned()));
    }

    #[test]
    fn examples_are_answered() {
        for (name, sql) in EXAMPLES {
            let found = answered(sql);
            assert!(found.error.is_none(), "{name}: {:?}", found.error);
        }
    }

    #[test]
    fn long_lines_keep_their_extremes() {
        let points: Vec<[f64; 2]> = (0..100_000).map(|i| [f64::from(i), f64::from(i % 1_000)]).collect();
        let few = thinned(points);
        assert!(few.len() <= 4_096 && few.iter().any(|p| p[1] > 998.5) && few.iter().any(|p| p[1] < 0.5));
    }
}
