//! A comparison as rows to show.

use crate::analysis::read_model::check::Report;
use crate::base::spreadsheet::disarmed;
use crate::base::text::{count, plural};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub what: &'static str,
    pub key: String,
    pub column: String,
    pub expected: String,
    pub actual: String,
    /// In words: which event, how far behind.
    pub by: String,
    pub event: Option<EventIx>,
}

#[must_use]
pub fn rows(log: &Snapshot, report: &Report) -> Vec<Row> {
    let event = |event: EventIx| format!("{} (event {})", log.type_name(log.type_ix(event)), count(event.0));
    let differ = report.different.first.iter().map(|of| {
        let by = of.event.map_or_else(|| "no event".to_owned(), event);
        let by = match of.behind {
            n if n > 0 && of.seen.is_some() => format!("{by}; {} behind", plural(n.into(), "event", "events")),
            _ => by,
        };
        let (expected, actual) = (of.expected.to_string(), of.actual.to_string());
        Row { what: "differs", key: of.key.clone(), column: of.column.clone(), expected, actual, by, event: of.event }
    });
    let empty = |what, key: &String| Row {
        what,
        key: key.clone(),
        column: String::new(),
        expected: String::new(),
        actual: String::new(),
        by: String::new(),
        event: None,
    };
    let missing = report.missing.first.iter().map(|(key, first)| {
        let by = first.map_or_else(String::new, |first| format!("since {}", event(first)));
        Row { by, event: *first, ..empty("missing", key) }
    });
    let extra = report.extra.first.iter().map(|of| Row { by: of.why.words().to_owned(), ..empty("too many", &of.key) });
    differ.chain(missing).chain(extra).collect()
}

/// `5 rows: 2 match, 2 differ, 1 missing, 1 too many`
#[must_use]
pub fn summary(report: &Report) -> String {
    let stopped = if report.complete { "" } else { ", stopped before the end" };
    format!("{}: {}{stopped}", plural(report.rows, "row", "rows"), report.counts())
}

/// What was compared and what was not.
#[must_use]
pub fn coverage(log: &Snapshot, report: &Report) -> String {
    let mut words = format!("Compared: {}.", report.columns.pairs().as_deref().unwrap_or("keys only"));
    if !report.columns.left_out.is_empty() {
        words += &format!(" Not compared: {}.", report.columns.left_out.join(", "));
    }
    if report.failed > 0 {
        words += &format!(" Events of {} could not be folded.", plural(report.failed, "entity", "entities"));
    }
    if let Some(seen) = report.seen {
        let behind = plural(report.stale_rows, "row is", "rows are");
        words +=
            &format!(" Seen up to {} (event {}), {behind} behind.", log.type_name(log.type_ix(seen)), count(seen.0));
    }
    words
}

/// For the clipboard, and so most likely for a spreadsheet: what it would run is disarmed.
#[must_use]
pub fn csv(rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(["what", "key", "column", "expected", "actual", "by"]).is_ok();
    for row in rows {
        let cells = [row.what, &row.key, &row.column, &row.expected, &row.actual, &row.by].map(disarmed);
        written &= writer.write_record(cells.iter().map(|cell| cell.as_bytes())).is_ok();
    }
    let bytes = writer.into_inner().unwrap_or_default();
    if written { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() }
}
