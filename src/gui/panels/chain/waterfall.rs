//! The chain in time: a lane per service, a mark per event, a line from each cause to its effect. The
//! critical path is drawn in the accent colour, effects before their cause in amber.

use egui::{Align2, Pos2, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::draw::Parts;
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::base::text::duration_ns;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, named};
use crate::gui::theme::{GRID, SMALL, mono, sans};
use crate::gui::widgets::chip;
use crate::model::ids::ServiceIx;
use crate::model::time::TimeNs;

const RULER: f32 = 24.0;
const LANE: f32 = 44.0;
/// Between two ticks at least.
const TICK: f32 = 96.0;
/// More marks than this in sight are drawn as bars of a pixel.
const MARKS: usize = 2_000;

/// The part of the chain's time that is in sight, as shares of all of it.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    from: f64,
    to: f64,
    /// Lanes scrolled away at the top, in points.
    down: f32,
}

impl Default for Span {
    fn default() -> Self {
        Self { from: -0.02, to: 1.02, down: 0.0 }
    }
}

impl Span {
    fn len(self) -> f64 {
        self.to - self.from
    }

    fn zoom(&mut self, factor: f64, around: f64) {
        let len = (self.len() / factor).clamp(1e-7, 1.04);
        let share = (around - self.from) / self.len();
        self.from = around - len * share;
        self.to = self.from + len;
        self.keep_inside();
    }

    fn pan(&mut self, by: f64) {
        self.from += by;
        self.to += by;
        self.keep_inside();
    }

    fn keep_inside(&mut self) {
        let len = self.len().min(1.04);
        // By rounding the end may lie before the start, which `clamp` would not stand.
        self.from = self.from.clamp(-0.02, (1.02 - len).max(-0.02));
        self.to = self.from + len;
    }
}

pub fn waterfall_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, span: &mut Span, parts: &Parts<'_>, out: &mut Vec<Command>) {
    let (theme, shown) = (ctx.theme, &parts.shown);
    let rect = ui.available_rect_before_wrap();
    ui.allocate_rect(rect, Sense::hover());
    let links = &shown.chain.links;
    let times: Vec<Option<TimeNs>> =
        links.iter().map(|link| link.time.map(|time| parts.corrected(link.service_ix, time))).collect();
    let known = || times.iter().flatten();
    let (Some(&first), Some(&last)) = (known().min(), known().max()) else {
        ui.painter_at(rect).text(
            rect.center(),
            Align2::CENTER_CENTER,
            "No event of the chain has a time",
            sans(SMALL),
            theme.muted,
        );
        return;
    };
    let len = (last.0.saturating_sub(first.0)).max(1) as f64;
    let mut services: Vec<ServiceIx> = Vec::new();
    for link in links {
        if !services.contains(&link.service_ix) {
            services.push(link.service_ix);
        }
    }
    let gutter = (rect.width() * 0.25).clamp(72.0, 160.0);
    let body = Rect::from_min_max(pos2(rect.left() + gutter, rect.top() + RULER), rect.max);
    let response = ui.interact(body, ui.scope_id().with("waterfall"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Waterfall of the chain"));
    let share_at = |x: f32, span: Span| span.from + f64::from((x - body.left()) / body.width()) * span.len();
    if response.dragged() {
        span.pan(-f64::from(response.drag_delta().x / body.width()) * span.len());
        span.down -= response.drag_delta().y;
    }
    if let Some(at) = response.hover_pos() {
        let (wheel, pinch, shift) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.shift));
        if shift {
            span.down -= wheel.y;
        } else if wheel.y != 0.0 || (pinch - 1.0).abs() > 1e-4 {
            span.zoom(f64::from(pinch * (wheel.y * 0.004).exp()), share_at(at.x, *span));
        }
        span.pan(-f64::from(wheel.x / body.width()) * span.len());
    }
    if response.double_clicked() {
        *span = Span::default();
    }
    span.down = span.down.clamp(0.0, (services.len() as f32 * LANE - body.height()).max(0.0));
    let x_of = |time: TimeNs| {
        let share = (time.0.saturating_sub(first.0)) as f64 / len;
        body.left() + ((share - span.from) / span.len() * f64::from(body.width())) as f32
    };
    let lane = |service: ServiceIx| services.iter().position(|s| *s == service).unwrap_or(0) as f32;
    let y_of = |service: ServiceIx| body.top() + (lane(service) + 0.5) * LANE - span.down;
    let at = |i: usize| -> Option<Pos2> { Some(pos2(x_of(times[i]?), y_of(links[i].service_ix))) };

    let painter = ui.painter_at(rect);
    let inside = ui.painter_at(body);
    // The lanes and their names.
    for &service in &services {
        let y = y_of(service);
        inside.hline(body.x_range(), y + LANE / 2.0, Stroke::new(1.0, theme.line));
        let name = ctx.snapshot.service_name(service);
        let name = if name.is_empty() { crate::analysis::trace::UNKNOWN } else { name };
        if y > body.top() {
            let fits = ((gutter - 24.0) / 6.6) as usize;
            chip::paint_look(&painter, pos2(rect.left() + 12.0, y), 8.0, ctx.looks.of_service(service), theme);
            painter.text(
                pos2(rect.left() + 22.0, y),
                Align2::LEFT_CENTER,
                middle_cut(name, fits),
                sans(12.0),
                theme.text,
            );
        }
    }
    ruler(ui, ctx, body, *span, len);
    // Causes to effects, those in sight.
    let selected = ctx.state.selection.event.and_then(|event| shown.chain.index_of(event)).map(|at| at as usize);
    for (i, link) in links.iter().enumerate() {
        let Some(to) = at(i) else { continue };
        for &cause in &link.causes {
            let Some(from) = at(cause as usize) else { continue };
            if from.x.max(to.x) < body.left() || from.x.min(to.x) > body.right() {
                continue;
            }
            let critical = shown.is_critical(i) && shown.is_critical(cause as usize);
            let near = selected == Some(i) || selected == Some(cause as usize);
            let color = match (to.x < from.x, critical || near) {
                (true, _) => theme.amber,
                (false, true) => theme.accent,
                _ => theme.outline,
            };
            let stroke = Stroke::new(if critical { 2.0 } else { 1.0 }, color);
            inside.add(if parts.shown.described.inferred {
                egui::Shape::Vec(egui::Shape::dashed_line(&[from, to], stroke, 5.0, 4.0))
            } else {
                egui::Shape::line_segment([from, to], stroke)
            });
        }
    }
    // The events.
    let visible: Vec<usize> =
        (0..links.len()).filter(|&i| at(i).is_some_and(|at| body.expand(8.0).contains(at))).collect();
    let mut taken: Vec<f32> = vec![f32::MIN; services.len()];
    let mut by_x: Vec<(f32, usize)> = visible.iter().filter_map(|&i| Some((at(i)?.x, i))).collect();
    by_x.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Where the next mark of the same lane is, by a pass from the right.
    let (mut next, mut of_lane) = (vec![f32::INFINITY; by_x.len()], vec![f32::INFINITY; services.len()]);
    for (n, &(x, i)) in by_x.iter().enumerate().rev() {
        next[n] = std::mem::replace(&mut of_lane[lane(links[i].service_ix) as usize], x);
    }
    for (n, &(x, i)) in by_x.iter().enumerate() {
        let (link, centre) = (&links[i], pos2(x, y_of(links[i].service_ix)));
        let look = ctx.looks.of_type(link.type_ix);
        if visible.len() > MARKS {
            inside.vline(x, centre.y - 5.0..=centre.y + 5.0, Stroke::new(1.0, theme.color(look)));
            continue;
        }
        if selected == Some(i) {
            inside.circle(centre, 9.0, theme.accent_soft, Stroke::new(1.5, theme.accent));
        }
        chip::paint_look(&inside, centre, 10.0, look, theme);
        // A label where it covers neither the one before it nor the next mark of its lane.
        let lane_at = lane(link.service_ix) as usize;
        let room = next[n] - x - 20.0;
        let label = named(&shown.described.events[i].type_name);
        let galley =
            inside.layout_no_wrap(label, sans(SMALL), if selected == Some(i) { theme.text } else { theme.muted });
        let width = galley.size().x;
        if x + 9.0 + width >= body.right() && x - 9.0 - width > taken[lane_at].max(body.left()) {
            // At the right edge it stands before its mark.
            inside.galley(pos2(x - 9.0 - width, centre.y - galley.size().y - 1.0), galley, theme.muted);
            continue;
        }
        if galley.size().x <= room && x + 9.0 > taken[lane_at] && x + 9.0 + galley.size().x < body.right() {
            taken[lane_at] = x + 9.0 + galley.size().x;
            let height = galley.size().y;
            inside.galley(pos2(x + 9.0, centre.y - height - 1.0), galley, theme.muted);
            let waited = shown.times(i).1;
            if !waited.is_empty() && room > 48.0 {
                inside.text(pos2(x + 9.0, centre.y + 2.0), Align2::LEFT_TOP, waited, mono(10.0), theme.faint);
            }
        }
    }
    if let Some(cursor) = ctx.state.cursor {
        let x = x_of(cursor);
        if body.x_range().contains(x) {
            inside.vline(x, body.y_range(), Stroke::new(1.0, theme.accent));
        }
    }
    let near = |to: Pos2| {
        let distance = |i: &usize| at(*i).map_or(f32::MAX, |at| at.distance(to));
        visible.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|i| distance(i) < 12.0)
    };
    if let Some(i) = response.hover_pos().and_then(near) {
        if response.clicked() {
            out.push(SelectCommand::Event(links[i].event).into());
        }
        out.push(SelectCommand::Hover(Some(links[i].event)).into());
        response.show_tooltip_text(shown.words(i));
    }
}

/// Distances from the first event.
fn ruler(ui: &Ui, ctx: &PanelCtx<'_>, body: Rect, span: Span, len: f64) {
    let theme = ctx.theme;
    let strip = Rect::from_min_max(pos2(body.left(), body.top() - RULER), pos2(body.right(), body.top()));
    let painter = ui.painter_at(strip.union(body));
    painter.hline(strip.x_range(), strip.bottom() - 0.5, Stroke::new(1.0, theme.line));
    let step = step(span.len() * len * f64::from(TICK / body.width().max(1.0)));
    let mut at = (span.from * len / step).ceil() * step;
    while at <= span.to * len {
        let x = body.left() + ((at / len - span.from) / span.len() * f64::from(body.width())) as f32;
        painter.vline(x, strip.bottom() - 4.0..=body.bottom(), Stroke::new(1.0, theme.line));
        if x + 64.0 < body.right() {
            let label = if at.abs() < 0.5 { "first event".to_owned() } else { duration_ns(at as i64) };
            painter.text(
                strip.left_top() + vec2(x - strip.left() + GRID, 4.0),
                Align2::LEFT_TOP,
                label,
                mono(SMALL),
                theme.muted,
            );
        }
        at += step;
    }
}

/// The next round length of time: 1, 2 or 5 of a unit below a minute, whole parts of it above.
fn step(least_ns: f64) -> f64 {
    const MINUTE: f64 = 60e9;
    let mut unit = 1.0;
    while unit < 1e10 {
        for factor in [1.0, 2.0, 5.0] {
            if unit * factor >= least_ns {
                return unit * factor;
            }
        }
        unit *= 10.0;
    }
    let rounds = [0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 360.0, 720.0, 1440.0];
    rounds.iter().map(|minutes| minutes * MINUTE).find(|step| *step >= least_ns).unwrap_or_else(|| {
        let day = 1440.0 * MINUTE;
        (least_ns / day).ceil() * day
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        for (least, expected) in
            [(0.3, 1.0), (3e6, 5e6), (6e8, 1e9), (1.1e10, 3e10), (2.5e10, 3e10), (7e10, 12e10), (9e13, 17.28e13)]
        {
            assert!((step(least) - expected).abs() < 1.0, "{least}: {}", step(least));
        }
    }

    #[test]
    fn the_span_stays_with_the_chain() {
        let mut span = Span::default();
        span.zoom(4.0, 0.5);
        assert!((span.len() - 0.26).abs() < 1e-9 && (span.from - 0.37).abs() < 1e-9);
        span.pan(9.0);
        assert!((span.to - 1.02).abs() < 1e-9);
        span.zoom(1e-9, 0.5);
        assert!((span.from + 0.02).abs() < 1e-9 && (span.to - 1.02).abs() < 1e-9);
    }
}
