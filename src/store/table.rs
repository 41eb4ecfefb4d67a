//! Hash → number for the whole log: entities and correlations. Written by one thread at a time, read
//! by anyone; a reader compares the number with what its snapshot holds.
//!
//! Sixteen shards, so that growing moves a sixteenth of the slots and readers wait that long at most.
//! Slots of a shard are `hash * slots / 2^64` on, which lets a shard have any size: it grows by half.

use std::hint::select_unpredictable;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

pub(in crate::store) const SHARDS: usize = 16;
const SHARD_BITS: u32 = 4;
/// Shards up to here grow by four, up to there they double.
const SMALL_SLOTS: usize = 1 << 14;
const MEDIUM_SLOTS: usize = 1 << 17;
/// Lookups whose memory reads overlap.
const AHEAD: usize = 16;

/// No number: the free slots' content and the answer for unknown hashes.
pub(in crate::store) const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(in crate::store) struct Table {
    shards: [RwLock<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    slots: Vec<Slot>,
    used: usize,
}

/// A hash in two halves and its number: twelve bytes side by side, because waiting for memory is most of
/// what a search costs.
#[derive(Clone, Copy, Debug)]
struct Slot {
    low: u32,
    high: u32,
    number: u32,
}

impl Slot {
    const FREE: Self = Self { low: 0, high: 0, number: NONE };

    #[inline]
    fn new(hash: u64, number: u32) -> Self {
        Self { low: hash as u32, high: (hash >> 32) as u32, number }
    }

    #[inline]
    fn hash(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }

    #[inline]
    fn is_free(self) -> bool {
        self.number == NONE
    }
}

fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

impl Shard {
    #[inline]
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash << SHARD_BITS) * self.slots.len() as u128) >> 64) as usize
    }

    /// What is at a hash's home: asked only to have it in the cache.
    #[inline]
    fn near(&self, hash: u64) -> u32 {
        self.slots.get(self.home(hash)).map_or(0, |slot| slot.number)
    }

    fn get(&self, hash: u64) -> u32 {
        if self.slots.is_empty() { NONE } else { self.slots[self.place(hash)].number }
    }

    /// The hash's slot, or the free one where it belongs, which must be there.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot.is_free() | (slot.hash() == hash) {
                return at;
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    /// The hash's number, or `number` where it has none yet: then that is its number from now on.
    #[inline]
    fn get_or_insert(&mut self, hash: u64, number: u32) -> u32 {
        let at = self.place(hash);
        let slot = &mut self.slots[at];
        let free = slot.is_free();
        let number = select_unpredictable(free, number, slot.number);
        *slot = Slot::new(hash, number);
        self.used += usize::from(free);
        number
    }

    /// Makes room for some more. Small shards grow faster: most of the moving is done while a log of
    /// millions is still short, and a small table may be half empty.
    fn reserve(&mut self, more: usize) {
        if (self.used + more) * 5 > self.slots.len() * 3 {
            let grown = match self.slots.len() {
                slots @ ..SMALL_SLOTS => slots * 4,
                slots @ ..MEDIUM_SLOTS => slots * 2,
                slots => slots * 3 / 2,
            };
            self.resize(grown.max((self.used + more) * 2).max(64));
        }
    }

    fn resize(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![Slot::FREE; slots]);
        for slot in old.into_iter().filter(|slot| !slot.is_free()) {
            let at = self.place(slot.hash());
            self.slots[at] = slot;
        }
    }
}

impl Table {
    pub fn get(&self, hash: u64) -> Option<u32> {
        let number = self.read(shard_of(hash)).get(hash);
        (number != NONE).then_some(number)
    }

    /// Numbers of all `hashes`, appended to `numbers`: those without one get the next, from `next` on and
    /// below [`NONE`]. Gives the number after the last one given. A hash is looked for and put in by one
    /// search, which is one wait for memory instead of two.
    pub fn number_all(&self, hashes: &[u64], mut next: u32, numbers: &mut Vec<u32>) -> u32 {
        let mut shards: [_; SHARDS] =
            std::array::from_fn(|i| self.shards[i].write().unwrap_or_else(PoisonError::into_inner));
        numbers.reserve(hashes.len());
        for group in hashes.chunks(AHEAD) {
            for shard in &mut shards {
                shard.reserve(AHEAD);
            }
            let near = group.iter().map(|&hash| shards[shard_of(hash)].near(hash));
            std::hint::black_box(near.fold(0, |all, one| all ^ one));
            for &hash in group {
                let shard = &mut shards[shard_of(hash)];
                let number = if next < NONE - 1 { shard.get_or_insert(hash, next) } else { shard.get(hash) };
                next += u32::from(number == next);
                numbers.push(number);
            }
        }
        next
    }

    pub fn bytes(&self) -> usize {
        (0..SHARDS).map(|i| self.read(i)).map(|shard| shard.slots.capacity() * size_of::<Slot>()).sum()
    }

    /// A copy of one shard's slots: hashes and numbers.
    pub fn shard(&self, shard: usize) -> (Vec<u64>, Vec<u32>) {
        self.read(shard).slots.iter().map(|slot| (slot.hash(), slot.number)).unzip()
    }

    /// Puts back what [`Self::shard`] gave; none where that can't be.
    pub fn restore(&self, shard: usize, hashes: Vec<u64>, numbers: Vec<u32>) -> Option<()> {
        let used = numbers.iter().filter(|number| **number != NONE).count();
        // A search ends at a free slot, so there must be one.
        if hashes.len() != numbers.len() || (used == hashes.len() && used > 0) {
            return None;
        }
        let slots = hashes.into_iter().zip(numbers).map(|(hash, number)| Slot::new(hash, number)).collect();
        *self.shards.get(shard)?.write().unwrap_or_else(PoisonError::into_inner) = Shard { slots, used };
        Some(())
    }

    /// Whether all numbers are below `most` and as many.
    pub fn fits(&self, most: u32) -> bool {
        let shards = || (0..SHARDS).map(|i| self.read(i));
        shards().map(|shard| shard.used).sum::<usize>() == most as usize
            && shards().all(|shard| shard.slots.iter().all(|slot| slot.is_free() || slot.number < most))
    }

    fn read(&self, shard: usize) -> RwLockReadGuard<'_, Shard> {
        self.shards[shard].read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let table = Table::default();
        let hash = |n: u32| crate::base::hash::hash64(&n.to_le_bytes());
        assert_eq!(table.get(hash(1)), None);
        for from in (0..50_000u32).step_by(5000) {
            let mut numbers = Vec::new();
            // Half of them are known already.
            let hashes: Vec<u64> = (from.saturating_sub(5000)..from + 5000).map(hash).collect();
            assert_eq!(table.number_all(&hashes, from, &mut numbers), from + 5000);
            assert!(numbers.into_iter().eq(from.saturating_sub(5000)..from + 5000));
            assert_eq!(table.get(hash(from + 17)), Some(from + 17));
        }
        for n in 0..60_000 {
            assert_eq!(table.get(hash(n)), (n < 50_000).then_some(n));
        }
        let copy = Table::default();
        for shard in 0..SHARDS {
            let (hashes, numbers) = table.shard(shard);
            assert_eq!(copy.restore(shard, hashes, numbers), Some(()));
        }
        assert!(copy.fits(50_000) && !copy.fits(49_999));
        assert_eq!(copy.get(hash(777)), Some(777));
    }

    #[test]
    fn neighbouring_hashes_wrap_around() {
        let table = Table::default();
        let hashes: Vec<u64> = (0..500u64).map(|n| u64::MAX - n).collect();
        assert_eq!(table.number_all(&hashes, 0, &mut Vec::new()), 500);
        for n in 0..500u32 {
            assert_eq!(table.get(u64::MAX - u64::from(n)), Some(n));
        }
        assert_eq!(table.get(0), None);
    }
}
