//! Puts the panel together: kind and language, what to do with the text, the text itself or the rules
//! that were found, and below (beside it where there is room) what it makes of a history.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{ComboBox, Margin, Rect, RichText, Stroke, Ui, UiBuilder};

use super::files::{Files, files_ui};
use super::inferred::{Known, inferred_ui, look_through};
use super::model::{Draft, WRITTEN};
use super::preview::{Preview, preview};
use super::{editor, reference, result};
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::app::Command;
use crate::app::command::{ReducerCommand, TravelCommand};
use crate::app::jobs::{Answer, Slot};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL, strong};
use crate::gui::widgets::code::CodeState;
use crate::gui::widgets::json::JsonTree;
use crate::gui::widgets::parts::empty_state;
use crate::model::ids::{EntityIx, KindIx};

/// From this width on text and preview stand side by side.
const WIDE: f32 = 760.0;
/// A text is folded when nobody typed for so long, in seconds.
const REST: f64 = 0.3;

/// What a preview depends on besides the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PreviewKey {
    pub entity: EntityIx,
    pub source: ReducerSource,
    pub keep_duplicates: bool,
}

pub(super) type PreviewAnswer = Arc<Answer<PreviewKey, Option<Preview>>>;

#[derive(Default)]
pub struct ReducerPanel {
    /// By kind of entity.
    drafts: BTreeMap<String, Draft>,
    /// Chosen here; the kind of the entity in focus until then.
    kind: Option<String>,
    /// The kind of the entity in focus in the last frame.
    focused: Option<String>,
    pub(super) code: CodeState,
    known: Option<Slot<KindIx, Option<Known>>>,
    preview: Option<Slot<PreviewKey, Option<Preview>>>,
    pub(super) tree: JsonTree,
    /// What `tree` was made of.
    pub(super) tree_of: Option<Arc<str>>,
    files: Files,
    /// In place of the preview.
    reference: bool,
    opened: u64,
}

impl Panel for ReducerPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some((ix, kind)) = self.kind_shown(ctx) else {
            empty_state(ui, "No entities yet", "States are made for entities: open a log that names some.", None);
            return;
        };
        let known = self.known(ctx, ix);
        let waiting = ctx.state.travel.waiting.get(&kind);
        let applied = ctx.state.travel.reducer(&kind);
        let mut draft = self.drafts.remove(&kind).unwrap_or_else(|| {
            let mut draft = Draft::of(applied);
            if let Some(waiting) = waiting {
                draft.put(waiting.source.kind, waiting.source.text.to_string());
            }
            draft
        });
        draft.follow(applied);
        self.take_opened(ctx, &kind, &mut draft);
        if draft.language == ReducerKind::Inferred && !ui.ctx().text_edit_focused() {
            take_paste(ui, &mut draft);
        }
        let is_script = matches!(draft.language, ReducerKind::JavaScript | ReducerKind::Jq);
        let waits = waiting.is_some() && is_script;
        if !waits {
            self.ask_preview(ui, ctx, ix, &draft, known.as_deref());
        }
        let full = ui.available_rect_before_wrap();
        if full.width() >= WIDE {
            let (left, right) = full.split_left_right_at_fraction(0.56);
            let mut ui_left = ui.new_child(UiBuilder::new().max_rect(left));
            self.edit_ui(&mut ui_left, ctx, &kind, &mut draft, known.as_deref(), left.height(), out);
            ui.painter().vline(right.left(), right.y_range(), Stroke::new(1.0, ctx.theme.line));
            let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
            self.below_ui(&mut ui_right, ctx, &draft, out);
        } else {
            let high = (full.height() * 0.6).max(full.height() - 320.0);
            let (upper, lower) = full.split_top_bottom_at_y(full.top() + high);
            let mut ui_upper = ui.new_child(UiBuilder::new().max_rect(upper));
            self.edit_ui(&mut ui_upper, ctx, &kind, &mut draft, known.as_deref(), high, out);
            self.below_ui(&mut ui.new_child(UiBuilder::new().max_rect(lower)), ctx, &draft, out);
        }
        self.drafts.insert(kind, draft);
        ui.advance_cursor_after_rect(full);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        (!ctx.state.travel.waiting.is_empty()).then(|| "waits".to_owned())
    }
}

impl ReducerPanel {
    /// The kind of the entity in focus wins whenever it changes.
    fn kind_shown(&mut self, ctx: &PanelCtx<'_>) -> Option<(KindIx, String)> {
        let kinds = ctx.snapshot.kinds();
        let of = ctx.state.selection.entity.and_then(|e| ctx.snapshot.entity(e)).map(|name| name.kind);
        let focus = of.and_then(|kind| kinds.get(kind.at())).map(|kind| kind.name.to_string());
        if focus.is_some() && focus != self.focused {
            self.focused.clone_from(&focus);
            self.kind = None;
        }
        let wanted = self.kind.clone().or(focus);
        let at = wanted.and_then(|name| kinds.iter().position(|kind| *kind.name == *name)).unwrap_or(0);
        let kind = kinds.get(at)?;
        Some((KindIx(u16::try_from(at).ok()?), kind.name.to_string()))
    }

    /// Types of the kind's events and the rules they show; looked for again when the log is twice as long.
    fn known(&mut self, ctx: &PanelCtx<'_>, kind: KindIx) -> Option<Arc<Known>> {
        let slot = self.known.get_or_insert_with(|| Slot::new("inferred rules", ctx.waker.clone()));
        let log = Arc::clone(ctx.snapshot);
        let size = u64::from(ctx.snapshot.len().max(1).ilog2()) << 1 | u64::from(!ctx.reading);
        slot.ask(kind, size, move |job| look_through(&log, kind, job));
        let answer = slot.answer().filter(|answer| answer.key == kind)?;
        answer.value.as_ref().map(|known| Arc::new(known.clone()))
    }

    fn take_opened(&mut self, ctx: &PanelCtx<'_>, kind: &str, draft: &mut Draft) {
        let opened = ctx.state.travel.opened.as_ref().filter(|o| o.kind == kind && o.number != self.opened);
        if let Some(opened) = opened {
            self.opened = opened.number;
            draft.put(super::model::language_of(&opened.path, &opened.text), opened.text.to_string());
        }
    }

    fn ask_preview(&mut self, ui: &Ui, ctx: &PanelCtx<'_>, kind: KindIx, draft: &Draft, known: Option<&Known>) {
        let slot = self.preview.get_or_insert_with(|| Slot::new("reducer preview", ctx.waker.clone()));
        let focus = ctx.state.selection.entity.filter(|e| ctx.snapshot.entity(*e).is_some_and(|n| n.kind == kind));
        let Some(entity) = focus.or_else(|| known.and_then(|k| k.survey.example)) else { return };
        let inferred = || known.map(|k| ReducerSource { kind: ReducerKind::Inferred, text: Arc::clone(&k.text) });
        let Some(source) = draft.source().or_else(inferred) else { return };
        let rested = ui.input(|i| i.time) - draft.edited;
        if rested < REST && draft.edited > 0.0 {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(REST - rested.max(0.0) + 0.01));
            return;
        }
        let key = PreviewKey { entity, source, keep_duplicates: ctx.state.travel.keep_duplicates };
        let (log, asked) = (Arc::clone(ctx.snapshot), key.clone());
        slot.ask(key, ctx.snapshot.generation(), move |job| {
            preview(&log, asked.entity, asked.keep_duplicates, &asked.source, job)
        });
    }

    fn answer(&self) -> Option<PreviewAnswer> {
        self.preview.as_ref().and_then(Slot::answer).filter(|answer| answer.value.is_some())
    }

    /// All that stands above or left: choices, what to do, the text.
    #[expect(clippy::too_many_arguments, reason = "the frame's own parts")]
    fn edit_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        kind: &str,
        draft: &mut Draft,
        known: Option<&Known>,
        high: f32,
        out: &mut Vec<Command>,
    ) {
        let top = ui.cursor().top();
        egui::Frame::new().inner_margin(Margin { left: 12, right: 12, top: 8, bottom: 4 }).show(ui, |ui| {
            self.choices_ui(ui, ctx, kind, draft, known);
            self.actions_ui(ui, ctx, kind, draft, out);
            files_ui(ui, ctx, &mut self.files, kind, draft, out);
        });
        let rest = Rect::from_min_max(
            egui::pos2(ui.max_rect().left(), ui.cursor().top()),
            egui::pos2(ui.max_rect().right(), top + high),
        );
        ui.painter().hline(rest.x_range(), rest.top(), Stroke::new(1.0, ctx.theme.line));
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rest.with_min_y(rest.top() + 1.0)));
        if draft.language == ReducerKind::Inferred {
            if inferred_ui(&mut inner, ctx, kind, known) {
                draft.choose(
                    ReducerKind::Rules,
                    &known.map(|k| Arc::clone(&k.survey)).unwrap_or_default(),
                    known.map(|k| &*k.text),
                );
            }
            return;
        }
        let answer = self.answer().filter(|answer| draft.source().as_ref() == Some(&answer.key.source));
        let shown = answer.as_ref().and_then(|a| a.value.as_ref());
        if editor::editor_ui(&mut inner, draft, &mut self.code, shown) && draft.is_changed() {
            out.extend(apply(ctx, kind, draft));
        }
    }

    fn choices_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, kind: &str, draft: &mut Draft, known: Option<&Known>) {
        let narrow = ui.available_width() < 300.0;
        ui.horizontal(|ui| {
            let names = ctx.snapshot.kinds();
            let combo = ComboBox::from_id_salt("kind").width(if narrow { 96.0 } else { 128.0 });
            let response = combo.selected_text(one_line(kind, 24)).show_ui(ui, |ui| {
                for other in names {
                    let label = if other.name.is_empty() { "(no kind)".to_owned() } else { one_line(&other.name, 48) };
                    if ui.selectable_label(*other.name == *kind, label).clicked() {
                        self.kind = Some(other.name.to_string());
                    }
                }
            });
            response.response.on_hover_text("The kind of entity whose states this makes");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let toggle = egui::Button::selectable(self.reference, "Reference");
                if ui.add(toggle).on_hover_text("What an event looks like to a reducer, and the rules").clicked() {
                    self.reference = !self.reference;
                }
                self.files.menu_ui(ui, kind, draft);
            });
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let mut choose = |ui: &mut Ui, language: ReducerKind, label: &str, hint: &str| {
                let button = egui::Button::selectable(draft.language == language, label);
                let response = ui.add(button).on_hover_text(hint);
                if response.clicked() && draft.language != language {
                    let survey = known.map(|k| Arc::clone(&k.survey)).unwrap_or_default();
                    draft.choose(language, &survey, known.map(|k| &*k.text));
                }
            };
            choose(ui, ReducerKind::Inferred, "Inferred", "Rules that the log's own events show");
            for language in WRITTEN {
                let (label, hint) = match language {
                    ReducerKind::JavaScript if narrow => ("JS", "JavaScript: a class or a function"),
                    ReducerKind::JavaScript => ("JavaScript", "A class with apply(event), or a function"),
                    ReducerKind::Jq => ("jq", "One expression from the state before to the one after"),
                    _ => ("Rules", "One line per change, for each type of event"),
                };
                choose(ui, language, label, hint);
            }
            let changed = draft.is_changed() || draft.can_revert();
            if !changed && !narrow {
                let in_use = ctx.state.travel.reducer(kind).map_or(ReducerKind::Inferred, |source| source.kind);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let words = RichText::new(format!("in use: {}", in_use.label())).size(SMALL);
                    ui.add(egui::Label::new(words.color(ctx.theme.muted)).truncate());
                });
            }
        });
    }

    fn actions_ui(&self, ui: &mut Ui, ctx: &PanelCtx<'_>, kind: &str, draft: &mut Draft, out: &mut Vec<Command>) {
        let applied = ctx.state.travel.reducer(kind);
        if let Some(waiting) = ctx.state.travel.waiting.get(kind) {
            let frame = egui::Frame::new().fill(ctx.theme.amber_soft).corner_radius(4).inner_margin(8);
            frame.show(ui, |ui| {
                let words = format!(
                    "This {} reducer came with the settings of {}.",
                    waiting.source.kind.label(),
                    one_line(&waiting.from, 60)
                );
                ui.label(strong(words));
                ui.label("It has not run yet. Until you say so, the inferred rules make the states.");
                ui.horizontal(|ui| {
                    if ui.button("Run it").clicked() {
                        out.push(ReducerCommand::Allow(kind.to_owned()).into());
                    }
                    if ui.button("Leave it out").clicked() {
                        out.push(ReducerCommand::Refuse(kind.to_owned()).into());
                        *draft = Draft::of(None);
                    }
                });
            });
            return;
        }
        if !draft.is_changed() && !draft.can_revert() {
            return;
        }
        ui.horizontal(|ui| {
            let changed = draft.is_changed();
            let label = if draft.language == ReducerKind::Inferred { "Use the inferred rules" } else { "Apply" };
            if changed && ui.button(label).on_hover_text("Ctrl+Enter").clicked() {
                out.extend(apply(ctx, kind, draft));
            }
            if draft.can_revert() && ui.button("Revert").on_hover_text("Back to the reducer in use").clicked() {
                draft.revert();
            }
            if let Some(source) = draft.source().filter(|_| changed)
                && ui.button("Compare").on_hover_text("With the reducer in use, event by event").clicked()
            {
                out.push(ReducerCommand::Compare(kind.to_owned(), source).into());
            }
            let in_use = applied.map_or(ReducerKind::Inferred, |source| source.kind).label();
            let words = if changed { format!("not in use yet; in use: {in_use}") } else { format!("in use: {in_use}") };
            ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(ctx.theme.muted)).truncate());
        });
        ui.add_space(GRID * 0.5);
    }

    /// All that stands below or right.
    fn below_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, draft: &Draft, out: &mut Vec<Command>) {
        if self.reference {
            reference::reference_ui(ui, ctx.theme, draft.language);
            return;
        }
        let busy = self.preview.as_ref().and_then(Slot::progress);
        let failed = self.preview.as_ref().and_then(Slot::failed);
        let answer = self.answer();
        result::result_ui(self, ui, ctx, answer, busy, failed.as_deref(), out);
    }
}

/// The text becomes the reducer of its kind.
fn apply(ctx: &PanelCtx<'_>, kind: &str, draft: &Draft) -> Option<Command> {
    let source = draft.source();
    (source.as_ref() != ctx.state.travel.reducer(kind)).then(|| TravelCommand::Reducer(kind.to_owned(), source).into())
}

/// A reducer may be pasted without looking for a field first.
fn take_paste(ui: &Ui, draft: &mut Draft) {
    let over = ui.rect_contains_pointer(ui.max_rect());
    ui.input_mut(|i| {
        let pasted = i
            .events
            .iter()
            .position(|event| matches!(event, egui::Event::Paste(text) if over && draft.paste_whole(text)));
        if let Some(at) = pasted {
            i.events.remove(at);
        }
    });
}
