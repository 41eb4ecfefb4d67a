//! Rows of several records at once, where every text is there as it is: column by column, because
//! short loops over many rows are quicker than all that is to be done for one row after another.

use super::captures::{Captures, Text};
use super::direct::Direct;
use super::rows::{parse_version, recycle};
use crate::base::bytes::equal;
use crate::model::row::{RowEntity, RowGroup, RowSink, Span};
use crate::model::time::{TimeNs, TimeReader};

/// Few enough that their texts and bytes are still in the nearest cache.
const ROWS: usize = 64;

/// Records that were walked and whose rows are still to be made.
#[derive(Debug, Default)]
pub(super) struct Group {
    spans: Vec<Span>,
    /// As many a row as `width`.
    texts: Vec<Text>,
    width: usize,
    columns: Columns<'static>,
}

/// Empty between flushes; kept for their space.
#[derive(Debug, Default)]
struct Columns<'a> {
    times: Vec<Option<TimeNs>>,
    type_names: Vec<&'a [u8]>,
    services: Vec<&'a [u8]>,
    ids: Vec<&'a [u8]>,
    versions: Vec<Option<u32>>,
    entities: Vec<RowEntity<'a>>,
    correlations: Vec<(u32, &'a [u8])>,
    causes: Vec<(u32, &'a [u8])>,
}

impl Group {
    #[inline]
    pub fn push(&mut self, captures: &Captures, span: Span) {
        // A record of which nothing is wanted is a row all the same.
        let texts = if captures.texts().is_empty() { &[Text::ABSENT] } else { captures.texts() };
        self.width = texts.len();
        self.texts.extend_from_slice(texts);
        self.spans.push(span);
    }

    #[inline]
    pub fn is_full(&self) -> bool {
        self.spans.len() >= ROWS
    }

    pub fn flush(
        &mut self,
        direct: &Direct,
        times: &mut [TimeReader],
        record: &[u8],
        scratch: &[u8],
        sink: &mut dyn RowSink,
    ) {
        if self.spans.is_empty() {
            return;
        }
        let texts = Texts { all: &self.texts, width: self.width, record, scratch };
        let mut columns: Columns<'_> = std::mem::take(&mut self.columns);
        texts.column(&direct.type_name, |text| columns.type_names.push(text));
        texts.column(&direct.service, |text| columns.services.push(text));
        texts.column(&direct.id, |text| columns.ids.push(text));
        texts.column(&direct.version, |text| columns.versions.push(parse_version(text)));
        texts.times(&direct.time, times, &mut columns.times);
        texts.entities(&direct.entities, &mut columns.entities);
        texts.list(&direct.correlation, &mut columns.correlations);
        texts.list(&direct.causation, &mut columns.causes);
        sink.events(&RowGroup {
            spans: &self.spans,
            times: &columns.times,
            type_names: &columns.type_names,
            services: &columns.services,
            ids: &columns.ids,
            versions: &columns.versions,
            entities: &columns.entities,
            correlations: &columns.correlations,
            causes: &columns.causes,
        });
        self.columns = columns.recycled();
        self.texts.clear();
        self.spans.clear();
    }
}

impl Columns<'_> {
    fn recycled(mut self) -> Columns<'static> {
        self.times.clear();
        self.versions.clear();
        Columns {
            times: self.times,
            type_names: recycle(self.type_names, |_| &b""[..]),
            services: recycle(self.services, |_| &b""[..]),
            ids: recycle(self.ids, |_| &b""[..]),
            versions: self.versions,
            entities: recycle(self.entities, |_| RowEntity::default()),
            correlations: recycle(self.correlations, |_| (0, &b""[..])),
            causes: recycle(self.causes, |_| (0, &b""[..])),
        }
    }
}

/// The texts of a group's rows.
#[derive(Clone, Copy)]
struct Texts<'a> {
    all: &'a [Text],
    width: usize,
    record: &'a [u8],
    scratch: &'a [u8],
}

impl<'a> Texts<'a> {
    fn rows(&self) -> impl Iterator<Item = &'a [Text]> + use<'a> {
        self.all.chunks_exact(self.width)
    }

    #[inline]
    fn text(row: &[Text], slot: u8) -> Text {
        row.get(usize::from(slot)).copied().unwrap_or(Text::ABSENT)
    }

    #[inline]
    fn bytes(&self, row: &[Text], slot: u8) -> &'a [u8] {
        Self::text(row, slot).bytes(self.record, self.scratch)
    }

    /// The first of `slots` in which there is something, row by row.
    #[inline]
    fn column(&self, slots: &[u8], mut put: impl FnMut(&'a [u8])) {
        // The usual case is one place.
        if let &[slot] = slots {
            self.rows().for_each(|row| put(self.bytes(row, slot)));
            return;
        }
        for row in self.rows() {
            let found = slots.iter().map(|&slot| self.bytes(row, slot)).find(|text| !text.is_empty());
            put(found.unwrap_or_default());
        }
    }

    /// The first time of each row that can be read.
    fn times(&self, slots: &[u8], readers: &mut [TimeReader], out: &mut Vec<Option<TimeNs>>) {
        for row in self.rows() {
            let times = slots.iter().zip(readers.iter_mut());
            let mut named = times.map(|(&slot, reader)| (self.bytes(row, slot), reader));
            out.push(named.find_map(|(text, reader)| if text.is_empty() { None } else { reader.read(text) }));
        }
    }

    fn entities(&self, fields: &[(u8, u8)], out: &mut Vec<RowEntity<'a>>) {
        for (ix, row) in (0u32..).zip(self.rows()) {
            let first = out.len();
            for &(kind, id) in fields {
                // Most fields are absent in most records.
                if Self::text(row, id).is_empty() {
                    continue;
                }
                let (kind, id) = (self.bytes(row, kind), self.bytes(row, id));
                let known = |known: &RowEntity<'_>| equal(known.id, id) && equal(known.kind, kind);
                if !kind.is_empty() && !out.iter().skip(first).any(known) {
                    out.push(RowEntity { row: ix, kind, id });
                }
            }
        }
    }

    fn list(&self, slots: &[u8], out: &mut Vec<(u32, &'a [u8])>) {
        // The usual case is one place, in which nothing can stand twice.
        if let &[slot] = slots {
            let all = (0u32..).zip(self.rows()).map(|(ix, row)| (ix, self.bytes(row, slot)));
            out.extend(all.filter(|(_, id)| !id.is_empty()));
            return;
        }
        for (ix, row) in (0u32..).zip(self.rows()) {
            let first = out.len();
            for &slot in slots {
                let id = self.bytes(row, slot);
                if !id.is_empty() && !out.iter().skip(first).any(|(_, known)| equal(known, id)) {
                    out.push((ix, id));
                }
            }
        }
    }
}
