//! The rules, one a file: what, why, how to mend, the function, a log on which it fires and one on
//! which it is silent.

pub mod clock_skew;
pub mod correlation_constant;
pub mod duplicate_id;
pub mod effect_before_cause;
pub mod embedded_base64;
pub mod event_soup;
pub mod lookup_follows;
pub mod missing_correlation;
pub mod missing_time;
pub mod name_inconsistency;
pub mod never_closed;
pub mod oversized;
pub mod partition_key;
pub mod partition_spread;
pub mod payload_bloat;
pub mod personal_data;
pub mod schema_drift;
pub mod secret_in_clear;
pub mod synchronous_mindset;
pub mod time_backwards;
pub mod time_units;
pub mod time_zones;
pub mod unchanging_fields;
pub mod undecodable;
pub mod unknown_cause;
pub mod version_fork;
pub mod version_gap;
pub mod version_repeat;
pub mod version_start;

#[cfg(test)]
pub(crate) mod testing;
