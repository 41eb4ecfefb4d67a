//! Readable ticks for an axis: round steps in the zone that is shown, the date where it changes.

use super::axis::Axis;
use crate::base::text::count;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime};

/// A labelled place on the ruler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub at: i64,
    /// Time of day, or the date where steps are days or longer.
    pub label: String,
    /// The date, where it is another than at the tick before.
    pub date: Option<String>,
}

const NS: i64 = 1;
const US: i64 = 1_000;
const MS: i64 = 1_000_000;
const S: i64 = 1_000_000_000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const DAY: i64 = 24 * H;

#[rustfmt::skip]
const STEPS: &[i64] = &[
    NS, 2 * NS, 5 * NS, 10 * NS, 20 * NS, 50 * NS, 100 * NS, 200 * NS, 500 * NS,
    US, 2 * US, 5 * US, 10 * US, 20 * US, 50 * US, 100 * US, 200 * US, 500 * US,
    MS, 2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 200 * MS, 500 * MS,
    S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S,
    MIN, 2 * MIN, 5 * MIN, 10 * MIN, 15 * MIN, 30 * MIN,
    H, 2 * H, 3 * H, 6 * H, 12 * H,
    DAY, 2 * DAY, 7 * DAY,
];

/// More than any screen needs; a guard, not a design.
const MOST: usize = 2_000;

/// Ticks at least `spacing` points apart. `offset` gives the zone's minutes east of UTC at an instant.
#[must_use]
pub fn time_ticks(axis: &Axis, spacing: f64, offset: impl Fn(i64) -> i32) -> Vec<Tick> {
    let least = spacing / axis.scale();
    let mut places = Vec::new();
    for (from, to) in axis.stretches() {
        let zone = i64::from(offset(from)) * MIN;
        match STEPS.iter().find(|&&step| step as f64 >= least) {
            Some(&step) => every(from, to, step, zone, &mut places),
            None => calendar(from, to, least, zone, &mut places),
        }
    }
    let step = STEPS.iter().copied().find(|&step| step as f64 >= least).unwrap_or(i64::MAX);
    let mut out: Vec<Tick> = Vec::with_capacity(places.len());
    let (mut last_px, mut last_date) = (f64::NEG_INFINITY, None);
    for at in places {
        let px = axis.px_from_time(at);
        if px < last_px + spacing * 0.75 || px < 0.0 || px > axis.width() {
            continue;
        }
        last_px = px;
        let local = DateTime::from_timestamp_nanos(at.saturating_add(i64::from(offset(at)) * MIN)).naive_utc();
        let tick = if step < DAY {
            let date = local.date();
            let changed = last_date.replace(date) != Some(date);
            Tick { at, label: time_of_day(local, step), date: changed.then(|| date.to_string()) }
        } else {
            Tick { at, label: date_label(local, least), date: None }
        };
        out.push(tick);
    }
    out
}

/// Ticks for positions of events.
#[must_use]
pub fn position_ticks(axis: &Axis, spacing: f64) -> Vec<Tick> {
    let least = (spacing / axis.scale()).max(1.0);
    let mut step = 1_i64;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut power = 1_i64;
    while (step as f64) < least && power < i64::MAX / 100 {
        let factor = factors.next().expect("a cycle has no end");
        step = power * factor;
        if factor == 10 {
            power *= 10;
        }
    }
    let (from, to) = axis.range();
    let mut places = Vec::new();
    // People count from one: round numbers, each at the event that has it.
    every(from.saturating_add(1), to.saturating_add(1), step, 0, &mut places);
    places
        .into_iter()
        .filter(|&nth| nth >= 1)
        .map(|nth| Tick { at: nth - 1, label: count(u64::try_from(nth).unwrap_or(0)), date: None })
        .collect()
}

fn every(from: i64, to: i64, step: i64, zone: i64, out: &mut Vec<i64>) {
    let local = from.saturating_add(zone);
    let mut at = local.div_euclid(step).saturating_add(1).saturating_mul(step);
    if local.rem_euclid(step) == 0 {
        at = local;
    }
    while at.saturating_sub(zone) <= to && out.len() < MOST {
        out.push(at.saturating_sub(zone));
        match at.checked_add(step) {
            Some(next) => at = next,
            None => return,
        }
    }
}

/// Months and years have no fixed length.
fn calendar(from: i64, to: i64, least: f64, zone: i64, out: &mut Vec<i64>) {
    let months = least / (30.44 * DAY as f64);
    let step = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200].into_iter().find(|&m| f64::from(m) >= months).unwrap_or(1200);
    let local = DateTime::from_timestamp_nanos(from.saturating_add(zone)).naive_utc();
    let mut month = (local.year() * 12 + local.month0() as i32).div_euclid(step) * step;
    while out.len() < MOST {
        let date = NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1);
        let at = date.and_then(|d| d.and_hms_opt(0, 0, 0)).and_then(|d| d.and_utc().timestamp_nanos_opt());
        month += step;
        match at.map(|at| at.saturating_sub(zone)) {
            Some(at) if at > to => return,
            Some(at) if at >= from => out.push(at),
            Some(_) => {}
            // Before 1677 there is nothing to mark; after 2262 nothing follows.
            None if month > 12 * 2_200 => return,
            None => {}
        }
    }
}

fn time_of_day(local: NaiveDateTime, step: i64) -> String {
    let format = match step {
        MIN.. => "%H:%M",
        S..MIN => "%H:%M:%S",
        MS..S => "%H:%M:%S%.3f",
        US..MS => "%H:%M:%S%.6f",
        _ => "%H:%M:%S%.9f",
    };
    local.format(format).to_string()
}

fn date_label(local: NaiveDateTime, least: f64) -> String {
    let months = least / (30.44 * DAY as f64);
    if months > 6.0 {
        local.format("%Y").to_string()
    } else if least > (7 * DAY) as f64 {
        local.format("%Y-%m").to_string()
    } else {
        local.format("%Y-%m-%d").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::timeline::axis::Gap;

    const T0: i64 = 1_771_237_800 * S; // 2026-02-16 10:30:00 UTC

    fn lines(ticks: &[Tick]) -> Vec<String> {
        ticks
            .iter()
            .map(|t| format!("{}{}", t.date.as_deref().map_or(String::new(), |d| format!("{d} ")), t.label))
            .collect()
    }

    fn check(len: i64, zone: i32, expected_first: &[&str]) {
        let axis = Axis::new(T0, T0 + len, 500.0, &[]);
        let found = lines(&time_ticks(&axis, 90.0, |_| zone));
        assert!(found.len() >= expected_first.len() && found.len() <= 6, "{found:?}");
        assert_eq!(found[..expected_first.len()], *expected_first, "{found:?}");
    }

    #[test]
    fn steps_are_round_in_the_shown_zone() {
        check(10 * S, 0, &["2026-02-16 10:30:00", "10:30:02", "10:30:04"]);
        check(600 * MS, 0, &["2026-02-16 10:30:00.000", "10:30:00.200"]);
        check(5 * US, 0, &["2026-02-16 10:30:00.000000", "10:30:00.000001"]);
        check(10 * H, 0, &["2026-02-16 12:00", "14:00"]);
        check(30 * H, 0, &["2026-02-16 12:00", "18:00", "2026-02-17 00:00", "06:00"]);
        check(30 * H, 330, &["2026-02-16 18:00", "2026-02-17 00:00"]);
        check(9 * DAY, 0, &["2026-02-18", "2026-02-20"]);
        check(200 * DAY, 0, &["2026-04", "2026-07"]);
        check(3_000 * DAY, 0, &["2028", "2030"]);
    }

    #[test]
    fn no_tick_lies_in_a_collapsed_gap() {
        let gap = Gap { start: T0 + MIN, end: T0 + 50 * H };
        let axis = Axis::new(T0, T0 + 50 * H + MIN, 600.0, &[gap]);
        let ticks = time_ticks(&axis, 90.0, |_| 0);
        assert!(ticks.len() > 3, "{ticks:?}");
        assert!(ticks.iter().all(|t| t.at <= gap.start || t.at >= gap.end));
        assert!(ticks.iter().filter(|t| t.date.is_some()).count() == 2, "the date is named again behind the gap");
    }

    #[test]
    fn positions_count() {
        let axis = Axis::new(0, 10_000, 500.0, &[]);
        assert_eq!(lines(&position_ticks(&axis, 90.0)), ["2,000", "4,000", "6,000", "8,000", "10,000"]);
    }

    #[test]
    fn no_axis_makes_endless_ticks() {
        for (start, end) in [(i64::MIN, i64::MAX), (i64::MAX - 5, i64::MAX), (i64::MIN, i64::MIN + 5)] {
            let axis = Axis::new(start, end, 2_000.0, &[]);
            assert!(time_ticks(&axis, 90.0, |_| 60).len() < 100);
            assert!(position_ticks(&axis, 90.0).len() < 100);
        }
    }
}
