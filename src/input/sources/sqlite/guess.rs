//! Which table of an unknown database holds events: by the names of its columns and whether it has rows.
//!
//! What the columns mean is left to the inference that every JSON source goes through.

use rusqlite::Connection;

use super::schema::{Table, fold, quoted};

/// Groups of column endings; each group that a table has counts once.
const SIGNS: &[(u32, &[&str])] = &[
    (3, &["time", "timestamp", "at", "date", "created", "occurred", "occurredon", "recorded", "ts", "datetime"]),
    (3, &["type", "eventname", "event", "action", "operation", "topic", "activity", "kind", "verb"]),
    (2, &["payload", "data", "body", "message", "json", "content", "state", "details", "attributes"]),
    (1, &["id", "uuid", "guid", "key", "identifier"]),
    (1, &["version", "sequence", "position", "sequencenumber", "seq", "offset", "revision"]),
    (1, &["streamid", "streamname", "aggregateid", "entityid", "stream", "aggregate", "correlationid", "subject"]),
];

/// Words in a table's name that speak for it.
const NAMES: &[&str] = &["event", "message", "journal", "log", "audit", "history", "outbox", "activity"];

/// Fewer points are a table of something else: it needs a time and a type, or the like.
const ENOUGH: u32 = 6;

pub(super) fn best<'t>(conn: &Connection, tables: &'t [Table]) -> Option<&'t Table> {
    let mut scored: Vec<(u32, &Table)> = tables.iter().map(|table| (score(table), table)).collect();
    scored.retain(|(score, _)| *score >= ENOUGH);
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, table)| table).find(|table| has_rows(conn, table))
}

fn score(table: &Table) -> u32 {
    let columns: Vec<String> = table.columns.iter().map(|column| fold(column)).collect();
    let has = |endings: &[&str]| columns.iter().any(|column| endings.iter().any(|ending| column.ends_with(ending)));
    let signs: u32 = SIGNS.iter().filter(|(_, endings)| has(endings)).map(|(points, _)| points).sum();
    let name = fold(&table.name);
    let named = NAMES.iter().any(|word| name.contains(word));
    // States, and lists of what was done with events that lie elsewhere, are no events.
    let other = name.contains("snapshot") || name.contains("processed");
    (signs + 2 * u32::from(named)).saturating_sub(4 * u32::from(other))
}

fn has_rows(conn: &Connection, table: &Table) -> bool {
    conn.query_row(&format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name)), [], |_| Ok(())).is_ok()
}
