//! The cause graph: boxes in columns by depth, arrows from causes to effects.

use crate::analysis::trace::graph::{BOX, GONE, GONE_GAP, Graph};
use crate::analysis::trace::{Chain, Description, service};
use crate::base::svg::{BOX as FILL, DOUBTFUL, FAINT, INK, LINE, SURE, cut, end, escaped, put, start};
use crate::base::text::plural;

const CHARS: usize = 24;

/// `described` and `graph` are of this chain.
#[must_use]
pub fn graph_svg(chain: &Chain, described: &Description, graph: &Graph) -> String {
    let [width, height] = graph.size();
    let mut text = start(width, height);
    let critical = |at: usize| chain.critical.binary_search(&(at as u32)).is_ok();
    for (at, link) in chain.links.iter().enumerate() {
        let [x, y] = graph.corner(at);
        let to = [x, y + BOX[1] / 2.0];
        for &cause in &link.causes {
            let cause = cause as usize;
            let early = link.time.zip(chain.links[cause].time).is_some_and(|(a, b)| a < b);
            let color = match (early, critical(at) && critical(cause)) {
                (true, _) => DOUBTFUL,
                (false, true) => SURE,
                _ => LINE,
            };
            let path = path(graph, cause, at);
            let dashed = if described.inferred { " stroke-dasharray=\"5 3\"" } else { "" };
            put(&mut text, format_args!("<path d=\"{path}\" fill=\"none\" stroke=\"{color}\"{dashed}/>\n"));
            put(&mut text, format_args!("<path d=\"M{} {} l-7 -3.5 v7 Z\" fill=\"{color}\"/>\n", to[0], to[1]));
        }
        for &cause in &link.circle {
            let [from, below] = graph.corner(cause as usize);
            let (from, to) = (from + BOX[0] / 2.0, x + BOX[0] / 2.0);
            let (a, b) = (below + BOX[1], y + BOX[1]);
            let low = a.max(b) + 24.0;
            put(
                &mut text,
                format_args!(
                    "<path d=\"M{from} {a} C{from} {low} {to} {low} {to} {b}\" fill=\"none\" stroke=\"{DOUBTFUL}\"/>\
                     <path d=\"M{to} {b} l-3.5 7 h7 Z\" fill=\"{DOUBTFUL}\"/>\n"
                ),
            );
        }
        if link.causes_itself {
            let (left, right) = (x + BOX[0] - 36.0, x + BOX[0] - 12.0);
            put(
                &mut text,
                format_args!(
                    "<path d=\"M{left} {y} C{left} {0} {right} {0} {right} {y}\" fill=\"none\" stroke=\"{DOUBTFUL}\"/>\
                     <path d=\"M{right} {y} l-3.5 -7 h7 Z\" fill=\"{DOUBTFUL}\"/>\n",
                    y - 18.0
                ),
            );
        }
    }
    for (at, event) in described.events.iter().enumerate() {
        let [x, y] = graph.corner(at);
        let [w, h] = BOX;
        let line = if critical(at) { SURE } else { LINE };
        let name = escaped(&cut(&event.type_name, CHARS));
        let (below, ink) = if event.odd.is_empty() {
            (escaped(&cut(service(event), CHARS)), FAINT)
        } else {
            (escaped(&event.odd.join(", ")), DOUBTFUL)
        };
        put(
            &mut text,
            format_args!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"4\" fill=\"{FILL}\" stroke=\"{line}\"/>\
                 <text x=\"{0}\" y=\"{1}\" font-weight=\"600\" fill=\"{INK}\">{name}</text>\
                 <text x=\"{0}\" y=\"{2}\" font-size=\"11\" fill=\"{ink}\">{below}</text>\n",
                x + 10.0,
                y + 18.0,
                y + 34.0
            ),
        );
    }
    gone(&mut text, chain, described, graph);
    if graph.straight > 0 {
        let arrows = plural(graph.straight, "arrow leads", "arrows lead");
        put(
            &mut text,
            format_args!(
                "<text x=\"12\" y=\"20\" fill=\"{FAINT}\" font-size=\"11\">{arrows} straight across the events \
                 between</text>\n"
            ),
        );
    }
    text.push_str(end());
    text
}

/// From a cause along its trunk to an effect.
fn path(graph: &Graph, cause: usize, effect: usize) -> String {
    let curve = |text: &mut String, a: [f32; 2], b: [f32; 2]| {
        let middle = f32::midpoint(a[0], b[0]);
        put(text, format_args!(" C{middle} {} {middle} {} {} {}", a[1], b[1], b[0], b[1]));
    };
    let [x, y] = graph.corner(cause);
    let mut at = [x + BOX[0], y + BOX[1] / 2.0];
    let mut text = format!("M{} {}", at[0], at[1]);
    let column = graph.places.get(effect).map_or(0, |place| place.0);
    for (enters, leaves) in
        graph.passed(cause).take_while(|passed| *passed < column).filter_map(|c| graph.pass(cause, c))
    {
        curve(&mut text, at, enters);
        put(&mut text, format_args!(" H{}", leaves[0]));
        at = leaves;
    }
    let [x, y] = graph.corner(effect);
    curve(&mut text, at, [x, y + BOX[1] / 2.0]);
    text
}

/// Causes that are not in the log, left of the events that name them; one box for those of an event.
fn gone(text: &mut String, chain: &Chain, described: &Description, graph: &Graph) {
    let named: Vec<(u32, &str)> =
        chain.missing.iter().zip(&described.missing).map(|(link, named)| (link.wanted_by, &*named.id)).collect();
    for group in named.chunk_by(|a, b| a.0 == b.0) {
        let Some(&(at, id)) = group.first() else { continue };
        let [x, y] = graph.corner(at as usize);
        let [w, h] = GONE;
        let middle = y + BOX[1] / 2.0 + GONE_GAP[1];
        let (left, top) = (x - GONE_GAP[0] - w, middle - h / 2.0);
        let label = match group.len() {
            1 => cut(id, 12),
            more => format!("{} +{}", cut(id, 9), more - 1),
        };
        let label = escaped(&label);
        put(
            text,
            format_args!(
                "<rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\" fill=\"none\" stroke=\"{DOUBTFUL}\" \
                 stroke-dasharray=\"4 3\"/><path d=\"M{0} {middle} L{x} {3}\" stroke=\"{DOUBTFUL}\"/>\
                 <text x=\"{1}\" y=\"{2}\" text-anchor=\"middle\" font-size=\"11\" fill=\"{DOUBTFUL}\">{label}</text>\n",
                left + w,
                left + w / 2.0,
                middle + 4.0,
                y + BOX[1] - 8.0
            ),
        );
    }
}
