//! A batch's own dictionaries: small and warm in the cache, so that the log's are asked once per
//! batch and name, not once per event.

use std::ops::Range;

use crate::base::bytes::equal;
use crate::base::hash::{hash64, mix};

/// Names of which there are few: types, services, kinds. Numbers are in the order of appearance.
#[derive(Debug)]
pub(in crate::store) struct LocalNames {
    pub entries: Vec<LocalName>,
    slots: Vec<u16>,
    /// The number that a text of this length and with these bytes at its ends had last: types alternate,
    /// and a wrong guess costs no more than none.
    near: [u16; NEAR],
}

impl Default for LocalNames {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: Vec::new(), near: [FREE; NEAR] }
    }
}

#[derive(Debug)]
pub(in crate::store) struct LocalName {
    pub text: Box<[u8]>,
    pub hash: u64,
    pub events: u32,
    /// The last row that had it, for counting a row once.
    pub row: u32,
}

const FREE: u16 = u16::MAX;
const NEAR: usize = 256;

/// Names past this many are one: a mapping that takes ids for types must not eat the memory.
pub(in crate::store) const MAX_NAMES: usize = 60_000;
const MORE: &[u8] = "… more".as_bytes();

impl LocalNames {
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u16 {
        let near = near(text);
        let guess = self.near[near];
        if let Some(entry) = self.entries.get(usize::from(guess))
            && equal(&entry.text, text)
        {
            return guess;
        }
        let number = self.find(text);
        self.near[near] = number;
        number
    }

    fn find(&mut self, text: &[u8]) -> u16 {
        let hash = hash64(text);
        if (self.entries.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != FREE {
            let entry = &self.entries[usize::from(self.slots[at])];
            if entry.hash == hash && *entry.text == *text {
                return self.slots[at];
            }
            at = (at + 1) & mask;
        }
        if self.entries.len() >= MAX_NAMES && text != MORE {
            return self.number(MORE);
        }
        let number = self.entries.len() as u16;
        self.entries.push(LocalName { text: text.into(), hash, events: 0, row: u32::MAX });
        self.slots[at] = number;
        number
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(64);
        self.slots.clear();
        self.slots.resize(slots, FREE);
        for (number, entry) in self.entries.iter().enumerate() {
            let mut at = entry.hash as usize & (slots - 1);
            while self.slots[at] != FREE {
                at = (at + 1) & (slots - 1);
            }
            self.slots[at] = number as u16;
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.slots.fill(FREE);
        self.near = [FREE; NEAR];
    }
}

/// A place in [`LocalNames::near`].
#[inline]
fn near(text: &[u8]) -> usize {
    let &[first, .., last] = text else { return 0 };
    (text.len() * 37 + usize::from(first) * 7 + usize::from(last) * 11) % NEAR
}

/// Hash → number in the order of appearance.
#[derive(Debug, Default)]
pub(in crate::store) struct LocalHashes {
    pub hashes: Vec<u64>,
    /// Number, and above it the hash's upper half.
    slots: Vec<u64>,
}

const EMPTY: u64 = u64::MAX;

impl LocalHashes {
    /// Has the slots of hashes that are asked for next in the cache: reads that nothing waits for
    /// overlap.
    #[inline]
    pub fn expect(&self, hashes: impl Iterator<Item = u64>) {
        let Some(mask) = self.slots.len().checked_sub(1) else { return };
        let near = hashes.map(|hash| self.slots[hash as usize & mask]);
        std::hint::black_box(near.fold(0, |all, one| all ^ one));
    }

    /// The number, and whether it is new.
    #[inline]
    pub fn number(&mut self, hash: u64) -> (u32, bool) {
        if self.hashes.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                let number = self.hashes.len() as u32;
                self.slots[at] = hash & !0xFFFF_FFFF | u64::from(number);
                self.hashes.push(hash);
                return (number, true);
            }
            let number = slot as u32;
            if slot >> 32 == hash >> 32 && self.hashes[number as usize] == hash {
                return (number, false);
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(1024);
        self.slots.clear();
        self.slots.resize(slots, EMPTY);
        for (number, &hash) in self.hashes.iter().enumerate() {
            let mut at = hash as usize & (slots - 1);
            while self.slots[at] != EMPTY {
                at = (at + 1) & (slots - 1);
            }
            self.slots[at] = hash & !0xFFFF_FFFF | number as u64;
        }
    }

    pub fn clear(&mut self) {
        self.hashes.clear();
        self.slots.fill(EMPTY);
    }

    fn bytes(&self) -> usize {
        self.hashes.capacity() * 8 + self.slots.capacity() * 8
    }
}

/// Entities with their names.
#[derive(Debug, Default)]
pub(in crate::store) struct LocalEntities {
    pub table: LocalHashes,
    pub kinds: Vec<u16>,
    pub ends: Vec<u32>,
    pub text: Vec<u8>,
}

/// Longer ids are shown up to here; they stay apart by their hash.
pub(in crate::store) const MAX_ID_BYTES: usize = 1024;

impl LocalEntities {
    /// `hash` is [`entity_hash`] of the whole id, `id` what is kept of it.
    #[inline]
    pub fn number(&mut self, kind: u16, hash: u64, id: &[u8]) -> u32 {
        let (number, new) = self.table.number(hash);
        if new {
            self.kinds.push(kind);
            self.text.extend_from_slice(id);
            self.ends.push(self.text.len() as u32);
        }
        number
    }

    pub fn name(&self, number: usize) -> &[u8] {
        self.text.get(self.place(number)).unwrap_or(&[])
    }

    /// Where a name lies in `text`; empty for unknown numbers.
    #[inline]
    pub fn place(&self, number: usize) -> Range<usize> {
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        start..self.ends.get(number).map_or(start, |&end| end as usize)
    }

    pub fn clear(&mut self) {
        self.table.clear();
        self.kinds.clear();
        self.ends.clear();
        self.text.clear();
    }

    pub fn bytes(&self) -> usize {
        self.table.bytes() + self.kinds.capacity() * 2 + self.ends.capacity() * 4 + self.text.capacity()
    }
}

/// What an entity is known by in tables; equal ids of different kinds stay apart.
#[inline]
pub(in crate::store) fn entity_hash(kind_hash: u64, id: &[u8]) -> u64 {
    mix(hash64(id), kind_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_as_they_appear_and_end_in_more() {
        let mut names = LocalNames::default();
        for round in 0..2 {
            for n in 0..MAX_NAMES + 10 {
                let number = names.number(format!("type {n}").as_bytes());
                assert_eq!(usize::from(number), n.min(MAX_NAMES), "round {round}");
            }
        }
        names.clear();
        assert_eq!(names.number(b"a"), 0);
        assert_eq!(names.number(b""), 1);
        assert_eq!(names.number(b"a"), 0);
    }

    #[test]
    fn entities_of_different_kinds_stay_apart() {
        let mut entities = LocalEntities::default();
        for n in 0..5000u32 {
            for kind in 0..2u16 {
                let id = n.to_string();
                let hash = entity_hash(hash64(&kind.to_le_bytes()), id.as_bytes());
                let number = entities.number(kind, hash, id.as_bytes());
                assert_eq!(number, n * 2 + u32::from(kind));
                assert_eq!(entities.name(number as usize), id.as_bytes());
            }
        }
    }
}
