//! What a walk over one record found: a text for each slot, as a place rather than a copy.

use super::program::Program;
use super::trie::NodeIx;

/// Where a text lies: in the buffer that is walked, or in [`Captures::scratch`] where it was unescaped or
/// put together. One word, because texts are copied for every field of every record: the start, the end
/// (no buffer has more than 2³¹ bytes: records end long before), and a bit for the scratch space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text(u64);

const IN_SCRATCH: u64 = 1 << 63;

impl Text {
    /// Not there, `null`, or something that is no text. Empty texts count as the same.
    pub const ABSENT: Self = Self(0);

    #[inline]
    #[must_use]
    pub fn record(start: usize, end: usize) -> Self {
        Self(start as u64 | (end as u64) << 32)
    }

    /// Absent where the scratch space is longer than a text can say.
    fn scratch(start: usize, end: usize) -> Self {
        if end >= 1 << 31 { Self::ABSENT } else { Self(Self::record(start, end).0 | IN_SCRATCH) }
    }

    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start() == self.end()
    }

    /// The part of the text from `from` up to `to`, in bytes of the text.
    #[must_use]
    pub fn part(self, from: usize, to: usize) -> Self {
        Self(Self::record(self.start() + from, self.start() + to).0 | self.0 & IN_SCRATCH)
    }

    /// The bytes; empty where absent.
    #[inline]
    #[must_use]
    pub fn bytes<'a>(self, record: &'a [u8], scratch: &'a [u8]) -> &'a [u8] {
        let bytes = if self.0 & IN_SCRATCH == 0 { record } else { scratch };
        bytes.get(self.start()..self.end()).unwrap_or_default()
    }

    #[inline]
    pub fn start(self) -> usize {
        self.0 as u32 as usize
    }

    #[inline]
    fn end(self) -> usize {
        ((self.0 & !IN_SCRATCH) >> 32) as usize
    }
}

/// Filled anew for each record, its space reused.
#[derive(Debug)]
pub struct Captures {
    /// One for each number that a slot can have, so that none needs to be compared with their count.
    single: Box<[Text; 256]>,
    slots: usize,
    /// Slots and words.
    texts: usize,
    /// For slots under a `*`: matches in their order, each with the number of its match.
    lists: Vec<Vec<(u64, Text)>>,
    lists_used: bool,
    pub scratch: Vec<u8>,
    /// Bytes of the program's own words, which stay at the start of `scratch`.
    words: usize,
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
        let mut single = Box::new([Text::ABSENT; 256]);
        let mut scratch = Vec::new();
        let mut texts = slots;
        let words = program.direct.iter().flat_map(|direct| &direct.words);
        for (place, word) in single.iter_mut().skip(slots).zip(words) {
            scratch.extend_from_slice(word);
            texts += 1;
            *place = Text::scratch(scratch.len() - word.len(), scratch.len());
        }
        Self {
            single,
            slots,
            texts,
            lists: vec![Vec::new(); slots],
            lists_used: false,
            words: scratch.len(),
            scratch,
            stamp: 0,
            record_stamp: 0,
            seen: vec![0; program.trie.len()],
        }
    }

    /// Forgets the last record.
    #[inline]
    pub fn begin(&mut self) {
        if let Some(single) = self.single.get_mut(..self.slots) {
            single.fill(Text::ABSENT);
        }
        if self.lists_used {
            self.lists.iter_mut().for_each(Vec::clear);
            self.lists_used = false;
        }
        self.scratch.truncate(self.words);
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

    /// The last of equal keys counts. Slots that the program has not are never asked for.
    #[inline]
    pub fn set(&mut self, slot: u8, text: Text) {
        self.single[usize::from(slot)] = text;
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
        self.single[usize::from(slot)]
    }

    /// The texts of all slots that have one each, and the program's own words behind them.
    #[inline]
    #[must_use]
    pub fn texts(&self) -> &[Text] {
        self.single.get(..self.texts).unwrap_or_default()
    }

    /// Whether there is more in the scratch space than the program's words.
    #[inline]
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.scratch.len() > self.words
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

    /// What `write` appends to the scratch space.
    pub fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Text {
        let start = self.scratch.len();
        write(&mut self.scratch);
        Text::scratch(start, self.scratch.len())
    }

    /// Copies bytes into the scratch space.
    pub fn keep(&mut self, bytes: &[u8]) -> Text {
        self.written(|scratch| scratch.extend_from_slice(bytes))
    }
}
