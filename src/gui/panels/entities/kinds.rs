//! The kinds with their counts; a click narrows the list down to a kind, another one opens it again.

use egui::{Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::model::KindRow;
use crate::app::Command;
use crate::app::command::LaneCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::paint;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, ROW, SMALL, mono, sans, semibold};
use crate::gui::widgets::parts::focus_ring;

/// Draws at most a third of the panel's height.
pub fn kinds_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, kinds: &[KindRow], out: &mut Vec<Command>) {
    let theme = ctx.theme;
    let most = (ui.available_height() * 0.34).max(ROW * 3.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("kinds").max_height(most).auto_shrink([false, true]).show(ui, |ui| {
        for kind in kinds {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
            let painter = ui.painter_at(rect);
            if kind.chosen {
                painter.rect_filled(rect, 0.0, theme.accent_soft);
            } else if response.hovered() {
                painter.rect_filled(rect, 0.0, theme.hover);
            }
            if response.has_focus() {
                focus_ring(&painter, rect, theme);
            }
            let inner = rect.shrink2(vec2(GRID * 2.0, 0.0));
            let color = theme.series.get(kind.kind.at() % theme.series.len()).copied().unwrap_or(theme.muted);
            painter.circle_stroke(pos2(inner.left() + 4.0, inner.center().y), 3.0, egui::Stroke::new(1.5, color));
            let from = paint::right(&painter, inner, &kind.entities, mono(12.0), theme.text);
            let events = Rect::from_min_max(inner.min, pos2(from - GRID * 2.0, inner.bottom()));
            let name_end = inner.left() + 14.0 + inner.width() * 0.45;
            let from = if inner.width() > 200.0 {
                paint::right(&painter, events.with_min_x(name_end), &kind.events, sans(SMALL), theme.faint)
            } else {
                from
            };
            let name = Rect::from_min_max(pos2(inner.left() + 14.0, inner.top()), pos2(from - GRID, inner.bottom()));
            paint::left(
                &painter,
                name,
                &one_line(&kind.name, 40),
                if kind.chosen { semibold(BODY) } else { sans(BODY) },
                theme.text,
            );
            response.widget_info(|| {
                let label = format!("Kind {}, {} entities, {}", kind.name, kind.entities, kind.events);
                egui::WidgetInfo::selected(egui::Role::Button, true, kind.chosen, label)
            });
            if response.clicked() {
                out.push(LaneCommand::ToggleKind(kind.name.clone()).into());
            }
            response.on_hover_text(if kind.chosen { "Show all kinds again" } else { "Show only this kind" });
        }
    });
}
