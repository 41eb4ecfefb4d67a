//! The zone in which times are shown. The store only knows UTC; this gives minutes to add.

use chrono::Offset as _;
use serde::{Deserialize, Serialize};

use crate::model::time::TimeNs;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    #[default]
    Utc,
    /// The computer's, daylight saving included.
    Local,
    /// As the source wrote it, in minutes east of UTC.
    Source(i32),
}

impl Zone {
    /// Minutes east of UTC at that instant.
    #[must_use]
    pub fn minutes_at(self, t: TimeNs) -> i32 {
        match self {
            Self::Utc => 0,
            Self::Source(minutes) => minutes,
            Self::Local => {
                let utc = chrono::DateTime::from_timestamp_nanos(t.0);
                utc.with_timezone(&chrono::Local).offset().fix().local_minus_utc() / 60
            }
        }
    }

    /// `UTC`, `local, UTC+02:00`, `source, UTC−05:00`.
    #[must_use]
    pub fn name_at(self, t: TimeNs) -> String {
        match self {
            Self::Utc => "UTC".to_owned(),
            Self::Local => format!("local, {}", offset_name(self.minutes_at(t))),
            Self::Source(minutes) => format!("source, {}", offset_name(minutes)),
        }
    }

    /// `2026-02-16 10:30:00.412` in this zone, with as many fraction digits as there are, in threes.
    #[must_use]
    pub fn format(self, t: TimeNs) -> String {
        self.format_with(t, "%Y-%m-%d %H:%M:%S%.f")
    }

    /// The same with a format of chrono's.
    #[must_use]
    pub fn format_with(self, t: TimeNs, format: &str) -> String {
        let utc = chrono::DateTime::from_timestamp_nanos(t.0);
        let offset = chrono::FixedOffset::east_opt(self.minutes_at(t).saturating_mul(60));
        match offset {
            Some(offset) => utc.with_timezone(&offset).format(format).to_string(),
            None => utc.format(format).to_string(),
        }
    }

    /// The zone after this one when a person goes through them; `source` is the log's own, if known.
    #[must_use]
    pub fn next(self, source: Option<i32>) -> Self {
        match (self, source) {
            (Self::Utc, _) => Self::Local,
            (Self::Local, Some(minutes)) => Self::Source(minutes),
            (Self::Local, None) | (Self::Source(_), _) => Self::Utc,
        }
    }
}

/// `UTC+02:00`, `UTC−05:30`, `UTC`.
fn offset_name(minutes: i32) -> String {
    if minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if minutes < 0 { '−' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_zone_and_the_zone_is_named() {
        let t = TimeNs(1_771_237_800_412_000_000);
        for (zone, text, name) in [
            (Zone::Utc, "2026-02-16 10:30:00.412", "UTC"),
            (Zone::Source(120), "2026-02-16 12:30:00.412", "source, UTC+02:00"),
            (Zone::Source(-330), "2026-02-16 05:00:00.412", "source, UTC−05:30"),
        ] {
            assert_eq!(zone.format(t), text);
            assert_eq!(zone.name_at(t), name);
        }
    }

    #[test]
    fn a_wild_offset_falls_back_to_utc() {
        assert_eq!(Zone::Source(i32::MIN).format(TimeNs(0)), "1970-01-01 00:00:00");
    }
}
