//! The bytes between two values, and whether they stand somewhere.

use crate::base::scan::is_masked;

/// Bytes that are compared at once.
pub const WINDOW: usize = 32;

/// At most [`WINDOW`] bytes, with a bit for each bit that counts. Bits of `bytes` that do not count are 0.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Literal {
    bytes: [u8; WINDOW],
    mask: [u8; WINDOW],
}

impl Literal {
    /// What stands nowhere: no bit counts, and yet some are wanted.
    pub const NOWHERE: Self = Self { bytes: [u8::MAX; WINDOW], mask: [0; WINDOW] };

    /// `None` where it is too long.
    pub fn new(text: &[u8], digit_follows: bool) -> Option<Self> {
        let mut bytes = [0; WINDOW];
        let mut mask = [0; WINDOW];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        mask.get_mut(..text.len())?.fill(u8::MAX);
        if digit_follows {
            // Digits and six more bytes, none of which begins a value: whoever reads the number sees it.
            *bytes.get_mut(text.len())? = b'0';
            *mask.get_mut(text.len())? = 0xF0;
        }
        Some(Self { bytes, mask })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every value of every record, from one place")]
    pub fn is_at(&self, window: &[u8; WINDOW]) -> bool {
        is_masked(window, &self.mask, &self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nowhere_is_nowhere() {
        for byte in 0..=u8::MAX {
            assert!(!Literal::NOWHERE.is_at(&[byte; WINDOW]), "{byte}");
        }
    }

    #[test]
    fn only_its_own_bytes_count() {
        let mut window = *b"\":12345678901234567890123456789012"[..WINDOW].first_chunk::<WINDOW>().unwrap();
        let literal = Literal::new(b"\":", true).unwrap();
        assert!(literal.is_at(&window));
        window[9] = 0;
        assert!(literal.is_at(&window));
        window[2] = b'x';
        assert!(!literal.is_at(&window));
    }
}
