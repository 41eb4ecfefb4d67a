//! Reads the times of one field. Logs repeat a day many thousand times, so the last day's date is kept
//! and the usual form costs a comparison and eight digits.

use super::TimeNs;
use super::civil::{days_from_civil, nanos_from};
use super::number::parse_number;
use super::text::parse_text;
use crate::model::mapping::TimeUnit;

/// Holds what is known of a time field: unit, default zone, the day seen last.
#[derive(Clone, Debug)]
pub struct TimeReader {
    unit: TimeUnit,
    zone_minutes: i32,
    day_text: [u8; 10],
    /// Seconds from the epoch to that day's midnight; `None` until there was a day.
    day_seconds: Option<i64>,
}

impl TimeReader {
    #[must_use]
    pub fn new(unit: TimeUnit, zone_minutes: i32) -> Self {
        Self { unit, zone_minutes, day_text: [0; 10], day_seconds: None }
    }

    /// The instant that `text` names, `None` where it names none.
    #[inline]
    pub fn read(&mut self, text: &[u8]) -> Option<TimeNs> {
        if matches!(self.unit, TimeUnit::Auto | TimeUnit::Text)
            && let Some(time) = self.rfc3339(text)
        {
            return Some(time);
        }
        self.any(text)
    }

    #[cold]
    fn any(&self, text: &[u8]) -> Option<TimeNs> {
        let text = text.trim_ascii();
        match self.unit {
            TimeUnit::Text => parse_text(text, self.zone_minutes),
            TimeUnit::Auto => parse_text(text, self.zone_minutes).or_else(|| parse_number(text, TimeUnit::Auto)),
            // A column of numbers may still hold a text now and then.
            unit => parse_number(text, unit).or_else(|| parse_text(text, self.zone_minutes)),
        }
    }

    /// `YYYY-MM-DDTHH:MM:SS[.f…](Z|±hh:mm)` only; anything else is left to [`parse_text`].
    #[inline]
    fn rfc3339(&mut self, text: &[u8]) -> Option<TimeNs> {
        let (date, rest) = text.split_first_chunk::<10>()?;
        let (&[separator], rest) = rest.split_first_chunk::<1>()?;
        let (clock, rest) = rest.split_first_chunk::<8>()?;
        if separator != b'T' && separator != b' ' {
            return None;
        }
        let day = match self.day_seconds {
            Some(day) if self.day_text == *date => day,
            _ => self.new_day(date)?,
        };
        let seconds = clock_seconds(*clock)?;
        let (nanos, zone) = fraction(rest)?;
        let zone_seconds = match *zone {
            [b'Z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
                let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
                if hours > 23 || minutes > 59 {
                    return None;
                }
                if sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        nanos_from(day + i64::from(seconds) - zone_seconds, nanos)
    }

    #[cold]
    fn new_day(&mut self, date: &[u8; 10]) -> Option<i64> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
        let year = two(y1, y2)? * 100 + two(y3, y4)?;
        let seconds = days_from_civil(i32::try_from(year).ok()?, two(m1, m2)?, two(d1, d2)?)? * 86_400;
        (self.day_text, self.day_seconds) = (*date, Some(seconds));
        Some(seconds)
    }
}

/// `HH:MM:SS` as seconds of the day, all eight bytes checked at once.
#[inline]
fn clock_seconds(clock: [u8; 8]) -> Option<u32> {
    const BIAS: u64 = u64::from_le_bytes(*b"00:00:00");
    const COLONS: u64 = 0x0000_FF00_00FF_0000;
    let digits = u64::from_le_bytes(clock) ^ BIAS;
    // Over 9 overflows into the top bit when 118 is added; bytes over 127 have it already.
    let bad = (digits | (digits & 0x7F7F_7F7F_7F7F_7F7F).wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
    if bad | (digits & COLONS) != 0 {
        return None;
    }
    let [h1, h2, _, m1, m2, _, s1, s2] = digits.to_le_bytes().map(u32::from);
    let (hour, minute, second) = (h1 * 10 + h2, m1 * 10 + m2, s1 * 10 + s2);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Nanoseconds of `.f…` (digits after the ninth are cut off) and what follows.
#[inline]
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', digits)) = text.split_first() else { return Some((0, text)) };
    let (mut nanos, mut seen) = (0u32, 0usize);
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        if seen < 9 {
            nanos = nanos * 10 + u32::from(digit);
        }
        seen += 1;
    }
    const SCALE: [u32; 10] = [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let scale = *SCALE.get(seen.min(9))?;
    if seen == 0 {
        return None;
    }
    Some((nanos * scale, digits.get(seen..)?))
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}
