//! The smallest steps over JSON bytes: where a string ends, where white space ends, how long a
//! number is. All of it is plain integers, eight bytes at a time: fields are short, so wider
//! vectors would win little here.
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
#[inline]
pub fn string_end(buf: &[u8], at: usize) -> Result<(usize, bool), Fail> {
    let p = run_end(buf, at);
    if buf.get(p) == Some(&b'"') { Ok((p, false)) } else { slow_string_end(buf, p) }
}

/// Byte by byte from `p`, at the end of the bytes or from an escape on.
#[cold]
fn slow_string_end(buf: &[u8], mut p: usize) -> Result<(usize, bool), Fail> {
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

const ONES: u64 = u64::from_le_bytes([1; 8]);
const TOPS: u64 = ONES << 7;

/// The top bit of each byte that is a quote, a backslash or a control character. Exact up to the first
/// one; a subtraction's borrow may mark bytes behind it.
#[inline]
fn stops(word: u64) -> u64 {
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    (quote | backslash | control) & !word & TOPS
}

/// The eight bytes at `at`; `None` in the last bytes of a buffer.
#[inline]
fn word(buf: &[u8], at: usize) -> Option<u64> {
    buf.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// From `p` on, the first byte that can end a plain run; in the last bytes it may stop early.
#[inline]
fn run_end(buf: &[u8], mut p: usize) -> usize {
    while let Some(word) = word(buf, p) {
        let stops = stops(word);
        if stops != 0 {
            return p + (stops.trailing_zeros() / 8) as usize;
        }
        p += 8;
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
fn number_end(buf: &[u8], at: usize) -> Walk {
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
    fn scalars_are_those_of_the_standard() {
        let check = |text: &str, expected: Walk| assert_eq!(scalar_end(text.as_bytes(), 0), expected, "{text}");
        for good in ["0", "-0", "12", "1.5", "-1.5e10", "1E+2", "1e-2", "9007199254740993", "1e400", "true", "null"] {
            check(good, Ok(good.len()));
            check(&format!("{good},"), Ok(good.len()));
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
