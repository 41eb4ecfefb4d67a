//! The smallest steps over JSON bytes: where a string ends, where white space ends, how long a
//! number is. Strings are looked through in blocks of sixteen bytes, by the vector
//! instructions that every x86-64 has.
//!
//! `LINES` says that a newline ends the record, so it is no white space.

/// Why and where a walk stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fail {
    pub at: usize,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The bytes end first.
    End,
    /// This byte cannot be here.
    Broken,
    TooDeep,
}

/// The place behind what was walked over.
pub type Walk = Result<usize, Fail>;

#[cold]
pub fn broken<T>(at: usize) -> Result<T, Fail> {
    Err(Fail { at, why: Why::Broken })
}

#[cold]
pub fn ended<T>(buf: &[u8]) -> Result<T, Fail> {
    Err(Fail { at: buf.len(), why: Why::End })
}

/// Where the string ends whose first byte (behind the quote) is at `at`: the place of its closing
/// quote, and whether there are escapes in it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "its result stays in registers only where it is inlined")]
pub fn string_end(buf: &[u8], at: usize) -> Result<(usize, bool), Fail> {
    let p = run_end(buf, at);
    if buf.get(p) == Some(&b'"') { Ok((p, false)) } else { slow_string_end(buf, p) }
}

/// Whether a string of JSON can hold the text as it is.
#[inline]
pub fn is_plain(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<16>();
    blocks.iter().all(|block| stops(block) == 0) && rest.iter().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'))
}

/// Byte by byte from `p`, at the end of the bytes or from an escape on.
#[cold]
pub fn slow_string_end(buf: &[u8], mut p: usize) -> Result<(usize, bool), Fail> {
    let mut escaped = false;
    loop {
        match buf.get(p) {
            None => return ended(buf),
            Some(b'"') => return Ok((p, escaped)),
            Some(b'\\') => {
                escaped = true;
                p = escape_end(buf, p)?;
                // Long escaped texts (stack traces, JSON in strings) go on in blocks.
                p = run_end(buf, p);
            }
            Some(0..0x20) => return broken(p),
            Some(_) => p += 1,
        }
    }
}

/// `\n`, `\u00e9`: the place behind it.
fn escape_end(buf: &[u8], at: usize) -> Walk {
    match buf.get(at + 1) {
        None => ended(buf),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            for p in at + 2..at + 6 {
                match buf.get(p) {
                    None => return ended(buf),
                    Some(digit) if digit.is_ascii_hexdigit() => {}
                    Some(_) => return broken(p),
                }
            }
            Ok(at + 6)
        }
        Some(_) => broken(at + 1),
    }
}

/// One bit for each byte that is a quote, a backslash or a control character.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn stops(block: &[u8; 16]) -> u32 {
    use safe_arch::{
        bitor_m128i, bitxor_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, min_u8_m128i, move_mask_i8_m128i,
        set_splat_i8_m128i,
    };
    let bytes = load_unaligned_m128i(block);
    let backslash = cmp_eq_mask_i8_m128i(bytes, set_splat_i8_m128i(b'\\'.cast_signed()));
    // With this bit turned over the quote, 0x22, stands right behind the control characters, which stay among
    // themselves; what is between them, 0x20 and 0x21, goes behind it.
    let turned = bitxor_m128i(bytes, set_splat_i8_m128i(2));
    let others = cmp_eq_mask_i8_m128i(min_u8_m128i(turned, set_splat_i8_m128i(0x20)), turned);
    move_mask_i8_m128i(bitor_m128i(others, backslash)).cast_unsigned()
}

/// One bit for each byte that is the same in both.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn same(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    use safe_arch::{cmp_eq_mask_i8_m128i, load_unaligned_m128i, move_mask_i8_m128i};
    let ([a_low, a_high], [b_low, b_high]) = (halves(a), halves(b));
    let half = |a: &[u8; 16], b: &[u8; 16]| {
        move_mask_i8_m128i(cmp_eq_mask_i8_m128i(load_unaligned_m128i(a), load_unaligned_m128i(b))).cast_unsigned()
    };
    half(a_low, b_low) | half(a_high, b_high) << 16
}

/// Whether `bytes`, of which only the bits of `mask` count, are `wanted`. Bits of `wanted` that do not count are 0.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn is_masked(bytes: &[u8; 32], mask: &[u8; 32], wanted: &[u8; 32]) -> bool {
    use safe_arch::{bitand_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i as load, move_mask_i8_m128i};
    let ([bytes_low, bytes_high], [mask_low, mask_high], [low, high]) = (halves(bytes), halves(mask), halves(wanted));
    let low = cmp_eq_mask_i8_m128i(bitand_m128i(load(bytes_low), load(mask_low)), load(low));
    let high = cmp_eq_mask_i8_m128i(bitand_m128i(load(bytes_high), load(mask_high)), load(high));
    move_mask_i8_m128i(bitand_m128i(low, high)) == 0xFFFF
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn halves(bytes: &[u8; 32]) -> [&[u8; 16]; 2] {
    let (halves, _) = bytes.as_chunks::<16>();
    [&halves[0], &halves[1]]
}

/// The same with plain integers.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub fn stops(block: &[u8; 16]) -> u32 {
    let is = |word: u64, byte: u8| zeros(word ^ (ONES * u64::from(byte)));
    // Control characters have their three top bits clear.
    let half = |word| bits(is(word, b'"') | is(word, b'\\') | zeros(word & (ONES * 0xE0)));
    words(block).rev().fold(0, |marks, word| marks << 8 | half(word))
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub fn is_masked(bytes: &[u8; 32], mask: &[u8; 32], wanted: &[u8; 32]) -> bool {
    words(bytes)
        .zip(words(mask))
        .zip(words(wanted))
        .fold(0, |all, ((bytes, mask), wanted)| all | (bytes & mask) ^ wanted)
        == 0
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub fn same(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    words(a).zip(words(b)).rev().fold(0, |marks, (a, b)| marks << 8 | bits(zeros(a ^ b)))
}

#[cfg(not(target_arch = "x86_64"))]
const ONES: u64 = u64::from_le_bytes([1; 8]);

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn words(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator {
    bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word))
}

/// The top bit of each byte that is zero.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn zeros(word: u64) -> u64 {
    const LOW: u64 = ONES * 0x7F;
    !(((word & LOW) + LOW) | word | LOW)
}

/// Eight top bits gathered into one byte.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn bits(tops: u64) -> u32 {
    ((tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

/// From `p` on, the first byte that can end a plain run; in the last bytes of a buffer it may stop
/// early.
#[inline]
fn run_end(buf: &[u8], mut p: usize) -> usize {
    // Most texts end within two blocks. Both are looked at without asking about the first: lengths
    // vary, and a wrongly guessed branch costs more than a block.
    if let Some((low, high)) =
        buf.get(p..).and_then(|rest| Some((rest.first_chunk::<16>()?, rest.get(16..)?.first_chunk::<16>()?)))
    {
        let stops = stops(low) | stops(high) << 16;
        if stops != 0 {
            return p + stops.trailing_zeros() as usize;
        }
        p += 32;
    }
    while let Some(block) = buf.get(p..).and_then(|rest| rest.first_chunk::<16>()) {
        let stops = stops(block);
        if stops != 0 {
            return p + stops.trailing_zeros() as usize;
        }
        p += 16;
    }
    p
}

/// Behind white space.
#[inline]
pub fn space<const LINES: bool>(buf: &[u8], mut at: usize) -> usize {
    while let Some(byte) = buf.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\n' if !LINES => at += 1,
            _ => break,
        }
    }
    at
}

/// Behind a number, `true`, `false` or `null`.
#[inline]
pub fn scalar_end(buf: &[u8], at: usize) -> Walk {
    match buf.get(at) {
        Some(b'-' | b'0'..=b'9') => number_end(buf, at),
        Some(b't') => word_end(buf, at, b"true"),
        Some(b'f') => word_end(buf, at, b"false"),
        Some(b'n') => word_end(buf, at, b"null"),
        Some(_) => broken(at),
        None => ended(buf),
    }
}

/// Behind a whole number of one to seven digits, without a loop: lengths vary, and a wrongly guessed
/// end of a loop costs more than the rest. `None` for all else, the last bytes of a buffer included.
#[inline(always)]
#[expect(clippy::inline_always, reason = "its result stays in registers only where it is inlined")]
pub fn small_number_end(buf: &[u8], at: usize) -> Option<usize> {
    let word = u64::from_le_bytes(*buf.get(at..)?.first_chunk::<8>()?);
    // Zero for digits only: their upper half is 3, and six more leaves it so. Bytes over 0xF9 carry
    // into the next one, which is behind the number then.
    let upper = ((word & word.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0) ^ 0x3030_3030_3030_3030;
    let digits = upper.trailing_zeros() as usize / 8;
    let after = (word.checked_shr(digits as u32 * 8).unwrap_or(0)) as u8;
    let plain = (1..8).contains(&digits) && matches!(after, b',' | b'}') && (digits == 1 || word as u8 != b'0');
    plain.then_some(at + digits)
}

#[inline]
fn word_end(buf: &[u8], at: usize, word: &[u8]) -> Walk {
    let rest = buf.get(at..).unwrap_or_default();
    if rest.starts_with(word) {
        return Ok(at + word.len());
    }
    if word.starts_with(rest) {
        return ended(buf);
    }
    let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
    broken(at + same)
}

/// Numbers as RFC 8259 has them: no leading zeros, a digit on both sides of the point.
#[inline]
pub fn number_end(buf: &[u8], at: usize) -> Walk {
    let mut p = at + usize::from(buf.get(at) == Some(&b'-'));
    p = match buf.get(p) {
        Some(b'0') => p + 1,
        _ => digits_end(buf, p)?,
    };
    if buf.get(p) == Some(&b'.') {
        p = digits_end(buf, p + 1)?;
    }
    if let Some(b'e' | b'E') = buf.get(p) {
        p += 1 + usize::from(matches!(buf.get(p + 1), Some(b'+' | b'-')));
        p = digits_end(buf, p)?;
    }
    Ok(p)
}

/// At least one digit.
#[inline]
fn digits_end(buf: &[u8], at: usize) -> Walk {
    let mut p = at;
    while let Some(b'0'..=b'9') = buf.get(p) {
        p += 1;
    }
    if p > at {
        return Ok(p);
    }
    if buf.len() <= p { ended(buf) } else { broken(p) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_quote_wherever_it_lies() {
        for len in 0..100 {
            for tail in ["", "\"", "\",\"next\":\"value that goes on for a while, longer than any block is\"}"] {
                let text = format!("{}\"{tail}", "x".repeat(len));
                assert_eq!(string_end(text.as_bytes(), 0), Ok((len, false)), "{text}");
                let escaped = format!("{}\\\"\\u00e9\"{tail}", "x".repeat(len));
                assert_eq!(string_end(escaped.as_bytes(), 0), Ok((len + 8, true)), "{escaped}");
                let control = format!("{}\n\"{tail}", "x".repeat(len));
                assert_eq!(string_end(control.as_bytes(), 0), broken(len), "{control:?}");
            }
            let open = "ü".repeat(len);
            assert_eq!(string_end(open.as_bytes(), 0), ended(open.as_bytes()));
        }
    }

    #[test]
    fn plain_texts_need_no_escape() {
        for len in 0..40 {
            let text = "xü".repeat(len);
            assert!(is_plain(text.as_bytes()));
            for stop in ['"', '\\', '\n', '\u{1f}'] {
                for at in 0..=len {
                    let text = format!("{}{stop}{}", "x".repeat(at), "y".repeat(len - at));
                    assert!(!is_plain(text.as_bytes()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn only_bits_of_the_mask_count() {
        let mut rng = crate::base::rng::Rng::new(7);
        for _ in 0..200 {
            let [bytes, noise, random] = std::array::from_fn(|_| std::array::from_fn(|_| rng.below(256) as u8));
            let mask: [u8; 32] = std::array::from_fn(|i| [0, 0xF0, u8::MAX, noise[i]][i % 4]);
            let wanted: [u8; 32] = std::array::from_fn(|i| bytes[i] & mask[i]);
            assert!(is_masked(&bytes, &mask, &wanted));
            for at in 0..256 {
                let mut other: [u8; 32] = bytes;
                other[at / 8] ^= 1 << (at % 8);
                assert_eq!(is_masked(&other, &mask, &wanted), mask[at / 8] >> (at % 8) & 1 == 0, "bit {at}");
            }
            assert!(!is_masked(&bytes, &[0; 32], &random) || random == [0; 32]);
        }
    }

    #[test]
    fn scalars_are_those_of_the_standard() {
        let check = |text: &str, expected: Walk| assert_eq!(scalar_end(text.as_bytes(), 0), expected, "{text}");
        for good in ["0", "-0", "12", "1.5", "-1.5e10", "1E+2", "1e-2", "9007199254740993", "1e400", "true", "null"] {
            check(good, Ok(good.len()));
            check(&format!("{good},"), Ok(good.len()));
            let padded = format!("{good},\"next\":1");
            assert!(small_number_end(padded.as_bytes(), 0).is_none_or(|end| end == good.len()), "{good}");
        }
        for number in (0..1000).chain(999_990..1_000_010) {
            for tail in [",\"next\":1", "}, \"next\":1"] {
                let text = format!("{number}{tail}");
                assert_eq!(small_number_end(text.as_bytes(), 0), Some(number.to_string().len()), "{text}");
            }
        }
        for other in [
            "01,234567",
            "12345678,",
            "1.5,23456",
            "1e5,23456",
            "-1,234567",
            ",,,,,,,,,",
            "1/2,34567",
            "1:2,34567",
            "\u{ff}1234567",
            "12\u{ff}34567",
        ] {
            assert_eq!(small_number_end(other.as_bytes(), 0), None, "{other}");
        }
        check("01", Ok(1));
        for (bad, at) in
            [("-x", 1), ("1.x", 2), ("1ex", 2), ("1e+x", 3), ("+1", 0), ("NaN", 0), ("trux", 3), ("nil", 1)]
        {
            check(bad, broken(at));
        }
        for cut in ["", "-", "1.", "1e", "1e-", "tru", "n"] {
            check(cut, ended(cut.as_bytes()));
        }
    }
}
