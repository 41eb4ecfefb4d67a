//! Decimal numbers compared by their digits, so that `9007199254740993` and `0.1` mean what they say.

use std::cmp::Ordering;

/// A number as its text gives it: sign, digits without leading or trailing zeros, and where the point is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal<'a> {
    negative: bool,
    /// The digits around the point as written, from the first that is not zero; empty for zero.
    whole: &'a str,
    fraction: &'a str,
    /// Power of ten of the first digit.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    /// JSON's numbers, also with a leading `+` or point; `None` for all else.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(e) => (&unsigned[..e], exponent(&unsigned[e + 1..])?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let lead = fraction.len() - fraction.trim_start_matches('0').len();
        let (point, fraction) = if whole.is_empty() {
            (-(i64::try_from(lead).ok()?) - 1, &fraction[lead..])
        } else {
            (i64::try_from(whole.len()).ok()? - 1, fraction)
        };
        let fraction = fraction.trim_end_matches('0');
        let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
            magnitude: if zero { i64::MIN } else { point.saturating_add(exponent) },
        })
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn compare_absolute(&self, other: &Self) -> Ordering {
        let digits = |n: &Self| n.whole.bytes().chain(n.fraction.bytes());
        self.magnitude.cmp(&other.magnitude).then_with(|| digits(self).cmp(digits(other)))
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            _ if self.is_zero() && other.is_zero() => Ordering::Equal,
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_absolute(other),
            (true, true) => other.compare_absolute(self),
        }
    }
}

/// Beyond what fits, the largest there is: no two such numbers are told apart, nothing breaks.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(a: &str, b: &str) -> Option<Ordering> {
        Some(Decimal::parse(a)?.compare(&Decimal::parse(b)?))
    }

    #[test]
    fn numbers_compare_by_their_digits() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("50", "50.00", Equal),
            ("5e1", "50", Equal),
            ("500e-1", "50", Equal),
            ("0.05", "5E-2", Equal),
            ("59.98", "50", Greater),
            ("9", "10", Less),
            ("-9", "-10", Greater),
            ("-0", "0", Equal),
            ("0.0", "-1", Greater),
            ("0", "0.001", Less),
            ("9007199254740993", "9007199254740992", Greater),
            ("0.1", "0.10000000000000001", Less),
            ("100", "99.9", Greater),
            ("1e400", "1e399", Greater),
            ("007", "7", Equal),
            ("1e99999999999999999999", "1", Greater),
        ] {
            assert_eq!(compare(a, b), Some(expected), "{a} {b}");
            assert_eq!(compare(b, a), Some(expected.reverse()), "{b} {a}");
        }
        for text in ["", "-", ".", "1e", "1.2.3", "0x10", "NaN", "1 ", "é"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_integers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
            prop_assert_eq!(compare(&a.to_string(), &b.to_string()), Some(a.cmp(&b)));
            let shifted = |n: i64| format!("{}{}.{:03}", if n < 0 { "-" } else { "" }, n.abs() / 1000, n.abs() % 1000);
            prop_assert_eq!(compare(&shifted(a), &shifted(b)), Some(a.cmp(&b)));
            prop_assert_eq!(compare(&format!("{a}e-3"), &shifted(a)), Some(Ordering::Equal));
        }
    }
}
