//! `processed`: field names of the JSON are a contract.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::ProcessedArgs;
use super::check::{Event, more};
use super::{context, wrong_rows};
use crate::analysis::read_model::Listed;
use crate::analysis::read_model::processed::{Consumer, Processed, Report, Spec};
use crate::base::text::{count, plural};
use crate::cli::Exit;
use crate::cli::args::StateFormat;
use crate::cli::out::Out;
use crate::cli::state::Failed;
use crate::input::sources::table::each_row;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Findings are events that were skipped, processed twice or out of order, and ids that the log has not.
pub(in crate::cli) fn processed<W: Write>(
    log: &Arc<Snapshot>,
    args: &ProcessedArgs,
    out: &mut Out<W>,
) -> Result<Exit, Failed> {
    let spec = Spec {
        id: args.column.clone(),
        time: args.time.clone(),
        consumer: args.consumer.clone(),
        types: args.types.clone(),
    };
    let mut look = Processed::new(log, spec);
    let mut wrong = None;
    each_row(&args.table, &context(), &mut |row| match look.row(row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(what) => {
            wrong = Some(what);
            ControlFlow::Break(())
        }
    })?;
    if let Some(what) = wrong {
        return Err(wrong_rows(&args.table, what).into());
    }
    let found = look.finish();
    match args.format {
        StateFormat::Json => out.json(to_json(log, &found).to_string().as_bytes())?,
        StateFormat::Text => text(log, &found).iter().try_for_each(|line| out.text(line))?,
    }
    let sound = found.consumers.iter().all(Consumer::is_sound);
    Ok(if sound { Exit::Fine } else { Exit::Findings })
}

fn to_json(log: &Snapshot, found: &Report) -> Value {
    let event = |event: &EventIx| {
        let mut object = serde_json::to_value(Event::of(log, *event)).expect("texts and numbers");
        object["id"] = log.envelope(*event).ok().and_then(|envelope| envelope.id).into();
        object
    };
    let events = |listed: &Listed<EventIx>| listed.first.iter().map(event).collect::<Vec<_>>();
    let consumers = found.consumers.iter().map(|of| {
        json!({
            "consumer": of.name, "rows": of.rows, "processed": of.processed,
            "latest": of.latest.as_ref().map(event),
            "skipped": events(&of.skipped), "skipped_count": of.skipped.count,
            "pending": events(&of.pending), "pending_count": of.pending.count,
            "twice": events(&of.repeated), "twice_count": of.repeated.count,
            "out_of_order": of.late.first.iter().map(|(late, before)| json!({"event": event(late), "after": event(before)})).collect::<Vec<_>>(),
            "out_of_order_count": of.late.count,
            "unknown": of.unknown.first, "unknown_count": of.unknown.count,
            "other_types": of.other_types,
        })
    });
    json!({"rows": found.rows, "events_without_id": found.without_id, "consumers": consumers.collect::<Vec<_>>()})
}

fn text(log: &Snapshot, found: &Report) -> Vec<String> {
    let event = |event: EventIx| Event::of(log, event).text();
    let mut lines = Vec::new();
    for of in &found.consumers {
        let name = if of.name.is_empty() { "the table" } else { &of.name };
        lines.push(format!(
            "{name}: {}, {} processed, {} skipped, {} pending, {} twice, {} out of order, {} unknown to the log",
            plural(of.rows, "row", "rows"),
            plural(of.processed, "event", "events"),
            count(of.skipped.count),
            count(of.pending.count),
            count(of.repeated.count),
            count(of.late.count),
            count(of.unknown.count)
        ));
        if of.other_types > 0 {
            lines.push(format!("  not expected: {} of types of which it has processed none", count(of.other_types)));
        }
        lines.extend(of.skipped.first.iter().map(|of| format!("  skipped       {}", event(*of))));
        lines.extend(of.repeated.first.iter().map(|of| format!("  twice         {}", event(*of))));
        let late =
            |(late, before): &(EventIx, EventIx)| format!("  out of order  {} after {}", event(*late), event(*before));
        lines.extend(of.late.first.iter().map(late));
        lines.extend(of.unknown.first.iter().map(|id| format!("  unknown       {id}")));
        lines.extend(of.pending.first.iter().map(|of| format!("  pending       {}", event(*of))));
        let rest = [more(&of.skipped, "skipped"), more(&of.repeated, "twice"), more(&of.late, "out of order")];
        lines
            .extend(rest.into_iter().flatten().chain(more(&of.unknown, "unknown")).chain(more(&of.pending, "pending")));
    }
    if found.without_id > 0 {
        lines.push(format!(
            "{} of the log have no id and can be in no table",
            plural(found.without_id, "event", "events")
        ));
    }
    lines
}
