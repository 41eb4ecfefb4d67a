//! Where texts may end, marked for a whole buffer at once: finding the end of a text is then one shift
//! and one count, whatever its length, where looking through its bytes would be two dozen
//! instructions and a branch that lengths make unpredictable.

use super::scan::stops;

/// One bit for each byte that is a quote, a backslash or a control character.
#[derive(Debug, Default)]
pub struct Stops {
    /// Eight bytes more than the buffer has bits, so that a word can be read at each of them.
    bits: Vec<u8>,
}

impl Stops {
    /// Marks `buf`, and forgets the buffer before it.
    pub fn mark(&mut self, buf: &[u8]) {
        let (blocks, rest) = buf.as_chunks::<64>();
        self.bits.resize(blocks.len() * 8 + 16, 0);
        let (words, _) = self.bits.as_chunks_mut::<8>();
        for (word, block) in words.iter_mut().zip(blocks) {
            *word = marks(block).to_le_bytes();
        }
        // Zeros are control characters: behind the buffer everything ends.
        let mut last = [0; 64];
        if let Some(start) = last.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        if let Some([word, behind]) = words.get_mut(blocks.len()..) {
            *word = marks(&last).to_le_bytes();
            *behind = [u8::MAX; 8];
        }
    }

    /// The first marked byte from `at` on; `None` where it is not within the buffer's next words.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every text of every record, from one place")]
    pub fn next(&self, at: usize) -> Option<usize> {
        let near = self.bits.get(at / 8..at / 8 + 8)?.first_chunk::<8>()?;
        match u64::from_le_bytes(*near) >> (at % 8) {
            0 => self.far(at),
            near => Some(at + near.trailing_zeros() as usize),
        }
    }

    #[cold]
    fn far(&self, at: usize) -> Option<usize> {
        let mut word = at / 8 + 8;
        loop {
            match u64::from_le_bytes(*self.bits.get(word..word + 8)?.first_chunk::<8>()?) {
                0 => word += 8,
                far => return Some(word * 8 + far.trailing_zeros() as usize),
            }
        }
    }
}

#[inline]
fn marks(block: &[u8; 64]) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    quarters.iter().rev().fold(0, |marks, quarter| marks << 16 | u64::from(stops(quarter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_is_found_from_every_place() {
        let mut stops = Stops::default();
        let mut rng = crate::base::rng::Rng::new(7);
        for len in [0, 1, 15, 63, 64, 65, 200, 1000] {
            // The longer, the rarer.
            let rare = 2 + len as u64 / 4;
            let pick = |n: u64| [b'"', b'\\', 0x1F, 0, b'\n', b' ', b'!', b'[', 0x7F, 0x80, 0xFF][n as usize % 11];
            let buf: Vec<u8> =
                (0..len).map(|_| if rng.below(rare) == 0 { pick(rng.below(11)) } else { b'x' }).collect();
            stops.mark(&buf);
            for at in 0..len {
                let is_stop = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
                let expected = buf[at..].iter().position(is_stop).map(|n| at + n);
                assert_eq!(stops.next(at).filter(|place| *place < len), expected, "{len} {at}");
            }
        }
    }
}
