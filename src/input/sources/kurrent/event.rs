//! Events as messages: the original with the link that led to it, or the link itself where it leads to nothing.

use kurrentdb::{Position, RecordedEvent, ResolvedEvent};

use crate::model::message::{KurrentLink, KurrentPlace, LogPosition, Message, Place, Timestamp, TimestampKind};
use crate::model::time::TimeNs;

/// The type of a link.
pub(super) const LINK: &str = "$>";

/// Of what the store says of an event, what stands in members of its own.
const CONTENT_TYPE: &str = "content-type";
const CREATED: &str = "created";

/// Where in its stream and in the log an event was read, and when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub revision: u64,
    pub position: LogPosition,
    pub created: Option<TimeNs>,
}

/// None for an answer without an event.
pub(super) fn at(read: &ResolvedEvent) -> Option<At> {
    let event = read.link.as_ref().or(read.event.as_ref())?;
    Some(At { revision: event.revision, position: position(event.position), created: created(event) })
}

/// Whether it is a link to what is not there any more.
pub(super) fn is_dangling(read: &ResolvedEvent) -> bool {
    read.event.is_none() && read.link.is_some()
}

/// By these names events are chosen: those of the original.
pub(super) fn names(read: &ResolvedEvent) -> Option<(&str, String)> {
    let event = read.event.as_ref().or(read.link.as_ref())?;
    let type_name = if is_dangling(read) { LINK } else { event.event_type.as_str() };
    Some((type_name, stream(event)))
}

/// None for an answer without an event.
pub(super) fn message(read: ResolvedEvent) -> Option<Message> {
    let (event, link) = match (read.event, read.link) {
        (Some(event), link) => (event, link),
        (None, link) => (link?, None),
    };
    let link = link.map(|link| {
        Box::new(KurrentLink {
            stream: stream(&link),
            revision: link.revision,
            event_id: link.id.to_string(),
            created: created(&link).map(TimeNs::to_rfc3339).unwrap_or_default(),
            metadata: some(&link.custom_metadata),
        })
    });
    let created = created(&event);
    let position = position(event.position);
    let stream = stream(&event);
    let mut system = event.metadata;
    system.remove(CREATED);
    let place = KurrentPlace {
        stream,
        revision: event.revision,
        event_id: event.id.to_string(),
        event_type: event.event_type,
        // Old servers do not tell it where a single stream is read.
        position: Some(position).filter(|position| position.commit != u64::MAX),
        content_type: system.remove(CONTENT_TYPE).unwrap_or_default(),
        created: created.map(TimeNs::to_rfc3339).unwrap_or_default(),
        system: system.into_iter().collect(),
        metadata: some(&event.custom_metadata),
        link,
    };
    Some(Message {
        place: Place::Kurrent(Box::new(place)),
        timestamp: created.map(|TimeNs(ns)| Timestamp { ms: ns.div_euclid(1_000_000), kind: TimestampKind::Append }),
        key: None,
        headers: Vec::new(),
        value: Some(event.data.to_vec()),
    })
}

fn some(bytes: &[u8]) -> Option<Vec<u8>> {
    (!bytes.is_empty()).then(|| bytes.to_vec())
}

fn position(Position { commit, prepare }: Position) -> LogPosition {
    LogPosition { commit, prepare }
}

/// The client hands the name on without looking whether it is UTF-8.
fn stream(event: &RecordedEvent) -> String {
    String::from_utf8_lossy(event.stream_id().as_bytes()).into_owned()
}

/// In steps of 100 ns since 1970, of which the client's own field keeps only seconds.
fn created(event: &RecordedEvent) -> Option<TimeNs> {
    event.metadata.get(CREATED)?.parse::<i64>().ok()?.checked_mul(100).map(TimeNs)
}
