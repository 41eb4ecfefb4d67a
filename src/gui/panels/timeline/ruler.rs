//! The ruler above the lanes: ticks in the chosen zone, collapsed gaps, the time cursor, which is
//! dragged here.

use egui::{Color32, Painter, Rect, Response, Sense, Stroke, Ui, pos2, vec2};

use crate::analysis::timeline::axis::Axis;
use crate::analysis::timeline::ticks::{Tick, position_ticks, time_ticks};
use crate::app::command::SelectCommand;
use crate::app::zone::Zone;
use crate::app::{Command, State};
use crate::base::text::{count, duration_ns};
use crate::gui::panels::parts::paint;
use crate::gui::theme::{SMALL, Theme, mono, sans};
use crate::model::time::TimeNs;

/// Height in points: the date above the time of day.
pub const HEIGHT: f32 = 36.0;

/// Least distance of two labels.
const SPACING: f64 = 104.0;

/// What ruler and lanes share of the frame.
pub struct Ruler<'a> {
    pub axis: &'a Axis,
    pub state: &'a State,
    pub theme: &'a Theme,
    /// Places are times; else positions of events.
    pub timed: bool,
}

impl Ruler<'_> {
    #[must_use]
    pub fn ticks(&self) -> Vec<Tick> {
        let zone = self.state.settings.zone;
        if self.timed {
            time_ticks(self.axis, SPACING, |at| zone.minutes_at(TimeNs(at)))
        } else {
            position_ticks(self.axis, SPACING)
        }
    }

    /// Draws the ruler in `rect` and takes its input: a click or a drag moves the time cursor.
    pub fn ui(&self, ui: &Ui, rect: Rect, ticks: &[Tick], out: &mut Vec<Command>) -> Response {
        let painter = ui.painter_at(rect);
        let theme = self.theme;
        painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme.line));
        let mut pinned_date = 0.0_f32;
        let gaps: Vec<(f32, f32)> =
            self.axis.collapsed().map(|(_, a, b)| (rect.left() + a as f32, rect.left() + b as f32)).collect();
        for tick in ticks {
            let x = rect.left() + self.axis.px_from_time(tick.at) as f32;
            painter.vline(x, rect.bottom() - 5.0..=rect.bottom(), Stroke::new(1.0, theme.outline));
            let at = pos2(x + 4.0, rect.top());
            let end = gaps.iter().map(|(left, _)| *left).find(|left| *left > x).unwrap_or(rect.right());
            let fits = |text: &str| at.x + width(&painter, text).min(SPACING as f32) <= end;
            if !fits(&tick.label) {
                continue;
            }
            if let Some(date) = &tick.date
                && at.x >= pinned_date
                && fits(date)
            {
                let line = Rect::from_min_size(at + vec2(0.0, 3.0), vec2(120.0, 14.0));
                pinned_date = paint::left(&painter, line, date, mono(SMALL), theme.faint) + 8.0;
            }
            let line = Rect::from_min_size(at + vec2(0.0, 17.0), vec2(SPACING as f32, 14.0));
            paint::left(&painter, line, &tick.label, mono(SMALL), theme.muted);
        }
        self.gaps(&painter, rect, true);
        let response = ui.interact(rect, ui.scope_id().with("ruler"), Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, "Ruler, moves the time cursor"));
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.clicked() || response.dragged()) {
            let px = f64::from(pointer.x - rect.left()).clamp(0.0, self.axis.width());
            out.push(SelectCommand::Cursor(Some(TimeNs(self.axis.time_from_px(px)))).into());
        }
        if let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) {
            let at = self.axis.time_from_px(f64::from(pointer.x - rect.left()));
            self.flag(&painter, rect, at, theme.raised, theme.text);
        }
        if let Some(cursor) = self.state.cursor.filter(|_| self.timed) {
            self.flag(&painter, rect, cursor.0, theme.accent, theme.on_accent);
        }
        response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal)
    }

    /// A vertical line through everything below the ruler.
    pub fn line(&self, painter: &Painter, rect: Rect, at: i64, color: Color32) {
        let x = rect.left() + self.axis.px_from_time(at) as f32;
        if rect.x_range().contains(x) {
            painter.vline(x, rect.y_range(), Stroke::new(1.0, color));
        }
    }

    /// Collapsed gaps through ruler or lanes.
    pub fn gaps(&self, painter: &Painter, rect: Rect, named: bool) {
        let theme = self.theme;
        for (gap, left, right) in self.axis.collapsed() {
            let band = Rect::from_x_y_ranges(rect.left() + left as f32..=rect.left() + right as f32, rect.y_range());
            painter.rect_filled(band, 0.0, theme.window);
            if !named {
                continue;
            }
            let stroke = Stroke::new(1.0, theme.outline);
            for (x, lean) in [(band.left(), 4.0), (band.right(), -4.0)] {
                painter.line_segment([pos2(x - lean, band.top()), pos2(x + lean, band.bottom())], stroke);
            }
            let words = short_length(gap.end.saturating_sub(gap.start));
            paint::centred(painter, band.center(), &words, sans(SMALL), theme.muted);
        }
    }

    fn flag(&self, painter: &Painter, rect: Rect, at: i64, ground: Color32, color: Color32) {
        let x = rect.left() + self.axis.px_from_time(at) as f32;
        if x < rect.left() - 1.0 || x > rect.right() + 1.0 {
            return;
        }
        let text = place_text(at, self.timed, self.state.settings.zone, self.axis);
        let galley = painter.layout_no_wrap(text, mono(SMALL), color);
        let size = galley.size() + vec2(8.0, 2.0);
        let left = (x - size.x * 0.5).clamp(rect.left(), (rect.right() - size.x).max(rect.left()));
        let flag = Rect::from_min_size(pos2(left, rect.bottom() - size.y - 3.0), size);
        painter.rect_filled(flag, 3.0, ground);
        painter.galley(flag.min + vec2(4.0, 1.0), galley, color);
        painter.vline(x, flag.bottom()..=rect.bottom(), Stroke::new(1.0, ground));
    }
}

/// Of a tick's text.
fn width(painter: &Painter, text: &str) -> f32 {
    painter.layout_no_wrap(text.to_owned(), mono(SMALL), Color32::PLACEHOLDER).size().x
}

/// The largest unit alone: `3 h`. The rest has no room in a collapsed gap.
fn short_length(ns: i64) -> String {
    duration_ns(ns).split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// A place of the axis in words, as exact as the zoom makes sense of.
#[must_use]
pub fn place_text(at: i64, timed: bool, zone: Zone, axis: &Axis) -> String {
    if !timed {
        return format!("#{}", count(u64::try_from(at).unwrap_or(0).saturating_add(1)));
    }
    let point = 1.0 / axis.scale();
    let format = match point {
        p if p >= 1e9 => "%Y-%m-%d %H:%M:%S",
        p if p >= 1e6 => "%Y-%m-%d %H:%M:%S%.3f",
        p if p >= 1e3 => "%Y-%m-%d %H:%M:%S%.6f",
        _ => "%Y-%m-%d %H:%M:%S%.9f",
    };
    zone.format_with(TimeNs(at), format)
}
