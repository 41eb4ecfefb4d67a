//! Rows for spreadsheets. A cell that a spreadsheet would take for a formula gets a quote in front
//! (OWASP's advice on CSV injection); who needs exact bytes takes NDJSON.

use std::borrow::Cow;

use super::{Position, Seen, What};
use crate::model::envelope::NamedId;
use crate::model::time::TimeNs;

const COLUMNS: [&str; 13] = [
    "ix",
    "time",
    "type",
    "id",
    "entities",
    "version",
    "service",
    "correlation",
    "causation",
    "source",
    "position",
    "data",
    "undecodable",
];

pub(super) fn header() -> Vec<u8> {
    record(COLUMNS.map(Cow::Borrowed))
}

/// With its line end.
pub(super) fn line(seen: &Seen<'_>) -> Vec<u8> {
    let mut cells = [const { Cow::Borrowed("") }; COLUMNS.len()];
    cells[0] = Cow::Owned(seen.ix.0.to_string());
    cells[9] = safe(&seen.source.name);
    cells[10] = match &seen.position {
        Position::Byte(byte) => Cow::Owned(byte.to_string()),
        Position::Place(place) => safe(place),
    };
    if let What::Event { envelope, data } = &seen.what {
        let joined = |ids: &[NamedId]| ids.iter().map(|id| id.value.as_str()).collect::<Vec<_>>().join(" ");
        let entities = envelope.entities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        cells[1] = Cow::Owned(envelope.time.map_or_else(String::new, TimeNs::to_rfc3339));
        cells[2] = safe(&envelope.type_name);
        cells[3] = safe(envelope.id.as_deref().unwrap_or_default());
        cells[4] = Cow::Owned(safe(&entities).into_owned());
        cells[5] = Cow::Owned(envelope.version.map_or_else(String::new, |version| version.to_string()));
        cells[6] = safe(envelope.service.as_deref().unwrap_or_default());
        cells[7] = Cow::Owned(safe(&joined(&envelope.correlations)).into_owned());
        cells[8] = Cow::Owned(safe(&joined(&envelope.causes)).into_owned());
        cells[11] = Cow::Owned(safe(&String::from_utf8_lossy(data)).into_owned());
    }
    if let Some((reason, _)) = seen.reason() {
        cells[12] = Cow::Borrowed(reason);
    }
    record(cells)
}

fn record(cells: [Cow<'_, str>; COLUMNS.len()]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| cell.as_bytes())).expect("memory can be written");
    writer.into_inner().expect("memory can be written")
}

/// With a quote in front where a spreadsheet would see a formula. Numbers stay numbers.
fn safe(cell: &str) -> Cow<'_, str> {
    const TRIGGERS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];
    let first = cell.chars().find(|c| *c != ' ');
    if first.is_some_and(|c| TRIGGERS.contains(&c)) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// As JSON writes them: `-12.5e3`.
fn is_number(cell: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(cell).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_stay() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 170", "'+49 170"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("  =1+1", "'  =1+1"),
            ("＝1+1", "'＝1+1"),
            ("\t=1", "'\t=1"),
            ("\0", "'\0"),
            ("-12.5e3", "-12.5e3"),
            ("-", "'-"),
            ("order-456", "order-456"),
            ("{\"a\":\"=1\"}", "{\"a\":\"=1\"}"),
            ("", ""),
        ] {
            assert_eq!(safe(cell), expected);
        }
    }
}
