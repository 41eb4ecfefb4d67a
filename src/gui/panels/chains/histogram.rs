//! How long chains took, as bars on a logarithmic axis; a drag narrows the list down to a range.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};

use crate::base::text::{duration_ns, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{GRID, SMALL, sans};

/// The lower bound of each bar in nanoseconds, and its chains.
type Bars = [(i64, u64)];

pub const HEIGHT: f32 = 56.0;

/// Draws the bars; a drag sets the range, a click takes it away again.
pub fn histogram_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    bars: &Bars,
    range: &mut Option<(i64, i64)>,
    from: &mut Option<usize>,
) {
    let theme = ctx.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, "How long chains took"));
    let body = rect.with_max_y(rect.bottom() - 14.0).shrink2(vec2(GRID * 2.0, 2.0));
    let painter = ui.painter_at(rect);
    painter.rect_filled(body, 2.0, theme.sunken);
    let most = bars.iter().map(|(_, n)| *n).max().unwrap_or(0);
    if most == 0 {
        painter.text(body.center(), Align2::CENTER_CENTER, "no chains", sans(SMALL), theme.muted);
        return;
    }
    let shown = *range;
    let width = body.width() / bars.len() as f32;
    let bar = |x: f32| (((x - body.left()) / width).floor().max(0.0) as usize).min(bars.len() - 1);
    let end = |at: usize| bars.get(at + 1).map_or(i64::MAX, |(next, _)| next - 1);
    let chosen = |at: usize| shown.is_some_and(|(least, most)| bars[at].0 >= least && bars[at].0 <= most);
    for (at, (_, n)) in bars.iter().enumerate().filter(|(_, (_, n))| *n > 0) {
        // One chain among a million is still to be seen.
        let height = ((*n as f32).ln_1p() / (most as f32).ln_1p() * body.height()).max(2.0);
        let left = body.left() + at as f32 * width;
        let gap = if width > 4.0 { 1.0 } else { 0.0 };
        let bar = Rect::from_min_max(pos2(left, body.bottom() - height), pos2(left + width - gap, body.bottom()));
        painter.rect_filled(bar, 0.0, if chosen(at) { theme.accent } else { theme.bar });
    }
    let (first, last) = (bars.first().map_or(0, |b| b.0), bars.last().map_or(0, |b| b.0));
    let below = body.bottom() + 2.0;
    painter.text(pos2(body.left(), below), Align2::LEFT_TOP, duration_ns(first), sans(SMALL), theme.muted);
    painter.text(pos2(body.right(), below), Align2::RIGHT_TOP, duration_ns(last), sans(SMALL), theme.muted);
    let words = shown.map_or_else(
        || "how long they took · drag to narrow down".to_owned(),
        |(least, most)| {
            let most = if most == i64::MAX { "…".to_owned() } else { duration_ns(most) };
            format!("{} to {most} · click for all", duration_ns(least))
        },
    );
    painter.text(pos2(body.center().x, below), Align2::CENTER_TOP, words, sans(SMALL), theme.muted);
    let at = response.interact_pointer_pos().map(|at| bar(at.x));
    if response.drag_started() {
        *from = at;
    }
    if let (Some(start), Some(now), true) = (*from, at, response.dragged()) {
        let (a, b) = (start.min(now), start.max(now));
        *range = Some((bars[a].0, end(b)));
    }
    if response.drag_stopped() {
        *from = None;
    }
    if response.clicked() {
        *range = at.filter(|_| shown.is_none()).map(|at| (bars[at].0, end(at)));
    }
    if let Some(at) = response.hover_pos().map(|at| bar(at.x)) {
        let (least, n) = bars[at];
        let most = if end(at) == i64::MAX { "longer".to_owned() } else { duration_ns(end(at)) };
        response.on_hover_text_at_pointer(format!(
            "{} of {} to {most}",
            plural(n, "chain", "chains"),
            duration_ns(least)
        ));
    }
}
