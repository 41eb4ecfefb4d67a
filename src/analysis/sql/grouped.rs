//! Counting without rows: a statement over `events` that asks only for types, services and sources, and
//! only counts them, gets one row per combination with its number, which the index knows.

use rapidhash::RapidHashMap;
use rusqlite::Connection;

use super::connection::Known;
use super::fill::source_name;
use super::lex::{Sort, Token};
use super::narrow::Shape;
use crate::model::ids::{ServiceIx, SourceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Functions whose answer depends on how often a row is there.
const COUNTING: &[&str] = &[
    "sum",
    "total",
    "avg",
    "count",
    "group_concat",
    "string_agg",
    "json_group_array",
    "json_group_object",
    "jsonb_group_array",
    "jsonb_group_object",
    "median",
    "percentile",
    "percentile_cont",
    "percentile_disc",
];

/// Whether the statement can be answered by counts.
pub(super) fn fits(tokens: &[Token<'_>], shape: &Shape, reads: &Known) -> bool {
    let tokens: Vec<&Token<'_>> = tokens.iter().filter(|t| t.sort != Sort::Comment).collect();
    if !shape.alone || !reads.columns("events").all(|name| ["type", "service", "source"].contains(&name)) {
        return false;
    }
    let has = |word: &str| tokens.iter().any(|t| t.is(word));
    if has("over") || has("filter") || has("explain") {
        return false;
    }
    let mut counts = 0;
    for (i, token) in tokens.iter().enumerate() {
        let call = token.sort != Sort::Text && tokens.get(i + 1).is_some_and(|next| next.is_sign("("));
        let name = token.text.trim_matches(|c| matches!(c, '"' | '`' | '[' | ']'));
        if !call || !COUNTING.iter().any(|counting| name.eq_ignore_ascii_case(counting)) {
            continue;
        }
        let inside = (tokens.get(i + 2), tokens.get(i + 3));
        match inside {
            (Some(star), Some(close)) if token.is("count") && star.is_sign("*") && close.is_sign(")") => counts += 1,
            (Some(distinct), _) if token.is("count") && distinct.is("distinct") => {}
            _ => return false,
        }
    }
    counts > 0 || has("group")
}

/// `count(*)` becomes the sum of what each row stands for.
pub(super) fn rewritten(sql: &str, tokens: &[Token<'_>]) -> String {
    let tokens: Vec<&Token<'_>> = tokens.iter().filter(|t| t.sort != Sort::Comment).collect();
    let mut out = String::with_capacity(sql.len() + 32);
    let mut done = 0;
    for four in tokens.windows(4) {
        let [word, open, star, close] = four else { continue };
        if word.is("count") && open.is_sign("(") && star.is_sign("*") && close.is_sign(")") {
            out.push_str(sql.get(done..word.at).unwrap_or_default());
            out.push_str("ifnull(sum(\"#\"),0)");
            done = close.end();
        }
    }
    out.push_str(sql.get(done..).unwrap_or_default());
    out
}

pub(super) fn fill(conn: &Connection, log: &Snapshot) -> rusqlite::Result<()> {
    conn.execute_batch("DROP TABLE events; CREATE TABLE events (type TEXT, service TEXT, source TEXT, \"#\" INTEGER)")?;
    let mut insert = conn.prepare("INSERT INTO events VALUES (?1, ?2, ?3, ?4)")?;
    for ((source, of_type, service), events) in counts(log) {
        let service = (service != ServiceIx::NONE).then(|| log.service_name(service));
        insert.execute((log.type_name(of_type), service, source_name(log, source), events as i64))?;
    }
    Ok(())
}

fn counts(log: &Snapshot) -> Vec<((SourceIx, TypeIx, ServiceIx), u64)> {
    let services = log.services().len().max(1);
    let mut of_source: RapidHashMap<SourceIx, Vec<u64>> = RapidHashMap::default();
    for segment in log.segments() {
        let counts = of_source.entry(segment.source()).or_insert_with(|| vec![0; log.types().len() * services]);
        for row in 0..segment.len() {
            let at = segment.type_ix(row as u16).at() * services + segment.service_ix(row as u16).at();
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
    }
    let mut all = Vec::new();
    for (source, counts) in of_source {
        let some = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        all.extend(
            some.map(|(at, count)| {
                ((source, TypeIx((at / services) as u16), ServiceIx((at % services) as u16)), count)
            }),
        );
    }
    // In the order in which SQLite would meet them in the log is not known here; by number is stable.
    all.sort_unstable_by_key(|(key, _)| *key);
    all
}
