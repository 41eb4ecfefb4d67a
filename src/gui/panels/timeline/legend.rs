//! What the colours mean, with counts. A click filters, Ctrl+click leaves out.

use egui::{Rect, RichText, Sense, Ui, pos2, vec2};

use crate::app::Command;
use crate::app::command::FilterCommand;
use crate::app::state::ColorBy;
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::preview::{middle_cut, named, one_line};
use crate::gui::theme::{GRID, Look, SMALL, mono, sans};
use crate::gui::widgets::chip;
use crate::model::ids::{ServiceIx, TypeIx};

pub const HEIGHT: f32 = 24.0;

/// One entry: look, name, events and the filter that a click adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub look: Look,
    pub name: String,
    pub events: u64,
    /// Those that the filter lets through, where there is one.
    pub shown: Option<u64>,
    pub filter: String,
}

impl Entry {
    /// `1,204`, `12 of 1,204` under a filter.
    #[must_use]
    pub fn counted(&self) -> String {
        match self.shown {
            Some(shown) => format!("{} of {}", count(shown), count(self.events)),
            None => count(self.events),
        }
    }
}

/// Entries with events, most frequent first: under a filter by what it lets through.
#[must_use]
pub fn entries(ctx: &PanelCtx<'_>) -> Vec<Entry> {
    let (names, key) = match ctx.state.view.lanes.color_by {
        ColorBy::Type => (ctx.snapshot.types(), "type"),
        ColorBy::Service => (ctx.snapshot.services(), "service"),
    };
    // The old counts stay until those of a new filter are there; without one there is nothing to count.
    let rows = answers::rows(ctx).filter(|_| !ctx.state.view.filter.is_empty());
    let counts = rows.as_ref().and_then(|a| a.value.as_ref()?.names.as_ref());
    let mut out: Vec<Entry> = names
        .iter()
        .enumerate()
        .filter(|(_, n)| n.events > 0)
        .map(|(i, n)| {
            let ix = u16::try_from(i).unwrap_or(u16::MAX);
            let (look, special) = match ctx.state.view.lanes.color_by {
                ColorBy::Type => (ctx.looks.of_type(TypeIx(ix)), (i == 0).then_some(("undecodable", "is:undecodable"))),
                ColorBy::Service => {
                    (ctx.looks.of_service(ServiceIx(ix)), (i == 0).then_some(("no service", "service:\"\"")))
                }
            };
            let (name, filter) = match special {
                Some((name, filter)) => (name.to_owned(), filter.to_owned()),
                None => (named(&n.name), format!("{key}:{}", quoted(&n.name))),
            };
            let shown = counts.map(|counts| match ctx.state.view.lanes.color_by {
                ColorBy::Type => counts.of_type(TypeIx(ix)),
                ColorBy::Service => counts.of_service(ServiceIx(ix)),
            });
            Entry { look, name, events: n.events, shown, filter }
        })
        .collect();
    let order =
        |a: &Entry, b: &Entry| b.shown.cmp(&a.shown).then(b.events.cmp(&a.events)).then_with(|| a.name.cmp(&b.name));
    out.sort_by(order);
    out
}

/// Draws as many entries as fit and the rest in a menu.
pub fn legend_ui(ui: &mut Ui, rect: Rect, ctx: &PanelCtx<'_>, entries: &[Entry], out: &mut Vec<Command>) {
    let painter = ui.painter_at(rect);
    let theme = ctx.theme;
    painter.hline(rect.x_range(), rect.top() + 0.5, egui::Stroke::new(1.0, theme.line));
    let mut x = rect.left() + GRID * 2.0;
    for (i, entry) in entries.iter().enumerate() {
        // What the filter leaves nothing of steps back.
        let color = if entry.shown == Some(0) { theme.faint } else { theme.text };
        let name = painter.layout_no_wrap(middle_cut(&one_line(&entry.name, 200), 32), sans(SMALL), color);
        let number = painter.layout_no_wrap(entry.counted(), mono(SMALL), theme.faint);
        let width = 16.0 + name.size().x + 6.0 + number.size().x;
        let more = i + 1 < entries.len();
        if x + width + if more { 72.0 } else { 0.0 } > rect.right() {
            let menu = Rect::from_min_max(pos2(x, rect.top() + 1.0), pos2(rect.right(), rect.bottom()));
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(menu));
            child.horizontal_centered(|ui| {
                ui.menu_button(RichText::new(format!("+{} more", entries.len() - i)).size(SMALL), |ui| {
                    egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                        for entry in entries.iter().skip(i).take(200) {
                            if ui.button(format!("{}  {}", entry.name, entry.counted())).clicked() {
                                out.push(FilterCommand::And(entry.filter.clone()).into());
                                ui.close();
                            }
                        }
                    });
                });
            });
            return;
        }
        let hit = Rect::from_min_size(pos2(x - 4.0, rect.top() + 2.0), vec2(width + 8.0, rect.height() - 4.0));
        let response = ui.interact(hit, ui.scope_id().with(("legend", i)), Sense::click());
        if response.hovered() || response.has_focus() {
            painter.rect_filled(hit, 4.0, theme.hover);
        }
        chip::paint_look(&painter, pos2(x + 4.0, rect.center().y), 8.0, entry.look, theme);
        let y = |h: f32| rect.center().y - h * 0.5;
        painter.galley(pos2(x + 14.0, y(name.size().y)), name.clone(), color);
        painter.galley(pos2(x + 14.0 + name.size().x + 6.0, y(number.size().y)), number, theme.faint);
        x += width + 16.0;
        response.widget_info(|| {
            egui::WidgetInfo::labeled(
                egui::Role::Button,
                true,
                format!("Show only {}, {} events", entry.name, entry.counted()),
            )
        });
        if response.clicked() {
            let without = ui.input(|i| i.modifiers.command);
            let filter = entry.filter.clone();
            out.push(if without { FilterCommand::AndNot(filter) } else { FilterCommand::And(filter) }.into());
        }
        response.on_hover_text(format!("Show only {}. Ctrl+click leaves it out", entry.name));
    }
}

/// A value of the filter language, in quotes where it needs them.
#[must_use]
pub fn quoted(value: &str) -> String {
    if !value.is_empty()
        && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '@' | '$'))
    {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
