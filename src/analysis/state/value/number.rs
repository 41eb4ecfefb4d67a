//! Exact decimals. Short ones are a 64-bit integer and a scale; what does not fit stays text and is
//! computed with big decimals. Nothing is ever rounded; only plots turn numbers into doubles.

use std::cmp::Ordering;
use std::str::FromStr as _;
use std::sync::Arc;

use bigdecimal::BigDecimal;

/// A number as JSON writes it. Equality and order are by value.
#[derive(Clone, Debug)]
pub struct Number(Form);

#[derive(Clone, Debug)]
enum Form {
    /// `mantissa / 10^scale`; prints exactly as it was written.
    Short { mantissa: i64, scale: u8 },
    /// Anything else: 19 digits and more, exponents, `-0`.
    Literal(Arc<str>),
}

/// Exponents beyond this are kept and shown, but not computed with: `1e999999999` would fill the memory.
const MAX_EXPONENT: u64 = 4_096;

impl Number {
    /// `literal` must be a number by JSON's grammar; `None` where it is not.
    #[must_use]
    pub fn parse(literal: &str) -> Option<Self> {
        if let Some(form) = short(literal) {
            return Some(Self(form));
        }
        is_json(literal).then(|| Self(Form::Literal(literal.into())))
    }

    #[must_use]
    pub fn add(&self, other: &Number) -> Option<Number> {
        self.combine(other, i64::checked_add, |a, b| a + b)
    }

    #[must_use]
    pub fn subtract(&self, other: &Number) -> Option<Number> {
        self.combine(other, i64::checked_sub, |a, b| a - b)
    }

    #[must_use]
    pub fn multiply(&self, other: &Number) -> Option<Number> {
        if let (Form::Short { mantissa: a, scale: s }, Form::Short { mantissa: b, scale: t }) = (&self.0, &other.0)
            && let Some(mantissa) = a.checked_mul(*b)
            && s + t <= 18
        {
            return Some(Self(Form::Short { mantissa, scale: s + t }));
        }
        Some(Self::from_big(&(self.big()? * other.big()?)))
    }

    #[must_use]
    pub fn negate(&self) -> Option<Number> {
        Number::from(0).subtract(self)
    }

    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match &self.0 {
            Form::Short { mantissa, scale } if *scale == 0 => Some(*mantissa as f64),
            _ => self.to_string().parse().ok(),
        }
    }

    /// Whether a double cannot hold it: integers beyond 2^53, more than 17 digits, out of range.
    #[must_use]
    pub fn is_lossy_as_f64(&self) -> bool {
        match &self.0 {
            Form::Short { mantissa, .. } => mantissa.unsigned_abs() > 1 << 53,
            Form::Literal(text) => {
                text.bytes().take_while(|b| !matches!(b, b'e' | b'E')).filter(u8::is_ascii_digit).count() > 17
                    || text.parse().is_ok_and(f64::is_infinite)
            }
        }
    }

    /// Bytes held outside of the value itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Short { .. } => 0,
            Form::Literal(text) => text.len() + 16,
        }
    }

    fn combine(
        &self,
        other: &Number,
        short: fn(i64, i64) -> Option<i64>,
        big: fn(BigDecimal, BigDecimal) -> BigDecimal,
    ) -> Option<Number> {
        if let Some((a, b, scale)) = aligned(&self.0, &other.0)
            && let Some(mantissa) = short(a, b)
        {
            return Some(Self(Form::Short { mantissa, scale }));
        }
        Some(Self::from_big(&big(self.big()?, other.big()?)))
    }

    /// `None` where the exponent is out of all proportion.
    fn big(&self) -> Option<BigDecimal> {
        match &self.0 {
            Form::Short { mantissa, scale } => Some(BigDecimal::new((*mantissa).into(), i64::from(*scale))),
            Form::Literal(text) => {
                let big = BigDecimal::from_str(text).ok()?;
                (big.fractional_digit_count().unsigned_abs() <= MAX_EXPONENT).then_some(big)
            }
        }
    }

    fn from_big(big: &BigDecimal) -> Self {
        let text = big.to_plain_string();
        Self(short(&text).unwrap_or_else(|| Form::Literal(text.into())))
    }
}

impl From<i64> for Number {
    fn from(mantissa: i64) -> Self {
        Self(Form::Short { mantissa, scale: 0 })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if let Some((a, b, _)) = aligned(&self.0, &other.0) {
            return Some(a.cmp(&b));
        }
        match (self.big(), other.big()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            // Beyond what is computed with: the same text is the same number, else as doubles.
            _ if self.to_string() == other.to_string() => Some(Ordering::Equal),
            _ => self.as_f64()?.partial_cmp(&other.as_f64()?).filter(|order| order.is_ne()),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Form::Literal(text) => f.write_str(text),
            Form::Short { mantissa, scale: 0 } => write!(f, "{mantissa}"),
            Form::Short { mantissa, scale } => {
                let sign = if *mantissa < 0 { "-" } else { "" };
                let unit = 10_u64.pow(u32::from(*scale));
                let (whole, rest) = (mantissa.unsigned_abs() / unit, mantissa.unsigned_abs() % unit);
                write!(f, "{sign}{whole}.{rest:0width$}", width = usize::from(*scale))
            }
        }
    }
}

/// Plain digits with at most one point, 18 digits at most; not `-0`, whose sign an integer cannot hold.
fn short(literal: &str) -> Option<Form> {
    let (negative, digits) = match literal.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 19 || !matches!(digits, [b'0'] | [b'0', b'.', ..] | [b'1'..=b'9', ..]) {
        return None;
    }
    let (mut mantissa, mut scale, mut count) = (0_i64, None, 0);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                count += 1;
                scale = scale.map(|scale: u8| scale + 1);
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return None,
        }
    }
    if count > 18 || scale == Some(0) || (negative && mantissa == 0) {
        return None;
    }
    Some(Form::Short { mantissa: if negative { -mantissa } else { mantissa }, scale: scale.unwrap_or(0) })
}

fn is_json(literal: &str) -> bool {
    use hifijson::num::LexWrite as _;
    let mut lexer = hifijson::SliceLexer::new(literal.as_bytes());
    lexer.num_string().validated().is_ok_and(|(number, _)| number.len() == literal.len())
}

/// Both at the finer scale, where that fits.
fn aligned(a: &Form, b: &Form) -> Option<(i64, i64, u8)> {
    let (Form::Short { mantissa: a, scale: s }, Form::Short { mantissa: b, scale: t }) = (a, b) else { return None };
    let scale = (*s).max(*t);
    let up = |mantissa: i64, from: u8| mantissa.checked_mul(10_i64.checked_pow(u32::from(scale - from))?);
    Some((up(*a, *s)?, up(*b, *t)?, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(literal: &str) -> Number {
        Number::parse(literal).unwrap_or_else(|| panic!("{literal} is a number"))
    }

    #[test]
    fn literals_print_as_they_were_written() {
        for literal in ["0", "-0", "7", "-12.50", "0.1000", "9007199254740993", "1e400", "-1.5E-7", "0.0"] {
            assert_eq!(number(literal).to_string(), literal);
        }
        let long = "1234567890123456789012345678901234567890.000000000001";
        assert_eq!(number(long).to_string(), long);
    }

    #[test]
    fn what_json_does_not_call_a_number_is_none() {
        for text in ["", "-", "+1", "01", "1.", ".5", "1e", "0x10", "NaN", "1 ", "1,5"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn sums_are_exact() {
        for (a, b, sum) in [
            ("0.1", "0.2", "0.3"),
            ("1000", "-200.50", "799.50"),
            ("9007199254740993", "1", "9007199254740994"),
            ("999999999999999999", "1", "1000000000000000000"),
            ("1e3", "0.5", "1000.5"),
            ("1234567890123456789012345678901234567890", "0.01", "1234567890123456789012345678901234567890.01"),
        ] {
            assert_eq!(number(a).add(&number(b)).expect("a sum").to_string(), sum, "{a} + {b}");
            assert_eq!(number(sum).subtract(&number(b)).expect("a difference"), number(a));
        }
        assert_eq!(number("29.99").multiply(&number("2")).expect("a product").to_string(), "59.98");
        assert!(number("1e999999999").add(&number("1")).is_none());
    }

    #[test]
    fn order_is_by_value() {
        for (a, b, order) in [
            ("1", "1.0", Ordering::Equal),
            ("1e2", "100", Ordering::Equal),
            ("-0", "0", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("-5", "0.1", Ordering::Less),
        ] {
            assert_eq!(number(a).partial_cmp(&number(b)), Some(order), "{a} {b}");
        }
        assert_eq!(number("1e999999999"), number("1e999999999"));
    }

    #[test]
    fn what_a_double_cannot_hold_is_known() {
        for (literal, lossy) in [("9007199254740993", true), ("12.5", false), ("1e400", true), ("3e5", false)] {
            assert_eq!(number(literal).is_lossy_as_f64(), lossy, "{literal}");
        }
    }
}
