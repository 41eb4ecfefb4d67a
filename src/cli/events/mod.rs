//! The events, in the order of time, one by one from their records: nothing is held but columns.

mod csv;
mod ndjson;
mod text;

use std::io::{self, Write};

use super::args::EventsFormat;
use super::out::Out;
use super::request::Selection;
use crate::analysis::query::evaluate;
use crate::analysis::rows::RowOrder;
use crate::base::cancel::Cancel;
use crate::model::envelope::Envelope;
use crate::model::ids::{EventIx, SourceIx, TypeIx};
use crate::model::issue::{Issue, IssueCode};
use crate::model::source::SourceInfo;
use crate::store::snapshot::Snapshot;

/// Prints what the selection lets through. Gives the number of records that could no longer be read.
pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    selection: &Selection,
    format: EventsFormat,
    out: &mut Out<W>,
    on_progress: crate::analysis::OnProgress<'_>,
) -> io::Result<u64> {
    let never = Cancel::new();
    let answer = evaluate(&selection.filter, snapshot, &never, on_progress);
    let mut unread = answer.unread;
    let Some(order) = RowOrder::by_time(snapshot, answer.rows, &never) else { return Ok(unread) };
    let mut printer = Printer::new(snapshot, format);
    printer.begin(out)?;
    for k in 0..order.len().min(selection.limit) {
        let Some(event) = order.nth(k) else { break };
        let seen = Seen::read(snapshot, event);
        unread += u64::from(matches!(&seen, Some(seen) if matches!(seen.what, What::Unread)));
        if let Some(seen) = seen {
            printer.print(&seen, out)?;
        }
    }
    Ok(unread)
}

/// One row with everything that is printed of it.
struct Seen<'a> {
    ix: EventIx,
    source: &'a SourceInfo,
    position: Position,
    what: What,
}

enum What {
    Event {
        envelope: Box<Envelope>,
        /// The payload as JSON on one line, byte for byte where the source holds JSON.
        data: Vec<u8>,
    },
    Undecodable(Issue),
    /// Its source no longer gives the record.
    Unread,
}

enum Position {
    Byte(u64),
    /// Where the record comes from, in words: `events row 17`.
    Place(String),
}

impl<'a> Seen<'a> {
    fn read(snapshot: &'a Snapshot, ix: EventIx) -> Option<Self> {
        let (segment, row) = snapshot.locate(ix)?;
        let (SourceIx(number), span) = snapshot.source_of(ix)?;
        let source = snapshot.sources().get(usize::from(number))?;
        let position = match &source.origin {
            Some(origin) => Position::Place(origin.place(span)),
            None => Position::Byte(span.offset.0),
        };
        let what = if snapshot.type_ix(ix) == TypeIx::UNDECODABLE {
            What::Undecodable(segment.issue(row).unwrap_or(Issue { code: IssueCode::Unreadable, at: None }))
        } else {
            match snapshot.record(ix) {
                Ok(record) => decoded(source, &record),
                Err(_) => What::Unread,
            }
        };
        Some(Self { ix, source, position, what })
    }

    /// Why there is no event.
    fn reason(&self) -> Option<(&'static str, Option<u32>)> {
        match &self.what {
            What::Event { .. } => None,
            What::Undecodable(issue) => Some((issue.code.summary(), issue.at)),
            What::Unread => Some((IssueCode::Unreadable.summary(), None)),
        }
    }
}

fn decoded(source: &SourceInfo, record: &[u8]) -> What {
    let envelope = source.decode.envelope(record);
    let data = match source.decode.data_json(record) {
        Some(text) => {
            // Bytes that are no UTF-8 stay the bytes they are.
            let stored = record.get(envelope.data.clone()).unwrap_or_default();
            let lossy = std::str::from_utf8(stored).is_err() && String::from_utf8_lossy(stored) == text;
            on_one_line(if lossy { stored.to_vec() } else { text.into_bytes() })
        }
        None => b"null".to_vec(),
    };
    if serde_json::from_slice::<serde::de::IgnoredAny>(&data).is_err() {
        return What::Undecodable(envelope.issue.unwrap_or(Issue { code: IssueCode::BrokenJson, at: None }));
    }
    What::Event { envelope: Box::new(envelope), data }
}

/// A document's payload may run over several lines; in JSON a line end is never more than a space.
fn on_one_line(mut json: Vec<u8>) -> Vec<u8> {
    for byte in &mut json {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    json
}

enum Printer {
    Text(text::Columns),
    Ndjson,
    Csv { exact: bool },
}

impl Printer {
    fn new(snapshot: &Snapshot, format: EventsFormat) -> Self {
        match format {
            EventsFormat::Text => Self::Text(text::Columns::of(snapshot)),
            EventsFormat::Ndjson => Self::Ndjson,
            EventsFormat::Csv => Self::Csv { exact: false },
            EventsFormat::CsvExact => Self::Csv { exact: true },
        }
    }

    fn begin<W: Write>(&self, out: &mut Out<W>) -> io::Result<()> {
        match self {
            Self::Csv { .. } => out.lines(&csv::header()),
            Self::Text(_) | Self::Ndjson => Ok(()),
        }
    }

    fn print<W: Write>(&mut self, seen: &Seen<'_>, out: &mut Out<W>) -> io::Result<()> {
        match self {
            Self::Text(columns) => out.text(&columns.line(seen)),
            Self::Ndjson => out.json(&ndjson::line(seen)),
            Self::Csv { exact } => out.lines(&csv::line(seen, *exact)),
        }
    }
}

#[cfg(test)]
mod tests;
