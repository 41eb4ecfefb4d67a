//! The bar itself. Enter applies: half a filter is a filter too, and must not empty every panel
//! while it is being typed. An empty bar applies at once.

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::text_edit::TextEditState;
use egui::{Key, Modifiers, Popup, PopupCloseBehavior, Rect, Response, RichText, Stroke, TextEdit, Ui, vec2};

use super::model::Draft;
use super::popup::offers_ui;
use super::saved::saved_ui;
use crate::app::Command;
use crate::app::command::FilterCommand;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono};
use crate::gui::widgets::parts::icon_button;
use crate::model::filter::FilterError;

const NAME: &str = "filter";

const FIELD: &str = "filter text";

#[derive(Default)]
pub struct FilterBar {
    draft: Draft,
    /// The last request for the keyboard that was met.
    focused: u64,
    name: String,
}

impl Panel for FilterBar {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        self.draft.follow(&ctx.state.view.filter);
        let error = self.draft.error();
        ui.horizontal_centered(|ui| {
            let busy = ctx.jobs.rows.busy() && !ctx.state.view.filter.is_empty();
            let has_focus = ui.memory(|m| m.has_focus(ui.scope_id().with(FIELD)));
            // Typed and left: it must not look as if it were in use.
            let waits = !has_focus && error.is_none() && self.draft.is_changed() && !self.draft.text.trim().is_empty();
            let aside = if busy { 200.0 } else { 84.0 } + if waits { 64.0 } else { 0.0 };
            let width = (ui.available_width() - aside).max(120.0);
            self.field_ui(ui, ctx, error.as_ref(), width, out);
            if waits && ui.button("Apply").on_hover_text("This filter is not in use yet (Enter)").clicked() {
                out.push(FilterCommand::Set(self.draft.text.trim().to_owned()).into());
            }
            if !self.draft.text.is_empty() && icon_button(ui, "×", "Clear the filter").clicked() {
                self.draft.text.clear();
                out.push(FilterCommand::Clear.into());
            }
            ui.menu_button("Saved", |ui| saved_ui(ui, ctx, &mut self.name, out));
            if busy {
                progress_ui(ui, ctx, out);
            }
        });
    }
}

impl FilterBar {
    fn field_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        error: Option<&FilterError>,
        width: f32,
        out: &mut Vec<Command>,
    ) {
        let id = ui.scope_id().with(FIELD);
        let has_focus = ui.memory(|m| m.has_focus(id));
        let keys = if has_focus { self.keys(ui) } else { Keys::default() };
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _wrap: f32| {
            let job = layout(text.as_str(), error, ctx.theme);
            ui.fonts_mut(|f| f.layout_job(job))
        };
        let open = self.draft.is_open();
        let field = TextEdit::singleline(&mut self.draft.text)
            .id(id)
            .font(mono(BODY - 1.0))
            .hint_text("Filter: type:OrderPlaced data.total>50 \"text\"")
            .desired_width(width)
            // Tab takes the offer instead of leaving the field.
            .lock_focus(open)
            .layouter(&mut layouter);
        let output = field.show(ui);
        let response = output.response.response;
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Filter"));
        if let Some((_, wish)) = ctx.state.focus.filter(|(panel, n)| *panel == NAME && *n != self.focused) {
            self.focused = wish;
            response.request_focus();
        }
        let caret = output.cursor_range.map(|range| byte_of(&self.draft.text, range.primary.index.0));
        if let Some(caret) = caret.filter(|_| response.has_focus()) {
            self.draft.offer(caret, ctx.snapshot);
        }
        if let Some(offer) = keys.accept.and_then(|offer| self.draft.accept(offer)) {
            put_caret(ui, id, &self.draft.text, offer);
        }
        if self.draft.text.trim().is_empty() && !ctx.state.view.filter.is_empty() && response.changed() {
            out.push(FilterCommand::Clear.into());
        }
        if response.lost_focus()
            && ui.input(|i| i.key_pressed(Key::Enter))
            && self.draft.is_changed()
            && error.is_none()
        {
            self.draft.close();
            out.push(FilterCommand::Set(self.draft.text.trim().to_owned()).into());
        }
        // egui takes the keyboard away on Escape; here it first closes the offers, then gives up the draft.
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape)) {
            if self.draft.is_open() {
                self.draft.close();
                response.request_focus();
            } else {
                self.draft.give_up();
            }
        }
        self.popup_ui(ui, ctx, &response, error, id);
    }

    /// Arrow keys, Tab and Escape belong to the list while it is open.
    fn keys(&mut self, ui: &Ui) -> Keys {
        let mut keys = Keys::default();
        if !self.draft.is_open() {
            return keys;
        }
        ui.input_mut(|i| {
            if i.consume_key(Modifiers::NONE, Key::ArrowDown) {
                self.draft.choose(1);
            } else if i.consume_key(Modifiers::NONE, Key::ArrowUp) {
                self.draft.choose(-1);
            } else if i.consume_key(Modifiers::NONE, Key::Tab) {
                keys.accept = Some(self.draft.chosen.unwrap_or(0));
            } else if self.draft.chosen.is_some() && i.consume_key(Modifiers::NONE, Key::Enter) {
                keys.accept = self.draft.chosen;
            } else if i.consume_key(Modifiers::NONE, Key::Escape) {
                self.draft.close();
            }
        });
        keys
    }

    fn popup_ui(&mut self, ui: &Ui, ctx: &PanelCtx<'_>, field: &Response, error: Option<&FilterError>, id: egui::Id) {
        let wrong = error.filter(|_| self.draft.is_changed() && !self.draft.text.trim().is_empty());
        let open = field.has_focus() && (self.draft.is_open() || wrong.is_some());
        let mut clicked = None;
        Popup::from_response(field)
            .open(open)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .gap(GRID)
            .width(field.rect.width().clamp(240.0, 560.0))
            .show(|ui| {
                if let Some(error) = wrong {
                    ui.label(RichText::new(&error.message).color(ctx.theme.red));
                    ui.label(RichText::new(&error.hint).size(SMALL).color(ctx.theme.muted));
                    ui.add_space(GRID);
                }
                if self.draft.is_open() {
                    clicked = offers_ui(ui, &self.draft, ctx.theme);
                }
            });
        if let Some(caret) = clicked.and_then(|offer| self.draft.accept(offer)) {
            put_caret(ui, id, &self.draft.text, caret);
            field.request_focus();
        }
    }
}

#[derive(Default)]
struct Keys {
    accept: Option<usize>,
}

fn progress_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let share = ctx.jobs.rows.progress().unwrap_or(0.0);
    let (rect, response) = ui.allocate_exact_size(vec2(64.0, 4.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 2.0, ctx.theme.sunken);
    let done = Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
    ui.painter().rect_filled(done, 2.0, ctx.theme.accent);
    response.on_hover_text(format!("Searching, {:.0} %", share * 100.0));
    if ui.button("Stop").on_hover_text("Stop the search; what was shown stays").clicked() {
        out.push(FilterCommand::Cancel.into());
    }
}

/// The text with the place of the error underlined.
fn layout(text: &str, error: Option<&FilterError>, theme: &Theme) -> LayoutJob {
    let plain = TextFormat::simple(mono(BODY - 1.0), theme.text);
    let wrong = TextFormat { underline: Stroke::new(1.5, theme.red), ..plain.clone() };
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    job.wrap.max_width = f32::INFINITY;
    let (start, end) = error.map_or((text.len(), text.len()), |e| {
        let start = text.floor_char_boundary(e.at.start);
        // An error at the very end underlines the last character.
        let start = if start >= text.len() { text.char_indices().next_back().map_or(0, |(i, _)| i) } else { start };
        (start, text.floor_char_boundary(e.at.end.max(start + 1)).max(start))
    });
    let end = if end == start && start < text.len() { text.len() } else { end };
    for (piece, format) in [(text.get(..start), &plain), (text.get(start..end), &wrong), (text.get(end..), &plain)] {
        if let Some(piece) = piece.filter(|p| !p.is_empty()) {
            job.append(piece, 0.0, format.clone());
        }
    }
    job
}

fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(i, _)| i)
}

fn put_caret(ui: &Ui, id: egui::Id, text: &str, byte: usize) {
    let chars = text.get(..byte).map_or(0, |t| t.chars().count());
    if let Some(mut state) = TextEditState::load(ui.ctx(), id) {
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(chars))));
        state.store(ui.ctx(), id);
    }
}
