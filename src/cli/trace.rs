//! One correlation chain: who caused what, across services.

use std::io::{self, Write};

use rapidhash::RapidHashSet;

use super::args::{TraceArgs, TraceFormat};
use super::out::Out;
use super::text::cut;
use crate::analysis::summary::find_event;
use crate::analysis::trace::{
    Description, Folding, Sequence, Start, Trace, describe, markdown, mermaid, plantuml, svg, trace,
};
use crate::base::cancel::Cancel;
use crate::base::text::{count, duration_ns, plural};
use crate::model::error::{Error, Place, Result};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Finds the chain that was asked for.
///
/// # Errors
/// An id that no event has; an id that is no chain because nearly everything has it.
pub(super) fn find(snapshot: &Snapshot, args: &TraceArgs) -> Result<Description> {
    let start = match (&args.correlation, &args.event) {
        (Some(id), _) => Start::Correlation(snapshot.find_correlation(id).ok_or_else(|| nothing("correlation", id))?),
        (None, Some(id)) => {
            let first = find_event(snapshot, id).into_iter().next();
            Start::Event(first.ok_or_else(|| nothing("event", id))?)
        }
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    match trace(snapshot, &start, &Cancel::new()).expect("nobody cancels") {
        Trace::Chain(chain) => Ok(describe(snapshot, &chain)),
        Trace::Constant { id, events } => Err(Error::new(
            format!(
                "{} or more events have the correlation id {id}: it is a constant, not a chain",
                count(events as u64)
            ),
            Place::Nowhere,
            "Name an event with --event, or another field as correlation with --mapping",
        )),
    }
}

fn nothing(what: &str, id: &str) -> Error {
    let next_step = "Ids are compared letter by letter; `eventglass events --format ndjson` shows those of this log";
    Error::new(format!("No event has the {what} id {id}"), Place::Nowhere, next_step)
}

pub(super) fn print<W: Write>(chain: &Description, format: TraceFormat, out: &mut Out<W>) -> io::Result<()> {
    let whole = || Sequence::of(chain, &Folding::default());
    match format {
        TraceFormat::Json => out.json(&serde_json::to_vec(chain).expect("texts and numbers always become JSON")),
        TraceFormat::Mermaid => out.lines(mermaid(&whole()).as_bytes()),
        TraceFormat::Plantuml => out.lines(plantuml(&whole()).as_bytes()),
        TraceFormat::Svg => out.lines(svg(&whole()).as_bytes()),
        TraceFormat::Markdown => out.lines(markdown(chain).as_bytes()),
        TraceFormat::Text => text(chain, out),
    }
}

/// A line each: how long after the first event, the service, and the type under its causes.
fn text<W: Write>(chain: &Description, out: &mut Out<W>) -> io::Result<()> {
    let (events, services) = (chain.events.len() as u64, chain.services.len() as u64);
    let lasted = chain.duration_ms.map_or_else(String::new, |ms| format!(" in {}", duration_ns((ms * 1e6) as i64)));
    let ids = match (chain.inferred, chain.ids.is_empty()) {
        (true, _) => "a guess by shared entities".to_owned(),
        (_, true) => "tied by causes".to_owned(),
        _ => chain.ids.join(" "),
    };
    let (events, services) = (plural(events, "event", "events"), plural(services, "service", "services"));
    out.text(&format!("{ids}: {events} of {services}{lasted}"))?;
    let first = chain.events.iter().filter_map(|event| event.instant).min();
    let width = chain.services.iter().map(|service| service.chars().count()).max().unwrap_or(0).min(24);
    let critical: RapidHashSet<EventIx> = chain.critical_path.iter().copied().collect();
    for event in &chain.events {
        let after = event.instant.zip(first).map(|(at, first)| duration_ns(at.0.saturating_sub(first.0)));
        let after = after.map_or_else(|| "-".to_owned(), |after| format!("+{after}"));
        let service = cut(event.service.as_deref().unwrap_or("-"), width.max(1)).into_owned();
        let mark = if critical.contains(&event.ix) { '*' } else { ' ' };
        let indent = "  ".repeat(event.depth.min(24) as usize);
        let odd = if event.odd.is_empty() { String::new() } else { format!("  ({})", event.odd.join(", ")) };
        let id = event.id.as_deref().unwrap_or_default();
        out.text(&format!("{after:>12} {mark} {service:<width$}  {indent}{}  {id}{odd}", event.type_name))?;
    }
    for missing in &chain.missing {
        out.text(&format!("missing: {}, named as a cause by event {}", missing.id, missing.wanted_by.0))?;
    }
    for skew in &chain.skew {
        out.text(&format!("the clock of {} seems to be {} ms behind", skew.source, -skew.offset_ms))?;
    }
    Ok(())
}
