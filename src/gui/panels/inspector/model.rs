//! What the inspector says of one event: its envelope as lines, links resolved to entities, where it
//! came from. Built once per selection, drawn each frame.

use std::ops::Range;
use std::sync::Arc;

use crate::app::zone::Zone;
use crate::base::text::{self, duration_ns};
use crate::gui::panels::parts::header::HeaderLine;
use crate::model::envelope::{Envelope, NamedId};
use crate::model::ids::{EntityIx, EventIx, TypeIx};
use crate::model::message::{Decoding, ENVELOPE, Message};
use crate::model::source::Decode;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Headers that are shown one by one; a message can have thousands, and each is drawn in each frame.
pub const MOST_HEADERS: usize = 100;

/// An entity of the event; `ix` is missing where the log knows no such entity (an undecodable row).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityLink {
    pub kind: String,
    pub id: String,
    pub ix: Option<EntityIx>,
}

/// Why an event is marked, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub summary: String,
    pub hint: String,
}

/// One event, ready to be drawn.
#[derive(Clone, Debug)]
pub struct EventView {
    pub event: EventIx,
    pub type_ix: TypeIx,
    pub type_name: String,
    pub id: Option<String>,
    pub time: Option<TimeNs>,
    /// As the source writes it.
    pub time_text: Option<String>,
    pub service: Option<String>,
    pub version: Option<u32>,
    pub entities: Vec<EntityLink>,
    pub correlations: Vec<NamedId>,
    pub causes: Vec<NamedId>,
    pub key: Option<String>,
    /// At most [`MOST_HEADERS`].
    pub headers: Vec<HeaderLine>,
    pub more_headers: u64,
    pub source: String,
    /// `byte 1,204 (340 B)`, or the origin's own words.
    pub place: String,
    pub record: Arc<[u8]>,
    /// The payload's place in the record.
    pub data: Range<usize>,
    pub decode: Arc<dyn Decode>,
    pub trouble: Option<Trouble>,
    /// Set where the event is a broker's message.
    pub body: Option<Body>,
}

/// The body of a message as it was sent.
#[derive(Clone, Debug)]
pub struct Body {
    pub bytes: Arc<[u8]>,
    /// How it was read, or why not; none where it was nothing to decode.
    pub decoding: Option<Decoding>,
}

impl Body {
    fn of(record: &[u8]) -> Option<Self> {
        let bytes = Message::read(record).ok()?.value?.into();
        Some(Self { bytes, decoding: Decoding::of(record) })
    }
}

impl EventView {
    /// From an event's bytes. `None` where the snapshot has no such event.
    #[must_use]
    pub fn new(snapshot: &Snapshot, event: EventIx, record: Arc<[u8]>) -> Option<Self> {
        let (source_ix, span) = snapshot.source_of(event)?;
        let source = snapshot.sources().get(source_ix.at())?;
        let envelope = source.decode.envelope(&record);
        let type_ix = snapshot.type_ix(event);
        let size = text::bytes(u64::from(span.len));
        let place = match &source.origin {
            Some(origin) => format!("{} ({size})", origin.place(span)),
            None => format!("byte {} ({size})", text::count(span.offset.0)),
        };
        let entities = envelope
            .entities
            .iter()
            .map(|e| EntityLink { kind: e.kind.clone(), id: e.id.clone(), ix: snapshot.find_entity(&e.kind, &e.id) })
            .collect();
        let data = inside(&envelope.data, record.len());
        let trouble = envelope.issue.map(|issue| Trouble {
            summary: match issue.at {
                Some(at) => format!("{}, at byte {} of the record", issue.code.summary(), text::count(u64::from(at))),
                None => issue.code.summary().to_owned(),
            },
            hint: issue.code.hint().to_owned(),
        });
        let Envelope { type_name, id, time, time_text, service, version, correlations, causes, key, headers, .. } =
            envelope;
        let body = if source.mapping.envelope == ENVELOPE { Body::of(&record) } else { None };
        Some(Self {
            event,
            type_ix,
            type_name: if type_ix == TypeIx::UNDECODABLE { "undecodable".to_owned() } else { type_name },
            id,
            time,
            time_text,
            service,
            version,
            entities,
            correlations,
            causes,
            key,
            more_headers: headers.len().saturating_sub(MOST_HEADERS) as u64,
            headers: headers.iter().take(MOST_HEADERS).map(|(name, value)| HeaderLine::new(name, value)).collect(),
            source: source.name.clone(),
            place,
            record,
            data,
            decode: Arc::clone(&source.decode),
            trouble,
            body,
        })
    }

    /// The payload as it is stored; of a message as it was sent.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        if let Some(body) = &self.body {
            return &body.bytes;
        }
        self.record.get(self.data.clone()).unwrap_or(&self.record)
    }

    /// The payload is JSON, or was read as such. A message's body that was not is shown as the bytes that it is,
    /// not as the text that stands for them in its record.
    #[must_use]
    pub fn has_tree(&self) -> bool {
        let Some(body) = &self.body else { return true };
        match &body.decoding {
            Some(decoding) => decoding.codec.is_some(),
            None => serde_json::from_slice::<serde::de::IgnoredAny>(&body.bytes).is_ok(),
        }
    }

    /// The payload is only a part of the record, so that "whole record" is something else.
    #[must_use]
    pub fn has_envelope(&self) -> bool {
        self.data.len() < self.record.len()
    }
}

/// The event's time in the zone, or why there is none.
#[must_use]
pub fn time_line(time: Option<TimeNs>, zone: Zone) -> String {
    match time {
        Some(t) => format!("{} {}", zone.format(t), zone.name_at(t)),
        None => "no time in this event".to_owned(),
    }
}

/// `+412 ms`, `−3.2 s`: how far `t` lies from another moment.
#[must_use]
pub fn distance(t: TimeNs, from: TimeNs) -> String {
    let ns = t.0.saturating_sub(from.0);
    if ns < 0 { duration_ns(ns) } else { format!("+{}", duration_ns(ns)) }
}

/// The event of an entity before this one. Events of an entity are in row order, so this is a
/// binary search where the store gives a slice and a walk otherwise.
#[must_use]
pub fn previous_of(snapshot: &Snapshot, entity: EntityIx, event: EventIx) -> Option<EventIx> {
    snapshot.entity_events(entity).take_while(|&e| e < event).last()
}

fn inside(range: &Range<usize>, len: usize) -> Range<usize> {
    if range.start < range.end && range.end <= len { range.clone() } else { 0..len }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn distances_carry_their_sign() {
        for (t, from, expected) in
            [(1_412_000_000, 1_000_000_000, "+412 ms"), (0, 3_200_000_000, "−3.2 s"), (5, 5, "+0 s")]
        {
            assert_eq!(distance(TimeNs(t), TimeNs(from)), expected);
        }
    }

    /// All that the panel says of an event, a line each.
    fn told(view: &EventView) -> Vec<String> {
        let mut lines = vec![
            format!("{} {:?} {:?} v{:?}", view.type_name, view.id, view.service, view.version),
            time_line(view.time, Zone::Utc),
            format!("{}, {}", view.source, view.place),
        ];
        lines.extend(
            view.entities.iter().map(|e| format!("{}:{}{}", e.kind, e.id, if e.ix.is_some() { "" } else { " ?" })),
        );
        lines.extend(view.correlations.iter().map(|id| format!("in {}", id.value)));
        lines.extend(view.causes.iter().map(|id| format!("by {}", id.value)));
        lines.extend(view.trouble.iter().map(|trouble| format!("{}: {}", trouble.summary, trouble.hint)));
        lines.push(String::from_utf8_lossy(view.payload()).into_owned());
        lines
    }

    #[test]
    fn an_event_and_a_broken_record_are_told_in_full() {
        let log = Builder::new()
            .event(TestEvent {
                time: Some(1_771_237_800_000_000_000),
                type_name: "OrderPlaced".to_owned(),
                service: "orders".to_owned(),
                id: "e1".to_owned(),
                version: Some(1),
                entities: vec!["order:1".to_owned()],
                correlations: vec!["c".to_owned()],
                causes: vec!["e0".to_owned()],
                data: "{\"total\":59.980}".to_owned(),
                ..TestEvent::default()
            })
            .event(TestEvent { undecodable: true, ..TestEvent::default() })
            .build();
        let view = |n| {
            let record = log.record(EventIx(n)).expect("it is in memory").into();
            told(&EventView::new(&log, EventIx(n), record).expect("it is in the log"))
        };
        let first = view(0);
        assert_eq!(first[0], "OrderPlaced Some(\"e1\") Some(\"orders\") vSome(1)");
        assert_eq!(first[1], "2026-02-16 10:30:00 UTC");
        assert!(first[2].starts_with("test-0.ndjson, byte 0 ("), "{}", first[2]);
        assert_eq!(first[3..], ["order:1", "in c", "by e0", "{\"total\":59.980}"]);
        let second = view(1);
        assert_eq!((second[0].as_str(), second[1].as_str()), ("undecodable None None vNone", "no time in this event"));
        assert!(second[3].starts_with("not JSON"), "{second:?}");
    }

    #[test]
    fn a_payload_range_beyond_the_record_is_the_record() {
        for (range, len, expected) in [(2..5, 9, 2..5), (2..10, 9, 0..9), (0..0, 9, 0..9), (3..3, 9, 0..9)] {
            assert_eq!(inside(&range, len), expected);
        }
    }
}
