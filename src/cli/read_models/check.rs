//! `check-read-model`: field names of the JSON are a contract.

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::args::CheckReadModelArgs;
use super::{Ask, context, wrong_rows};
use crate::analysis::read_model::Listed;
use crate::analysis::read_model::check::{Checker, Difference, Report as Found};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::cli::Exit;
use crate::cli::args::StateFormat;
use crate::cli::out::Out;
use crate::cli::report::Report;
use crate::cli::state::{Failed, raw};
use crate::input::sources::table::each_row;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

#[derive(Serialize)]
struct Json<'a> {
    rows: u64,
    entities: u64,
    matching: u64,
    missing: Vec<Missing<'a>>,
    extra: Vec<Extra<'a>>,
    different: Vec<Different<'a>>,
    missing_count: u64,
    extra_count: u64,
    different_count: u64,
    different_rows: u64,
    stale_rows: u64,
    compared: Vec<Compared<'a>>,
    not_compared: &'a [String],
    last_seen: Option<Event>,
    not_folded: u64,
}

#[derive(Serialize)]
struct Missing<'a> {
    key: &'a str,
    event: Option<Event>,
}

#[derive(Serialize)]
struct Extra<'a> {
    key: &'a str,
    why: &'static str,
}

#[derive(Serialize)]
struct Compared<'a> {
    column: &'a str,
    field: String,
}

#[derive(Serialize)]
struct Different<'a> {
    key: &'a str,
    column: &'a str,
    expected: Box<RawValue>,
    actual: Box<RawValue>,
    event: Option<Event>,
    /// The last event that the row has seen; null where it agrees with no moment.
    seen: Option<Event>,
    behind: u32,
}

#[derive(Serialize)]
pub(super) struct Event {
    ix: u64,
    #[serde(rename = "type")]
    type_name: String,
    time: Option<String>,
}

impl Event {
    pub(super) fn of(log: &Snapshot, event: EventIx) -> Self {
        Self {
            ix: event.0,
            type_name: log.type_name(log.type_ix(event)).to_owned(),
            time: log.time(event).map(TimeNs::to_rfc3339),
        }
    }

    pub(super) fn text(&self) -> String {
        format!(
            "{} (event {}{})",
            self.type_name,
            self.ix,
            self.time.as_ref().map_or(String::new(), |t| format!(", {t}"))
        )
    }
}

/// Findings are rows that are missing, too many or different.
pub(in crate::cli) fn check<W: Write>(
    log: &Arc<Snapshot>,
    ask: Ask,
    args: &CheckReadModelArgs,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<Exit, Failed> {
    let (spec, folder) = ask.ready(log)?;
    let cancel = Cancel::new();
    let mut checker = Checker::new(spec, folder, &cancel);
    let mut wrong = None;
    each_row(&args.table, &context(), &mut |row| {
        if checker.rows().is_multiple_of(4_096) {
            report.progress(&format!("{} of {} compared", count(checker.rows()), count(checker.entities())));
        }
        checker.row(row).unwrap_or_else(|what| {
            wrong = Some(what);
            std::ops::ControlFlow::Break(())
        })
    })?;
    report.settle();
    if let Some(what) = wrong {
        return Err(wrong_rows(&args.table, what).into());
    }
    let found = checker.finish();
    match args.format {
        StateFormat::Json => out.json(&serde_json::to_vec(&json(log, &found)).expect("texts and numbers"))?,
        StateFormat::Text => text(log, &found).iter().try_for_each(|line| out.text(line))?,
    }
    Ok(if found.agrees() { Exit::Fine } else { Exit::Findings })
}

fn json<'a>(log: &Snapshot, found: &'a Found) -> Json<'a> {
    let event = |event: Option<EventIx>| event.map(|event| Event::of(log, event));
    let different = |of: &'a Difference| Different {
        key: &of.key,
        column: &of.column,
        expected: raw(&of.expected),
        actual: raw(&of.actual),
        event: event(of.event),
        seen: event(of.seen),
        behind: of.behind,
    };
    Json {
        rows: found.rows,
        entities: found.entities,
        matching: found.matching,
        missing: found.missing.first.iter().map(|(key, first)| Missing { key, event: event(*first) }).collect(),
        extra: found.extra.first.iter().map(|of| Extra { key: &of.key, why: of.why.words() }).collect(),
        different: found.different.first.iter().map(different).collect(),
        missing_count: found.missing.count,
        extra_count: found.extra.count,
        different_count: found.different.count,
        different_rows: found.different_rows,
        stale_rows: found.stale_rows,
        compared: (found.columns.compared.iter())
            .map(|(column, field)| Compared { column, field: field.to_string() })
            .collect(),
        not_compared: &found.columns.left_out,
        last_seen: event(found.seen),
        not_folded: found.failed,
    }
}

fn text(log: &Snapshot, found: &Found) -> Vec<String> {
    let event = |event: EventIx| Event::of(log, event).text();
    let mut lines = vec![format!("{}, {}", plural(found.rows, "row", "rows"), found.counts())];
    lines.push(format!("compared: {}", found.columns.pairs().as_deref().unwrap_or("only the keys")));
    if !found.columns.left_out.is_empty() {
        let names = found.columns.left_out.join(", ");
        lines.push(format!("not compared, no state has a place of that name: {names} (name it with --column)"));
    }
    if found.failed > 0 {
        lines.push(format!("{} with events that could not be folded", plural(found.failed, "entity", "entities")));
    }
    if let Some(seen) = found.seen {
        lines.push(format!("seen up to {}; {} behind", event(seen), plural(found.stale_rows, "row is", "rows are")));
    }
    for (key, first) in &found.missing.first {
        lines.push(format!("missing    {key}: since {}", first.map_or_else(|| "-".to_owned(), event)));
    }
    for of in &found.extra.first {
        lines.push(format!("too many   {}: {}", of.key, of.why.words()));
    }
    for of in &found.different.first {
        let by = of.event.map_or_else(|| "no event".to_owned(), event);
        let behind = match (of.seen, of.behind) {
            (Some(_), n) if n > 0 => format!("; the row is {} behind", plural(n.into(), "event", "events")),
            _ => String::new(),
        };
        let Difference { key, column, expected, actual, .. } = of;
        lines.push(format!("different  {key} {column}: {actual}, should be {expected} by {by}{behind}"));
    }
    lines.extend(more(&found.missing, "missing").into_iter().chain(more(&found.extra, "too many")));
    lines.extend(more(&found.different, "different"));
    lines
}

/// What is counted and not listed.
pub(super) fn more<T>(listed: &Listed<T>, what: &str) -> Option<String> {
    let rest = listed.count - listed.first.len() as u64;
    (rest > 0).then(|| format!("and {} more {what}", count(rest)))
}
