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
