//! Moments as a person types them: a year, a day, a minute, down to nanoseconds. What is left out
//! makes the moment longer (`2026-02-16` is all of that day); without a zone it is UTC.

use chrono::{DateTime, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::model::filter::Instant;
use crate::model::time::TimeNs;

/// `2026`, `2026-02`, `2026-02-16`, `2026-02-16T10:30[:00[.123]][Z|+01:00]`; a space or `_` may stand
/// for the `T`. `None` where the text is none of these or lies outside 1677 to 2262.
#[must_use]
pub fn parse_instant(text: &str) -> Option<Instant> {
    let (from, until) = bounds(text.trim())?;
    Some(Instant { from: TimeNs(from), until: TimeNs(until), text: text.to_owned() })
}

/// What a moment that is told in words counts from.
#[derive(Clone, Copy, Debug)]
pub struct Spoken {
    /// `-5m` and a clock without a day count from here.
    pub cursor: TimeNs,
    /// `today` is the day of this moment.
    pub today: TimeNs,
    /// Of what is typed without a zone, in minutes east of UTC.
    pub zone_minutes: i32,
}

impl Spoken {
    /// What [`parse_instant`] reads, and `14:34[:05]` (that day of the cursor), `yesterday [14:34]`,
    /// `today`, `now`, `-5m`, `+1.5h` (`ms`, `s`, `m`, `h`, `d`, `w` from the cursor).
    #[must_use]
    pub fn read(self, text: &str) -> Option<Instant> {
        let spoken = text.trim().to_ascii_lowercase();
        let zone = i64::from(self.zone_minutes).checked_mul(60_000_000_000)?;
        let (from, until) = if let Some(at) = distance(&spoken) {
            let at = self.cursor.0.checked_add(at)?;
            (at, at.checked_add(1)?)
        } else if spoken == "now" {
            (self.today.0, self.today.0.checked_add(1)?)
        } else {
            let (day, clock) = match (spoken.strip_prefix("yesterday"), spoken.strip_prefix("today")) {
                (Some(rest), _) => (self.today.0.checked_sub(DAY)?, rest.trim_start()),
                (_, Some(rest)) => (self.today.0, rest.trim_start()),
                _ if is_clock(&spoken) => (self.cursor.0, spoken.as_str()),
                _ => {
                    let (from, until) = bounds(text.trim())?;
                    let has_zone = text.trim().get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
                    let shift = if has_zone { 0 } else { zone };
                    let text = text.to_owned();
                    let (from, until) = (from.checked_sub(shift)?, until.checked_sub(shift)?);
                    return Some(Instant { from: TimeNs(from), until: TimeNs(until), text });
                }
            };
            let day = DateTime::from_timestamp_nanos(day.checked_add(zone)?).format("%Y-%m-%d");
            let (from, until) = if clock.is_empty() {
                bounds(&day.to_string())?
            } else {
                let hour_digits = if clock.find(':') == Some(1) { "0" } else { "" };
                bounds(&format!("{day}T{hour_digits}{clock}")).filter(|_| is_clock(clock))?
            };
            (from.checked_sub(zone)?, until.checked_sub(zone)?)
        };
        Some(Instant { from: TimeNs(from), until: TimeNs(until), text: text.to_owned() })
    }
}

const DAY: i64 = 86_400_000_000_000;

/// `9:05`, `14:34:05.120`.
fn is_clock(text: &str) -> bool {
    matches!(text.find(':'), Some(1 | 2)) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b','))
}

/// `-5m`, `+1.5h` in nanoseconds.
fn distance(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+')?),
    };
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, unit) = rest.split_at(digits);
    let unit = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" | "sec" => 1e9,
        "m" | "min" => 60e9,
        "h" => 3_600e9,
        "d" => DAY as f64,
        "w" => 7.0 * DAY as f64,
        _ => return None,
    };
    let ns = number.parse::<f64>().ok()? * unit;
    (ns < i64::MAX as f64).then_some((sign * ns) as i64)
}

/// First nanosecond and the one after the last.
fn bounds(text: &str) -> Option<(i64, i64)> {
    if !text.is_ascii() {
        return None;
    }
    match text.len() {
        4 => {
            let first = day(text, "01", "01")?;
            span(first, first.checked_add_months(Months::new(12))?)
        }
        7 => {
            let (year, month) = text.split_once('-')?;
            let first = day(year, month, "01")?;
            span(first, first.checked_add_months(Months::new(1))?)
        }
        10 => {
            let first = date(text)?;
            span(first, first.checked_add_days(Days::new(1))?)
        }
        _ => clock(text),
    }
}

fn clock(text: &str) -> Option<(i64, i64)> {
    let date = date(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't', ' ', '_'])?;
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) if clock.len() == 8 => (clock, Some(fraction)),
        Some(_) => return None,
        None => (clock, None),
    };
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = parts.next().map(|s| digits(s, 2)).map_or(Some(None), |s| s.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let (nanos, step) = match (fraction, second) {
        (Some(fraction), _) => {
            let places = u32::try_from(fraction.len()).ok().filter(|n| (1..=9).contains(n))?;
            let unit = 10_u32.pow(9 - places);
            (digits(fraction, fraction.len())?.checked_mul(unit)?, i64::from(unit))
        }
        (None, Some(_)) => (0, 1_000_000_000),
        (None, None) => (0, 60_000_000_000),
    };
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second.unwrap_or(0).min(59), nanos)?;
    let at = NaiveDateTime::new(date, time).checked_sub_signed(TimeDelta::seconds(i64::from(offset(zone)?)))?;
    let from = at.and_utc().timestamp_nanos_opt()?;
    Some((from, from.checked_add(step)?))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i32> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone = zone.get(1..)?;
    let (hours, minutes) = match zone.len() {
        2 => (zone, "00"),
        4 => zone.split_at(2),
        5 => zone.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    FixedOffset::east_opt(sign * seconds).map(|zone| zone.local_minus_utc())
}

fn date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let date = day(parts.next()?, parts.next()?, parts.next()?);
    date.filter(|_| parts.next().is_none())
}

fn day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(digits(year, 4)?).ok()?, digits(month, 2)?, digits(day, 2)?)
}

fn span(first: NaiveDate, after: NaiveDate) -> Option<(i64, i64)> {
    let nanos = |day: NaiveDate| DateTime::timestamp_nanos_opt(&day.and_time(NaiveTime::MIN).and_utc());
    Some((nanos(first)?, nanos(after)?))
}

fn digits(text: &str, len: usize) -> Option<u32> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_makes_a_moment_longer() {
        for (text, from, until) in [
            ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2026-02-16T10:00Z", "2026-02-16T10:00:00Z", "2026-02-16T10:01:00Z"),
            ("2026-02-16 10:00:05", "2026-02-16T10:00:05Z", "2026-02-16T10:00:06Z"),
            ("2026-02-16T10:00:05.12Z", "2026-02-16T10:00:05.120Z", "2026-02-16T10:00:05.130Z"),
            ("2026-02-16T00:30+01:00", "2026-02-15T23:30:00Z", "2026-02-15T23:31:00Z"),
            ("2026-02-16T00:30-0530", "2026-02-16T06:00:00Z", "2026-02-16T06:01:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", "2017-01-01T00:00:00Z"),
        ] {
            let found = parse_instant(text).map(|i| (i.from.to_rfc3339(), i.until.to_rfc3339()));
            assert_eq!(found, Some((from.to_owned(), until.to_owned())), "{text}");
        }
    }

    #[test]
    fn words_count_from_the_cursor_or_from_today() {
        let at = |text: &str| parse_instant(text).expect("a moment").from;
        let mut base =
            Spoken { cursor: at("2026-02-16T10:30:00Z"), today: at("2026-02-20T01:00:00Z"), zone_minutes: 0 };
        for (zone, text, from, until) in [
            (0, "yesterday 14:34", "2026-02-19T14:34:00Z", "2026-02-19T14:35:00Z"),
            (0, "Yesterday", "2026-02-19T00:00:00Z", "2026-02-20T00:00:00Z"),
            (0, "today 9:05", "2026-02-20T09:05:00Z", "2026-02-20T09:06:00Z"),
            (0, "14:34", "2026-02-16T14:34:00Z", "2026-02-16T14:35:00Z"),
            (0, "10:30:02", "2026-02-16T10:30:02Z", "2026-02-16T10:30:03Z"),
            (0, "-5m", "2026-02-16T10:25:00Z", "2026-02-16T10:25:00.000000001Z"),
            (0, "+1.5 h", "2026-02-16T12:00:00Z", "2026-02-16T12:00:00.000000001Z"),
            (0, "2026-02-16 10:30", "2026-02-16T10:30:00Z", "2026-02-16T10:31:00Z"),
            (-120, "yesterday 23:00", "2026-02-19T01:00:00Z", "2026-02-19T01:01:00Z"),
            (60, "2026-02-16 10:30", "2026-02-16T09:30:00Z", "2026-02-16T09:31:00Z"),
            (60, "2026-02-16T10:30Z", "2026-02-16T10:30:00Z", "2026-02-16T10:31:00Z"),
        ] {
            base.zone_minutes = zone;
            let found = base.read(text).map(|i| (i.from, i.until));
            assert_eq!(found, Some((at(from), at(until))), "{text} at {zone}");
        }
        for text in ["tomorrow", "25:00", "-5", "- m", "yesterday at noon", "1:2:3:4", "-9e99w", "", "v12"] {
            assert_eq!(base.read(text), None, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_moments() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-02-30",
            "2026-02-16T25:00",
            "2026-02-16T1:00",
            "9999-01-01",
            "12é4",
            "2026-02-16Tx",
            "2026-02-16T10:00:00.",
            "2026-02-16T10:00+99:99",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
