//! Captures of one record → its row. Lists are reused from row to row.

use std::collections::HashSet;
use std::sync::Arc;

use super::captures::{Captures, Text};
use super::eval::{first, one, resolve, text};
use super::program::{Expr, Program, Setting};
use crate::base::hash::{hash64, mix};
use crate::model::row::{Row, RowSink, Span};
use crate::model::time::{TimeNs, TimeReader};

/// Makes the rows of one pass.
#[derive(Debug)]
pub struct Rows {
    program: Arc<Program>,
    times: Vec<TimeReader>,
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
    pub fn new(program: Arc<Program>) -> Self {
        let times = program.time.iter().map(|(_, unit, zone)| TimeReader::new(*unit, *zone)).collect();
        Self {
            program,
            times,
            entities: Vec::new(),
            correlations: Vec::new(),
            causes: Vec::new(),
            entity_list: Vec::new(),
            correlation_list: Vec::new(),
            cause_list: Vec::new(),
        }
    }

    /// Hands the record's row to `sink`. `record` is the buffer that the captures lie in.
    #[inline]
    pub fn emit(&mut self, captures: &mut Captures, record: &[u8], span: Span, sink: &mut dyn RowSink) {
        let program = &*self.program;
        let type_name = first(program, &program.type_name, captures, record);
        let id = first(program, &program.id, captures, record);
        let service = first(program, &program.service, captures, record);
        let version = first(program, &program.version, captures, record);
        let time = read_time(program, &mut self.times, captures, record);
        gather_entities(program, captures, record, &mut self.entities);
        gather(program, &program.correlation, captures, record, &mut self.correlations);
        gather(program, &program.causation, captures, record, &mut self.causes);

        let scratch = captures.scratch.as_slice();
        let mut entities: Vec<(&[u8], &[u8])> = std::mem::take(&mut self.entity_list);
        let mut repeats = Repeats::default();
        for &(field, kind, id) in &self.entities {
            let Some(setting) = program.entities.get(field) else { continue };
            let kind = resolve(&setting.value.0, kind, record, scratch);
            let id = resolve(&setting.value.1, id, record, scratch);
            let hash = || mix(hash64(id), hash64(kind));
            if !kind.is_empty() && !id.is_empty() && repeats.is_new(&entities, &(kind, id), hash) {
                entities.push((kind, id));
            }
        }
        let correlations = std::mem::take(&mut self.correlation_list);
        let correlations = distinct(&program.correlation, &self.correlations, record, scratch, correlations);
        let causes = std::mem::take(&mut self.cause_list);
        let causes = distinct(&program.causation, &self.causes, record, scratch, causes);
        let optional = |bytes: &'_ [u8]| -> bool { !bytes.is_empty() };
        let (id, service) = (id.bytes(record, scratch), service.bytes(record, scratch));
        sink.event(&Row {
            span,
            time,
            type_name: type_name.bytes(record, scratch),
            service: Some(service).filter(|s| optional(s)),
            id: Some(id).filter(|s| optional(s)),
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
            if id_text.start < id_text.end || matches!(id, Expr::Text(_)) {
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
            out.push((field, text(program, &setting.value, 0, captures, record)));
            continue;
        };
        let mut place = 0;
        while let Some(&(of_match, _)) = captures.matches(driver).get(place) {
            out.push((field, text(program, &setting.value, of_match, captures, record)));
            place += 1;
        }
    }
}

#[inline]
fn distinct<'a>(
    list: &'a [Named],
    texts: &[(usize, Text)],
    record: &'a [u8],
    scratch: &'a [u8],
    mut out: Vec<&'a [u8]>,
) -> Vec<&'a [u8]> {
    let mut repeats = Repeats::default();
    for &(field, text) in texts {
        let Some((setting, _)) = list.get(field) else { continue };
        let bytes = resolve(&setting.value, text, record, scratch);
        if !bytes.is_empty() && repeats.is_new(&out, &bytes, || hash64(bytes)) {
            out.push(bytes);
        }
    }
    out
}

/// Finds repeats by looking, and by hash once there are too many to look at.
#[derive(Default)]
struct Repeats(Option<HashSet<u64>>);

impl Repeats {
    const LOOK_AT_MOST: usize = 32;

    #[inline]
    fn is_new<T: PartialEq>(&mut self, known: &[T], next: &T, hash: impl Fn() -> u64) -> bool {
        if known.len() < Self::LOOK_AT_MOST {
            return !known.contains(next);
        }
        let known_early = known.iter().take(Self::LOOK_AT_MOST).any(|k| k == next);
        !known_early && self.0.get_or_insert_default().insert(hash())
    }
}

/// An empty list with the space of `list`: what it borrowed is gone. Collecting a vector's own
/// iterator of equally large items reuses its space.
fn recycle<T, U>(mut list: Vec<T>, never_called: impl Fn(T) -> U) -> Vec<U> {
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
