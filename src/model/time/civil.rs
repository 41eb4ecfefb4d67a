//! The proleptic Gregorian calendar: a date and a clock time to nanoseconds, checked at every step.

use super::TimeNs;

/// What a text says, before it is known to be an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Civil {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    /// 60 is a leap second: it is the first instant of the next minute here.
    pub second: u32,
    pub nanos: u32,
    /// Minutes east of UTC.
    pub zone_minutes: i32,
}

impl Civil {
    pub(super) fn instant(self) -> Option<TimeNs> {
        let midnight_next = self.hour == 24 && self.minute == 0 && self.second == 0 && self.nanos == 0;
        if (self.hour > 23 && !midnight_next) || self.minute > 59 || self.second > 60 {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day)?;
        let clock = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let seconds = days * 86_400 + clock - i64::from(self.zone_minutes) * 60;
        nanos_from(seconds, self.nanos)
    }
}

/// Seconds since the epoch and nanoseconds after them; `None` where that does not fit.
pub(super) fn nanos_from(seconds: i64, nanos: u32) -> Option<TimeNs> {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    i64::try_from(total).ok().map(TimeNs)
}

/// Days since 1970-01-01; `None` for a date that does not exist.
/// Howard Hinnant's `days_from_civil`: the year starts in March, so that leap days come last.
pub(super) fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
