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
    // As wide as the longest number or its title, so that digits stand below each other.
    let digit = ui.painter().layout_no_wrap("0".to_owned(), mono(12.0), theme.text).size().x;
    let widest = |text: fn(&KindRow) -> &str, title: f32| {
        kinds.iter().map(|k| text(k).chars().count() as f32 * digit).fold(title, f32::max) + 1.0
    };
    let (entities, events) = (widest(|k| &k.entities, 44.0), widest(|k| &k.events, 40.0));
    let (title, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let painter = ui.painter_at(title);
    painter.rect_filled(title, 0.0, theme.raised);
    // The rows have a scroll bar beside them where not all fit.
    let bar = if kinds.len() as f32 * ROW > most { ui.spacing().scroll.allocated_width() } else { 0.0 };
    let at = columns(title.with_max_x(title.right() - bar).shrink2(vec2(GRID * 2.0, 0.0)), entities, events);
    paint::left(&painter, at.name, "Kind", sans(SMALL), theme.muted);
    paint::right(&painter, at.entities, "Entities", sans(SMALL), theme.muted);
    if let Some(events) = at.events {
        paint::right(&painter, events, "Events", sans(SMALL), theme.muted);
    }
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
            let at = columns(inner, entities, events);
            let color = theme.series.get(kind.kind.at() % theme.series.len()).copied().unwrap_or(theme.muted);
            painter.circle_stroke(pos2(inner.left() + 4.0, inner.center().y), 3.0, egui::Stroke::new(1.5, color));
            paint::right(&painter, at.entities, &kind.entities, mono(12.0), theme.text);
            if let Some(events) = at.events {
                paint::right(&painter, events, &kind.events, mono(12.0), theme.muted);
            }
            paint::left(
                &painter,
                at.name,
                &one_line(&kind.name, 40),
                if kind.chosen { semibold(BODY) } else { sans(BODY) },
                theme.text,
            );
            response.widget_info(|| {
                let label = format!("Kind {}, {} entities, {} events", kind.name, kind.entities, kind.events);
                egui::WidgetInfo::selected(egui::Role::Button, true, kind.chosen, label)
            });
            if response.clicked() {
                out.push(LaneCommand::ToggleKind(kind.name.clone()).into());
            }
            response.on_hover_text(if kind.chosen { "Show all kinds again" } else { "Show only this kind" });
        }
    });
}

struct Columns {
    name: Rect,
    events: Option<Rect>,
    entities: Rect,
}

/// Events are left out where the name would have too little room.
fn columns(inner: Rect, entities: f32, events: f32) -> Columns {
    let name = inner.with_min_x(inner.left() + 14.0);
    let entities = inner.with_min_x((inner.right() - entities).max(name.left()));
    let gap = GRID * 3.0;
    let start = entities.left() - gap - events;
    let events = (start - gap - name.left() > 72.0).then(|| inner.with_min_x(start).with_max_x(entities.left() - gap));
    let end = events.map_or(entities.left(), |e| e.left()) - gap;
    Columns { name: name.with_max_x(end.max(name.left())), events, entities }
}
