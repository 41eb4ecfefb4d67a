//! A path with completion: folders are read on another thread, since a dead network drive would stop
//! the window.

use std::fs;
use std::path::Path;

use eframe::egui::{self, EventFilter, Key, Modifiers, RichText, Sense, TextEdit, Ui, vec2};

use crate::app::jobs::{Slot, Waker};
use crate::gui::theme::{self, BODY, GRID, ROW, Theme};
use crate::gui::widgets::text;

/// Most completions that are listed.
const SHOWN: usize = 8;

/// Most entries of a folder that are looked at.
const READ: usize = 20_000;

pub struct PathField {
    text: String,
    at: Option<usize>,
    completions: Slot<String, Vec<String>>,
    focus: bool,
}

impl PathField {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self { text: String::new(), at: None, completions: Slot::new("complete path", waker.clone()), focus: false }
    }

    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Returns what is to be opened.
    pub fn draw(&mut self, ui: &mut Ui, theme: &Theme) -> Option<String> {
        let id = ui.make_persistent_id("path");
        let typing = ui.memory(|m| m.has_focus(id));
        let names = self.names();
        let listed = typing && !names.is_empty() && !self.text.is_empty();
        let (mut steps, mut take, mut enter) = (0_i64, false, false);
        if typing {
            ui.input_mut(|i| {
                steps = i.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as i64
                    - i.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as i64;
                take = i.consume_key(Modifiers::NONE, Key::Tab);
                enter = i.consume_key(Modifiers::NONE, Key::Enter);
            });
        }
        let typed = self.text.trim().to_owned();
        let focus = std::mem::take(&mut self.focus);
        let edit = TextEdit::singleline(&mut self.text)
            .id(id)
            .font(theme::mono(BODY))
            .hint_text("Path of a file or folder, or a pattern such as logs/*.ndjson")
            .desired_width(ui.available_width() - 88.0)
            .margin(egui::Margin::symmetric(8, 6))
            .event_filter(EventFilter { tab: listed, vertical_arrows: true, horizontal_arrows: true, escape: false });
        let (mut chosen, mut changed, mut pressed) = (None, false, false);
        let something = !typed.is_empty();
        let mut field = egui::Rect::NOTHING;
        ui.horizontal(|ui| {
            let response = ui.add(edit).accessible_name("Path");
            field = response.rect;
            if focus {
                response.request_focus();
            }
            changed = response.changed();
            let open = egui::Button::new("Open path").min_size(vec2(80.0, field.height()));
            pressed = ui.add_enabled(something, open).clicked();
        });
        if changed {
            self.at = None;
        }
        if pressed {
            chosen = Some(self.text.clone());
        }
        self.ask();
        if steps != 0 && listed {
            let last = names.len().saturating_sub(1);
            self.at = Some(self.at.map_or(0, |at| at.saturating_add_signed(steps as isize).min(last)));
        }
        if listed && let Some(clicked) = self.list(ui, id, theme, field, &names) {
            self.complete(ui, id, &clicked);
        }
        let picked = self.at.and_then(|at| names.get(at)).cloned();
        match (take, enter, picked) {
            (true, _, picked) => {
                if let Some(name) = picked.or_else(|| names.first().cloned()) {
                    self.complete(ui, id, &name);
                }
            }
            (_, true, Some(name)) => self.complete(ui, id, &name),
            (_, true, None) if !self.text.trim().is_empty() => chosen = Some(self.text.clone()),
            _ => {}
        }
        chosen
    }

    fn names(&self) -> Vec<String> {
        let answer = self.completions.answer().filter(|a| a.key == self.text);
        answer.map_or_else(Vec::new, |a| a.value.clone())
    }

    fn ask(&mut self) {
        let text = self.text.clone();
        if !text.is_empty() {
            self.completions.ask(text.clone(), 0, move |_| completions(&text));
        }
    }

    /// Takes a completion; the caret goes behind it.
    fn complete(&mut self, ui: &Ui, id: egui::Id, name: &str) {
        name.clone_into(&mut self.text);
        self.at = None;
        if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
            let end = egui::text::CCursor::new(self.text.chars().count());
            state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
            state.store(ui.ctx(), id);
        }
        ui.memory_mut(|m| m.request_focus(id));
        ui.ctx().request_repaint();
    }

    fn list(&self, ui: &Ui, id: egui::Id, theme: &Theme, field: egui::Rect, names: &[String]) -> Option<String> {
        let mut clicked = None;
        let area = egui::Area::new(id.with("completions")).order(egui::Order::Foreground);
        area.fixed_pos(field.left_bottom() + vec2(0.0, GRID)).show(ui.ctx(), |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(field.width() - 8.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                for (i, name) in names.iter().enumerate() {
                    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
                    if self.at == Some(i) {
                        ui.painter().rect_filled(rect, 4.0, theme.accent_soft);
                    } else if response.hovered() {
                        ui.painter().rect_filled(rect, 4.0, theme.hover);
                    }
                    let font = theme::mono(BODY - 1.0);
                    let galley = text::line(ui.painter(), name, font, theme.text, rect.width() - 8.0);
                    let at = egui::pos2(rect.left() + 4.0, rect.center().y - galley.size().y / 2.0);
                    ui.painter().galley(at, galley, theme.text);
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListBoxOption, true, name));
                    // On the press: the click itself takes the keyboard from the field and closes the list.
                    if response.is_pointer_button_down_on() {
                        clicked = Some(name.clone());
                    }
                }
                ui.label(RichText::new("Tab takes it, Enter opens").font(theme::sans(theme::SMALL)).color(theme.faint));
            });
        });
        clicked
    }
}

/// Paths that begin like `typed`: folders end in a slash and come first. `~` is the home folder.
fn completions(typed: &str) -> Vec<String> {
    let home = directories::UserDirs::new().map(|d| d.home_dir().display().to_string());
    let full = match (typed.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => format!("{home}{rest}"),
        _ => typed.to_owned(),
    };
    let (folder, begin) = full.rfind(['/', '\\']).map_or(("", &*full), |at| full.split_at(at + 1));
    let read = fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) });
    let Ok(entries) = read else { return Vec::new() };
    let mut found: Vec<(bool, String)> = Vec::new();
    for entry in entries.take(READ).flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.') && !begin.starts_with('.');
        if hidden || !name.to_lowercase().starts_with(&begin.to_lowercase()) {
            continue;
        }
        // Follows links, so that a link to a folder counts as one.
        let is_folder = fs::metadata(entry.path()).is_ok_and(|m| m.is_dir());
        let path = format!("{folder}{name}{}", if is_folder { "/" } else { "" });
        if path != full {
            found.push((!is_folder, path));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, path)| path).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_folders_first_and_hidden_ones_on_request() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for name in ["shop.ndjson", "Shop2.ndjson", "bank.ndjson", ".shop-hidden"] {
            fs::write(dir.path().join(name), "").expect("can be written");
        }
        fs::create_dir(dir.path().join("shops")).expect("can be made");
        let base = format!("{}/", dir.path().display());
        let names = |typed: &str| -> Vec<String> {
            completions(&format!("{base}{typed}")).iter().map(|p| p.replace(&base, "")).collect()
        };
        assert_eq!(names("sh"), ["shops/", "Shop2.ndjson", "shop.ndjson"]);
        assert_eq!(names(".s"), [".shop-hidden"]);
        assert_eq!(names("nothing"), Vec::<String>::new());
        assert_eq!(completions(&format!("{base}no/such/folder/x")), Vec::<String>::new());
    }
}
