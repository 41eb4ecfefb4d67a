//! The texts of the events table's rows, made once per row: decoding and cutting happen on the
//! table's own thread, drawing only lays out short stable strings.

use crate::app::state::Column;
use crate::app::zone::Zone;
use crate::base::text::{count, duration_ns};
use crate::gui::panels::parts::preview::{one_line, preview};
use crate::model::ids::{CorrelationIx, EventIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Longest text of a cell in characters; what is cut is in the inspector.
const CELL_CHARS: usize = 240;

/// One row of the table, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCells {
    pub event: EventIx,
    pub type_ix: TypeIx,
    pub time: Option<TimeNs>,
    pub type_name: String,
    pub entities: String,
    pub service: String,
    pub correlation: String,
    /// Of all its correlation ids that the log knows, at most eight.
    pub correlations: Vec<CorrelationIx>,
    pub version: String,
    pub id: String,
    pub source: String,
    pub payload: String,
    /// What is wrong with the record.
    pub trouble: Option<&'static str>,
}

impl RowCells {
    /// Reads and decodes one record. A record that can't be read says so in its row.
    #[must_use]
    pub fn read(snapshot: &Snapshot, event: EventIx) -> Self {
        let type_ix = snapshot.type_ix(event);
        let source = snapshot.source_of(event).and_then(|(ix, _)| snapshot.sources().get(ix.at()));
        let name = |names: &[crate::store::names::Name], at: usize| {
            names.get(at).map_or_else(String::new, |n| one_line(&n.name, CELL_CHARS))
        };
        let mut row = Self {
            event,
            type_ix,
            time: snapshot.time(event),
            type_name: name(snapshot.types(), type_ix.at()),
            entities: String::new(),
            service: name(snapshot.services(), snapshot.service_ix(event).at()),
            correlation: String::new(),
            correlations: Vec::new(),
            version: snapshot.version(event).map_or_else(String::new, |v| v.to_string()),
            id: String::new(),
            source: source.map_or_else(String::new, |s| s.name.clone()),
            payload: String::new(),
            trouble: None,
        };
        let record = match snapshot.record(event) {
            Ok(record) => record,
            Err(e) => {
                row.trouble = Some("could not be read again");
                row.payload = one_line(&e.to_string(), CELL_CHARS);
                return row;
            }
        };
        let Some(source) = source else { return row };
        let envelope = source.decode.envelope(&record);
        row.trouble = envelope.issue.map(|i| i.code.summary());
        for entity in envelope.entities.iter().take(8) {
            if !row.entities.is_empty() {
                row.entities.push_str("  ");
            }
            row.entities.push_str(&one_line(&entity.to_string(), 60));
        }
        if envelope.entities.len() > 8 {
            row.entities.push_str("  …");
        }
        row.correlation = envelope.correlations.first().map_or_else(String::new, |c| one_line(&c.value, 80));
        let correlations = envelope.correlations.iter().take(8);
        row.correlations = correlations.filter_map(|c| snapshot.find_correlation(&c.value)).collect();
        row.id = envelope.id.as_deref().map_or_else(String::new, |id| one_line(id, 80));
        row.payload = preview(record.get(envelope.data).unwrap_or(&record), CELL_CHARS);
        row
    }

    /// The text of a cell. `previous` is the time of the row above.
    #[must_use]
    pub fn text(&self, column: Column, zone: Zone, previous: Option<TimeNs>) -> String {
        match column {
            Column::Position => count(self.event.0 + 1),
            Column::Time => self.time.map_or_else(|| "–".to_owned(), |t| zone.format_with(t, "%Y-%m-%d %H:%M:%S%.3f")),
            Column::Delta => match (self.time, previous) {
                (Some(t), Some(before)) => delta(t, before),
                _ => String::new(),
            },
            Column::Type => self.type_name.clone(),
            Column::Entities => self.entities.clone(),
            Column::Service => self.service.clone(),
            Column::Correlation => self.correlation.clone(),
            // What all chains together tell, which the row does not know.
            Column::Chain => String::new(),
            Column::Version => self.version.clone(),
            Column::Id => self.id.clone(),
            Column::Source => self.source.clone(),
            Column::Payload => match self.trouble {
                Some(trouble) if self.type_ix == TypeIx::UNDECODABLE => format!("{trouble}: {}", self.payload),
                _ => self.payload.clone(),
            },
        }
    }
}

/// Numbers and distances stand at the right edge, so that digits meet.
#[must_use]
pub fn is_right_aligned(column: Column) -> bool {
    matches!(column, Column::Position | Column::Delta | Column::Version)
}

/// Ids, times and payloads are read letter by letter.
#[must_use]
pub fn is_monospace(column: Column) -> bool {
    !matches!(column, Column::Type | Column::Service | Column::Source)
}

fn delta(t: TimeNs, before: TimeNs) -> String {
    let ns = t.0.saturating_sub(before.0);
    if ns < 0 { format!("−{}", duration_ns(ns.saturating_neg())) } else { format!("+{}", duration_ns(ns)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> RowCells {
        RowCells {
            event: EventIx(41),
            type_ix: TypeIx(1),
            time: Some(TimeNs(1_771_237_800_412_000_000)),
            type_name: "OrderPlaced".to_owned(),
            entities: "order:order-456".to_owned(),
            service: "orders".to_owned(),
            correlation: "corr-9".to_owned(),
            correlations: Vec::new(),
            version: "1".to_owned(),
            id: "evt-123".to_owned(),
            source: "shop.ndjson".to_owned(),
            payload: "{\"total\":59.98}".to_owned(),
            trouble: None,
        }
    }

    #[test]
    fn cells_read_as_a_person_writes() {
        let before = Some(TimeNs(1_771_237_800_000_000_000));
        for (column, expected) in [
            (Column::Position, "42"),
            (Column::Time, "2026-02-16 10:30:00.412"),
            (Column::Delta, "+412 ms"),
            (Column::Type, "OrderPlaced"),
            (Column::Payload, "{\"total\":59.98}"),
        ] {
            assert_eq!(row().text(column, Zone::Utc, before), expected);
        }
        assert_eq!(row().text(Column::Delta, Zone::Utc, None), "");
    }

    #[test]
    fn an_undecodable_row_says_why_beside_its_bytes() {
        let broken = RowCells {
            type_ix: TypeIx::UNDECODABLE,
            trouble: Some("not JSON"),
            payload: "### rotated".to_owned(),
            time: None,
            ..row()
        };
        assert_eq!(broken.text(Column::Payload, Zone::Utc, None), "not JSON: ### rotated");
        assert_eq!(broken.text(Column::Time, Zone::Utc, None), "–");
    }
}
