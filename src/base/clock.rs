//! The present moment.

/// Nanoseconds since 1970; none after the year 2262.
#[must_use]
pub fn now_ns() -> Option<i64> {
    chrono::Utc::now().timestamp_nanos_opt()
}
