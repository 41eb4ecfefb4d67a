//! Numbers in Kafka headers. Each producer writes them in its own way (four or eight bytes big-endian,
//! as few bytes as the number needs, decimal text) and nothing says which.

/// What the header counts, which tells apart what its bytes alone cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numeral {
    /// A partition, an offset: four or eight bytes, or digits.
    Place,
    /// Attempts: also one byte without a sign, as old versions of Spring wrote it.
    Count,
    /// Milliseconds since 1970: also as few bytes as it needs (Java's `BigInteger.toByteArray`).
    Time,
}

/// The number that a header's bytes stand for. Four or eight digits could be a binary number, but one of
/// at least 808,464,432 (3.4 · 10¹⁸), which no partition or offset is, so they are digits. `None` is
/// "undecoded": never guessed.
#[must_use]
pub fn number(bytes: &[u8], numeral: Numeral) -> Option<i64> {
    let digits = bytes.strip_prefix(b"-").filter(|_| !matches!(bytes.len(), 4 | 8)).unwrap_or(bytes);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(bytes).ok()?.parse().ok();
    }
    match (bytes, numeral) {
        (&[a, b, c, d], _) => Some(i64::from(i32::from_be_bytes([a, b, c, d]))),
        (bytes, _) if bytes.len() == 8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
        (&[byte], Numeral::Count) => Some(i64::from(byte)),
        (&[first, ..], Numeral::Time) if bytes.len() < 8 => {
            let sign = if first & 0x80 == 0 { 0 } else { -1 };
            Some(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_encodings() {
        use Numeral::{Count, Place, Time};
        for (bytes, numeral, expected) in [
            (&b"\0\0\0\x03"[..], Place, Some(3)),
            (b"\xff\xff\xff\xff", Place, Some(-1)),
            (b"1234", Place, Some(1234)),
            (b"\0\0\0\0\0\x04\x11\x0a", Place, Some(266_506)),
            (b"00001041", Place, Some(1041)),
            (b"-1", Place, Some(-1)),
            (b"7", Place, Some(7)),
            (b"18446744073709551616", Place, None),
            (b"\x03", Place, None),
            (b"\x03", Count, Some(3)),
            (b"\xff", Count, Some(255)),
            // 2026-02-16T15:56:42.487Z as `BigInteger.toByteArray()` of its milliseconds.
            (b"\x01\x9c\x67\x2b\x14\x77", Time, Some(1_771_257_402_487)),
            (b"\x01\x9c\x67\x2b\x14\x77", Place, None),
            (b"\xff", Time, Some(-1)),
            (b"", Place, None),
            (b"", Time, None),
            (b"-", Place, None),
            (b"three", Place, None),
            (b"\0\0\0\0\0\0\0\0\0", Time, None),
        ] {
            assert_eq!(number(bytes, numeral), expected, "{bytes:02x?} as {numeral:?}");
        }
    }

    proptest! {
        #[test]
        fn binary_numbers_and_their_digits_read_back(short: i32, long: i64) {
            let binary = |bytes: &[u8]| !bytes.iter().all(u8::is_ascii_digit);
            if binary(&short.to_be_bytes()) {
                prop_assert_eq!(number(&short.to_be_bytes(), Numeral::Place), Some(i64::from(short)));
            }
            if binary(&long.to_be_bytes()) {
                prop_assert_eq!(number(&long.to_be_bytes(), Numeral::Place), Some(long));
            }
            let negative_of_a_width = |text: &str| text.starts_with('-') && matches!(text.len(), 4 | 8);
            for text in [short.to_string(), long.to_string()] {
                if !negative_of_a_width(&text) {
                    prop_assert_eq!(number(text.as_bytes(), Numeral::Place), text.parse().ok());
                }
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            for numeral in [Numeral::Place, Numeral::Count, Numeral::Time] {
                let _any = number(&bytes, numeral);
            }
        }
    }
}
