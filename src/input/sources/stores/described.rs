//! What is read of a database, for people, with what is left out and how to ask for it.

use super::profiles::{Profile, holds_snapshots, of_table};
use super::table::Table;

/// `PostgreSQL, Axon, table domainevententry of 3 (snapshots: ?table=snapshotevententry)`
pub(in super::super) fn described(
    server: &str,
    profile: Option<&'static Profile>,
    read: &[&Table],
    all: &[&Table],
) -> String {
    let names: Vec<&str> = read.iter().map(|table| table.name.as_str()).collect();
    let store = profile.map_or(String::new(), |profile| format!("{}, ", profile.name));
    let word = if names.len() == 1 { "table" } else { "tables" };
    let told = format!("{server}, {store}{word} {} of {}", names.join(" and "), all.len());
    if profile.is_none() {
        return told;
    }
    let mut beside = Vec::new();
    let others = || all.iter().filter(|table| !names.contains(&table.name.as_str()));
    if let Some(table) = others().find(|table| holds_snapshots(table) && of_table(table).is_some()) {
        beside.push(format!("snapshots: ?table={}", table.name));
    }
    let of_letters = |table: &&&Table| of_table(table).is_some_and(|profile| profile.dead_letters);
    if let Some(table) = others().find(of_letters) {
        beside.push(format!("dead letters: ?table={}", table.name));
    }
    if beside.is_empty() { told } else { format!("{told} ({})", beside.join(", ")) }
}
