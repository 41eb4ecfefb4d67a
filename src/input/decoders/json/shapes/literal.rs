//! The bytes between two values, and whether they stand somewhere.

/// Bytes that are compared at once.
pub const WINDOW: usize = 32;

/// At most [`WINDOW`] bytes, with a bit for each bit that counts.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Literal {
    bytes: [u128; 2],
    mask: [u128; 2],
}

impl Literal {
    /// What stands nowhere: 32 zero bytes are in no JSON.
    pub const NOWHERE: Self = Self { bytes: [0; 2], mask: [u128::MAX; 2] };

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
        Some(Self { bytes: halves(&bytes), mask: halves(&mask) })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every value of every record, from one place")]
    pub fn is_at(&self, window: &[u8; WINDOW]) -> bool {
        let [low, high] = halves(window);
        ((low ^ self.bytes[0]) & self.mask[0]) | ((high ^ self.bytes[1]) & self.mask[1]) == 0
    }
}

#[inline]
fn halves(bytes: &[u8; WINDOW]) -> [u128; 2] {
    let (halves, _) = bytes.as_chunks::<16>();
    [u128::from_le_bytes(halves[0]), u128::from_le_bytes(halves[1])]
}
