//! Entities: how many events each has and when, lists in any order, search as you type.

mod in_range;
mod kinds;
mod list;
mod main;
mod name_order;
mod search;
mod spark;
mod stats;

pub use in_range::in_range;
pub use kinds::KindCounts;
pub use list::{EntityList, Group, ListQuery, Sort, is_listed, list};
pub use main::main_entities;
pub use search::{Matcher, search};
pub use spark::sparkline;
pub use stats::{EntityStats, Stat, stats};

#[cfg(test)]
mod tests;
