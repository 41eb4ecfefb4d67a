//! The map as a Mermaid flow chart: <https://mermaid.js.org/syntax/flowchart.html>.

use std::fmt::Write as _;

use super::{MapEdge, ServiceMap};
use crate::analysis::trace::mermaid_text;
use crate::base::text::{count, duration_ns};

#[must_use]
pub fn mermaid(map: &ServiceMap) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (at, node) in map.nodes.iter().enumerate() {
        writeln!(text, "    n{at}[\"{}\"]", mermaid_text(&node.name)).expect("writing to a String");
    }
    for edge in &map.edges {
        let MapEdge { from, to, .. } = edge;
        writeln!(text, "    n{from} -->|\"{}\"| n{to}", mermaid_text(&label(edge))).expect("writing to a String");
    }
    text
}

/// `1,204 · 412 ms`: how often, and how long half of them took at most.
#[must_use]
pub fn label(edge: &MapEdge) -> String {
    let half = edge.p50_ms.map(|ms| format!(" · {}", duration_ns((ms * 1e6) as i64)));
    format!("{}{}", count(edge.count), half.unwrap_or_default())
}
