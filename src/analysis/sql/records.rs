//! What only a record says, as a function of SQL: the part of an event's record with a number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::base::sync::lock;
use crate::model::ids::{EventIx, TypeIx};
use crate::store::snapshot::Snapshot;

pub(super) const FUNCTION: &str = "eventglass_record";

/// Parts of one record; statements often ask for several of the same.
#[derive(Default)]
struct Parts {
    event: Option<EventIx>,
    /// The id, the first correlation, the first cause.
    names: Option<[Option<String>; 3]>,
    payload: Payload,
}

#[derive(Default)]
enum Payload {
    #[default]
    NotRead,
    Read(Option<String>),
}

const PAYLOAD: i64 = 3;

/// `unread` counts the records that could not be read again; their parts are null.
pub(super) fn register(conn: &Connection, log: &Arc<Snapshot>, unread: Arc<AtomicU64>) -> rusqlite::Result<()> {
    let log = Arc::clone(log);
    let last = Mutex::new(Parts::default());
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function(FUNCTION, 2, flags, move |context| {
        let Ok(ix) = u64::try_from(context.get::<i64>(0)?) else { return Ok(None) };
        let (event, part) = (EventIx(ix), context.get::<i64>(1)?);
        let mut parts = lock(&last);
        if parts.event != Some(event) {
            *parts = Parts { event: Some(event), ..Parts::default() };
        }
        if part == PAYLOAD {
            if matches!(parts.payload, Payload::NotRead) {
                parts.payload = Payload::Read(payload(&log, event, &unread));
            }
            return Ok(match &parts.payload {
                Payload::NotRead => None,
                Payload::Read(text) => text.clone(),
            });
        }
        let names = parts.names.get_or_insert_with(|| names(&log, event, &unread));
        Ok(usize::try_from(part).ok().and_then(|part| names.get(part)).cloned().flatten())
    })
}

fn names(log: &Snapshot, event: EventIx, unread: &AtomicU64) -> [Option<String>; 3] {
    let Ok(envelope) = log.envelope(event) else {
        unread.fetch_add(1, Ordering::Relaxed);
        return [const { None }; 3];
    };
    let first = |mut ids: Vec<crate::model::envelope::NamedId>| (!ids.is_empty()).then(|| ids.swap_remove(0).value);
    [envelope.id, first(envelope.correlations), first(envelope.causes)]
}

/// As JSON text; nothing of an undecodable record or one that is gone.
fn payload(log: &Snapshot, event: EventIx, unread: &AtomicU64) -> Option<String> {
    let (segment, row) = log.locate(event)?;
    let Ok(record) = log.record(event) else {
        unread.fetch_add(1, Ordering::Relaxed);
        return None;
    };
    if segment.type_ix(row) == TypeIx::UNDECODABLE {
        return None;
    }
    let decode = &log.sources().get(segment.source().at())?.decode;
    let data = decode.data_range(&record).and_then(|range| record.get(range));
    let text = data.map(|data| String::from_utf8_lossy(data.trim_ascii()).into_owned());
    text.or_else(|| decode.data_json(&record)).filter(|text| !text.is_empty())
}
