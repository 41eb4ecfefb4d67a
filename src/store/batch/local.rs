//! A batch's own dictionaries: small and warm in the cache, so that the log's are asked once per
//! batch and name, not once per event.

use std::hint::{black_box, select_unpredictable};
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

    /// Counts an event with this name; gives its number plus one.
    #[inline]
    pub fn event(&mut self, text: &[u8]) -> u16 {
        let number = self.number(text);
        self.entries[usize::from(number)].events += 1;
        number + 1
    }

    /// The same; 0 where there is no name.
    #[inline]
    pub fn event_if_named(&mut self, text: &[u8]) -> u16 {
        if text.is_empty() { 0 } else { self.event(text) }
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
    /// The number in as many bits as there are slots, above it the hash's; those that are missing chose
    /// the slot. So what a slot holds is the whole hash but for the few places that it may have moved on.
    slots: Vec<u64>,
}

/// No number: numbers are less than half of their bits.
const EMPTY: u64 = u64::MAX;

impl LocalHashes {
    /// Numbers of all `hashes`, appended to `numbers`. `fresh` becomes the list of those that are new, as
    /// places in `hashes`.
    ///
    /// Half of all names are new, and no processor guesses which: so there is one branch for "found or free",
    /// and what is to be done for new ones is done afterwards.
    #[expect(clippy::needless_bitwise_bool, reason = "one branch, not two")]
    pub fn number_all(&mut self, hashes: &[u64], numbers: &mut Vec<u32>, fresh: &mut Vec<u32>) {
        fresh.clear();
        if hashes.is_empty() {
            return;
        }
        while (self.hashes.len() + hashes.len()) * 4 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let upper = !(mask as u64);
        // Every slot is asked for before the first is looked at: then their ways from memory overlap.
        black_box(hashes.iter().fold(0, |all, &hash| all ^ self.slots[hash as usize & mask]));
        let mut count = self.hashes.len();
        fresh.resize(hashes.len() + 1, 0);
        let mut new = 0;
        numbers.extend((0u32..).zip(hashes).map(|(place, &hash)| {
            let mut at = hash as usize & mask;
            loop {
                let slot = self.slots[at];
                let free = slot == EMPTY;
                if free | (slot & upper == hash & upper) {
                    let number = select_unpredictable(free, count, slot as usize & mask);
                    self.slots[at] = hash & upper | number as u64;
                    fresh[new] = place;
                    new += usize::from(free);
                    count += usize::from(free);
                    return number as u32;
                }
                at = (at + 1) & mask;
            }
        }));
        fresh.truncate(new);
        self.hashes.extend(fresh.iter().map(|&place| hashes[place as usize]));
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
            self.slots[at] = hash & !(slots as u64 - 1) | number as u64;
        }
    }

    pub fn clear(&mut self) {
        self.hashes.clear();
        self.slots.fill(EMPTY);
    }

    pub fn bytes(&self) -> usize {
        (self.hashes.capacity() + self.slots.capacity()) * 8
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
    /// The name of the next number; `id` is what is kept of it.
    #[inline]
    pub fn name_next(&mut self, kind: u16, id: &[u8]) {
        self.kinds.push(kind);
        self.text.extend_from_slice(id.get(..MAX_ID_BYTES).unwrap_or(id));
        self.ends.push(self.text.len() as u32);
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
    fn hashes_are_numbered_as_they_appear() {
        let mut table = LocalHashes::default();
        let (mut numbers, mut fresh) = (Vec::new(), Vec::new());
        // A third of them wants the last slot.
        let hash = |n: u64| hash64(&n.to_le_bytes()) | if n.is_multiple_of(3) { 0xFFFF } else { 0 };
        for round in 0..3 {
            table.clear();
            for from in (0..6000u64).step_by(60) {
                numbers.clear();
                // A third of them is known, and each comes twice.
                let hashes: Vec<u64> = (from.saturating_sub(30)..from + 60).flat_map(|n| [hash(n); 2]).collect();
                table.number_all(&hashes, &mut numbers, &mut fresh);
                let expected = (from.saturating_sub(30)..from + 60).flat_map(|n| [n as u32; 2]);
                assert!(numbers.iter().copied().eq(expected), "round {round} from {from}");
                assert_eq!(fresh.len(), 60);
                assert!(fresh.iter().all(|&place| hashes[place as usize] == hash(u64::from(numbers[place as usize]))));
            }
            assert!((0..6000).map(hash).eq(table.hashes.iter().copied()));
        }
    }
}
