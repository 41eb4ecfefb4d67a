//! One row of the list: mark, id, sparkline, count, and first and last event where there is room.

use egui::{Painter, Rect, pos2, vec2};

use super::model::EntityRow;
use crate::gui::panels::parts::paint;
use crate::gui::panels::parts::preview::middle_cut;
use crate::gui::theme::{GRID, SMALL, Theme, mono, sans};
use crate::gui::widgets::sparkline;

const SPARK: f32 = 56.0;
const TIME: f32 = 140.0;

/// Which columns a width has room for, right to left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    pub id: Rect,
    pub spark: Option<Rect>,
    pub first: Option<Rect>,
    pub last: Option<Rect>,
    pub count: Rect,
}

#[must_use]
pub fn columns(row: Rect) -> Columns {
    let inner = row.shrink2(vec2(GRID * 2.0, 0.0));
    let mut right = inner.right();
    let mut take = |width: f32, least: f32| {
        if right - width - inner.left() < least {
            return None;
        }
        let rect = Rect::from_min_max(pos2(right - width, inner.top()), pos2(right, inner.bottom()));
        right -= width + GRID * 2.0;
        Some(rect)
    };
    let count = take(52.0, 0.0).unwrap_or(inner);
    let spark = take(SPARK, 96.0);
    let last = take(TIME, 180.0);
    let first = last.and_then(|_| take(TIME, 180.0));
    Columns { id: inner.with_max_x(right), spark, first, last, count }
}

/// Draws the row; `spark` is missing until it was counted.
pub fn row_ui(painter: &Painter, rect: Rect, row: &EntityRow, spark: Option<&[u32]>, hovered: bool, theme: &Theme) {
    if row.selected {
        painter.rect_filled(rect, 0.0, theme.accent_soft);
        painter.rect_filled(rect.with_max_x(rect.left() + 3.0), 0.0, theme.accent);
    } else if hovered {
        painter.rect_filled(rect, 0.0, theme.hover);
    }
    let at = columns(rect);
    let dot = pos2(at.id.left() + 4.0, at.id.center().y);
    if row.pinned {
        painter.circle_filled(dot, 4.0, theme.accent);
    } else {
        let color = theme.series.get(row.kind.at() % theme.series.len()).copied().unwrap_or(theme.muted);
        painter.circle_stroke(dot, 3.0, egui::Stroke::new(1.5, color));
    }
    let id = at.id.with_min_x(at.id.left() + 14.0);
    paint::left(painter, id, &middle_cut(&row.id, (id.width() / 7.2) as usize), mono(12.0), theme.text);
    if let (Some(rect), Some(spark)) = (at.spark, spark) {
        sparkline::paint(painter, rect.shrink2(vec2(0.0, 4.0)), spark, theme.bar);
    }
    for (rect, text) in [(at.first, &row.first), (at.last, &row.last)] {
        if let Some(rect) = rect {
            paint::left(painter, rect, text, mono(SMALL), theme.muted);
        }
    }
    paint::right(painter, at.count, &row.count, mono(12.0), theme.muted);
}

/// The titles above the rows.
pub fn titles_ui(painter: &Painter, rect: Rect, theme: &Theme) {
    let at = columns(rect);
    let font = sans(SMALL);
    paint::left(painter, at.id.with_min_x(at.id.left() + 14.0), "Entity", font.clone(), theme.muted);
    for (rect, text) in [(at.spark, "Over time"), (at.first, "First event"), (at.last, "Last event")] {
        if let Some(rect) = rect {
            paint::left(painter, rect, text, font.clone(), theme.muted);
        }
    }
    paint::right(painter, at.count, "Events", font, theme.muted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_panels_drop_times_then_sparklines() {
        let shown = |width: f32| {
            let c = columns(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 22.0)));
            assert!(c.id.width() >= 30.0, "{width}: the id keeps room");
            (c.spark.is_some(), c.last.is_some(), c.first.is_some())
        };
        assert_eq!(shown(140.0), (false, false, false));
        assert_eq!(shown(260.0), (true, false, false));
        assert_eq!(shown(520.0), (true, true, false));
        assert_eq!(shown(800.0), (true, true, true));
    }
}
