//! Entities: how many events each has and when, lists in any order, search as you type.

mod list;
mod name_order;
mod search;
mod spark;
mod stats;

pub use list::{EntityList, Group, ListQuery, Sort, is_listed, list};
pub use search::{Matcher, search};
pub use spark::sparkline;
pub use stats::{EntityStats, Stat, stats};

#[cfg(test)]
mod tests;
