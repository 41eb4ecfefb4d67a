//! Captures of one record → its row. Lists are reused from row to row.

use std::collections::HashSet;

use super::MAX_SLOTS;
use super::captures::{Captures, Text};
use super::eval::{first, one, resolve, text};
use super::group::Group;
use super::program::{Expr, Program, Setting};
use crate::base::bytes::equal;
use crate::base::hash::{hash64, mix};
use crate::model::row::{Row, RowSink, Span};
use crate::model::time::{TimeNs, TimeReader};

/// Makes the rows of one pass.
#[derive(Debug)]
pub struct Rows {
    times: Vec<TimeReader>,
    group: Group,
    /// Field, kind, id: texts whose plain words are still in the program.
    entities: Vec<(usize, Text, Text)>,
    correlations: Vec<(usize, Text)>,
    causes: Vec<(usize, Text)>,
    /// Empty between rows; kept for their space.
    entity_list: Vec<(&'static [u8], &'static [u8])>,
    correlation_list: Vec<&'static [u8]>,
    cause_list: Vec<&'static [u8]>,
}

impl Rows {
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let times = program.time.iter().map(|(_, unit, zone)| TimeReader::new(*unit, *zone)).collect();
        Self {
            times,
            group: Group::default(),
            entities: Vec::new(),
            correlations: Vec::new(),
            causes: Vec::new(),
            entity_list: Vec::new(),
            correlation_list: Vec::new(),
            cause_list: Vec::new(),
        }
    }

    /// Hands the record's row to `sink`. `record` is the buffer that the captures lie in, `program` the one
    /// that this was made for.
    #[inline]
    pub fn emit(
        &mut self,
        program: &Program,
        captures: &mut Captures,
        record: &[u8],
        span: Span,
        sink: &mut dyn RowSink,
    ) {
        self.gather(program, captures, record, span, sink);
        self.flush(program, captures, record, sink);
    }

    /// As [`Self::emit`], now or at the next [`Self::flush`], before which `record` must not change.
    #[inline]
    pub fn gather(
        &mut self,
        program: &Program,
        captures: &mut Captures,
        record: &[u8],
        span: Span,
        sink: &mut dyn RowSink,
    ) {
        if program.direct.as_ref().is_none_or(|direct| direct.composes(captures)) {
            // In the order of the records.
            self.flush(program, captures, record, sink);
            return self.emit_any(program, captures, record, span, sink);
        }
        self.group.push(captures, span);
        // What was written to the scratch space is good up to the next record.
        if self.group.is_full() || captures.has_written() {
            self.flush(program, captures, record, sink);
        }
    }

    /// Hands over what was gathered.
    pub fn flush(&mut self, program: &Program, captures: &Captures, record: &[u8], sink: &mut dyn RowSink) {
        if let Some(direct) = &program.direct {
            self.group.flush(direct, &mut self.times, record, &captures.scratch, sink);
        }
    }

    /// Texts that are put together, and lists.
    fn emit_any(
        &mut self,
        program: &Program,
        captures: &mut Captures,
        record: &[u8],
        span: Span,
        sink: &mut dyn RowSink,
    ) {
        let type_name = first(program, &program.type_name, captures, record);
        let id = first(program, &program.id, captures, record);
        let service = first(program, &program.service, captures, record);
        let version = first(program, &program.version, captures, record);
        let time = read_time(program, &mut self.times, captures, record);
        gather_entities(program, captures, record, &mut self.entities);
        gather(program, &program.correlation, captures, record, &mut self.correlations);
        gather(program, &program.causation, captures, record, &mut self.causes);

        let captures = &*captures;
        let scratch = captures.scratch.as_slice();
        let mut entities: Vec<(&[u8], &[u8])> = std::mem::take(&mut self.entity_list);
        let mut correlations: Vec<&[u8]> = std::mem::take(&mut self.correlation_list);
        let mut causes: Vec<&[u8]> = std::mem::take(&mut self.cause_list);
        let mut seen = None;
        for &(field, kind, id) in &self.entities {
            let Some(setting) = program.entities.get(field) else { continue };
            let kind = resolve(&setting.value.0, kind, record, scratch);
            let id = resolve(&setting.value.1, id, record, scratch);
            push_entity(&mut entities, &mut seen, kind, id);
        }
        resolve_list(&program.correlation, &self.correlations, record, scratch, &mut correlations);
        resolve_list(&program.causation, &self.causes, record, scratch, &mut causes);
        let (id, service) = (id.bytes(record, scratch), service.bytes(record, scratch));
        sink.event(&Row {
            span,
            time,
            type_name: type_name.bytes(record, scratch),
            service: (!service.is_empty()).then_some(service),
            id: (!id.is_empty()).then_some(id),
            version: parse_version(version.bytes(record, scratch)),
            entities: &entities,
            correlations: &correlations,
            causes: &causes,
        });
        self.entity_list = recycle(entities, |_| (&b""[..], &b""[..]));
        self.correlation_list = recycle(correlations, |_| &b""[..]);
        self.cause_list = recycle(causes, |_| &b""[..]);
    }
}

/// The first alternative that is there and names an instant.
#[inline]
fn read_time(program: &Program, times: &mut [TimeReader], captures: &mut Captures, record: &[u8]) -> Option<TimeNs> {
    program.time.iter().zip(times).find_map(|((setting, ..), reader)| {
        let found = one(program, setting, captures, record);
        let bytes = found.bytes(record, &captures.scratch);
        if bytes.is_empty() { None } else { reader.read(bytes) }
    })
}

#[inline]
fn gather_entities(program: &Program, captures: &mut Captures, record: &[u8], out: &mut Vec<(usize, Text, Text)>) {
    out.clear();
    for (field, setting) in program.entities.iter().enumerate() {
        let (kind, id) = &setting.value;
        let Some(driver) = setting.driver else {
            let id_text = text(program, id, 0, captures, record);
            // Most fields are absent in most records: the kind is not worth a look then.
            if !id_text.is_empty() || matches!(id, Expr::Text(_)) {
                out.push((field, text(program, kind, 0, captures, record), id_text));
            }
            continue;
        };
        let mut place = 0;
        while let Some(&(of_match, _)) = captures.matches(driver).get(place) {
            let id = text(program, id, of_match, captures, record);
            out.push((field, text(program, kind, of_match, captures, record), id));
            place += 1;
        }
    }
}

type Named = (Setting<Expr>, String);

#[inline]
fn gather(program: &Program, list: &[Named], captures: &mut Captures, record: &[u8], out: &mut Vec<(usize, Text)>) {
    out.clear();
    for (field, (setting, _)) in list.iter().enumerate() {
        let Some(driver) = setting.driver else {
            let found = text(program, &setting.value, 0, captures, record);
            if !found.is_empty() || matches!(setting.value, Expr::Text(_)) {
                out.push((field, found));
            }
            continue;
        };
        let mut place = 0;
        while let Some(&(of_match, _)) = captures.matches(driver).get(place) {
            out.push((field, text(program, &setting.value, of_match, captures, record)));
            place += 1;
        }
    }
}

fn resolve_list<'a>(
    list: &'a [Named],
    texts: &[(usize, Text)],
    record: &'a [u8],
    scratch: &'a [u8],
    out: &mut Vec<&'a [u8]>,
) {
    let mut seen = None;
    for &(field, text) in texts {
        if let Some((setting, _)) = list.get(field) {
            push_distinct(out, &mut seen, resolve(&setting.value, text, record, scratch));
        }
    }
}

/// Hashes of what was pushed after the first [`LOOK_AT_MOST`]: those are looked at one by one. A program
/// without `*` has at most 64 fields and needs no hashes.
type Seen = Option<HashSet<u64>>;

const LOOK_AT_MOST: usize = MAX_SLOTS;

#[inline]
fn push_entity<'a>(list: &mut Vec<(&'a [u8], &'a [u8])>, seen: &mut Seen, kind: &'a [u8], id: &'a [u8]) {
    if kind.is_empty() || id.is_empty() {
        return;
    }
    let known = list.iter().take(LOOK_AT_MOST).any(|known| equal(known.1, id) && equal(known.0, kind));
    if !known && (list.len() < LOOK_AT_MOST || is_new(seen, mix(hash64(id), hash64(kind)))) {
        list.push((kind, id));
    }
}

#[inline]
fn push_distinct<'a>(list: &mut Vec<&'a [u8]>, seen: &mut Seen, id: &'a [u8]) {
    if id.is_empty() {
        return;
    }
    let known = list.iter().take(LOOK_AT_MOST).any(|known| equal(known, id));
    if !known && (list.len() < LOOK_AT_MOST || is_new(seen, hash64(id))) {
        list.push(id);
    }
}

#[cold]
fn is_new(seen: &mut Seen, hash: u64) -> bool {
    seen.get_or_insert_default().insert(hash)
}

/// An empty list with the space of `list`: what it borrowed is gone. Collecting a vector's own
/// iterator of equally large items reuses its space.
pub(super) fn recycle<T, U>(mut list: Vec<T>, never_called: impl Fn(T) -> U) -> Vec<U> {
    list.clear();
    list.into_iter().map(never_called).collect()
}

/// A whole number that fits.
pub(in crate::input::decoders) fn parse_version(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 10 {
        return None;
    }
    let value = bytes.iter().try_fold(0u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| value * 10 + u64::from(digit))
    });
    u32::try_from(value?).ok()
}
