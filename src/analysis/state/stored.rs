//! The stored history as reducers see it: events read again from their records.
//!
//! Only what a reducer needs is made of a record, and the envelope is decoded only where it is asked
//! for: what orders and names events is in the columns. Records that lie close together are read at
//! once; an entity's events are mostly far apart, and reading all between them would cost more.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::event::{Events, Input, Meta, Need};
use super::history::History;
use super::value::{self, Value};
use crate::base::cancel::Cancel;
use crate::model::envelope::Envelope;
use crate::model::ids::{EventIx, SourceIx};
use crate::model::row::Span;
use crate::model::source::{ReadAt, SourceInfo};
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

#[derive(Clone, Debug)]
pub struct Stored {
    pub snapshot: Arc<Snapshot>,
    pub history: Arc<History>,
}

/// Records with no more than this between them are read at once: copying it costs what a call costs.
const GAP_BYTES: u64 = 2 << 10;
/// No more than this is read at once; records that are longer are read alone.
const READ_BYTES: u64 = 128 << 10;

/// Fewer events are not worth opening their files for, and of many files only some.
const WORTH_OWN_WAYS: usize = 128;
const MOST_WAYS: usize = 8;

/// A record and where it lies.
struct Record<'a> {
    event: EventIx,
    segment: &'a Segment,
    source: &'a SourceInfo,
    span: Span,
    /// More is looked at than what the columns know.
    wanted: bool,
}

/// An event's type.
#[derive(Clone, Debug)]
struct Kind {
    /// This load's own: threads that count references to one text at a time wait for each other.
    name: Arc<str>,
    wanted: bool,
}

impl Events for Stored {
    fn len(&self) -> u32 {
        self.history.len()
    }

    fn load(&self, events: Range<u32>, need: &Need, cancel: &Cancel, into: &mut Vec<Input>) {
        let events = self.history.events.get(events.start as usize..events.end as usize).unwrap_or_default();
        // What was loaded before lends its memory: taking and giving back costs as much as parsing does.
        into.resize_with(events.len(), Input::default);
        let mut kinds = vec![None; self.snapshot.types().len()];
        // Columns first: one miss of the cache does not wait for the other.
        let records: Vec<Option<Record<'_>>> =
            events.iter().zip(&mut *into).map(|(&event, input)| self.head(event, need, &mut kinds, input)).collect();
        let own = |names: &Arc<[Arc<str>]>| names.iter().map(|name| Arc::from(&**name)).collect();
        let need = &Need { members: need.members.as_ref().map(own), ..need.clone() };
        let most_ways = if events.len() >= WORTH_OWN_WAYS { MOST_WAYS } else { 0 };
        let mut reading = Reading { buf: Vec::new(), ways: Vec::new(), most_ways };
        let mut at = 0;
        while let (Some(rest), Some(inputs)) = (records.get(at..), into.get_mut(at..)) {
            let Some(first) = rest.first() else { return };
            if cancel.is_cancelled() {
                return into.truncate(at);
            }
            let Some(first) = first.as_ref().filter(|first| first.wanted) else {
                at += 1;
                continue;
            };
            let count = close_together(first, rest);
            self.read(first, rest.get(..count).unwrap_or_default(), need, &mut reading, inputs);
            at += count;
        }
    }
}

impl Stored {
    /// Fills in what the columns know; `kinds` are the types that were met.
    fn head(&self, event: EventIx, need: &Need, kinds: &mut [Option<Kind>], input: &mut Input) -> Option<Record<'_>> {
        let record = self.snapshot.locate(event).and_then(|(segment, row)| {
            let source = self.snapshot.sources().get(segment.source().at())?;
            let at = segment.type_ix(row).at();
            let kind = || {
                let name = self.snapshot.types().get(at).map_or_else(Arc::default, |name| Arc::from(&*name.name));
                Kind { wanted: need.reads(&name), name }
            };
            let kind = kinds.get_mut(at).map_or_else(kind, |known| known.get_or_insert_with(kind).clone());
            input.ix = Some(event);
            input.type_name = kind.name;
            input.time = segment.time(row);
            input.version = segment.version(row);
            Some(Record { event, segment, source, span: segment.span(row), wanted: kind.wanted })
        });
        input.meta = None;
        input.problem = None;
        if !input.text.is_empty() {
            input.text = Arc::default();
        }
        match &record {
            // Its memory is used for the next.
            Some(record) if record.wanted && need.value => {}
            Some(_) => input.data = Value::Null,
            None => *input = Input { problem: Some("it is no longer in the log".into()), ..Input::default() },
        }
        record
    }

    /// Reads records that lie close together and adds what they say to their events.
    fn read(
        &self,
        first: &Record<'_>,
        together: &[Option<Record<'_>>],
        need: &Need,
        reading: &mut Reading,
        inputs: &mut [Input],
    ) {
        let start = first.span.offset.0;
        let wanted = || together.iter().enumerate().filter_map(|(i, record)| Some((i, record.as_ref()?)));
        let wanted = || wanted().filter(|(_, record)| record.wanted);
        let end = wanted().map(|(_, record)| end_of(record)).max().unwrap_or(start);
        let mut fill = |i: usize, record: &Record<'_>, bytes: Result<&[u8], Arc<str>>| {
            if let Some(input) = inputs.get_mut(i) {
                fill(input, record, bytes, need);
            }
        };
        if end - start > READ_BYTES {
            for (i, record) in wanted() {
                let bytes = self.snapshot.record(record.event);
                fill(i, record, bytes.as_deref().map_err(unread));
            }
            return;
        }
        let got = reading.read(first, (end - start) as usize);
        for (i, record) in wanted() {
            let at = (record.span.offset.0 - start) as usize;
            let bytes = match &got {
                Ok(read) => read
                    .get(at..at + record.span.len as usize)
                    .ok_or_else(|| unread(&io::ErrorKind::UnexpectedEof.into())),
                Err(error) => Err(unread(error)),
            };
            fill(i, record, bytes.map(|bytes| record.segment.trimmed(bytes)));
        }
    }
}

/// What one load reads with.
struct Reading {
    buf: Vec<u8>,
    /// This load's own to the sources that were met first.
    ways: Vec<(SourceIx, Option<Box<dyn ReadAt>>)>,
    most_ways: usize,
}

impl Reading {
    /// As many bytes from where the record begins as are there.
    fn read(&mut self, first: &Record<'_>, len: usize) -> io::Result<&[u8]> {
        if self.buf.len() < len {
            self.buf.resize(len, 0);
        }
        let source = first.segment.source();
        let known = self.ways.iter().position(|(of, _)| *of == source).or_else(|| {
            (self.ways.len() < self.most_ways).then(|| {
                self.ways.push((source, first.source.bytes.own_way()));
                self.ways.len() - 1
            })
        });
        let own = known.and_then(|at| self.ways.get(at)?.1.as_deref());
        let bytes = own.unwrap_or(&*first.source.bytes);
        let got = bytes.read_at(self.buf.get_mut(..len).unwrap_or_default(), first.span.offset)?;
        Ok(self.buf.get(..got).unwrap_or_default())
    }
}

fn end_of(record: &Record<'_>) -> u64 {
    record.span.offset.0 + u64::from(record.span.len)
}

/// How many records from the first on are worth one read: at least one. Those that nobody reads don't
/// count.
fn close_together(first: &Record<'_>, rest: &[Option<Record<'_>>]) -> usize {
    let mut end = end_of(first);
    let more = rest.iter().skip(1).take_while(|next| {
        let Some(next) = next else { return false };
        if !next.wanted {
            return true;
        }
        let gap = next.span.offset.0.checked_sub(end);
        let close = gap.is_some_and(|gap| gap <= GAP_BYTES)
            && next.segment.source() == first.segment.source()
            && end_of(next) - first.span.offset.0 <= READ_BYTES;
        if close {
            end = end_of(next);
        }
        close
    });
    1 + more.count()
}

/// Adds what the record's bytes say.
fn fill(input: &mut Input, record: &Record<'_>, bytes: Result<&[u8], Arc<str>>, need: &Need) {
    let told = bytes.and_then(|bytes| tell(input, record, bytes, need));
    if let Err(problem) = told {
        input.problem = Some(problem);
        input.data = Value::Null;
    }
}

fn tell(input: &mut Input, record: &Record<'_>, bytes: &[u8], need: &Need) -> Result<(), Arc<str>> {
    let decode = &*record.source.decode;
    if need.meta {
        input.meta = Some(Arc::new(meta(decode.envelope(bytes))));
    }
    if !need.text && !need.value {
        return Ok(());
    }
    let given;
    let data = match decode.data_range(bytes).and_then(|range| bytes.get(range)) {
        Some(data) => data,
        None => match decode.data_json(bytes) {
            Some(text) => {
                given = text;
                given.as_bytes()
            }
            None => return Err("its payload cannot be decoded".into()),
        },
    };
    if need.text {
        input.text = String::from_utf8_lossy(data.trim_ascii()).into();
        if input.text.is_empty() {
            input.text = "null".into();
        }
    }
    if need.value {
        let read = match need.members.as_deref() {
            Some(names) => value::parse_members(data, names, &mut input.data),
            None => value::parse(data).map(|value| input.data = value),
        };
        read.map_err(|why| format!("its payload cannot be read: {why}"))?;
    }
    Ok(())
}

fn meta(envelope: Envelope) -> Meta {
    Meta {
        id: envelope.id,
        time_text: envelope.time_text,
        service: envelope.service,
        entities: envelope.entities,
        correlations: envelope.correlations,
        causes: envelope.causes,
        headers: envelope.headers.into_iter().map(|(name, value)| (name, value.as_text().into_owned())).collect(),
    }
}

fn unread(error: &io::Error) -> Arc<str> {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "its record is gone: the source has become shorter".into(),
        _ => format!("its record cannot be read again: {error}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    fn stored(data: impl IntoIterator<Item = String>) -> Stored {
        let mut builder = Builder::new().batch_rows(5);
        for (i, data) in data.into_iter().enumerate() {
            builder.push(TestEvent {
                id: format!("e{i}"),
                time: Some(i as i64),
                type_name: format!("T{}", i % 3),
                // Every other event is another entity's, so that there are gaps.
                entities: vec![format!("a:{}", i % 2)],
                data,
                ..TestEvent::default()
            });
        }
        let snapshot = builder.build();
        let entity = snapshot.find_entity("a", "1").expect("it is there");
        let history = History::of(&snapshot, entity, false, &Cancel::new()).expect("nobody cancels");
        Stored { snapshot, history: Arc::new(history) }
    }

    const ALL: Need = Need { text: true, value: true, members: None, meta: true, types: None };

    #[test]
    fn events_come_with_what_was_asked_for() {
        // One payload longer than what is read at once.
        let long = |i: usize| if i == 7 { "x".repeat(READ_BYTES as usize) } else { String::new() };
        let stored = stored((0..20).map(|i| format!("{{\"i\":{i}.0,\"long\":\"{}\"}}", long(i))));
        let mut events = Vec::new();
        stored.load(1..9, &ALL, &Cancel::new(), &mut events);
        assert_eq!(events.len(), 8);
        for (at, event) in events.iter().enumerate() {
            let i = 2 * (at + 1) + 1;
            assert_eq!(event.ix, Some(EventIx(i as u64)));
            assert_eq!(&*event.type_name, format!("T{}", i % 3));
            assert_eq!(event.time.map(|time| time.0), Some(i as i64));
            let text = format!("{{\"i\":{i}.0,\"long\":\"{}\"}}", long(i));
            assert_eq!((&*event.text, event.data.to_string()), (&*text, text.clone()));
            assert_eq!(event.meta.as_ref().and_then(|meta| meta.id.clone()), Some(format!("e{i}")));
            assert_eq!(event.problem, None);
        }
        stored.load(0..3, &Need::default(), &Cancel::new(), &mut events);
        assert!(events.len() == 3 && events.iter().all(|event| event.data.is_null() && event.text.is_empty()));
        stored.load(5..50, &ALL, &Cancel::new(), &mut events);
        assert!(events.is_empty());
    }

    #[test]
    fn types_and_members_that_nobody_reads_are_left_out() {
        let stored = stored((0..20).map(|i| format!("{{\"i\":{i},\"rest\":[{i}]}}")));
        let need = Need {
            value: true,
            members: Some(["i".into()].into()),
            types: Some(["T0".into(), "*2".into()].into()),
            ..Need::default()
        };
        let mut events = Vec::new();
        stored.load(0..10, &need, &Cancel::new(), &mut events);
        let data: Vec<String> = events.iter().map(|event| format!("{} {}", event.type_name, event.data)).collect();
        let expected = |i: usize| match i % 3 {
            1 => "T1 null".to_owned(),
            n => format!("T{n} {{\"i\":{i}}}"),
        };
        assert_eq!(data, (0..10).map(|n| expected(2 * n + 1)).collect::<Vec<_>>());
    }

    #[test]
    fn what_cannot_be_read_is_an_event_with_its_problem() {
        let deep = "[".repeat(300) + &"]".repeat(300);
        let stored = stored(["{}".to_owned(), deep, "{}".to_owned(), "{\"i\":1}".to_owned()]);
        let mut events = Vec::new();
        stored.load(0..2, &ALL, &Cancel::new(), &mut events);
        let problems: Vec<Option<&str>> = events.iter().map(|event| event.problem.as_deref()).collect();
        assert_eq!(problems, [Some("its payload cannot be read: nested deeper than 256 levels"), None]);
    }

    #[test]
    fn cancelled_loads_end_early() {
        let stored = stored((0..20).map(|_| "{}".to_owned()));
        let cancel = Cancel::new();
        cancel.cancel();
        let mut events = Vec::new();
        stored.load(0..5, &ALL, &cancel, &mut events);
        assert!(events.is_empty());
    }
}
