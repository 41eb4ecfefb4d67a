//! Where records in a spool came from: pairs of a spool position and a number of the origin (a byte
//! offset, a row id), in a file of their own so that they cost no memory.

use std::sync::{Arc, Mutex};

use super::spool::Spool;
use super::stage::Context;
use crate::base::sync::lock;
use crate::model::error::Result;

const PAIR: usize = 16;

/// Pairs are added in the order of their positions, and looked up by halving.
#[derive(Debug)]
pub(super) struct Marks {
    spool: Arc<Spool>,
    /// Pairs not yet written.
    fresh: Mutex<Vec<u8>>,
}

impl Marks {
    pub(super) fn create(context: &Context) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { spool: Spool::create(context.cache_dir.as_deref())?, fresh: Mutex::default() }))
    }

    /// From spool position `at` on, bytes come from `origin`.
    pub(super) fn add(&self, at: u64, origin: u64) -> Result<()> {
        let mut fresh = lock(&self.fresh);
        fresh.extend_from_slice(&at.to_le_bytes());
        fresh.extend_from_slice(&origin.to_le_bytes());
        if fresh.len() >= (64 << 10) {
            self.spool.append(&fresh)?;
            fresh.clear();
        }
        Ok(())
    }

    /// The last pair at or before a spool position.
    pub(super) fn find(&self, at: u64) -> Option<(u64, u64)> {
        let fresh = lock(&self.fresh);
        let written = self.spool.now().0 / PAIR as u64;
        let total = written + (fresh.len() / PAIR) as u64;
        let pair = |ix: u64| {
            let mut bytes = [0; PAIR];
            if ix < written {
                self.spool.read(&mut bytes, ix * PAIR as u64);
            } else if let Some(slot) =
                usize::try_from(ix - written).ok().and_then(|ix| fresh.chunks_exact(PAIR).nth(ix))
            {
                bytes.copy_from_slice(slot);
            }
            let (a, b) = bytes.split_at(PAIR / 2);
            let number = |half: &[u8]| u64::from_le_bytes(half.try_into().expect("half of 16 bytes is 8"));
            (number(a), number(b))
        };
        let (mut low, mut high) = (0, total);
        while low < high {
            let middle = low + (high - low) / 2;
            if pair(middle).0 <= at { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1).map(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pair_before_a_position_is_found() {
        let marks = Marks::create(&Context::default()).expect("a temporary file");
        assert_eq!(marks.find(5), None);
        for n in 0..10_000 {
            marks.add(10 + n * 3, n * 7).expect("room on the disk");
        }
        assert_eq!(marks.find(9), None);
        for (at, expected) in
            [(10, (10, 0)), (12, (10, 0)), (13, (13, 7)), (15_010, (15_010, 35_000)), (u64::MAX, (30_007, 69_993))]
        {
            assert_eq!(marks.find(at), Some(expected), "{at}");
        }
    }
}
