//! One correlation chain: who caused what, across services.

use std::io::{self, Write};

use rapidhash::RapidHashSet;

use super::args::{Drawing, TraceArgs, TraceFormat};
use super::out::Out;
use super::text::cut;
use crate::analysis::flows::survey;
use crate::analysis::summary::find_event;
use crate::analysis::trace::{
    Chain, Description, Folding, Graph, Sequence, Start, Trace, describe, graph_svg, markdown, mermaid, plantuml,
    sequence_svg, trace, waterfall_svg,
};
use crate::base::cancel::Cancel;
use crate::base::text::{count, duration_ns, plural};
use crate::model::error::{Error, Place, Result};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// The chain that was asked for, with its names.
pub(super) struct Found {
    chain: Chain,
    described: Description,
}

/// Finds the chain that was asked for.
///
/// # Errors
/// An id that no event has; an id that is no chain because nearly everything has it; a drawing that the
/// format has no form for.
pub(super) fn find(snapshot: &Snapshot, args: &TraceArgs) -> Result<Found> {
    if args.drawing != Drawing::Sequence && args.format != TraceFormat::Svg {
        let what = "Only --format svg draws a waterfall or a graph";
        return Err(Error::new(what, Place::Nowhere, "Add --format svg, or leave --as out"));
    }
    let start = match (&args.correlation, &args.event) {
        (Some(id), _) => Start::Correlation(snapshot.find_correlation(id).ok_or_else(|| nothing("correlation", id))?),
        (None, Some(id)) => {
            let first = find_event(snapshot, id).into_iter().next();
            Start::Event(first.ok_or_else(|| nothing("event", id))?)
        }
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    match trace(snapshot, &start, &Cancel::new()).expect("nobody cancels") {
        Trace::Chain(chain) => Ok(Found { described: described(snapshot, &chain, args.format), chain }),
        Trace::TooLarge { events } => Err(Error::new(
            format!("{} or more events are tied together by their causes", count(events as u64)),
            Place::Nowhere,
            "`eventglass events --filter` shows a part of them",
        )),
        Trace::Constant { id, events, .. } => Err(Error::new(
            format!("{} events have the correlation id {id}: it is a constant, not a chain", count(events)),
            Place::Nowhere,
            "Name another of its ids with --correlation, or another field as correlation with --mapping",
        )),
    }
}

/// How far clocks differ is told by all chains of the log, which only those formats show.
fn described(snapshot: &Snapshot, chain: &Chain, format: TraceFormat) -> Description {
    let mut described = describe(snapshot, chain);
    if matches!(format, TraceFormat::Json | TraceFormat::Text) && described.services.len() > 1 {
        let flows = survey(snapshot, &Cancel::new(), &|_, _| ()).expect("nobody cancels");
        described.skew = flows.offsets.told(snapshot, &described.services);
    }
    described
}

fn nothing(what: &str, id: &str) -> Error {
    let next_step = "Ids are compared letter by letter; `eventglass events --format ndjson` shows those of this log";
    Error::new(format!("No event has the {what} id {id}"), Place::Nowhere, next_step)
}

pub(super) fn print<W: Write>(found: &Found, args: &TraceArgs, out: &mut Out<W>) -> io::Result<()> {
    let Found { chain: links, described: chain } = found;
    let whole = || Sequence::of(chain, &Folding::default());
    match args.format {
        TraceFormat::Json => out.json(&serde_json::to_vec(chain).expect("texts and numbers always become JSON")),
        TraceFormat::Mermaid => out.lines(mermaid(&whole()).as_bytes()),
        TraceFormat::Plantuml => out.lines(plantuml(&whole()).as_bytes()),
        TraceFormat::Svg => out.lines(
            match args.drawing {
                Drawing::Sequence => sequence_svg(&whole()),
                Drawing::Graph => graph_svg(links, chain, &Graph::of(links)),
                Drawing::Waterfall => {
                    let times: Vec<_> = links.links.iter().map(|link| link.time).collect();
                    waterfall_svg(links, chain, &times)
                }
            }
            .as_bytes(),
        ),
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
        let side = if skew.offset_ms < 0.0 { "behind" } else { "ahead of" };
        let apart = duration_ns((skew.offset_ms.abs() * 1e6) as i64);
        out.text(&format!("the clock of {} is {apart} {side} the others'", skew.source))?;
    }
    Ok(())
}
