//! The waterfall: a lane for each service, a mark for each event where its time puts it, a line from
//! each cause to its effect.

use crate::analysis::trace::{Chain, Description, UNKNOWN};
use crate::base::svg::{DOUBTFUL, FAINT, INK, LINE, SURE, cut, end, escaped, put, start};
use crate::base::text::{duration_ns, plural};
use crate::model::ids::ServiceIx;
use crate::model::time::TimeNs;

const LEFT: f32 = 150.0;
const WIDTH: f32 = 960.0;
const RIGHT: f32 = 170.0;
const TOP: f32 = 48.0;
const LANE: f32 = 52.0;
const TICKS: i64 = 6;
const CHARS: usize = 26;
/// About what a letter of a label is wide.
const LETTER: f32 = 6.6;

/// `times` are those of the chain's events, corrected by what the caller knows of clocks.
#[must_use]
pub fn waterfall_svg(chain: &Chain, described: &Description, times: &[Option<TimeNs>]) -> String {
    let lanes = lanes(chain);
    let known = || times.iter().flatten().map(|time| time.0);
    let (first, last) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    let length = last.saturating_sub(first).max(1);
    let x = |time: TimeNs| LEFT + (time.0.saturating_sub(first) as f64 / length as f64) as f32 * WIDTH;
    let lane = |service: ServiceIx| lanes.iter().position(|other| *other == service).unwrap_or(0);
    let y = |service: ServiceIx| TOP + (lane(service) as f32 + 0.5) * LANE;
    let place = |at: usize| Some([x((*times.get(at)?)?), y(chain.links.get(at)?.service_ix)]);
    let bottom = TOP + lanes.len() as f32 * LANE;
    let mut text = start(LEFT + WIDTH + RIGHT, bottom + 40.0);
    for tick in 0..=TICKS {
        let after = (i128::from(length) * i128::from(tick) / i128::from(TICKS)) as i64;
        let x = LEFT + tick as f32 / TICKS as f32 * WIDTH;
        let label = if tick == 0 { "first event".to_owned() } else { format!("+{}", duration_ns(after)) };
        put(
            &mut text,
            format_args!(
                "<line x1=\"{x:.1}\" y1=\"{:.0}\" x2=\"{x:.1}\" y2=\"{bottom:.0}\" stroke=\"#e3e7ec\"/>\
                 <text x=\"{x:.1}\" y=\"28\" text-anchor=\"middle\" font-size=\"11\" fill=\"{FAINT}\">{label}</text>\n",
                TOP - 12.0
            ),
        );
    }
    for (n, service) in lanes.iter().enumerate() {
        let y = TOP + n as f32 * LANE;
        let name = described_name(described, chain, *service);
        put(
            &mut text,
            format_args!(
                "<line x1=\"12\" y1=\"{0:.0}\" x2=\"{1:.0}\" y2=\"{0:.0}\" stroke=\"#e3e7ec\"/>\
                 <text x=\"12\" y=\"{2:.0}\" font-weight=\"600\" fill=\"{INK}\">{name}</text>\n",
                y + LANE,
                LEFT + WIDTH + RIGHT - 12.0,
                y + LANE / 2.0 + 4.0
            ),
        );
    }
    let critical = |at: usize| chain.critical.binary_search(&(at as u32)).is_ok();
    for (at, link) in chain.links.iter().enumerate() {
        let Some(to) = place(at) else { continue };
        for &cause in link.causes.iter().chain(&link.circle) {
            let Some(from) = place(cause as usize) else { continue };
            let color = match (to[0] < from[0], critical(at) && critical(cause as usize)) {
                (true, _) => DOUBTFUL,
                (false, true) => SURE,
                _ => LINE,
            };
            let dashed = if described.inferred { " stroke-dasharray=\"5 3\"" } else { "" };
            put(
                &mut text,
                format_args!(
                    "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"{dashed}/>\n",
                    from[0], from[1], to[0], to[1]
                ),
            );
        }
    }
    marks(&mut text, chain, described, &lanes, place);
    let without = times.iter().filter(|time| time.is_none()).count() as u64;
    if without > 0 {
        let words = format!("{} no time and cannot be placed", plural(without, "event has", "events have"));
        put(
            &mut text,
            format_args!(
                "<text x=\"12\" y=\"{:.0}\" fill=\"{FAINT}\" font-size=\"11\">{words}</text>\n",
                bottom + 24.0
            ),
        );
    }
    text.push_str(end());
    text
}

/// Marks, and labels where they cover no other of their lane: from left to right, above and below it.
fn marks(
    text: &mut String,
    chain: &Chain,
    described: &Description,
    lanes: &[ServiceIx],
    place: impl Fn(usize) -> Option<[f32; 2]>,
) {
    let mut order: Vec<(usize, [f32; 2])> = (0..chain.links.len()).filter_map(|at| Some((at, place(at)?))).collect();
    order.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]).then(a.0.cmp(&b.0)));
    let mut taken = vec![[f32::MIN; 2]; lanes.len()];
    for (at, [x, y]) in order {
        let (link, event) = (&chain.links[at], &described.events[at]);
        let critical = chain.critical.binary_search(&(at as u32)).is_ok();
        let color = match (event.odd.is_empty(), critical) {
            (false, _) => DOUBTFUL,
            (true, true) => SURE,
            _ => LINE,
        };
        put(text, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{color}\"/>\n"));
        let label = cut(&event.type_name, CHARS);
        let wide = label.chars().count() as f32 * LETTER;
        let lane = lanes.iter().position(|service| *service == link.service_ix).unwrap_or(0);
        let Some(row) = taken.get_mut(lane).and_then(|rows| {
            let free = rows.iter().position(|end| *end < x)?;
            rows[free] = x + wide + 8.0;
            Some(free)
        }) else {
            continue;
        };
        let y = if row == 0 { y - 9.0 } else { y + 18.0 };
        let label = escaped(&label);
        put(text, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"11\" fill=\"{INK}\">{label}</text>\n"));
    }
}

/// The services of the chain's events in the order of first appearance, also the one without a name.
fn lanes(chain: &Chain) -> Vec<ServiceIx> {
    let mut lanes = Vec::new();
    for link in &chain.links {
        if !lanes.contains(&link.service_ix) {
            lanes.push(link.service_ix);
        }
    }
    lanes
}

fn described_name(described: &Description, chain: &Chain, service: ServiceIx) -> String {
    let first = chain.links.iter().position(|link| link.service_ix == service);
    let name = first.and_then(|at| described.events.get(at)?.service.as_deref()).filter(|name| !name.is_empty());
    escaped(&cut(name.unwrap_or(UNKNOWN), 20))
}
