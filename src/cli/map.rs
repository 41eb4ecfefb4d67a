//! The service map.

use std::io::{self, Write};

use super::args::MapFormat;
use super::chains::look;
use super::out::Out;
use super::report::Report;
use crate::analysis::flows::{MapEdge, ServiceMap, mermaid, svg};
use crate::base::text::{count, duration_ns, plural};
use crate::store::snapshot::Snapshot;

pub(super) fn print<W: Write>(
    log: &Snapshot,
    format: MapFormat,
    report: &mut Report,
    out: &mut Out<W>,
) -> io::Result<()> {
    let map = ServiceMap::of(log, &look(log, report));
    match format {
        MapFormat::Json => out.json(&serde_json::to_vec(&map).expect("texts and numbers always become JSON")),
        MapFormat::Mermaid => out.lines(mermaid(&map).as_bytes()),
        MapFormat::Svg => out.lines(svg(&map).as_bytes()),
        MapFormat::Text => text(&map, out),
    }
}

fn text<W: Write>(map: &ServiceMap, out: &mut Out<W>) -> io::Result<()> {
    let name = |at: usize| map.nodes.get(at).map_or("", |node| &node.name);
    for edge in &map.edges {
        let times = times(edge);
        out.text(&format!("{:>12}  {} → {}{times}", count(edge.count), name(edge.from), name(edge.to)))?;
        for pair in edge.types.iter().take(SHOWN) {
            out.text(&format!("{:>12}      {} → {}", count(pair.count), pair.cause, pair.effect))?;
        }
        if edge.types.len() > SHOWN {
            let more = edge.types.len() - SHOWN;
            out.text(&format!("{:>12}      {} more pairs of types: --format json", "", count(more as u64)))?;
        }
    }
    let nodes = map.nodes.len() as u64;
    let nodes = if map.types_only { plural(nodes, "type", "types") } else { plural(nodes, "service", "services") };
    let basis = if map.by_order { "by the order of time, as no event names its cause" } else { "by causes" };
    out.text(&format!("{nodes}, {}, {basis}", plural(map.edges.len() as u64, "arrow", "arrows")))
}

const SHOWN: usize = 5;

fn times(edge: &MapEdge) -> String {
    let ms = |ms: f64| duration_ns((ms * 1e6) as i64);
    let (Some(p50), Some(p95), Some(p99)) = (edge.p50_ms, edge.p95_ms, edge.p99_ms) else { return String::new() };
    let early = if edge.before_cause == 0 {
        String::new()
    } else {
        format!(", {} before their cause", count(edge.before_cause))
    };
    format!("  half within {}, 95 % {}, 99 % {}{early}", ms(p50), ms(p95), ms(p99))
}
