//! The line of counts and buttons, the list of rules and findings, and beside it what one of them says.

use egui::{Color32, Margin, RichText, Stroke, Ui, UiBuilder};

use super::detail::Detail;
use super::model::{Row, badge, lint_of, nothing, rows, words};
use super::thresholds::Thresholds;
use crate::analysis::lints::{Finding, LINTS, Severity};
use crate::app::Command;
use crate::app::command::{LintCommand, SelectCommand};
use crate::app::jobs::{Answer, LintKey, Linted};
use crate::base::text::{count, plural};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{SMALL, Theme};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};

/// Of the panel's width, for what one finding says.
const DETAIL: f32 = 0.4;

#[derive(Default)]
pub struct LintPanel {
    table: TableState,
    detail: Detail,
    thresholds: Thresholds,
    /// The row that is shown beside the list.
    chosen: usize,
    silenced: bool,
    settings: bool,
}

impl Panel for LintPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "Nothing to look at", "No log is open.", None);
            return;
        }
        let answer = ctx.jobs.lints.slot.answer();
        self.bar_ui(ui, ctx, answer.as_deref(), out);
        let Some(linted) = answer.as_ref().and_then(|answer| answer.value.as_ref()) else {
            nothing_yet(ui, ctx, out);
            return;
        };
        let full = ui.available_rect_before_wrap();
        let (left, right) = full.split_left_right_at_fraction(1.0 - DETAIL);
        ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let mut ui_left = ui.new_child(UiBuilder::new().max_rect(left));
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        let config = ctx.state.lint_config(ctx.snapshot);
        let rows = rows(&linted.findings, config, self.silenced);
        if rows.is_empty() {
            let (title, why) = match (self.silenced, linted.findings.is_empty()) {
                (true, _) => ("Nothing is silenced", String::new()),
                (false, true) => ("No findings", nothing(linted)),
                (false, false) => ("No findings", "All that was found is silenced.".to_owned()),
            };
            empty_state(&mut ui_left, title, &why, None);
        } else {
            self.chosen = self.chosen.min(rows.len() - 1);
            self.list_ui(&mut ui_left, ctx, &rows, &linted.findings, out);
        }
        if self.settings {
            self.thresholds.ui(&mut ui_right, ctx, out);
        } else if let Some(row) = rows.get(self.chosen) {
            let finding = match row {
                Row::Finding(place) => linted.findings.get(*place),
                Row::Rule { .. } => None,
            };
            if let Some(lint) = lint_of(*row, &linted.findings) {
                self.detail.ui(&mut ui_right, ctx, lint, finding, out);
            }
        }
        ui.advance_cursor_after_rect(full);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        let answer = ctx.jobs.lints.slot.answer()?;
        badge(answer.value.as_ref()?.tally(ctx.state.lint_config(ctx.snapshot)))
    }
}

impl LintPanel {
    fn bar_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: Option<&Answer<LintKey, Option<Linted>>>,
        out: &mut Vec<Command>,
    ) {
        let linted = answer.and_then(|answer| answer.value.as_ref());
        let config = ctx.state.lint_config(ctx.snapshot);
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                if let Some(linted) = linted {
                    let tally = linted.tally(config);
                    ui.label(words(tally));
                    let (seen, all) = (linted.snapshot.len(), ctx.snapshot.len());
                    let events = plural(all, "event", "events");
                    let of = if seen < all {
                        format!("in the first {} of {events}", count(seen))
                    } else {
                        format!("in {events}")
                    };
                    ui.label(RichText::new(of).size(SMALL).color(ctx.theme.muted));
                    if tally.silenced > 0 || self.silenced {
                        ui.toggle_value(&mut self.silenced, "Silenced").on_hover_text("Only what is silenced");
                    }
                }
                match ctx.jobs.lints.slot.progress() {
                    Some(share) => {
                        let share = format!("Looking… {:.0} %", share * 100.0);
                        ui.label(RichText::new(share).size(SMALL).color(ctx.theme.muted));
                        if ui.button("Stop").clicked() {
                            out.push(LintCommand::Stop.into());
                        }
                    }
                    None if linted.is_some() && ui.button("Look again").clicked() => out.push(LintCommand::Run.into()),
                    None => {}
                }
                ui.toggle_value(&mut self.settings, "Thresholds");
                let mut marks = ctx.state.settings.finding_marks;
                let response = ui.checkbox(&mut marks, "Mark on the timeline");
                if response.on_hover_text("Events that findings name get a small notch").changed() {
                    out.push(LintCommand::Marks(marks).into());
                }
            });
        });
    }

    fn list_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, rows: &[Row], findings: &[Finding], out: &mut Vec<Command>) {
        let message = (ui.available_width() - 152.0 - 88.0 - 12.0).max(280.0);
        let columns = [
            table::Column::plain("Rule", 152.0, false),
            table::Column { right: true, ..table::Column::plain("Events", 88.0, true) },
            table::Column::plain("Finding", message, false),
        ];
        let table = Table {
            id: ui.scope_id().with("findings"),
            label: "Findings",
            columns: &columns,
            rows: rows.len() as u64,
            selected: Some(self.chosen as u64),
            hovered: None,
        };
        let done = table.show(ui, &mut self.table, |row, column| {
            let Some(row) = usize::try_from(row).ok().and_then(|row| rows.get(row)) else { return Cell::default() };
            cell(*row, column, findings, ctx.theme)
        });
        if let Some(row) = done.selected.and_then(|row| usize::try_from(row).ok()) {
            (self.chosen, self.settings) = (row, false);
            let finding = rows.get(row).and_then(|row| match row {
                Row::Finding(place) => findings.get(*place),
                Row::Rule { .. } => None,
            });
            // A click goes to the first event; the others are a page beside the list.
            out.extend(finding.and_then(|f| f.examples.first()).map(|event| SelectCommand::Event(*event).into()));
        }
    }
}

fn cell<'a>(row: Row, column: usize, findings: &'a [Finding], theme: &Theme) -> Cell<'a> {
    match (row, column) {
        (Row::Rule { lint, .. }, 0) => Cell::text(LINTS.get(lint).map_or("", |lint| lint.name)).strong(true),
        (Row::Rule { count: n, .. }, 1) => Cell::text(count(n)).color(theme.muted),
        (Row::Rule { lint, severity, .. }, _) => {
            let what = LINTS.get(lint).map_or("", |lint| lint.what);
            Cell::text(format!("{}: {what}", word(severity))).color(color(severity, theme))
        }
        (Row::Finding(_), 0) => Cell::default(),
        (Row::Finding(place), 1) => {
            Cell::text(findings.get(place).map_or_else(String::new, |finding| count(finding.count)))
        }
        (Row::Finding(place), _) => {
            Cell::text(findings.get(place).map_or_else(String::new, |f| one_line(&f.message, 400)))
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    }
}

pub(super) fn color(severity: Severity, theme: &Theme) -> Color32 {
    theme.severity(severity >= Severity::Warning, severity == Severity::Error)
}

/// Before the first answer: why there is none, and what brings it.
fn nothing_yet(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let lints = &ctx.jobs.lints;
    if let Some(why) = lints.slot.failed() {
        empty_state(ui, "The rules broke down", &why, None);
        return;
    }
    let (title, why, button) = match (ctx.reading, ctx.state.lints.stopped, lints.waits) {
        (_, true, _) => ("Stopped", "The rules did not finish.", Some("Look at the log")),
        (true, ..) => ("Not looked yet", "The rules look once the log is read.", None),
        (_, _, true) => ("Not looked yet", "The log is large: every record would be read.", Some("Look at the log")),
        _ => ("Looking at the log…", "", None),
    };
    if empty_state(ui, title, why, button) {
        out.push(LintCommand::Run.into());
    }
}
