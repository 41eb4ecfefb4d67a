//! The condition above, the field's history below. A click on a row goes to its event.

use std::sync::Arc;

use egui::{Margin, RichText, Ui};

use super::field::{Field, offer_ui};
use super::model::{COLUMNS, cell, row_at};
use super::when::When;
use crate::analysis::state::blame::{Touch, touches};
use crate::analysis::state::path::Path;
use crate::app::Command;
use crate::app::command::{LayoutCommand, TravelCommand, WindowCommand};
use crate::app::jobs::{Focus, Slot};
use crate::base::text::plural;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::SMALL;
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};

/// A fold and a field.
type Key = (u64, Path);

#[derive(Default)]
pub struct HistoryPanel {
    when: When,
    field: Field,
    table: TableState,
    found: Option<Slot<Key, Vec<Touch>>>,
    /// The search that a person stopped.
    stopped: Option<Key>,
    /// The step that the table last went to.
    revealed: Option<u32>,
}

impl Panel for HistoryPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.state.selection.entity.is_none() {
            let why = "Select one: then ask when something first held, or how a field came to its value.";
            empty_state(ui, "No entity selected", why, None);
            return;
        }
        let Some(focus) = ctx.jobs.travel.focus_of(ctx.state) else {
            empty_state(ui, "Finding the entity's events…", "", None);
            return;
        };
        if let Some(error) = &focus.error {
            if empty_state(ui, "The reducer's text has an error", &error.message, Some("Show the reducer")) {
                out.push(LayoutCommand::Show("reducer").into());
            }
            return;
        }
        let at = ctx.jobs.travel.at().filter(|a| a.value.entity == focus.entity);
        let state = at.as_ref().map(|a| &a.value.after.value);
        egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
            self.when.ui(ui, ctx, &focus, out);
            ui.horizontal(|ui| {
                self.field.ui(ui, ctx, state, out);
                self.status_ui(ui, ctx, &focus);
            });
        });
        let Some(path) = ctx.state.travel.field.clone() else {
            let why = "Type its path above, choose one here, or right-click it in the state.";
            ui.add_space(8.0);
            if let Some(state) = state {
                offer_ui(ui, state, out);
            }
            empty_state(ui, "No field chosen", why, None);
            return;
        };
        self.ask(ctx, &focus, &path);
        self.table_ui(ui, ctx, &focus, &path, out);
    }
}

impl HistoryPanel {
    fn ask(&mut self, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, path: &Path) {
        let Some(folded) = focus.folded.clone().filter(|_| focus.is_done()) else { return };
        let key = (focus.number, path.clone());
        if self.stopped.as_ref() == Some(&key) {
            return;
        }
        self.stopped = None;
        let slot = self.found.get_or_insert_with(|| Slot::new("field history", ctx.waker.clone()));
        let (pool, path) = (ctx.jobs.travel.pool.clone(), path.clone());
        slot.ask(key, 0, move |job| {
            let Ok(mut reducer) = pool.lend(folded.source()) else { return Vec::new() };
            let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
            touches(&folded, &mut *reducer, &path, &job.cancel, &progress)
        });
    }

    /// How many events touched the field, or how far the search is.
    fn status_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus) {
        let (Some(slot), Some(path)) = (&mut self.found, &ctx.state.travel.field) else { return };
        let key = (focus.number, path.clone());
        let words = if slot.busy() {
            let share = slot.progress().unwrap_or(0.0);
            format!("looking, {:.0} %", share * 100.0)
        } else {
            match slot.answer().filter(|a| a.key == key) {
                Some(found) => {
                    let n = found.value.len() as u64;
                    let of = plural(focus.history.len().into(), "event", "events");
                    format!("{} by {of}", plural(n, "change", "changes"))
                }
                None if self.stopped.is_some() => "stopped".to_owned(),
                None => String::new(),
            }
        };
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
        if slot.busy() {
            if ui.button("Stop").clicked() {
                slot.cancel();
                self.stopped = Some(key);
            }
        } else if self.stopped.as_ref() == Some(&key) && ui.button("Look again").clicked() {
            slot.clear();
            self.stopped = None;
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, path: &Path, out: &mut Vec<Command>) {
        let answer = self.found.as_ref().and_then(Slot::answer);
        // Of the field before until the new one is there, but never of another fold's.
        let Some(answer) = answer.filter(|a| a.key.0 == focus.number) else {
            if !focus.is_done() {
                empty_state(ui, "The history is still being folded…", "", None);
            }
            return;
        };
        let found = &answer.value;
        if found.is_empty() {
            let why = format!("No event of this entity ever touched {}.", path.dotted());
            empty_state(ui, "No change", &why, None);
            return;
        }
        let step = ctx.state.step();
        let selected = step.and_then(|step| row_at(found, step));
        if step != self.revealed {
            self.revealed = step;
            if let Some(row) = selected {
                self.table.reveal(row);
            }
        }
        let columns = COLUMNS.map(|(title, width, mono)| table::Column {
            right: title == "Event",
            ..table::Column::plain(title, width, mono)
        });
        let table = Table {
            id: ui.scope_id().with("field history"),
            label: "Field history",
            columns: &columns,
            rows: found.len() as u64,
            selected: selected.filter(|row| found.get(*row as usize).map(|t| t.step) == step),
            hovered: selected,
        };
        let touch = |row: u64| usize::try_from(row).ok().and_then(|row| found.get(row));
        let zone = ctx.state.settings.zone;
        let done = table.show(ui, &mut self.table, |row, column| {
            let Some(touch) = touch(row) else { return Cell::default() };
            let mut made = Cell::text(cell(&focus.snapshot, touch, column, zone));
            match (column, touch.event) {
                (2, Some(event)) => made.look = Some(ctx.looks.of_type(focus.snapshot.type_ix(event))),
                (0 | 3, _) => made.color = Some(ctx.theme.muted),
                _ => {}
            }
            made
        });
        if let Some(touch) = done.selected.and_then(touch) {
            self.revealed = Some(touch.step);
            out.push(TravelCommand::Step(touch.step).into());
        }
        if done.double_clicked.is_some() {
            out.push(LayoutCommand::Show("state").into());
        }
        if done.copy
            && let Some(touch) = selected.and_then(touch)
        {
            let cells: Vec<String> = (0..COLUMNS.len()).map(|i| cell(&focus.snapshot, touch, i, zone)).collect();
            out.push(WindowCommand::Copy(cells.join("\t")).into());
        }
    }
}
