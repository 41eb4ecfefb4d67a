//! The rules, one a file: what, why, how to mend, the function, a log on which it fires and one on
//! which it is silent.

pub mod correlation_constant;
pub mod duplicate_id;
pub mod effect_before_cause;
pub mod event_soup;
pub mod missing_correlation;
pub mod missing_time;
pub mod name_inconsistency;
pub mod payload_bloat;
pub mod synchronous_mindset;
pub mod time_backwards;
pub mod time_units;
pub mod undecodable;
pub mod unknown_cause;
pub mod version_gap;
pub mod version_repeat;

#[cfg(test)]
pub(crate) mod testing;
