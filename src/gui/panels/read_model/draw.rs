//! Table and key above, counts, and the list of differences.

use std::sync::Arc;

use egui::{Margin, RichText, TextEdit, Ui};

use super::model::{Row, coverage, csv, rows, summary};
use crate::analysis::read_model::check::Report;
use crate::analysis::state::reducer::ReducerSource;
use crate::app::Command;
use crate::app::command::{LayoutCommand, SelectCommand, WindowCommand};
use crate::app::jobs::{ReadModelAsk, Slot, check_read_model};
use crate::base::spreadsheet::DISARMED;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{BODY, SMALL, mono};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};

const TITLES: [(&str, f32, bool); 6] = [
    ("What", 80.0, false),
    ("Key", 168.0, true),
    ("Column", 136.0, true),
    ("Should be", 176.0, true),
    ("Is", 176.0, true),
    ("Set by", 400.0, false),
];

/// What came of a run; nothing of one that was stopped before it began.
struct Found {
    number: u64,
    report: Option<Result<(Report, Vec<Row>), String>>,
}

#[derive(Default)]
pub struct ReadModelPanel {
    address: String,
    key: String,
    kind: String,
    columns: String,
    only: String,
    runs: u64,
    slot: Option<Slot<(u64, bool), Found>>,
    table: TableState,
    /// The run whose row is chosen, and the row.
    selected: Option<(u64, u64)>,
}

impl Panel for ReadModelPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "Nothing to compare", "No log is open.", None);
            return;
        }
        self.form_ui(ui, ctx);
        let answer = self.slot.as_ref().and_then(Slot::answer);
        match answer.as_ref().and_then(|answer| Some((answer.value.number, answer.value.report.as_ref()?))) {
            None => {
                let why =
                    "Name a table with one row per entity, and its key: what the events make is compared with it.";
                empty_state(ui, "Is the read model right?", why, None);
            }
            Some((_, Err(what))) => _ = empty_state(ui, "It could not be compared", what, None),
            Some((number, Ok((report, rows)))) => self.report_ui(ui, ctx, number, report, rows, out),
        }
    }
}

impl ReadModelPanel {
    fn form_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>) {
        let progress = self.slot.as_ref().filter(|slot| slot.busy()).map(|slot| slot.progress().unwrap_or(0.0));
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            let field = |ui: &mut Ui, name: &str, text: &mut String, hint: &str, width: f32| {
                let label = ui.label(name);
                let edit = TextEdit::singleline(text).hint_text(hint).desired_width(width).font(mono(BODY - 1.0));
                ui.add(edit).labelled_by(label.id);
            };
            ui.horizontal_wrapped(|ui| {
                field(ui, "Table", &mut self.address, "views.sqlite?table=orders_view", 320.0);
                field(ui, "Key", &mut self.key, "order_id", 120.0);
                field(ui, "Kind", &mut self.kind, "by the key", 96.0);
            });
            ui.horizontal_wrapped(|ui| {
                field(
                    ui,
                    "Columns",
                    &mut self.columns,
                    "by their names, or total=/sum; lines=(.items | length)",
                    400.0,
                );
                field(ui, "Only", &mut self.only, "not exists closedAt", 168.0);
                let ready = !self.address.trim().is_empty() && !self.key.trim().is_empty();
                match progress {
                    Some(share) => {
                        if ui.button("Stop").clicked() {
                            self.stop();
                        }
                        let share = format!("Comparing… {:.0} %", share * 100.0);
                        ui.label(RichText::new(share).size(SMALL).color(ctx.theme.muted));
                    }
                    None if ui.add_enabled(ready, egui::Button::new("Compare")).clicked() => self.run(ctx),
                    None => {}
                }
            });
        });
    }

    fn run(&mut self, ctx: &PanelCtx<'_>) {
        self.runs += 1;
        let number = self.runs;
        let ask = ReadModelAsk {
            table: self.address.clone(),
            key: self.key.clone(),
            kind: self.kind.clone(),
            columns: self.columns.clone(),
            only: self.only.clone(),
        };
        let log = Arc::clone(ctx.snapshot);
        let known: Vec<(String, ReducerSource)> = (log.kinds().iter())
            .filter_map(|kind| Some((kind.name.to_string(), ctx.state.travel.reducer(&kind.name)?.clone())))
            .collect();
        let slot = self.slot.get_or_insert_with(|| Slot::new("read model", ctx.waker.clone()));
        slot.ask((number, true), 0, move |job| {
            let reducer = |kind: &str| known.iter().find(|(of, _)| of == kind).map(|(_, source)| source.clone());
            let report = check_read_model(&log, &ask, &reducer, job);
            let report = report.map(|report| {
                let rows = rows(&log, &report);
                (report, rows)
            });
            Found { number, report: Some(report) }
        });
    }

    fn stop(&mut self) {
        // A question that asks nothing takes the place of the one that runs.
        let number = self.runs;
        if let Some(slot) = &mut self.slot {
            slot.ask((number, false), 0, move |_| Found { number, report: None });
        }
    }

    fn report_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        number: u64,
        report: &Report,
        rows: &[Row],
        out: &mut Vec<Command>,
    ) {
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(summary(report));
                if !rows.is_empty() && ui.button("Copy as CSV").on_hover_text(DISARMED).clicked() {
                    out.push(WindowCommand::Copy(csv(rows)).into());
                }
            });
            ui.label(RichText::new(coverage(ctx.snapshot, report)).size(SMALL).color(ctx.theme.muted));
        });
        if rows.is_empty() {
            empty_state(ui, "The read model agrees with the events", "", None);
            return;
        }
        let columns = TITLES.map(|(title, width, mono)| table::Column::plain(title, width, mono));
        let row = |at: u64| usize::try_from(at).ok().and_then(|at| rows.get(at));
        let table = Table {
            id: ui.scope_id().with("read model"),
            label: "Differences",
            columns: &columns,
            rows: rows.len() as u64,
            selected: self.selected.filter(|(of, _)| *of == number).map(|(_, row)| row),
            hovered: None,
        };
        let done = table.show(ui, &mut self.table, |at, column| {
            let Some(row) = row(at) else { return Cell::pending() };
            match column {
                0 => Cell::text(row.what),
                1 => Cell::text(one_line(&row.key, 120)),
                2 => Cell::text(one_line(&row.column, 80)),
                3 => Cell::text(one_line(&row.expected, 200)),
                4 => Cell::text(one_line(&row.actual, 200)),
                _ => Cell::text(row.by.as_str()).color(ctx.theme.muted),
            }
        });
        if let Some(at) = done.selected {
            self.selected = Some((number, at));
            if let Some(event) = row(at).and_then(|row| row.event) {
                out.push(SelectCommand::Event(event).into());
            }
        }
        if done.double_clicked.is_some() {
            out.push(LayoutCommand::Show("state").into());
        }
    }
}
