//! Times written as numbers. The unit belongs to a field, not to a value: it is guessed once from a
//! sample of the field by the window in which the numbers lie.

use super::TimeNs;
use super::civil::nanos_from;
use super::text::parse_text;
use crate::model::mapping::TimeUnit;

/// 1970-01-01 in .NET ticks (100 ns since 0001-01-01).
const EPOCH_TICKS: i128 = 621_355_968_000_000_000;

/// Reads `1588206894.130204` and its like in `unit`. Digits below a nanosecond are cut off.
///
/// With [`TimeUnit::Auto`] the number's own size decides, which is right for one value and wrong for a
/// column that crosses a border: decoders ask [`guess_unit`] for the column first.
#[must_use]
pub fn parse_number(text: &[u8], unit: TimeUnit) -> Option<TimeNs> {
    let decimal = Decimal::parse(text)?;
    let unit = match unit {
        TimeUnit::Auto => window(decimal.whole)?,
        unit => unit,
    };
    let ns = match unit {
        TimeUnit::Auto | TimeUnit::Text => return None,
        TimeUnit::Seconds => decimal.scaled(9)?,
        TimeUnit::Millis => decimal.scaled(6)?,
        TimeUnit::Micros => decimal.scaled(3)?,
        TimeUnit::Nanos => decimal.scaled(0)?,
        TimeUnit::Ticks => decimal.whole.checked_sub(EPOCH_TICKS)?.checked_mul(100)?,
    };
    i64::try_from(ns).ok().map(TimeNs)
}

/// The unit that fits most of a column's sample; `Auto` where nothing in it is a time.
#[must_use]
pub fn guess_unit<'a>(samples: impl IntoIterator<Item = &'a [u8]>) -> TimeUnit {
    const UNITS: [TimeUnit; 6] =
        [TimeUnit::Text, TimeUnit::Seconds, TimeUnit::Millis, TimeUnit::Micros, TimeUnit::Nanos, TimeUnit::Ticks];
    let mut votes = [0u32; UNITS.len()];
    for sample in samples {
        let found = match Decimal::parse(sample) {
            Some(_) if parse_text(sample, 0).is_some() => Some(TimeUnit::Text),
            Some(decimal) => window(decimal.whole),
            None => parse_text(sample, 0).map(|_| TimeUnit::Text),
        };
        let place = UNITS.iter().position(|unit| Some(*unit) == found);
        if let Some(vote) = place.and_then(|place| votes.get_mut(place)) {
            *vote += 1;
        }
    }
    // The first of equals wins, so the answer does not depend on the order of the sample.
    let best = votes.iter().copied().max().unwrap_or(0);
    UNITS.iter().zip(votes).find(|(_, n)| *n == best && best > 0).map_or(TimeUnit::Auto, |(unit, _)| *unit)
}

/// Nobody logs events before 1973 or after 2262 by accident, so the windows do not touch.
fn window(whole: i128) -> Option<TimeUnit> {
    Some(match whole {
        100_000_000..10_000_000_000 => TimeUnit::Seconds,
        100_000_000_000..10_000_000_000_000 => TimeUnit::Millis,
        100_000_000_000_000..10_000_000_000_000_000 => TimeUnit::Micros,
        // 1970 to 2262 in ticks; as nanoseconds it would be 1989 to 1992.
        621_355_968_000_000_000..713_600_000_000_000_000 => TimeUnit::Ticks,
        100_000_000_000_000_000..=9_223_372_036_854_775_807 => TimeUnit::Nanos,
        _ => return None,
    })
}

/// A decimal number as whole part and first nine digits of the fraction (nano-units).
struct Decimal {
    negative: bool,
    whole: i128,
    nanos: i128,
}

impl Decimal {
    fn parse(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (mantissa, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, exponent(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|b| *b == b'.') {
            Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)?),
            None => (mantissa, &b""[..]),
        };
        if whole.is_empty() || whole.len() + fraction.len() > 60 {
            return None;
        }
        // The point moves by the exponent: `1.588206894130204E9`.
        let mut digits = [b'0'; 100];
        for (to, from) in digits.iter_mut().zip(whole.iter().chain(fraction)) {
            if !from.is_ascii_digit() {
                return None;
            }
            *to = *from;
        }
        let point = usize::try_from(i32::try_from(whole.len()).ok()? + exponent).ok()?;
        let value =
            |digits: &[u8]| digits.iter().try_fold(0i128, |n, d| n.checked_mul(10)?.checked_add(i128::from(d - b'0')));
        let whole = value(digits.get(..point)?)?;
        let nanos = value(digits.get(point..point + 9)?)?;
        Some(Self {
            negative,
            whole: if negative { -whole } else { whole },
            nanos: if negative { -nanos } else { nanos },
        })
    }

    /// The number times 10^`power`, rounded down.
    fn scaled(&self, power: u32) -> Option<i128> {
        let low = 10i128.pow(9 - power);
        let fraction = if self.negative { self.nanos.div_euclid(low) } else { self.nanos / low };
        self.whole.checked_mul(10i128.pow(power))?.checked_add(fraction)
    }
}

/// Only exponents that a time can have.
fn exponent(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.is_empty() || digits.len() > 2 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(sign * digits.iter().fold(0, |n, d| n * 10 + i32::from(d - b'0')))
}

/// `/Date(1588206894130)/` and `/Date(1588206894130+0200)/` of .NET's JSON: the offset changes nothing.
pub(super) fn dotnet_json_date(text: &[u8]) -> Option<TimeNs> {
    let inner = text.strip_prefix(b"/Date(")?.strip_suffix(b")/")?;
    let end = inner.iter().skip(1).position(|b| matches!(b, b'+' | b'-')).map_or(inner.len(), |at| at + 1);
    let millis: i64 = std::str::from_utf8(inner.get(..end)?).ok()?.parse().ok()?;
    nanos_from(millis.div_euclid(1000), u32::try_from(millis.rem_euclid(1000)).ok()? * 1_000_000)
}
