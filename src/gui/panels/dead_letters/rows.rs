//! Paints the list's lines: one painter, text cut to its column.

use egui::{Color32, Painter, Rect, pos2};

use super::model::{GroupLine, LetterLine};
use crate::app::zone::Zone;
use crate::gui::panels::parts::paint;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, sans, semibold};
use crate::gui::widgets::parts::fold_arrow;
use crate::gui::widgets::sparkline;
use crate::model::time::TimeNs;

/// Widths of the columns at the right, dropped from the left where there is no room.
const ORIGINS: f32 = 88.0;
const SPARK: f32 = 56.0;
const LAST: f32 = 96.0;

/// The ground of a row.
pub fn ground(painter: &Painter, rect: Rect, selected: bool, hovered: bool, theme: &Theme) {
    if selected {
        painter.rect_filled(rect, 0.0, theme.accent_soft);
        painter.rect_filled(rect.with_max_x(rect.left() + 3.0), 0.0, theme.accent);
    } else if hovered {
        painter.rect_filled(rect, 0.0, theme.hover);
    }
}

pub fn group_ui(painter: &Painter, rect: Rect, line: &GroupLine, spark: Option<&[u32]>, zone: Zone, theme: &Theme) {
    let inner = rect.shrink2(egui::vec2(GRID * 2.0, 0.0));
    fold_arrow(painter, theme, pos2(inner.left() + 4.0, inner.center().y), line.open);
    let number = inner.with_min_x(inner.left() + 12.0).with_max_x(inner.left() + 52.0);
    paint::right(painter, number, &line.count, mono(12.0), theme.red);
    let mut rest = inner.with_min_x(number.right() + GRID * 2.0);
    let mut column = |width: f32, least: f32| {
        if rest.width() < least {
            return None;
        }
        let at = rest.with_min_x(rest.right() - width);
        rest = rest.with_max_x(at.left() - GRID * 2.0);
        Some(at)
    };
    if let (Some(at), Some(last)) = (column(LAST, 300.0), line.last) {
        paint::right(painter, at, &short_time(last, zone), mono(SMALL), theme.muted);
    }
    if let Some(at) = column(SPARK, 300.0) {
        let at = at.shrink2(egui::vec2(0.0, 4.0));
        painter.hline(at.x_range(), at.bottom() + 0.5, egui::Stroke::new(1.0, theme.stripe));
        if let Some(counts) = spark {
            sparkline::paint(painter, at, counts, theme.muted);
        }
    }
    if let Some(at) = column(ORIGINS, 300.0) {
        paint::right(painter, at, &line.origins, sans(SMALL), theme.muted);
    }
    let mut left = rest.left();
    if !line.class.is_empty() {
        left = paint::left(painter, rest, &line.class, semibold(BODY), theme.text) + GRID * 2.0;
    }
    let color = if line.class.is_empty() { theme.text } else { theme.muted };
    paint::left(painter, rest.with_min_x(left), &line.message, sans(BODY), color);
}

pub fn letter_ui(painter: &Painter, rect: Rect, line: &LetterLine, zone: Zone, theme: &Theme) {
    let inner = rect.shrink2(egui::vec2(GRID * 2.0, 0.0));
    let rest = inner.with_min_x(inner.left() + 60.0);
    let time = rest.with_max_x(rest.left() + 104.0);
    let at = line.at.map_or_else(|| "no time".to_owned(), |at| short_time(at, zone));
    paint::left(painter, time, &at, mono(SMALL), theme.muted);
    let (origin, origin_color): (&str, Color32) = match (line.origin.as_str(), line.by_name) {
        (_, true) => ("by name alone", theme.amber),
        ("", false) => ("unknown origin", theme.amber),
        (origin, false) => (origin, theme.muted),
    };
    let from = paint::right(painter, rest.with_min_x(rest.right() - ORIGINS), origin, sans(SMALL), origin_color);
    let rest = rest.with_min_x(time.right() + GRID * 2.0).with_max_x(from - GRID * 2.0);
    let half = rest.with_max_x(rest.left() + rest.width() * 0.5);
    paint::left(painter, half, &line.type_name, sans(BODY), theme.text);
    paint::left(painter, rest.with_min_x(half.right() + GRID), &line.entity, mono(SMALL), theme.text);
}

/// Without the year: letters are days old, not years; the whole time is in the detail.
fn short_time(at: TimeNs, zone: Zone) -> String {
    zone.format_with(at, "%m-%d %H:%M:%S")
}
