//! Everything a person can do, by name: a few letters, arrows, Enter. Shows the shortcut of each.

mod fuzzy;

use eframe::egui::{
    self, Align, Align2, Area, Context, EventFilter, Frame, Id, Key, Layout, Modifiers, Order, RichText, ScrollArea,
    Sense, Stroke, TextEdit, Ui, vec2,
};

use crate::app::actions::ACTIONS;
use crate::app::command::{LayoutCommand, WindowCommand};
use crate::app::keys::Shortcut;
use crate::app::{Command, State};
use crate::gui::panels::{Area as Place, PANELS};
use crate::gui::theme::{self, BODY, GRID, ROW, SMALL, Theme};
use crate::gui::widgets::keycap;

#[derive(Clone, Debug, Default)]
pub struct Palette {
    text: String,
    at: usize,
    open: bool,
}

/// One line of the list.
struct Item {
    label: String,
    group: &'static str,
    key: Option<Shortcut>,
    command: Command,
    score: i32,
}

const WIDTH: f32 = 560.0;
const LINES: f32 = 12.0;
/// A name fits better than a word for the same thing.
const OTHER_WORDS: i32 = 10;

impl Palette {
    /// The next opening starts empty.
    pub fn close(&mut self) {
        if self.open {
            *self = Self::default();
        }
    }

    pub fn draw(&mut self, ctx: &Context, theme: &Theme, state: &State, has_log: bool, out: &mut Vec<Command>) {
        let just_opened = !self.open;
        self.open = true;
        let screen = ctx.content_rect();
        let veil = Area::new(Id::unique("palette veil")).order(Order::Middle).fixed_pos(screen.min);
        let outside = veil.show(ctx, |ui| {
            ui.painter().rect_filled(screen, 0.0, theme.veil);
            ui.allocate_rect(screen, Sense::CLICK).clicked()
        });
        let area = Area::new(Id::unique("palette")).order(Order::Foreground);
        area.anchor(Align2::CENTER_TOP, vec2(0.0, (screen.height() * 0.12).min(120.0))).show(ctx, |ui| {
            let frame = Frame::new().fill(theme.raised).stroke(Stroke::new(1.0, theme.outline)).corner_radius(8);
            let shadow = egui::Shadow { offset: [0, 8], blur: 24, spread: 0, color: theme.shadow };
            frame.shadow(shadow).inner_margin(8).show(ui, |ui| {
                ui.set_width(WIDTH.min(screen.width() - 48.0));
                self.contents(ui, theme, state, has_log, just_opened, out);
            });
        });
        if outside.inner {
            out.push(WindowCommand::Escape.into());
        }
    }

    fn contents(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        state: &State,
        has_log: bool,
        just_opened: bool,
        out: &mut Vec<Command>,
    ) {
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, tab: true, escape: false };
        let steps = ui.input_mut(|i| {
            let down = i.count_and_consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = i.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
            down as i64 - up as i64
        });
        let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        let edit = TextEdit::singleline(&mut self.text)
            .hint_text("What do you want to do?")
            .desired_width(f32::INFINITY)
            .margin(egui::Margin::symmetric(8, 8))
            .event_filter(filter);
        let response = ui.add(edit).accessible_name("Command");
        if just_opened || !response.has_focus() {
            response.request_focus();
        }
        if response.changed() {
            self.at = 0;
        }
        let items = items(&self.text, state, has_log);
        self.at = self.at.saturating_add_signed(steps as isize).min(items.len().saturating_sub(1));
        ui.add_space(GRID);
        if items.is_empty() {
            ui.label(RichText::new("Nothing has that name").color(theme.muted));
        }
        let mut chosen = enter.then_some(self.at);
        ScrollArea::vertical().max_height(LINES * (ROW + GRID)).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (i, item) in items.iter().enumerate() {
                if line(ui, theme, item, i == self.at, steps != 0) {
                    chosen = Some(i);
                }
            }
        });
        if let Some(item) = chosen.and_then(|i| items.get(i)) {
            // Closed first: the command may open something else.
            out.push(WindowCommand::Escape.into());
            out.push(item.command.clone());
        }
    }
}

/// Returns whether it was clicked.
fn line(ui: &mut Ui, theme: &Theme, item: &Item, selected: bool, moved: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW + GRID), Sense::CLICK);
    if selected {
        ui.painter().rect_filled(rect, 4.0, theme.accent_soft);
        if moved {
            ui.scroll_to_rect(rect, None);
        }
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, theme.hover);
    }
    let builder = egui::UiBuilder::new().max_rect(rect.shrink2(vec2(8.0, 0.0)));
    let mut left = ui.new_child(builder.clone().layout(Layout::left_to_right(Align::Center)));
    left.label(RichText::new(&item.label).font(theme::sans(BODY)).color(theme.text));
    left.label(RichText::new(item.group).font(theme::sans(SMALL)).color(theme.faint));
    if let Some(key) = item.key {
        keycap::caps(&mut ui.new_child(builder.layout(Layout::right_to_left(Align::Center))), &key.caps());
    }
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, selected, &item.label));
    response.clicked()
}

/// What fits the text, best first; without text in the order of the table.
fn items(text: &str, state: &State, has_log: bool) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for action in ACTIONS.iter().filter(|a| (has_log || !a.needs_log) && a.label != "Command palette") {
        let by_label = fuzzy::score(text, action.label);
        let by_words = fuzzy::score(text, action.words).map(|score| score - OTHER_WORDS);
        let Some(score) = by_label.max(by_words) else { continue };
        items.push(Item {
            label: action.label.to_owned(),
            group: action.group.label(),
            key: action.keys.first().copied(),
            command: (action.command)(),
            score,
        });
    }
    if has_log {
        for entry in PANELS.iter().filter(|e| !matches!(e.area, Place::Header | Place::Top)) {
            let name = entry.title.to_lowercase();
            let maximised = state.maximised == Some(entry.id);
            let maximise = if maximised { format!("Restore {name}") } else { format!("Maximise {name}") };
            for (label, command) in [
                (format!("Show {name}"), LayoutCommand::Focus(entry.id)),
                (format!("Hide {name}"), LayoutCommand::Hide(entry.id)),
                (maximise, LayoutCommand::Maximise(entry.id)),
            ] {
                let by_words = fuzzy::score(text, entry.words).map(|score| score - OTHER_WORDS);
                let Some(score) = fuzzy::score(text, &label).max(by_words) else { continue };
                items.push(Item { label, group: "Panels", key: None, command: command.into(), score });
            }
        }
    }
    // Stable: equal scores stay in the order of the table.
    items.sort_by_key(|item| std::cmp::Reverse(item.score));
    items
}
