//! The form at the left, the report beside it. A question is asked by its button: it folds the history
//! many times over. The report before stays, and says when it belongs to another history.

use egui::{DragValue, Margin, RichText, Stroke, Ui, UiBuilder};

use super::model::{Choice, Form};
use super::report::{Shown, report_ui};
use crate::analysis::state::delivery::{Request, simulate};
use crate::app::Command;
use crate::app::command::LayoutCommand;
use crate::app::jobs::Slot;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::{empty_state, split_header};
use crate::gui::widgets::table::TableState;
use crate::model::ids::EntityIx;

const FORM: f32 = 216.0;

/// A question of one fold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub entity: EntityIx,
    pub fold: u64,
    pub request: Request,
}

pub(super) type Answered = Result<Shown, String>;

#[derive(Default)]
pub struct DeliveryPanel {
    form: Form,
    slot: Option<Slot<Asked, Answered>>,
    table: TableState,
}

impl Panel for DeliveryPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some(entity) = ctx.state.selection.entity else {
            let why = "Select an event or an entity: its history is delivered with faults here.";
            empty_state(ui, "No entity in focus", why, None);
            return;
        };
        let full = ui.available_rect_before_wrap();
        let (left, right) = full.split_left_right_at_x(full.left() + FORM.min(full.width() * 0.4));
        let focus = ctx.jobs.travel.focus_of(ctx.state);
        if let Some(error) = focus.as_ref().and_then(|f| f.error.as_ref()) {
            if empty_state(ui, "The reducer does not compile", &error.message, Some("Go to the reducer")) {
                out.push(LayoutCommand::Show("reducer").into());
            }
            return;
        }
        let ready = focus.filter(|f| f.is_done());
        let mut ui_left = ui.new_child(UiBuilder::new().max_rect(left));
        let pressed = self.form_ui(&mut ui_left, ctx, entity, ready.is_some());
        let slot = self.slot.get_or_insert_with(|| Slot::new("delivery", ctx.waker.clone()));
        if let (true, Some(focus)) = (pressed, &ready) {
            let asked = Asked { entity, fold: focus.number, request: self.form.request() };
            let (pool, request, folded) = (ctx.jobs.travel.pool.clone(), asked.request.clone(), focus.folded.clone());
            slot.ask(asked, 0, move |job| {
                let folded = folded.ok_or("There is nothing folded yet")?;
                let mut reducer = pool.lend(folded.source()).map_err(|error| error.message)?;
                let mut progress = |share: f32| job.report(f64::from(share));
                Ok(Shown::of(simulate(&folded, &mut *reducer, &request, &job.cancel, &mut progress)))
            });
        }
        ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        let fold = ready.as_ref().map(|focus| focus.number);
        report_ui(&mut ui_right, ctx, slot, &mut self.table, (entity, fold), out);
        ui.advance_cursor_after_rect(full);
    }
}

impl DeliveryPanel {
    /// Returns whether it is asked for.
    fn form_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, entity: EntityIx, ready: bool) -> bool {
        let theme = ctx.theme;
        let name = ctx.snapshot.entity(entity).map(|e| middle_cut(&one_line(e.id, 60), 22)).unwrap_or_default();
        split_header(ui, &format!("Deliver {name}"), |_| ());
        let mut pressed = false;
        egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID;
            for choice in Choice::ALL {
                ui.radio_value(&mut self.form.choice, choice, choice.label()).on_hover_text(choice.hint());
            }
            egui::Grid::new("form").num_columns(2).spacing([8.0, GRID]).show(ui, |ui| {
                let label = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).size(SMALL).color(theme.muted)).id;
                let window = label(ui, "window");
                let field = DragValue::new(&mut self.form.window).range(1..=10_000).suffix(" events");
                ui.add_enabled(self.form.choice == Choice::Reorder, field).labelled_by(window);
                ui.end_row();
                let seed = label(ui, "seed");
                ui.add(DragValue::new(&mut self.form.seed))
                    .labelled_by(seed)
                    .on_hover_text("The same seed gives the same faults");
                ui.end_row();
                let rounds = label(ui, "rounds");
                ui.add(DragValue::new(&mut self.form.rounds).range(0..=100_000))
                    .labelled_by(rounds)
                    .on_hover_text("Histories with random faults");
                ui.end_row();
            });
            let busy = self.slot.as_ref().and_then(Slot::progress);
            ui.horizontal(|ui| match busy {
                Some(share) => {
                    if ui.button("Stop").clicked()
                        && let Some(slot) = &mut self.slot
                    {
                        slot.clear();
                    }
                    ui.label(RichText::new(format!("{:.0} %", share * 100.0)).color(theme.muted));
                }
                None => {
                    let label = format!("Simulate {}", self.form.choice.label().to_lowercase());
                    let button = ui.add_enabled(ready, egui::Button::new(label));
                    pressed = button.on_disabled_hover_text("The history is still being folded").clicked();
                }
            });
        });
        pressed
    }
}
