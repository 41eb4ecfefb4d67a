//! A sequence diagram, laid out as in the window.

use crate::analysis::trace::Sequence;
use crate::base::svg::{DOUBTFUL, FAINT, INK, LINE, SURE, cut, end, escaped, put, start};
use crate::base::text::duration_ns;

/// Between two life lines, and between two messages.
const ACROSS: f32 = 190.0;
const DOWN: f32 = 30.0;
const TOP: f32 = 56.0;
/// Times stand to the left of the first life line.
const LEFT: f32 = 150.0;
const CHARS: usize = 26;
/// A label may be so long where an arrow passes several life lines.
const MOST_CHARS: usize = 60;

#[must_use]
pub fn sequence_svg(sequence: &Sequence) -> String {
    let lines = sequence.services.len().max(1) as f32;
    let rows = sequence.messages.len() + sequence.missing.len();
    let (width, height) = (LEFT + lines * ACROSS, TOP + rows as f32 * DOWN + 48.0);
    let x = |line: u32| LEFT + line as f32 * ACROSS;
    let mut text = start(width, height);
    for (at, service) in sequence.services.iter().enumerate() {
        let x = x(at as u32);
        let name = escaped(&cut(service, CHARS));
        put(
            &mut text,
            format_args!(
                "<line x1=\"{x:.0}\" y1=\"40\" x2=\"{x:.0}\" y2=\"{:.0}\" stroke=\"{LINE}\" stroke-dasharray=\"3 4\"/>\
             <text x=\"{x:.0}\" y=\"28\" text-anchor=\"middle\" font-weight=\"600\" fill=\"{INK}\">{name}</text>\n",
                height - 32.0
            ),
        );
    }
    for (at, message) in sequence.messages.iter().enumerate() {
        let y = TOP + at as f32 * DOWN + 14.0;
        let after = message.after_ns.map(duration_ns).unwrap_or_default();
        let color = match (message.odd.is_empty(), message.critical) {
            (false, _) => DOUBTFUL,
            (true, true) => SURE,
            _ => LINE,
        };
        let dashed = if message.inferred { " stroke-dasharray=\"5 3\"" } else { "" };
        put(
            &mut text,
            format_args!("<text x=\"12\" y=\"{:.0}\" fill=\"{FAINT}\" font-size=\"11\">+{after}</text>", y + 4.0),
        );
        let (a, b) = (x(message.from), x(message.to));
        let room = CHARS * message.from.abs_diff(message.to).max(1) as usize;
        let label = escaped(&cut(&message.words(), room.min(MOST_CHARS)));
        if message.from == message.to {
            put(
                &mut text,
                format_args!(
                    "<path d=\"M{a:.0} {:.0} h26 v12 h-20\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"{dashed}/>\
                 <path d=\"M{:.0} {:.0} l7 -4 v8 Z\" fill=\"{color}\"/>\
                 <text x=\"{:.0}\" y=\"{:.0}\" fill=\"{INK}\">{label}</text>\n",
                    y - 6.0,
                    a + 2.0,
                    y + 6.0,
                    a + 32.0,
                    y + 4.0
                ),
            );
            continue;
        }
        let side = if b > a { 1.0 } else { -1.0 };
        put(
            &mut text,
            format_args!(
                "<line x1=\"{a:.0}\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\" stroke=\"{color}\" stroke-width=\"1.5\"{dashed}/>\
             <path d=\"M{b:.0} {y:.0} l{:.0} -4 v8 Z\" fill=\"{color}\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"{INK}\">{label}</text>\n",
                b - side * 6.0,
                -side * 8.0,
                f32::midpoint(a, b),
                y - 5.0
            ),
        );
    }
    for (at, (id, line)) in sequence.missing.iter().enumerate() {
        let y = TOP + (sequence.messages.len() + at) as f32 * DOWN + 18.0;
        let words = escaped(&format!("cause {} is not in the log", cut(id, CHARS)));
        put(
            &mut text,
            format_args!(
                "<text x=\"{:.0}\" y=\"{y:.0}\" fill=\"{FAINT}\" font-style=\"italic\">{words}</text>\n",
                x(*line) + 6.0
            ),
        );
    }
    if let Some(notice) = sequence.notice() {
        put(
            &mut text,
            format_args!(
                "<text x=\"12\" y=\"{:.0}\" fill=\"{FAINT}\" font-size=\"11\">{notice}</text>\n",
                height - 12.0
            ),
        );
    }
    text.push_str(end());
    text
}
