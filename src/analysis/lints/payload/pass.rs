//! The one pass over all records: two threads take segments in turn, read them in blocks and walk each
//! record once. What only few records have (an `@`, a token's mark) is looked for in whole blocks first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::facts::{Cold, Facts, Fields, Kind, Part, Sampled, Sight};
use super::placed::{Place, Placed};
use super::roles::Roles;
use super::secrets::TOKEN_MARKS;
use super::shape::{Next, NodeIx, ROOT, Shape, Step};
use super::{Sample, ShapeSeen};
use crate::analysis::lints::Context;
use crate::analysis::query::blocks::Reader;
use crate::analysis::query::text::Spans as _;
use crate::base::hash::hash64;
use crate::base::scan::{scalar_end, small_number_end, space, string_end};
use crate::model::ids::{EntityIx, EventIx, SourceIx, TypeIx};
use crate::model::source::SourceInfo;
use crate::store::segment::Segment;

/// Fields that a thread keeps, of all types together.
const MAX_NODES: usize = 1 << 16;
/// Shapes of one type that are told apart.
pub(super) const MAX_SHAPES: usize = 32;

/// One type of one source.
pub(super) struct TypeSeen {
    pub of: TypeIx,
    pub fields: Fields,
    pub records: u64,
    pub shapes: Vec<ShapeSeen>,
    /// Records of shapes beyond those.
    pub other_shapes: u64,
}

#[derive(Default)]
pub(super) struct Seen {
    pub types: Vec<TypeSeen>,
    known: BTreeMap<(SourceIx, TypeIx), usize>,
    pub values: Vec<Sampled>,
    pub placed: Placed,
    nodes: usize,
    /// Records that could not be read, that are not JSON, and that came when enough fields were known.
    pub unread: u64,
    pub unwalked: u64,
    pub beyond: u64,
}

/// What both threads saw. `None` when cancelled.
pub(super) fn run(context: &Context<'_>, sample: &Sample) -> Option<Vec<Seen>> {
    let segments = context.log.segments();
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    let roles: Vec<Roles> = context.log.sources().iter().map(|source| Roles::of(&source.mapping)).collect();
    let work = || {
        let mut worker = Worker {
            context,
            sample,
            roles: &roles,
            told: Roles::payload_only(),
            seen: Seen::default(),
            reader: Reader::default(),
        };
        while let Some(segment) = segments.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.segment(segment)?;
            let done = rows.fetch_add(u64::from(segment.len()), Ordering::Relaxed) + u64::from(segment.len());
            context.report_payloads(done);
        }
        Some(worker.seen)
    };
    let (here, there) = crate::analysis::lints::run::on_two(work, work);
    Some(vec![here?, there?])
}

struct Worker<'a> {
    context: &'a Context<'a>,
    sample: &'a Sample,
    roles: &'a [Roles],
    told: Roles,
    seen: Seen,
    reader: Reader,
}

/// One segment while it is walked.
struct InSegment<'a> {
    segment: &'a Segment,
    source: &'a SourceInfo,
    /// The types of this source, in `Seen::types`.
    by_type: Vec<u32>,
    /// The stream of each row, made when a record tells its partition or key.
    streams: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl Worker<'_> {
    fn segment(&mut self, segment: &Segment) -> Option<()> {
        let Some(source) = self.context.log.sources().get(segment.source().at()) else { return Some(()) };
        let mut by_type = vec![UNKNOWN; self.context.log.types().len()];
        let of_source = (segment.source(), TypeIx(0))..=(segment.source(), TypeIx(u16::MAX));
        for ((_, of), place) in self.seen.known.range(of_source) {
            by_type.get_mut(of.at()).into_iter().for_each(|slot| *slot = *place as u32);
        }
        let mut part = InSegment { segment, source, by_type, streams: Vec::new() };
        let mut reader = std::mem::take(&mut self.reader);
        let mut sampled = self.sample.from(segment.event(0));
        let base64_from = self.context.config.base64_bytes;
        let read = reader.each_block(segment, source, self.context.cancel, &mut |block, rows| {
            let mut at_signs = memchr::memchr_iter(b'@', block).peekable();
            let mut tokens = TOKEN_MARKS.find_iter(block).map(|found| found.start()).peekable();
            for i in 0..rows.len() {
                let (start, end) = rows.span(i);
                let row = rows.row(i);
                let event = segment.event(row);
                let of = segment.type_ix(row);
                let mut has = false;
                while at_signs.next_if(|at| *at < end).is_some_and(|at| {
                    has |= at >= start;
                    true
                }) {}
                let at_sign = std::mem::take(&mut has);
                while tokens.next_if(|at| *at < end).is_some_and(|at| {
                    has |= at >= start;
                    true
                }) {}
                let mut wanted = false;
                while sampled.next_if(|next| *next <= event).is_some_and(|next| {
                    wanted |= next == event;
                    true
                }) {}
                if of == TypeIx::UNDECODABLE {
                    continue;
                }
                let sight = Sight { event, at_sign, token: has, sampled: wanted, base64_from, shape: 0 };
                self.record(&mut part, block, (start, end), row, of, sight);
            }
        });
        self.reader = reader;
        self.seen.unread += u64::from(segment.len() - read?.count());
        Some(())
    }

    fn record(
        &mut self,
        part: &mut InSegment<'_>,
        block: &[u8],
        (start, end): (usize, usize),
        row: u16,
        of: TypeIx,
        sight: Sight,
    ) {
        let Some(record) = block.get(start..end) else { return };
        let end = start + part.segment.trimmed(record).len();
        let Some(place) = self.place_of(part, of) else {
            self.seen.beyond += 1;
            return;
        };
        let Some(seen) = self.seen.types.get_mut(place) else { return };
        let first = space::<false>(block, start);
        let mut walk = Walk {
            fields: &mut seen.fields,
            roles: self.roles.get(part.segment.source().at()).unwrap_or(&self.told),
            values: &mut self.seen.values,
            sight,
            place: Place::default(),
            key: None,
        };
        let walked = if block.get(first) == Some(&b'{') {
            walk.document(block, first, end, ROOT)
        } else {
            walk.roles = &self.told;
            let told = block.get(start..end).and_then(|record| part.source.decode.data_json(record));
            told.and_then(|text| walk.document(text.as_bytes(), 0, text.len(), ROOT))
        };
        let (sight, mut place, key) = (walk.sight, walk.place, walk.key.take());
        if walked.is_none() {
            self.seen.unwalked += 1;
            return;
        }
        seen.saw_shape(sight);
        if place.partition.is_some() || key.is_some() {
            let stream = part.stream(row);
            let name = stream.and_then(|stream| self.context.log.entity(stream));
            place.key_fits = key.zip(name).map(|(key, name)| key == name.id);
            self.seen.placed.add(sight.event, of, stream, part.segment.time(row), place);
        }
    }

    fn place_of(&mut self, part: &mut InSegment<'_>, of: TypeIx) -> Option<usize> {
        let slot = part.by_type.get_mut(of.at())?;
        if *slot == UNKNOWN {
            if self.seen.nodes >= MAX_NODES {
                return None;
            }
            // Fields are counted when a type comes up, which is soon enough.
            self.seen.nodes = self.seen.types.iter().map(|seen| seen.fields.facts.len()).sum();
            let (source, place) = (part.segment.source(), self.seen.types.len());
            self.seen.types.push(TypeSeen::new(of));
            self.seen.known.insert((source, of), place);
            *slot = place as u32;
        }
        Some(*slot as usize)
    }
}

impl InSegment<'_> {
    fn stream(&mut self, row: u16) -> Option<EntityIx> {
        if self.streams.is_empty() {
            self.streams = vec![UNKNOWN; self.segment.len() as usize];
            for (entity, rows) in self.segment.entities().marked() {
                for row in rows.filter(|(_, is_stream)| *is_stream).map(|(row, _)| row) {
                    self.streams.get_mut(usize::from(row)).into_iter().for_each(|slot| *slot = entity);
                }
            }
        }
        self.streams.get(usize::from(row)).copied().filter(|stream| *stream != UNKNOWN).map(EntityIx)
    }
}

impl TypeSeen {
    fn new(of: TypeIx) -> Self {
        let fields = Fields { shape: Shape::new(), facts: Vec::new(), cold: Vec::new() };
        Self { of, fields, records: 0, shapes: Vec::new(), other_shapes: 0 }
    }

    fn saw_shape(&mut self, sight: Sight) {
        self.records += 1;
        match self.shapes.iter().position(|shape| shape.hash == sight.shape) {
            Some(place) => {
                if let Some(shape) = self.shapes.get_mut(place) {
                    shape.records += 1;
                }
                if place > 0 {
                    self.shapes.swap(place, place - 1);
                }
            }
            None if self.shapes.len() < MAX_SHAPES => {
                self.shapes.push(ShapeSeen { hash: sight.shape, records: 1, first: sight.event });
            }
            None => self.other_shapes += 1,
        }
    }
}

struct Walk<'w> {
    fields: &'w mut Fields,
    roles: &'w Roles,
    values: &'w mut Vec<Sampled>,
    sight: Sight,
    place: Place,
    key: Option<String>,
}

impl Walk<'_> {
    /// All values of the JSON in `buf[at..end]`. `None` where it is none.
    #[inline]
    fn document(&mut self, buf: &[u8], at: usize, end: usize, root: NodeIx) -> Option<()> {
        let (mut state, mut p, mut start) = (root, at, true);
        loop {
            let next = self.fields.shape.next(buf, state, start, p, end)?;
            start = false;
            match next {
                Next::End => return Some(()),
                Next::Empty(node, behind, object) => {
                    self.known(node);
                    let kind = if object { Kind::Object } else { Kind::List };
                    self.fields.saw(node, kind, b"", &mut self.sight, self.values);
                    (state, p) = (node, behind);
                }
                Next::Value(node, value) => {
                    self.known(node);
                    let (kind, from, to, behind) = match buf.get(value)? {
                        b'"' => {
                            let (to, _) = string_end(buf, value + 1).ok()?;
                            (Kind::Text, value + 1, to, to + 1)
                        }
                        byte => {
                            let kind = match byte {
                                b't' | b'f' => Kind::Bool,
                                b'n' => Kind::Null,
                                _ => Kind::Number,
                            };
                            let to = match small_number_end(buf, value) {
                                Some(to) => to,
                                None => scalar_end(buf, value).ok()?,
                            };
                            (kind, value, to, to)
                        }
                    };
                    if behind > end {
                        return None;
                    }
                    let text = buf.get(from..to)?;
                    self.fields.saw(node, kind, text, &mut self.sight, self.values);
                    let facts = self.fields.facts.get(node as usize)?;
                    if facts.part.is_some() || facts.nested {
                        self.special(buf, (value, behind), text, node, kind);
                    }
                    (state, p) = (node, behind);
                }
            }
        }
    }

    /// Makes room for a field that came up.
    #[inline]
    fn known(&mut self, node: NodeIx) {
        if node as usize >= self.fields.facts.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        for node in self.fields.facts.len()..self.fields.shape.nodes().len() {
            let facts: Facts = self.roles.facts(&self.fields.shape, node as NodeIx);
            self.fields.facts.push(facts);
            self.fields.cold.push(Cold { first: self.sight.event, ..Cold::default() });
        }
    }

    #[cold]
    fn special(&mut self, buf: &[u8], (value, behind): (usize, usize), text: &[u8], node: NodeIx, kind: Kind) {
        let Some(facts) = self.fields.facts.get(node as usize) else { return };
        let number = || std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        match facts.part.filter(|_| kind != Kind::Null) {
            Some(Part::Topic) => self.place.topic = hash64(text),
            Some(Part::Partition) => self.place.partition = Some(hash64(text)),
            Some(Part::Offset) => self.place.offset = number(),
            Some(Part::Key) => {
                let whole = buf.get(value..behind).unwrap_or_default();
                self.key =
                    serde_json::from_slice(whole).ok().or_else(|| Some(String::from_utf8_lossy(text).into_owned()));
            }
            None => {}
        }
        if !facts.nested || kind != Kind::Text || !text.trim_ascii_start().starts_with(b"{") {
            return;
        }
        let inside = self.fields.shape.child(node, Step::Inside);
        let whole = buf.get(value..behind).and_then(|text| serde_json::from_slice::<String>(text).ok());
        if let (Some(inside), Some(whole)) = (inside, whole) {
            // A text that only looks like JSON is a text.
            let _ = self.document(whole.as_bytes(), 0, whole.len(), inside);
        }
    }
}

impl Sample {
    /// The wanted events from this one on.
    fn from(&self, first: EventIx) -> std::iter::Peekable<impl Iterator<Item = EventIx> + '_> {
        let at = self.0.partition_point(|(event, _)| *event < first);
        self.0.get(at..).unwrap_or_default().iter().map(|(event, _)| *event).peekable()
    }
}
