//! Reads a followed document as a whole and adds the events that are new in it.
//!
//! An event is known by its bytes. A version that has a record twice where the one before had it once has one
//! new event; whatever is in it as before is no new event, wherever it stands now. An event that is changed in
//! its place is another one. Those that are gone stay listed: the log is what was seen.

use std::sync::atomic::Ordering;

use rapidhash::RapidHashMap;

use super::Shared;
use super::source::{Source, Tail};
use super::worker::{Hands, bring, deliver};
use crate::base::hash::hash64;
use crate::base::text::plural;
use crate::input::sources::document::Document;
use crate::model::error::Result;
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::row::{Row, RowSink, Span};
use crate::store::batch::Batch;

/// How often each record was seen in one version, at most, by the hash of its bytes.
#[derive(Debug, Default)]
pub(super) struct Known {
    records: RapidHashMap<u64, u32>,
    versions: u32,
    /// It was said that events are gone.
    told_gone: bool,
}

impl Known {
    /// Whether a version was read.
    pub(super) fn is_begun(&self) -> bool {
        self.versions > 0
    }
}

/// Reads the document as it is now.
///
/// # Errors
/// When it cannot be read or kept. What earlier versions gave stays.
pub(super) fn read(
    shared: &Shared,
    source: &Source,
    document: &Document,
    tail: &mut Tail,
    ticket: u64,
    hands: &mut Hands,
) -> Result<()> {
    let Some(content) = document.read()? else { return Ok(()) };
    let mut batch = shared.commit.spare();
    batch.reset(source.ix, false);
    let base = document.kept().unwrap_or(0);
    let first = tail.document.versions == 0;
    let known = &mut tail.document.records;
    let mut sink = Fresh {
        content: &content,
        known,
        met: RapidHashMap::default(),
        copies: (!first).then(|| Copies { base, bytes: Vec::new(), places: Vec::new() }),
        batch: &mut batch,
        incomplete: None,
    };
    source.format.reader().read(&content, ByteOffset(0), true, &mut sink);
    let Fresh { met, mut copies, incomplete, .. } = sink;
    let gone: u64 = known.iter().map(|(hash, n)| u64::from(n - met.get(hash).copied().unwrap_or(0).min(*n))).sum();
    // A record without its end is shown and read again with the next version.
    let unfinished = incomplete.map(|(span, issue)| {
        let span = match &mut copies {
            Some(copies) => copies.take(&content, span),
            None => span,
        };
        let mut one = Batch::new(source.ix, false);
        one.undecodable(span, issue);
        one
    });
    match &copies {
        None => document.keep(&content, &[])?,
        Some(copies) => document.keep(&copies.bytes, &copies.places)?,
    }
    if gone > 0 && !std::mem::replace(&mut tail.document.told_gone, true) {
        let what = format!("{} no longer in the document", plural(gone, "event is", "events are"));
        document.warn(&what, "What was seen stays listed; Read again shows only what is in it now");
    }
    tail.document.versions = tail.document.versions.saturating_add(1);
    let len = content.len() as u64;
    source.counters.bytes_total.store(len, Ordering::Relaxed);
    source.counters.bytes_done.store(len, Ordering::Relaxed);
    tail.done = document.kept().unwrap_or(tail.done);
    tail.known = tail.done;
    bring(shared, source, tail, ticket, batch, hands);
    // One that is still there stays as it is.
    if unfinished.is_some() && tail.provisional.is_none() {
        tail.provisional = deliver(shared, source, ticket, unfinished, false, hands).map(|row| (row, false));
    }
    Ok(())
}

/// Lets through what was not in an earlier version.
struct Fresh<'a> {
    content: &'a [u8],
    known: &'a mut RapidHashMap<u64, u32>,
    met: RapidHashMap<u64, u32>,
    /// Of all versions but the first, which is kept as a whole.
    copies: Option<Copies>,
    batch: &'a mut Batch,
    incomplete: Option<(Span, Issue)>,
}

/// Records on their way into the spool.
struct Copies {
    base: u64,
    bytes: Vec<u8>,
    places: Vec<(u64, u64)>,
}

impl Copies {
    fn take(&mut self, content: &[u8], span: Span) -> Span {
        let at = self.base + self.bytes.len() as u64;
        self.bytes.extend_from_slice(record(content, span));
        self.bytes.push(b'\n');
        self.places.push((at, span.offset.0));
        Span { offset: ByteOffset(at), ..span }
    }
}

fn record(content: &[u8], span: Span) -> &[u8] {
    let start = usize::try_from(span.offset.0).unwrap_or(usize::MAX);
    content.get(start..start.saturating_add(span.len as usize)).unwrap_or_default()
}

impl Fresh<'_> {
    /// Where a new record is kept.
    fn new_place(&mut self, span: Span) -> Option<Span> {
        let hash = hash64(record(self.content, span));
        let met = self.met.entry(hash).or_insert(0);
        *met += 1;
        let known = self.known.entry(hash).or_insert(0);
        if *met <= *known {
            return None;
        }
        *known = *met;
        Some(match &mut self.copies {
            Some(copies) => copies.take(self.content, span),
            None => span,
        })
    }
}

impl RowSink for Fresh<'_> {
    fn event(&mut self, row: &Row<'_>) {
        if let Some(span) = self.new_place(row.span) {
            self.batch.event(&Row { span, ..row.clone() });
        }
    }

    fn undecodable(&mut self, span: Span, issue: Issue) {
        if issue.code == IssueCode::Incomplete {
            self.incomplete = Some((span, issue));
        } else if let Some(span) = self.new_place(span) {
            self.batch.undecodable(span, issue);
        }
    }
}
