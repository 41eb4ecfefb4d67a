//! Rows for spreadsheets, disarmed unless exact cells are asked for; who needs exact bytes takes NDJSON.

use std::borrow::Cow;

use super::{Position, Seen, What};
use crate::base::spreadsheet::disarmed;
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

/// With its line end. `exact` cells are as they are, formulas included.
pub(super) fn line(seen: &Seen<'_>, exact: bool) -> Vec<u8> {
    let owned = |text: &str| Cow::Owned(if exact { text.to_owned() } else { disarmed(text).into_owned() });
    let safe = |text| if exact { Cow::Borrowed(text) } else { disarmed(text) };
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
        cells[4] = owned(&entities);
        cells[5] = Cow::Owned(envelope.version.map_or_else(String::new, |version| version.to_string()));
        cells[6] = safe(envelope.service.as_deref().unwrap_or_default());
        cells[7] = owned(&joined(&envelope.correlations));
        cells[8] = owned(&joined(&envelope.causes));
        cells[11] = owned(&String::from_utf8_lossy(data));
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
