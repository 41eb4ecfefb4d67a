//! Lines for people: when, what, who, by whom, and the beginning of the payload.

use super::{Position, Seen, What};
use crate::cli::text::cut;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// `2026-02-16T10:30:00.250Z`; finer times push the rest of their line to the right.
const TIME: usize = 24;
const ENTITIES: usize = 60;
const PAYLOAD: usize = 120;

/// Widths of columns, from the names of this log.
pub(super) struct Columns {
    types: usize,
    services: usize,
}

impl Columns {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let widest = |names: &[crate::store::names::Name], most: usize| {
            names.iter().map(|name| name.name.chars().count()).max().unwrap_or(0).min(most)
        };
        Self { types: widest(snapshot.types(), 32), services: widest(snapshot.services(), 24) }
    }

    pub(super) fn line(&self, seen: &Seen<'_>) -> String {
        let mut line = match &seen.what {
            What::Undecodable(_) | What::Unread => {
                let reason = seen.reason().map_or("", |(reason, _)| reason);
                let place = match &seen.position {
                    Position::Byte(byte) => format!("{} at byte {byte}", seen.source.name),
                    Position::Place(place) => place.clone(),
                };
                let (dash, name, width) = ("-", "undecodable", self.types);
                format!("{dash:<TIME$}  {name:<width$}  {reason}: {place}")
            }
            What::Event { envelope, data } => {
                let time = envelope.time.map_or_else(|| "-".to_owned(), TimeNs::to_rfc3339);
                let entities = envelope.entities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let (type_name, types) = (cut(&envelope.type_name, self.types), self.types);
                let mut line = format!("{time:<TIME$}  {type_name:<types$}");
                if self.services > 0 {
                    let service = cut(envelope.service.as_deref().unwrap_or_default(), self.services);
                    line += &format!("  {service:<0$}", self.services);
                }
                let data = String::from_utf8_lossy(data);
                line + &format!("  {}  {}", cut(&entities, ENTITIES), cut(&data, PAYLOAD))
            }
        };
        line.truncate(line.trim_end().len());
        line
    }
}
