//! What is asked of the bytes of every event: whether short texts are equal, whether all of it is UTF-8.

/// Nearly all text is ASCII, and that is seen several times faster.
#[inline]
#[must_use]
pub fn is_utf8(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()
}

/// Whether both are the same bytes, without a call: names and ids are compared for every event, and most are shorter
/// than what a library's comparison is made for.
#[inline]
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // The first and the last words; they may overlap.
    if let (Some(a_low), Some(b_low), Some(a_high), Some(b_high)) =
        (a.first_chunk::<16>(), b.first_chunk::<16>(), a.last_chunk::<16>(), b.last_chunk::<16>())
    {
        return a_low == b_low && a_high == b_high && (a.len() <= 32 || a == b);
    }
    if let (Some(a_low), Some(b_low), Some(a_high), Some(b_high)) =
        (a.first_chunk::<8>(), b.first_chunk::<8>(), a.last_chunk::<8>(), b.last_chunk::<8>())
    {
        return differ(*a_low, *b_low) | differ(*a_high, *b_high) == 0;
    }
    if let (Some(a_low), Some(b_low), Some(a_high), Some(b_high)) =
        (a.first_chunk::<4>(), b.first_chunk::<4>(), a.last_chunk::<4>(), b.last_chunk::<4>())
    {
        return a_low == b_low && a_high == b_high;
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

#[inline]
fn differ(a: [u8; 8], b: [u8; 8]) -> u64 {
    u64::from_le_bytes(a) ^ u64::from_le_bytes(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_anywhere_makes_a_difference() {
        for len in 0..70 {
            let text: Vec<u8> = (0..len).collect();
            assert!(equal(&text, &text.clone()));
            assert!(!equal(&text, &[&*text, b"x"].concat()));
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 0x40;
                assert!(!equal(&text, &other), "{len} {at}");
            }
        }
    }
}
