//! All chains of a log: a line each, or the whole with what is usual.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::args::{ChainOrder, ChainsArgs, ChainsFormat};
use super::out::Out;
use super::report::Report;
use super::text::cut;
use crate::analysis::flows::{ChainQuery, ChainSort, ChainSummary, Flows, search, survey};
use crate::analysis::trace::correlation_name;
use crate::base::cancel::Cancel;
use crate::base::text::{count, duration_ns, plural};
use crate::model::error::{Error, Place};
use crate::model::ids::TypeIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

pub(super) fn print<W: Write>(
    log: &Snapshot,
    args: &ChainsArgs,
    report: &mut Report,
    out: &mut Out<W>,
) -> io::Result<()> {
    let flows = look(log, report);
    let sort = match args.sort {
        ChainOrder::Start => ChainSort::Start,
        ChainOrder::Duration => ChainSort::Duration,
        ChainOrder::Size => ChainSort::Events,
        ChainOrder::Missing => ChainSort::Missing,
        ChainOrder::Rarity => ChainSort::Rarity,
    };
    let query = ChainQuery {
        type_text: args.type_name.clone().unwrap_or_default(),
        service_text: args.service.clone().unwrap_or_default(),
        min_events: args.min_size,
        duration_ns: args.min_duration.map(|least| (least, i64::MAX)),
        incomplete: args.incomplete,
        error: args.error,
        variant: None,
        sort,
        reversed: !matches!(args.sort, ChainOrder::Start | ChainOrder::Rarity),
    };
    let found = search(log, &flows, &query, &Cancel::new()).expect("nobody cancels");
    let shown = found.iter().take(args.limit.unwrap_or(usize::MAX)).filter_map(|&at| flows.chains.get(at as usize));
    match args.format {
        ChainsFormat::Ndjson => {
            for chain in shown {
                out.json(&bytes(&of_chain(log, &flows, chain)))?;
            }
            Ok(())
        }
        ChainsFormat::Json => {
            let chains: Vec<Value> = shown.map(|chain| of_chain(log, &flows, chain)).collect();
            let mut whole = usual(log, &flows);
            whole["found"] = json!(found.len());
            whole["chains"] = Value::Array(chains);
            out.json(&bytes(&whole))
        }
        ChainsFormat::Text => {
            for chain in shown {
                out.text(&line(log, &flows, chain))?;
            }
            out.text(&summary(&flows, found.len() as u64))
        }
    }
}

/// The survey, and what it leaves out as warnings.
pub(super) fn look(log: &Snapshot, report: &mut Report) -> Flows {
    let flows = survey(log, &Cancel::new(), &|_, _| ()).expect("nobody cancels");
    for &(event, events) in &flows.constants {
        let what =
            format!("{} share a correlation id: it is a constant, not a chain", plural(events, "event", "events"));
        let next_step = format!("It is left out; event {} has it. Another field may be mapped as correlation", event.0);
        report.warning(&Error::new(what, Place::Nowhere, next_step));
    }
    flows
}

fn line(log: &Snapshot, flows: &Flows, chain: &ChainSummary) -> String {
    let start = chain.start.map_or_else(|| "-".to_owned(), TimeNs::to_rfc3339);
    let id = name(log, chain).unwrap_or_else(|| format!("(causes of event {})", chain.first.0));
    let ends = format!("{} → {}", log.type_name(log.type_ix(chain.first)), log.type_name(log.type_ix(chain.last)));
    let odd = chain.problems();
    let odd = if odd.is_empty() { String::new() } else { format!("  ({})", odd.join(", ")) };
    let (events, services) = (chain.events, flows.services(chain).len());
    let took = duration_ns(chain.duration_ns);
    format!("{start:<30} {events:>6} events {services:>3} services {took:>12}  {}  {ends}{odd}", cut(&id, 48))
}

fn summary(flows: &Flows, found: u64) -> String {
    let chains = flows.chains.len() as u64;
    let incomplete = flows.chains.iter().filter(|chain| chain.is_incomplete()).count() as u64;
    let failed = flows.chains.iter().filter(|chain| chain.flags.error).count() as u64;
    let (incomplete, failed, ways) = (count(incomplete), count(failed), count(flows.variants.len() as u64));
    let loose = plural(flows.loose, "event belongs", "events belong");
    format!(
        "{} of {} chains; of all {incomplete} are incomplete, {failed} have a failure; {ways} ways; {loose} to none",
        count(found),
        count(chains)
    )
}

/// Field names are a contract.
fn of_chain(log: &Snapshot, flows: &Flows, chain: &ChainSummary) -> Value {
    let services: Vec<&str> = flows.services(chain).iter().map(|&service| log.service_name(service)).collect();
    json!({
        "id": name(log, chain), "events": chain.events, "services": services,
        "first": {"ix": chain.first, "type": log.type_name(log.type_ix(chain.first)), "time": chain.start.map(TimeNs::to_rfc3339)},
        "last": {"ix": chain.last, "type": log.type_name(log.type_ix(chain.last)), "time": log.time(chain.last).map(TimeNs::to_rfc3339)},
        "duration_ms": chain.duration_ns as f64 / 1e6, "types": names(log, flows.types(chain)),
        "missing_causes": chain.missing, "missing_effects": chain.lacking,
        "unfinished": chain.flags.unfinished, "open": chain.flags.open, "incomplete": chain.is_incomplete(),
        "error": chain.flags.error, "before_cause": chain.flags.before_cause,
    })
}

fn usual(log: &Snapshot, flows: &Flows) -> Value {
    let variants = flows.variants.iter().map(|variant| {
        json!({"types": names(log, &variant.types), "cut": variant.cut, "chains": variant.chains, "rare": flows.is_rare(variant)})
    });
    let follows = flows.follows.iter().map(|rule| {
        json!({
            "cause": log.type_name(rule.cause), "effects": names(log, &rule.effects), "occurrences": rule.occurrences,
            "missing": rule.lacking, "within_ms": rule.within_ns as f64 / 1e6,
        })
    });
    let kinds = flows.kinds.iter().map(|kind| {
        let at = |q| kind.durations.quantile(q).map(|ns| ns as f64 / 1e6);
        json!({
            "first": log.type_name(kind.first), "chains": kind.chains, "ends": names(log, &kind.ends),
            "unfinished": kind.unfinished, "p50_ms": at(0.5), "p99_ms": at(0.99),
        })
    });
    let skew = flows.offsets.list().iter().map(|offset| {
        json!({"source": log.service_name(offset.service), "offset_ms": offset.ahead_ns as f64 / 1e6, "pairs": offset.pairs})
    });
    json!({
        "total": flows.chains.len(), "loose_events": flows.loose, "by_order": flows.by_order,
        "constants": flows.constants.iter().map(|(event, events)| json!({"event": event, "events": events})).collect::<Vec<_>>(),
        "variants": variants.collect::<Vec<_>>(), "follows": follows.collect::<Vec<_>>(),
        "kinds": kinds.collect::<Vec<_>>(), "skew": skew.collect::<Vec<_>>(),
    })
}

fn name(log: &Snapshot, chain: &ChainSummary) -> Option<String> {
    correlation_name(log, chain.correlation?, chain.first)
}

fn names<'a>(log: &'a Snapshot, types: &[TypeIx]) -> Vec<&'a str> {
    types.iter().map(|&of| log.type_name(of)).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers always become JSON")
}
