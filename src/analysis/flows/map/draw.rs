//! The map as SVG 1.1, laid out as in the window, on a light ground.

use super::place::{NAME_CHARS, layout};
use super::text::label;
use super::{Route, ServiceMap};
use crate::base::svg::{BOX, DOUBTFUL, FAINT, INK, LINE, cut, end, escaped, put, start};
use crate::base::text::{count, plural};

#[must_use]
pub fn svg(map: &ServiceMap) -> String {
    let placed = layout(map);
    let [w, h] = placed.size;
    let mut text = start(w, h);
    let most = map.edges.iter().map(|edge| edge.count).max().unwrap_or(1).max(1) as f64;
    for (edge, route) in map.edges.iter().zip(&placed.routes) {
        let width = 1.0 + 3.0 * (edge.count as f64).ln_1p() / most.ln_1p();
        let color = if edge.before_cause > 0 { DOUBTFUL } else { LINE };
        let (path, [x, y], [ax, ay], angle) = curve(route);
        let about = format!(
            "{} → {}: {}",
            map.nodes.get(edge.from).map_or("", |node| &node.name),
            map.nodes.get(edge.to).map_or("", |node| &node.name),
            label(edge)
        );
        put(
            &mut text,
            format_args!(
                "<g><title>{}</title><path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width:.1}\"/>\
             <path d=\"M0 0 L-9 -4.5 L-9 4.5 Z\" fill=\"{color}\" transform=\"translate({ax:.1} {ay:.1}) rotate({angle:.1})\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{FAINT}\" font-size=\"11\" \
             paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"4\">{}</text></g>\n",
                escaped(&about),
                y - 4.0,
                escaped(&label(edge))
            ),
        );
    }
    for (node, place) in map.nodes.iter().zip(&placed.nodes) {
        let middle = place.x + place.w / 2.0;
        put(
            &mut text,
            format_args!(
                "<g><title>{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\" fill=\"{BOX}\" stroke=\"{LINE}\"/>\
             <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{INK}\" font-weight=\"600\">{}</text>\
             <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{FAINT}\" font-size=\"11\">{}</text></g>\n",
                escaped(&node.name),
                place.x,
                place.y,
                place.w,
                place.h,
                place.y + 19.0,
                escaped(&cut(&node.name, NAME_CHARS)),
                place.y + 34.0,
                plural(node.events, "event", "events")
            ),
        );
    }
    let note = if map.by_order {
        "No event names its cause: arrows follow the order of time"
    } else {
        "Arrows lead from cause to effect, with the number of pairs and the median time between them"
    };
    put(
        &mut text,
        format_args!(
            "<text x=\"12\" y=\"{:.0}\" fill=\"{FAINT}\" font-size=\"11\">{note} ({} arrows)</text>\n",
            h - 10.0,
            count(map.edges.len() as u64)
        ),
    );
    text.push_str(end());
    text
}

/// The path, where its label stands, where its tip is and which way that points, in degrees.
fn curve(route: &Route) -> (String, [f32; 2], [f32; 2], f32) {
    let (Some(first), Some(last)) = (route.points.first(), route.points.last()) else {
        return (String::new(), [0.0; 2], [0.0; 2], 0.0);
    };
    if let (true, [a, top, b]) = (route.to_itself, route.points.as_slice()) {
        let path = format!(
            "M{:.1} {:.1} C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            a[0],
            a[1],
            a[0] - 10.0,
            top[1] - 6.0,
            b[0] + 10.0,
            top[1] - 6.0,
            b[0],
            b[1]
        );
        return (path, [top[0], top[1]], *b, 105.0);
    }
    let mut path = format!("M{:.1} {:.1}", first[0], first[1]);
    for pair in route.points.windows(2) {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        let half = (x1 - x0) / 2.0;
        put(&mut path, format_args!(" C{:.1} {y0:.1} {:.1} {y1:.1} {x1:.1} {y1:.1}", x0 + half, x1 - half));
    }
    let middle = route.points.len() / 2;
    let (a, b) = (route.points[middle - 1], route.points[middle]);
    let angle = if last[0] < first[0] { 180.0 } else { 0.0 };
    (path, [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])], *last, angle)
}
