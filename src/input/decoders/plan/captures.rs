//! What a walk over one record found: a text for each slot, as a place rather than a copy.

use super::program::Program;
use super::trie::NodeIx;

/// Which bytes a [`Text`] lies in. As wide as a word, so that texts are copied in whole words: they are
/// copied for every field of every record.
#[repr(u64)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Not there, `null`, or something that is no text.
    #[default]
    Absent,
    /// The buffer that is being walked.
    Record,
    /// [`Captures::scratch`]: unescaped or put together.
    Scratch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub origin: Origin,
    pub start: usize,
    pub end: usize,
}

impl Text {
    pub const ABSENT: Self = Self { origin: Origin::Absent, start: 0, end: 0 };

    #[inline]
    #[must_use]
    pub fn record(start: usize, end: usize) -> Self {
        Self { origin: Origin::Record, start, end }
    }

    /// The bytes; empty where absent.
    #[inline]
    #[must_use]
    pub fn bytes<'a>(self, record: &'a [u8], scratch: &'a [u8]) -> &'a [u8] {
        let bytes = match self.origin {
            Origin::Absent => return b"",
            Origin::Record => record,
            Origin::Scratch => scratch,
        };
        bytes.get(self.start..self.end).unwrap_or_default()
    }
}

/// Filled anew for each record, its space reused.
#[derive(Debug)]
pub struct Captures {
    single: Vec<Text>,
    /// For slots under a `*`: matches in their order, each with the number of its match.
    lists: Vec<Vec<(u64, Text)>>,
    lists_used: bool,
    pub scratch: Vec<u8>,
    /// Numbers records and matches of `*`; never used twice.
    stamp: u64,
    /// The record's own stamp.
    record_stamp: u64,
    /// In which match a node was seen last, to notice repeated keys.
    seen: Vec<u64>,
}

impl Captures {
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let slots = program.slot_count();
        Self {
            single: vec![Text::ABSENT; slots],
            lists: vec![Vec::new(); slots],
            lists_used: false,
            scratch: Vec::new(),
            stamp: 0,
            record_stamp: 0,
            seen: vec![0; program.trie.len()],
        }
    }

    /// Forgets the last record.
    #[inline]
    pub fn begin(&mut self) {
        self.single.fill(Text::ABSENT);
        if self.lists_used {
            self.lists.iter_mut().for_each(Vec::clear);
            self.lists_used = false;
        }
        self.scratch.clear();
        self.record_stamp = self.next_match();
    }

    /// The match that everything outside of `*` belongs to.
    #[inline]
    #[must_use]
    pub fn record_match(&self) -> u64 {
        self.record_stamp
    }

    #[inline]
    pub fn next_match(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    /// The last of equal keys counts.
    #[inline]
    pub fn set(&mut self, slot: u8, text: Text) {
        if let Some(place) = self.single.get_mut(usize::from(slot)) {
            *place = text;
        }
    }

    pub fn push(&mut self, slot: u8, of_match: u64, text: Text) {
        self.lists_used = true;
        let Some(list) = self.lists.get_mut(usize::from(slot)) else { return };
        match list.last_mut() {
            Some(last) if last.0 == of_match => last.1 = text,
            _ => list.push((of_match, text)),
        }
    }

    /// A key with something below it comes again in the same object: what the first one held goes.
    pub fn enter(&mut self, program: &Program, node: NodeIx, of_match: u64) {
        let Some(seen) = self.seen.get_mut(node as usize) else { return };
        if std::mem::replace(seen, of_match) != of_match {
            return;
        }
        for &slot in &program.trie.node(node).below {
            if program.is_many(slot) {
                if let Some(list) = self.lists.get_mut(usize::from(slot)) {
                    list.retain(|(stamp, _)| *stamp < of_match);
                }
            } else {
                self.set(slot, Text::ABSENT);
            }
        }
    }

    #[inline]
    #[must_use]
    pub fn single(&self, slot: u8) -> Text {
        self.single.get(usize::from(slot)).copied().unwrap_or_default()
    }

    /// Matches of a slot under a `*`.
    #[must_use]
    pub fn matches(&self, slot: u8) -> &[(u64, Text)] {
        self.lists.get(usize::from(slot)).map_or(&[], Vec::as_slice)
    }

    /// The slot's value in one match of a `*`.
    #[must_use]
    pub fn in_match(&self, slot: u8, of_match: u64) -> Text {
        let list = self.matches(slot);
        let at = list.partition_point(|(stamp, _)| *stamp < of_match);
        list.get(at).filter(|(stamp, _)| *stamp == of_match).map_or(Text::ABSENT, |(_, text)| *text)
    }

    /// Copies bytes into the scratch space.
    pub fn keep(&mut self, bytes: &[u8]) -> Text {
        let start = self.scratch.len();
        self.scratch.extend_from_slice(bytes);
        Text { origin: Origin::Scratch, start, end: self.scratch.len() }
    }
}
