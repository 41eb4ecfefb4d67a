//! Event stores in tables, whatever database holds them: which stores are known, which tables look like events, and how
//! a row becomes a record.

pub(super) mod cell;
pub(super) mod described;
pub(super) mod guess;
pub(super) mod places;
pub(super) mod profiles;
pub(super) mod record;
pub(super) mod table;
