//! The panel's frame: which of plan, run and journal is seen.

use egui::{Button, RichText, Stroke, Ui, UiBuilder};

use super::detail::Detail;
use super::form::Form;
use super::journal::JournalView;
use super::moves::MovesView;
use super::{model, moves, run};
use crate::app::Command;
use crate::app::command::LayoutCommand;
use crate::app::jobs::Told;
use crate::base::text::{count, plural};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{Cell, Column, Table, TableState};
use crate::requeue::Plan;

/// Widths of the form and of what is told of one message.
pub(super) const FORM: f32 = 288.0;
const DETAIL_SHARE: f32 = 0.38;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seen {
    #[default]
    Plan,
    Journal,
    Moves,
}

#[derive(Default)]
pub struct RequeuePanel {
    seen: Seen,
    form: Form,
    journal: JournalView,
    moves: MovesView,
    detail: Detail,
    table: TableState,
    selected: u64,
    /// The run whose end was seen and put away, by its plan.
    put_away: Option<String>,
}

/// Messages of plans that were stopped or interrupted.
fn left_over(told: &Told) -> u64 {
    told.plans.iter().map(|plan| plan.counts.open()).sum()
}

impl Panel for RequeuePanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        self.tabs(ui, ctx, out);
        match self.seen {
            Seen::Journal => {
                if self.journal.ui(ui, ctx, out) {
                    // Where a run is seen while it goes.
                    self.seen = Seen::Plan;
                    self.put_away = None;
                }
            }
            Seen::Plan => self.plan(ui, ctx, out),
            Seen::Moves => self.moves.ui(ui, ctx, out),
        }
        if std::mem::take(&mut self.form.wants_moves) {
            self.seen = Seen::Moves;
        }
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        if ctx.jobs.requeue.is_running() {
            return Some("sending".to_owned());
        }
        let told = ctx.jobs.requeue.told.answer()?;
        let told = told.value.as_ref().ok()?;
        let (doubtful, left) = (told.doubtful.len(), left_over(told));
        match (doubtful, left) {
            (0, 0) => None,
            (0, left) => Some(format!("{} left", count(left))),
            (doubtful, _) => Some(format!("{doubtful} in doubt")),
        }
    }
}

impl RequeuePanel {
    fn tabs(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = GRID;
                let mut tabs = vec![(Seen::Plan, "Plan"), (Seen::Journal, "Journal")];
                if moves::has_queues(ctx) {
                    tabs.push((Seen::Moves, "Move task"));
                } else if self.seen == Seen::Moves {
                    self.seen = Seen::Plan;
                }
                for (seen, label) in tabs {
                    if ui.add(Button::selectable(self.seen == seen, label)).clicked() {
                        self.seen = seen;
                    }
                }
                ui.add_space(GRID);
                for (system, left) in ctx.state.requeue.unlocked() {
                    run::unlocked_ui(ui, ctx, system, left, out);
                }
            });
        });
        let y = ui.cursor().top();
        ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, ctx.theme.line));
    }

    fn plan(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let running = ctx.jobs.requeue.running().filter(|running| self.put_away.as_ref() != Some(&running.plan));
        if let Some(running) = running {
            if run::run_ui(ui, ctx, running, out) {
                self.put_away = Some(running.plan.clone());
            }
            return;
        }
        let Some(wish) = &ctx.state.requeue.wish else {
            let told = ctx.jobs.requeue.told.answer();
            let left = told.as_ref().and_then(|told| told.value.as_ref().ok()).map_or(0, left_over);
            if left > 0 {
                let was = if left == 1 { "was" } else { "were" };
                let title = format!("{} {was} left when a plan ended", plural(left, "message", "messages"));
                let why = "The journal has the plan. It goes on from there, and looks first for what was on its way.";
                if empty_state(ui, &title, why, Some("Show the journal")) {
                    self.seen = Seen::Journal;
                }
                return;
            }
            let why = "Choose letters in the panel Dead letters; what would be sent is shown here before anything is.";
            if empty_state(ui, "Nothing to put back", why, Some("Show dead letters")) {
                out.push(LayoutCommand::Show("dead-letters").into());
            }
            return;
        };
        let slot = &ctx.jobs.requeue.plan;
        let answer = slot.answer();
        let drawn = answer.as_ref().map(|answer| &answer.value);
        let current = answer.as_ref().filter(|answer| answer.key.0 == *wish && !slot.busy());
        let full = ui.available_rect_before_wrap();
        let (left, rest) = full.split_left_right_at_x(full.left() + FORM.min(full.width() * 0.4));
        let current = current.and_then(|answer| answer.value.as_ref().ok());
        self.form.ui(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, wish, current, out);
        ui.painter().vline(rest.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let rest = rest.with_min_x(rest.left() + 1.0);
        let mut ui_rest = ui.new_child(UiBuilder::new().max_rect(rest));
        match drawn {
            None if slot.failed().is_some() => {
                empty_state(&mut ui_rest, "Making the plan broke down", &slot.failed().unwrap_or_default(), None);
            }
            None => {
                empty_state(&mut ui_rest, "Making the plan…", "The target is asked what it holds.", None);
            }
            Some(Err(error)) => {
                let why = [&error.details, &error.next_step].map(String::as_str).join("\n");
                empty_state(&mut ui_rest, &error.to_string(), why.trim(), None);
            }
            Some(Ok(drawn)) => {
                let x = rest.left() + (rest.width() * (1.0 - DETAIL_SHARE)).round();
                let (middle, right) = rest.split_left_right_at_x(x);
                let mut ui_middle = ui_rest.new_child(UiBuilder::new().max_rect(middle));
                self.lines(&mut ui_middle, ctx, &drawn.plan, &drawn.warnings, slot.busy());
                ui_rest.painter().vline(x, rest.y_range(), Stroke::new(1.0, ctx.theme.line));
                let mut ui_right = ui_rest.new_child(UiBuilder::new().max_rect(right.with_min_x(x + 1.0)));
                let at = usize::try_from(self.selected).unwrap_or(usize::MAX);
                let (item, view) = (drawn.plan.items.get(at), drawn.views.get(at).and_then(Option::as_ref));
                match item {
                    Some(item) => self.detail.ui(&mut ui_right, ctx, item, view, out),
                    None => {
                        empty_state(&mut ui_right, "No message selected", "", None);
                    }
                }
            }
        }
        ui.advance_cursor_after_rect(full);
    }

    /// All messages and what is left out, with what is to be known of all of them above.
    fn lines(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        plan: &Plan,
        warnings: &[crate::model::error::Error],
        busy: bool,
    ) {
        let theme = ctx.theme;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            let sent = crate::base::text::plural(plan.items.len() as u64, "message", "messages");
            let left = plan.left_out.len();
            let left = if left == 0 { String::new() } else { format!(", {left} left out") };
            let words =
                if busy { "Making the plan anew…".to_owned() } else { format!("{sent} for {}{left}", plan.system) };
            ui.label(RichText::new(words).size(SMALL).color(theme.muted));
            for note in &plan.notes {
                ui.add(egui::Label::new(RichText::new(note).size(SMALL).color(theme.amber)).wrap());
            }
            for warning in warnings {
                let words = format!("The target could not be asked: {warning}");
                ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(theme.amber)).wrap());
            }
        });
        // Beside the scroll bar.
        let width = ui.available_width() - 16.0;
        let name = ((width - 168.0) / 3.4).max(96.0);
        let columns = [
            Column::plain("from", name * 1.2, true),
            Column::plain("to", name, true),
            Column { right: true, ..Column::plain("value", 96.0, true) },
            Column { right: true, ..Column::plain("headers", 72.0, true) },
            Column::plain("to know", (width - name * 2.2 - 168.0).max(96.0), false),
        ];
        let table = Table {
            id: ui.scope_id().with("plan"),
            label: "Messages of the plan",
            columns: &columns,
            rows: (plan.items.len() + plan.left_out.len()) as u64,
            selected: Some(self.selected),
            hovered: None,
        };
        let selected = table
            .show(ui, &mut self.table, |row, column| {
                let Some(line) = usize::try_from(row).ok().and_then(|row| model::line(plan, row)) else {
                    return Cell::default();
                };
                let color = if line.is_sent { theme.text } else { theme.muted };
                match column {
                    0 => Cell::text(line.from).color(color),
                    1 => Cell::text(line.to).color(if line.is_sent { theme.text } else { theme.amber }),
                    2 => Cell::text(line.value).color(color),
                    3 => Cell::text(line.stripped).color(theme.muted),
                    _ => Cell::text(line.warnings).color(theme.amber),
                }
            })
            .selected;
        if let Some(row) = selected {
            self.selected = row;
        }
    }
}
