//! Hash → number for the whole log: entities and correlations. Written by one thread at a time, read
//! by anyone; a reader compares the number with what its snapshot holds.
//!
//! Sixteen shards, so that growing moves a sixteenth of the slots and readers wait that long at most.
//! Slots of a shard are `hash * slots / 2^64` on, which lets a shard have any size: it grows by half.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

pub(in crate::store) const SHARDS: usize = 16;
const SHARD_BITS: u32 = 4;
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
    hashes: Vec<u64>,
    numbers: Vec<u32>,
    used: usize,
}

fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

impl Shard {
    #[inline]
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash << SHARD_BITS) * self.hashes.len() as u128) >> 64) as usize
    }

    /// What is at a hash's home: asked only to have it in the cache.
    #[inline]
    fn near(&self, hash: u64) -> u64 {
        let home = self.home(hash);
        let number = self.numbers.get(home).copied().unwrap_or(0);
        self.hashes.get(home).copied().unwrap_or(0) ^ u64::from(number)
    }

    fn get(&self, hash: u64) -> u32 {
        if self.hashes.is_empty() {
            return NONE;
        }
        let mut at = self.home(hash);
        loop {
            if self.numbers[at] == NONE || self.hashes[at] == hash {
                return self.numbers[at];
            }
            at += 1;
            if at == self.hashes.len() {
                at = 0;
            }
        }
    }

    /// The hash must be new.
    fn insert(&mut self, hash: u64, number: u32) {
        if (self.used + 1) * 5 > self.hashes.len() * 4 {
            self.resize((self.hashes.len() * 3 / 2).max(64));
        }
        self.place(hash, number);
        self.used += 1;
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mut at = self.home(hash);
        while self.numbers[at] != NONE {
            at += 1;
            if at == self.hashes.len() {
                at = 0;
            }
        }
        self.hashes[at] = hash;
        self.numbers[at] = number;
    }

    fn resize(&mut self, slots: usize) {
        let hashes = std::mem::replace(&mut self.hashes, vec![0; slots]);
        let numbers = std::mem::replace(&mut self.numbers, vec![NONE; slots]);
        for (hash, number) in hashes.into_iter().zip(numbers) {
            if number != NONE {
                self.place(hash, number);
            }
        }
    }
}

impl Table {
    pub fn get(&self, hash: u64) -> Option<u32> {
        let number = self.read(shard_of(hash)).get(hash);
        (number != NONE).then_some(number)
    }

    /// Numbers of all `hashes`, [`NONE`] where unknown, appended to `numbers`.
    pub fn get_all(&self, hashes: &[u64], numbers: &mut Vec<u32>) {
        let shards: [RwLockReadGuard<'_, Shard>; SHARDS] = std::array::from_fn(|i| self.read(i));
        numbers.reserve(hashes.len());
        for group in hashes.chunks(AHEAD) {
            // Misses of the cache overlap when nothing waits for them.
            let near = group.iter().map(|&hash| shards[shard_of(hash)].near(hash));
            std::hint::black_box(near.fold(0, |all, one| all ^ one));
            numbers.extend(group.iter().map(|&hash| shards[shard_of(hash)].get(hash)));
        }
    }

    /// Each hash must be new.
    pub fn insert_all(&self, pairs: &[(u64, u32)]) {
        let mut shards: [_; SHARDS] =
            std::array::from_fn(|i| self.shards[i].write().unwrap_or_else(PoisonError::into_inner));
        for group in pairs.chunks(AHEAD) {
            let near = group.iter().map(|&(hash, _)| shards[shard_of(hash)].near(hash));
            std::hint::black_box(near.fold(0, |all, one| all ^ one));
            for &(hash, number) in group {
                shards[shard_of(hash)].insert(hash, number);
            }
        }
    }

    pub fn bytes(&self) -> usize {
        (0..SHARDS).map(|i| self.read(i)).map(|shard| shard.hashes.capacity() * 8 + shard.numbers.capacity() * 4).sum()
    }

    pub fn shard_count(&self) -> usize {
        SHARDS
    }

    /// A copy of one shard's slots.
    pub fn shard(&self, shard: usize) -> (Vec<u64>, Vec<u32>) {
        let shard = self.read(shard);
        (shard.hashes.clone(), shard.numbers.clone())
    }

    /// Puts back what [`Self::shard`] gave; none where that can't be.
    pub fn restore(&self, shard: usize, hashes: Vec<u64>, numbers: Vec<u32>) -> Option<()> {
        let used = numbers.iter().filter(|number| **number != NONE).count();
        // A search ends at a free slot, so there must be one.
        if hashes.len() != numbers.len() || (used == hashes.len() && used > 0) {
            return None;
        }
        *self.shards.get(shard)?.write().unwrap_or_else(PoisonError::into_inner) = Shard { hashes, numbers, used };
        Some(())
    }

    /// Whether all numbers are below `most` and as many.
    pub fn fits(&self, most: u32) -> bool {
        let shards = || (0..SHARDS).map(|i| self.read(i));
        shards().map(|shard| shard.used).sum::<usize>() == most as usize
            && shards().all(|shard| shard.numbers.iter().all(|number| *number == NONE || *number < most))
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
        for from in (0..50_000).step_by(5000) {
            table.insert_all(&(from..from + 5000).map(|n| (hash(n), n)).collect::<Vec<_>>());
            assert_eq!(table.get(hash(from + 17)), Some(from + 17));
        }
        let hashes: Vec<u64> = (0..60_000).map(hash).collect();
        let mut numbers = Vec::new();
        table.get_all(&hashes, &mut numbers);
        for (n, &number) in (0..60_000).zip(&numbers) {
            assert_eq!(number, if n < 50_000 { n } else { NONE });
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
        table.insert_all(&(0..500u32).map(|n| (u64::MAX - u64::from(n), n)).collect::<Vec<_>>());
        for n in 0..500u32 {
            assert_eq!(table.get(u64::MAX - u64::from(n)), Some(n));
        }
        assert_eq!(table.get(0), None);
    }
}
