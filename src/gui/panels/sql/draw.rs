//! The line of buttons, the statement, and its answer below.

use std::sync::Arc;

use egui::{Margin, RichText, Stroke, Ui, UiBuilder};

use super::editor::editor_ui;
use super::model::{Answered, EXAMPLES, mark};
use super::plot::plot_ui;
use crate::analysis::sql::tables::TABLES;
use crate::analysis::sql::{Cell as Value, SqlError};
use crate::app::Command;
use crate::app::command::{LayoutCommand, SelectCommand, SqlCommand, WindowCommand};
use crate::app::jobs::{Answer, Slot};
use crate::base::spreadsheet::DISARMED;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{BODY, GRID, SMALL, mono, semibold};
use crate::gui::widgets::code::{CodeState, Mark};
use crate::gui::widgets::parts::{empty_state, icon_button, link};
use crate::gui::widgets::table::{self, Cell, Table, TableState};

/// Room of the statement, where there is that much.
const EDITOR: f32 = 116.0;
/// Of a cell's text no more is laid out.
const SHOWN: usize = 400;

/// Which run it is; the answer of one that was stopped is none.
type Run = (u64, bool);
type Found = Arc<Answer<Run, Option<Answered>>>;

#[derive(Default)]
pub struct SqlPanel {
    text: String,
    code: CodeState,
    runs: u64,
    slot: Option<Slot<Run, Option<Answered>>>,
    /// The last that was not stopped.
    shown: Option<Found>,
    table: TableState,
    selected: Option<u64>,
    plotted: bool,
    name: String,
}

impl Panel for SqlPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "Nothing to ask", "No log is open.", None);
            return;
        }
        self.take();
        let mut run = self.bar_ui(ui, ctx, out);
        let full = ui.available_rect_before_wrap();
        let editor = EDITOR.min(full.height() * 0.5);
        let (above, below) = full.split_top_bottom_at_y(full.top() + editor);
        let mut upper = ui.new_child(UiBuilder::new().max_rect(above));
        let wrong = self.shown.as_ref().and_then(|found| found.value.as_ref()).and_then(|found| {
            let error = found.error.as_ref().filter(|_| *found.statement == *self.text)?;
            let (line, message) = mark(error, &found.statement);
            Some(Mark { line, message, error: !error.cancelled })
        });
        run |= editor_ui(&mut upper, &mut self.text, &mut self.code, wrong.as_ref());
        ui.painter().hline(full.x_range(), below.top(), Stroke::new(1.0, ctx.theme.line));
        let mut lower = ui.new_child(UiBuilder::new().max_rect(below.with_min_y(below.top() + 1.0)));
        run |= self.answer_ui(&mut lower, ctx, out);
        ui.advance_cursor_after_rect(full);
        if run {
            self.run(ctx);
        }
    }
}

impl SqlPanel {
    fn run(&mut self, ctx: &PanelCtx<'_>) {
        if self.text.trim().is_empty() {
            return;
        }
        self.runs += 1;
        let (log, statement): (_, Arc<str>) = (Arc::clone(ctx.snapshot), self.text.as_str().into());
        let slot = self.slot.get_or_insert_with(|| Slot::new("sql", ctx.waker.clone()));
        slot.ask((self.runs, true), 0, move |job| Some(Answered::find(&log, statement, job)));
    }

    fn stop(&mut self) {
        // A question that asks nothing takes the place of the one that runs.
        let run = (self.runs, false);
        if let Some(slot) = &mut self.slot {
            slot.ask(run, 0, |_| None);
        }
    }

    fn take(&mut self) {
        let Some(answer) = self.slot.as_ref().and_then(Slot::answer).filter(|answer| answer.value.is_some()) else {
            return;
        };
        if self.shown.as_ref().is_none_or(|shown| shown.key != answer.key) {
            self.table = TableState::default();
            self.selected = None;
            self.shown = Some(answer);
        }
    }

    fn bar_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) -> bool {
        let mut run = false;
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                let progress = self.slot.as_ref().filter(|slot| slot.busy()).map(|slot| slot.progress().unwrap_or(0.0));
                if progress.is_some() {
                    if ui.button("Stop").clicked() {
                        self.stop();
                    }
                } else {
                    let button = ui.add_enabled(!self.text.trim().is_empty(), egui::Button::new("Run"));
                    run = button.on_hover_text("Ctrl+Enter").clicked();
                }
                ui.menu_button("Saved", |ui| run |= self.saved_ui(ui, ctx, out));
                ui.menu_button("Tables", |ui| tables_ui(ui, ctx));
                let found = self.shown.as_ref().and_then(|found| Some((found.value.as_ref()?, found.took)));
                if found.is_some_and(|(found, _)| found.lines.is_some()) {
                    for (words, plotted) in [("Table", false), ("Plot", true)] {
                        if ui.add(egui::Button::selectable(self.plotted == plotted, words)).clicked() {
                            self.plotted = plotted;
                        }
                    }
                }
                if let Some((found, _)) = found.filter(|(found, _)| !found.kept.rows.is_empty())
                    && ui.button("Copy as CSV").on_hover_text(DISARMED).clicked()
                {
                    out.push(WindowCommand::Copy(found.csv()).into());
                }
                let (words, hint) = match (progress, found) {
                    (Some(share), _) => (format!("Running… {:.0} %", share * 100.0), String::new()),
                    (None, Some((found, took))) if found.error.is_none() => (found.summary(), found.hint(took)),
                    _ => return,
                };
                let label = ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
                if !hint.is_empty() {
                    label.on_hover_text(hint);
                }
            });
        });
        run
    }

    /// Returns whether one was chosen, which is run at once.
    fn saved_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) -> bool {
        let mut chosen = None;
        let kept = &ctx.state.settings.queries;
        if kept.is_empty() {
            ui.label(RichText::new("No saved statements yet").color(ctx.theme.muted));
        }
        for query in kept {
            ui.horizontal(|ui| {
                if ui.button(one_line(&query.name, 40)).on_hover_text(one_line(&query.text, SHOWN)).clicked() {
                    chosen = Some(query.text.clone());
                    ui.close();
                }
                if icon_button(ui, "×", &format!("Forget {}", query.name)).clicked() {
                    out.push(SqlCommand::Forget(query.name.clone()).into());
                }
            });
        }
        ui.separator();
        ui.label(RichText::new("Examples").size(SMALL).color(ctx.theme.muted));
        for (name, text) in EXAMPLES {
            if ui.button(*name).clicked() {
                chosen = Some((*text).to_owned());
                ui.close();
            }
        }
        ui.separator();
        ui.horizontal(|ui| {
            let label = ui.label("Name");
            let edit = egui::TextEdit::singleline(&mut self.name).desired_width(160.0);
            ui.add(edit).labelled_by(label.id);
            let ready = !self.name.trim().is_empty() && !self.text.trim().is_empty();
            if ui.add_enabled(ready, egui::Button::new("Save")).clicked() {
                let (name, text) = (std::mem::take(&mut self.name), self.text.clone());
                out.push(SqlCommand::Save { name, text }.into());
                ui.close();
            }
        });
        let run = chosen.is_some();
        self.text = chosen.unwrap_or_else(|| std::mem::take(&mut self.text));
        run
    }

    /// Returns whether an example was chosen.
    fn answer_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) -> bool {
        let Some(answer) = self.shown.clone() else { return self.examples_ui(ui, ctx) };
        let Some(found) = &answer.value else { return false };
        match &found.error {
            Some(SqlError { cancelled: true, .. }) => _ = empty_state(ui, "Stopped", "", None),
            Some(error) if *found.statement != *self.text => {
                _ = empty_state(ui, "The statement was not answered", &error.message, None);
            }
            Some(_) => _ = empty_state(ui, "No answer", "The message stands below its line.", None),
            None if found.kept.rows.is_empty() => _ = empty_state(ui, "No rows", "", None),
            None => match found.lines.as_ref().filter(|_| self.plotted) {
                Some(lines) => plot_ui(ui, ctx, lines),
                None => self.table_ui(ui, ctx, found, out),
            },
        }
        false
    }

    fn examples_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>) -> bool {
        let mut chosen = None;
        egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.label(RichText::new("Ask the log in SQL").font(semibold(BODY)).color(ctx.theme.text));
            let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
            let tables = format!("Tables: {}", names.join(", "));
            ui.label(RichText::new(tables).size(SMALL).color(ctx.theme.muted));
            ui.add_space(GRID);
            for (name, text) in EXAMPLES {
                if link(ui, name, egui::FontId::proportional(BODY), text).clicked() {
                    chosen = Some((*text).to_owned());
                }
            }
        });
        let run = chosen.is_some();
        if let Some(text) = chosen {
            self.text = text;
        }
        run
    }

    fn table_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &Answered, out: &mut Vec<Command>) {
        let column = |(i, name): (usize, &String)| {
            let chars = found.widths.get(i).copied().unwrap_or(8).clamp(6, 48);
            let right = found.numbers.get(i) == Some(&true);
            let (title, width) = (one_line(name, 80).into(), chars as f32 * 7.6 + GRID * 6.0);
            table::Column { title, width, right, mono: true, sorted: None, sortable: false }
        };
        let columns: Vec<table::Column<'_>> = found.kept.columns.iter().enumerate().map(column).collect();
        let table = Table {
            id: ui.scope_id().with("sql rows"),
            label: "Rows",
            columns: &columns,
            rows: found.kept.rows.len() as u64,
            selected: self.selected,
            hovered: None,
        };
        let cell = |row: u64, column: usize| {
            let row = usize::try_from(row).ok().and_then(|row| found.kept.rows.get(row));
            row.and_then(|row| row.get(column))
        };
        let done = table.show(ui, &mut self.table, |row, column| match cell(row, column) {
            None | Some(Value::Null) => Cell::text("–").color(ctx.theme.faint),
            Some(value) => Cell::text(one_line(&value.text(), SHOWN)),
        });
        if let Some(row) = done.selected {
            self.selected = Some(row);
            if let Some(event) = found.event(row, ctx.snapshot) {
                out.push(SelectCommand::Event(event).into());
            }
        }
        if done.double_clicked.is_some() && found.ix.is_some() {
            out.push(LayoutCommand::Show("inspector").into());
        }
        if done.copy
            && let Some(row) = self.selected
        {
            let cells: Vec<String> = (0..columns.len()).filter_map(|i| cell(row, i)).map(Value::text).collect();
            out.push(WindowCommand::Copy(cells.join("\t")).into());
        }
    }
}

fn tables_ui(ui: &mut Ui, ctx: &PanelCtx<'_>) {
    egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
        for table in TABLES {
            ui.label(RichText::new(table.name).font(semibold(BODY)));
            ui.label(RichText::new(table.about).size(SMALL).color(ctx.theme.muted));
            egui::Grid::new(table.name).num_columns(2).spacing([GRID * 4.0, GRID]).show(ui, |ui| {
                for column in table.columns {
                    ui.label(RichText::new(column.name).font(mono(SMALL)));
                    ui.label(RichText::new(column.about).size(SMALL).color(ctx.theme.muted));
                    ui.end_row();
                }
            });
            ui.add_space(GRID * 2.0);
        }
    });
}
