//! What a simple statement's `where` asks of the index, so that only rows that may matter are made.
//!
//! Only conditions that hold for the whole statement are taken (`column op value`, joined by `and`), and
//! what is taken may let too much through: SQLite looks at each row again.

use super::fill::time_text;
use super::lex::{Sort, Token, is_keyword};
use crate::analysis::query::parse_instant;
use crate::model::filter::Op;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// A statement with one `select`, from `events` alone or joined with others.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    /// Nothing is joined.
    pub(super) alone: bool,
    conditions: Vec<Condition>,
}

#[derive(Debug, PartialEq)]
struct Condition {
    column: String,
    op: Op,
    /// Several where any of them will do.
    values: Vec<Literal>,
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Text(String),
    Integer(i64),
}

/// Rows that may matter.
#[derive(Debug, Default)]
pub(super) struct Narrow {
    /// Ascending; all where there are none.
    pub(super) events: Option<Vec<EventIx>>,
    pub(super) from: u64,
    /// The first row that is no longer wanted.
    pub(super) until: Option<u64>,
    /// By number of a type or service: whether it is wanted.
    pub(super) types: Option<Vec<bool>>,
    pub(super) services: Option<Vec<bool>>,
    pub(super) not_before: Option<i64>,
    pub(super) before: Option<i64>,
}

impl Shape {
    pub(super) fn of(tokens: &[Token<'_>]) -> Option<Self> {
        let tokens: Vec<Token<'_>> = tokens.iter().filter(|t| t.sort != Sort::Comment).copied().collect();
        let selects = tokens.iter().filter(|t| t.is("select") || t.is("values")).count();
        let mut of_table =
            tokens.windows(2).filter(|pair| pair[0].is("from") || pair[0].is("join") || pair[0].is_sign(","));
        let named = of_table.by_ref().filter(|pair| is_events(&pair[1])).count();
        if selects != 1 || named != 1 {
            return None;
        }
        let from = tokens.windows(2).position(|pair| pair[0].is("from") && is_events(&pair[1]))?;
        let mut rest = tokens.get(from + 2..)?;
        let mut alias = None;
        if let [first, after @ ..] = rest {
            if first.is("as") {
                alias = after.first();
                rest = after.get(1..).unwrap_or_default();
            } else if matches!(first.sort, Sort::Word | Sort::Name) && !is_keyword(first.text) {
                alias = Some(first);
                rest = after;
            }
        }
        let name = alias.map_or("events", |alias| bare(alias.text)).to_owned();
        let alone = rest.first().is_none_or(|next| ends_from(next));
        let conditions = where_of(rest).map(|tokens| conditions(tokens, &name)).unwrap_or_default();
        Some(Self { alone, conditions })
    }
}

fn is_events(token: &Token<'_>) -> bool {
    matches!(token.sort, Sort::Word | Sort::Name) && bare(token.text).eq_ignore_ascii_case("events")
}

fn bare(name: &str) -> &str {
    name.trim_matches(|c| matches!(c, '"' | '`' | '[' | ']'))
}

fn ends_from(token: &Token<'_>) -> bool {
    ["where", "group", "order", "limit", "having"].iter().any(|word| token.is(word)) || token.is_sign(";")
}

/// The tokens between `where` and what comes after it.
fn where_of<'a, 'b>(tokens: &'b [Token<'a>]) -> Option<&'b [Token<'a>]> {
    let mut depth = 0;
    let mut start = None;
    for (i, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && start.is_none() && token.is("where") {
            start = Some(i + 1);
        } else if depth == 0 && start.is_some() && (ends_from(token) || token.is("window")) {
            return tokens.get(start?..i);
        }
    }
    tokens.get(start?..)
}

fn conditions(tokens: &[Token<'_>], table: &str) -> Vec<Condition> {
    let mut depth = 0;
    let mut parts: Vec<Vec<Token<'_>>> = vec![Vec::new()];
    let mut between = false;
    for token in tokens {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && (token.is("or") || token.is("case")) {
            return Vec::new();
        }
        between |= depth == 0 && token.is("between");
        if depth == 0 && token.is("and") && !std::mem::take(&mut between) {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(*token);
        }
    }
    parts.iter().flat_map(|part| condition(part, table)).collect()
}

fn condition(part: &[Token<'_>], table: &str) -> Vec<Condition> {
    let (column, rest) = match part {
        [of, dot, column, rest @ ..] if dot.is_sign(".") => {
            if !bare(of.text).eq_ignore_ascii_case(table) {
                return Vec::new();
            }
            (column, rest)
        }
        [column, rest @ ..] => (column, rest),
        [] => return Vec::new(),
    };
    if !matches!(column.sort, Sort::Word | Sort::Name) {
        return Vec::new();
    }
    let column = bare(column.text).to_ascii_lowercase();
    let one = |op, value: &Token<'_>| {
        let values = vec![literal(value)?];
        Some(Condition { column: column.clone(), op, values })
    };
    match rest {
        [sign, value] if sign.sort == Sort::Sign => op(sign.text).and_then(|op| one(op, value)).into_iter().collect(),
        [word, low, and, high] if word.is("between") && and.is("and") => {
            [one(Op::AtLeast, low), one(Op::AtMost, high)].into_iter().flatten().collect()
        }
        [word, open, list @ .., close] if word.is("in") && open.is_sign("(") && close.is_sign(")") => {
            let values: Option<Vec<Literal>> = list.iter().filter(|t| !t.is_sign(",")).map(literal).collect();
            values.map(|values| Condition { column, op: Op::Is, values }).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn op(sign: &str) -> Option<Op> {
    Some(match sign {
        "=" | "==" => Op::Is,
        "<" => Op::Less,
        "<=" => Op::AtMost,
        ">" => Op::Greater,
        ">=" => Op::AtLeast,
        _ => return None,
    })
}

fn literal(token: &Token<'_>) -> Option<Literal> {
    match token.sort {
        Sort::Text => token.literal().map(Literal::Text),
        Sort::Number => token.text.parse().ok().map(Literal::Integer),
        _ => None,
    }
}

pub(super) fn narrow(log: &Snapshot, shape: &Shape) -> Narrow {
    let mut narrow = Narrow::default();
    for Condition { column, op, values } in &shape.conditions {
        let texts: Option<Vec<&str>> = values.iter().map(Literal::text).collect();
        let by_name = |count: usize, name: &dyn Fn(usize) -> String, texts: &[&str]| -> Vec<bool> {
            (0..count).map(|i| texts.contains(&name(i).as_str())).collect()
        };
        match (column.as_str(), op, texts) {
            ("type", Op::Is, Some(texts)) => {
                let wanted = by_name(log.types().len(), &|i| log.types()[i].name.to_string(), &texts);
                narrow.types = Some(both(narrow.types.take(), wanted));
            }
            ("service", Op::Is, Some(texts)) => {
                let wanted = by_name(log.services().len(), &|i| log.services()[i].name.to_string(), &texts);
                narrow.services = Some(both(narrow.services.take(), wanted));
            }
            ("entity", Op::Is, Some(texts)) => narrow.only(entity_events(log, &texts)),
            ("correlation", Op::Is, Some(texts)) => {
                let found = texts.iter().filter_map(|id| log.find_correlation(id));
                narrow.only(found.flat_map(|correlation| log.correlation_events(correlation)).collect());
            }
            ("time", op, Some(texts)) => {
                if let [text] = texts[..] {
                    narrow.time(*op, text);
                }
            }
            ("ix", op, _) => {
                if let [Literal::Integer(ix)] = values[..] {
                    narrow.ix(*op, ix);
                }
            }
            _ => {}
        }
    }
    narrow
}

fn both(known: Option<Vec<bool>>, wanted: Vec<bool>) -> Vec<bool> {
    match known {
        Some(known) => known.into_iter().zip(wanted).map(|(a, b)| a && b).collect(),
        None => wanted,
    }
}

fn entity_events(log: &Snapshot, ids: &[&str]) -> Vec<EventIx> {
    let found = ids.iter().flat_map(|id| log.kinds().iter().filter_map(|kind| log.find_entity(&kind.name, id)));
    found.flat_map(|entity| log.entity_events(entity)).collect()
}

impl Literal {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(_) => None,
        }
    }
}

impl Narrow {
    fn only(&mut self, mut events: Vec<EventIx>) {
        events.sort_unstable();
        events.dedup();
        match &mut self.events {
            Some(known) => known.retain(|event| events.binary_search(event).is_ok()),
            None => self.events = Some(events),
        }
    }

    fn ix(&mut self, op: Op, ix: i64) {
        let at = u64::try_from(ix).unwrap_or(0);
        let next = if ix < 0 { 0 } else { at.saturating_add(1) };
        let until = |known: Option<u64>, end: u64| Some(known.map_or(end, |known| known.min(end)));
        match op {
            Op::Is => {
                self.from = self.from.max(at);
                self.until = until(self.until, next);
            }
            Op::Less => self.until = until(self.until, at),
            Op::AtMost => self.until = until(self.until, next),
            Op::Greater => self.from = self.from.max(next),
            Op::AtLeast => self.from = self.from.max(at),
            Op::IsNot => {}
        }
    }

    /// Times are compared as text, so only a beginning of how they are written says anything.
    fn time(&mut self, op: Op, text: &str) {
        if !is_beginning(text) {
            return;
        }
        let Some(instant) = parse_instant(text.trim_end_matches('Z')) else { return };
        if matches!(op, Op::Is | Op::Greater | Op::AtLeast) {
            self.not_before = self.not_before.max(Some(instant.from.0));
        }
        if matches!(op, Op::Is | Op::Less | Op::AtMost) {
            self.before = Some(self.before.map_or(instant.until.0, |known| known.min(instant.until.0)));
        }
    }
}

/// `2026-02-16`, `2026-02-16T10:30`, `2026-02-16T10:30:00.000Z`
fn is_beginning(text: &str) -> bool {
    const PATTERN: &[u8] = b"0000-00-00T00:00:00.000000000";
    let digits = text.strip_suffix('Z').unwrap_or(text);
    let fits = |(byte, like): (u8, &u8)| if *like == b'0' { byte.is_ascii_digit() } else { byte == *like };
    [10, 16, 19].contains(&digits.len()) | (21..=PATTERN.len()).contains(&digits.len())
        && digits.bytes().zip(PATTERN).all(fits)
}

/// The statement with the times that it compares `time` with written as the column writes them: who
/// asks for what is after `'2026-02-16T10:30:00Z'` means that instant, whatever its text is.
pub(super) fn with_whole_times(sql: &str, tokens: &[Token<'_>], digits: u8) -> String {
    let tokens: Vec<&Token<'_>> = tokens.iter().filter(|t| t.sort != Sort::Comment).collect();
    let mut out = String::with_capacity(sql.len() + 16);
    let mut done = 0;
    let mut compared = false;
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| tokens.get(i));
        let is_time = |t: &&Token<'_>| bare(t.text).eq_ignore_ascii_case("time") && t.sort != Sort::Text;
        if before.is_some_and(is_time) {
            compared = op(token.text).is_some() || token.text == "<>" || token.text == "!=" || token.is("between");
        } else if compared && token.sort != Sort::Text && !token.is("and") {
            compared = false;
        }
        let Some(text) = token.literal().filter(|text| compared && text.len() >= 19) else { continue };
        let Some(instant) = parse_instant(&text) else { continue };
        out.push_str(sql.get(done..token.at).unwrap_or_default());
        out.push_str(&format!("'{}'", time_text(instant.from, digits)));
        done = token.end();
    }
    out.push_str(sql.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::super::lex::lex;
    use super::*;

    fn shape(sql: &str) -> Option<Shape> {
        Shape::of(&lex(sql))
    }

    #[test]
    fn only_what_holds_for_the_whole_statement_is_taken() {
        for (sql, taken) in [
            ("SELECT * FROM events WHERE type = 'A' AND e.ix > 5", "type Is"),
            ("SELECT * FROM events AS e WHERE e.type = 'A' AND e.ix > 5 ORDER BY ix", "type Is, ix Greater"),
            ("SELECT * FROM events WHERE type = 'A' OR ix > 5", ""),
            ("SELECT * FROM events WHERE (type = 'A' OR ix > 5) AND service IN ('a', 'b')", "service Is"),
            ("SELECT * FROM events WHERE ix BETWEEN 3 AND 7 AND type <> 'A'", "ix AtLeast, ix AtMost"),
            ("SELECT * FROM events WHERE NOT type = 'A'", ""),
            ("SELECT * FROM events WHERE type = 'A' || 'B'", ""),
            ("SELECT * FROM events WHERE type = 'a' COLLATE nocase", ""),
            ("SELECT * FROM events WHERE type IN (SELECT 'A')", "none"),
            ("SELECT events FROM chains WHERE first > 'x'", "none"),
            ("SELECT * FROM events a JOIN events b ON a.ix = b.ix + 1 WHERE a.type = 'A'", "none"),
            ("SELECT * FROM entities e JOIN events ON type = 'x' WHERE events.type = 'A'", "none"),
        ] {
            let found = shape(sql).map_or("none".to_owned(), |shape| {
                let parts = shape.conditions.iter().map(|c| format!("{} {:?}", c.column, c.op));
                parts.collect::<Vec<_>>().join(", ")
            });
            assert_eq!(found, taken, "{sql}");
        }
        assert!(shape("SELECT count(*) FROM events").is_some_and(|shape| shape.alone));
        assert!(shape("SELECT 1 FROM events, chains").is_some_and(|shape| !shape.alone));
    }

    #[test]
    fn compared_times_become_whole() {
        for (sql, whole) in [
            ("time >= '2026-02-16T10:30:00Z'", "time >= '2026-02-16T10:30:00.000Z'"),
            (
                "e.time='2026-02-16T12:30:00+02:00' and x='2026-02-16T12:30:00Z'",
                "e.time='2026-02-16T10:30:00.000Z' and x='2026-02-16T12:30:00Z'",
            ),
            (
                "time BETWEEN '2026-02-16' AND '2026-02-17T00:00:00'",
                "time BETWEEN '2026-02-16' AND '2026-02-17T00:00:00.000Z'",
            ),
            ("'time' = '2026-02-16T10:30:00Z'", "'time' = '2026-02-16T10:30:00Z'"),
            ("time LIKE '2026-02-16T10:30:00%'", "time LIKE '2026-02-16T10:30:00%'"),
        ] {
            assert_eq!(with_whole_times(sql, &lex(sql), 3), whole);
        }
    }
}
