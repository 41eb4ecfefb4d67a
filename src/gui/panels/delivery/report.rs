//! The report: the verdict, the table of types or pairs, the smallest example with both states, advice.

use egui::{Margin, RichText, ScrollArea, Stroke, Ui, UiBuilder};

use super::draw::{Answered, Asked};
use super::model::{Finding, Mood, faults, findings, sides, verdict};
use crate::analysis::state::delivery::Report;
use crate::app::Command;
use crate::app::command::TravelCommand;
use crate::app::jobs::Slot;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, sans, strong};
use crate::gui::widgets::parts::{empty_state, link, split_header};
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::ids::{EntityIx, TypeIx};

/// A report ready to be drawn.
pub struct Shown {
    verdict: (Mood, String),
    findings: Vec<Finding>,
    pairs: bool,
    faults: Vec<(u32, String)>,
    changes: Vec<[String; 3]>,
    advice: Vec<String>,
}

impl Shown {
    #[must_use]
    pub fn of(report: Report) -> Self {
        let minimal = report.rounds.minimal.as_ref();
        Self {
            verdict: verdict(&report),
            findings: findings(&report),
            pairs: !report.pairs.is_empty(),
            faults: minimal.map(faults).unwrap_or_default(),
            changes: minimal.map(|m| m.changes.iter().map(sides).collect()).unwrap_or_default(),
            advice: report.advice(),
        }
    }
}

pub fn report_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    slot: &Slot<Asked, Answered>,
    state: &mut TableState,
    (entity, fold): (EntityIx, Option<u64>),
    out: &mut Vec<Command>,
) {
    if let Some(why) = slot.failed() {
        empty_state(ui, "The simulation broke down", &why, None);
        return;
    }
    let Some(answer) = slot.answer() else {
        let (title, why) = match slot.progress() {
            Some(_) => ("Delivering the history with faults…", ""),
            None => ("Nothing simulated yet", "Which events may come twice, be lost or come late without harm?"),
        };
        empty_state(ui, title, why, None);
        return;
    };
    if answer.key.entity != entity {
        empty_state(ui, "Nothing simulated yet", "The last report is of another entity.", None);
        return;
    }
    let shown = match &answer.value {
        Ok(shown) => shown,
        Err(why) => {
            empty_state(ui, "Nothing could be simulated", why, None);
            return;
        }
    };
    let (mood, words) = &shown.verdict;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(strong(words.clone()).color(color(*mood, ctx.theme)));
            if fold.is_some_and(|fold| fold != answer.key.fold) {
                let words = "The history or its reducer changed since: simulate again.";
                ui.label(RichText::new(words).color(ctx.theme.amber));
            }
        });
    });
    let full = ui.available_rect_before_wrap();
    let (left, right) = full.split_left_right_at_fraction(if full.width() < 700.0 { 0.5 } else { 0.58 });
    table_ui(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, shown, state, out);
    ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
    let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
    words_ui(&mut ui_right, ctx, shown, out);
}

fn color(mood: Mood, theme: &Theme) -> egui::Color32 {
    match mood {
        Mood::Fine => theme.text,
        Mood::Doubtful => theme.amber,
        Mood::Harm => theme.red,
    }
}

fn table_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, shown: &Shown, state: &mut TableState, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    let first = if shown.pairs { "Types that follow each other" } else { "Type" };
    let name = if shown.pairs { 232.0 } else { 152.0 };
    let example = (ui.available_width() - name - 136.0 - 80.0 - 12.0).max(320.0);
    let columns = [
        table::Column::plain(first, name, false),
        table::Column::plain("Verdict", 136.0, false),
        table::Column { right: true, ..table::Column::plain("Differ", 80.0, true) },
        table::Column::plain("Smallest example", example, false),
    ];
    let table = Table {
        id: ui.scope_id().with("types"),
        label: "Types of event",
        columns: &columns,
        rows: shown.findings.len() as u64,
        selected: None,
        hovered: None,
    };
    let types = ctx.snapshot.types();
    let done = table.show(ui, state, |row, column| {
        let Some(finding) = usize::try_from(row).ok().and_then(|at| shown.findings.get(at)) else {
            return Cell::default();
        };
        match column {
            0 => {
                let ix = types.iter().position(|name| *name.name == *finding.name);
                let look = ix.and_then(|ix| u16::try_from(ix).ok()).map(|ix| ctx.looks.of_type(TypeIx(ix)));
                let cell = Cell::text(one_line(&finding.name, 80));
                look.map_or(cell.clone(), |look| cell.look(look))
            }
            1 => Cell::text(finding.verdict).color(color(finding.mood, theme)).strong(finding.mood == Mood::Harm),
            2 => Cell::text(finding.tried.as_str()),
            _ => Cell::text(one_line(&finding.example, 200)).color(theme.muted),
        }
    });
    let clicked = done.selected.and_then(|row| shown.findings.get(usize::try_from(row).ok()?));
    out.extend(clicked.and_then(|finding| finding.step).map(|step| TravelCommand::Step(step).into()));
}

fn words_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, shown: &Shown, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    ScrollArea::vertical().id_salt("words").auto_shrink(false).show(ui, |ui| {
        if !shown.faults.is_empty() {
            split_header(ui, "The smallest counter-example", |_| ());
            egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
                for (step, words) in &shown.faults {
                    ui.horizontal(|ui| {
                        if link(ui, &format!("event {step}"), sans(BODY), "Go to this event").clicked() {
                            out.push(TravelCommand::Step(*step).into());
                        }
                        ui.label(words);
                    });
                }
                ui.add_space(GRID);
                egui::Grid::new("states").num_columns(3).spacing([16.0, 2.0]).show(ui, |ui| {
                    for title in ["in the end", "as it should be", "with the faults"] {
                        ui.label(RichText::new(title).size(SMALL).color(theme.muted));
                    }
                    ui.end_row();
                    for [place, before, after] in &shown.changes {
                        ui.label(RichText::new(one_line(place, 60)).font(mono(BODY - 1.0)).color(theme.json_key));
                        ui.label(RichText::new(one_line(before, 60)).font(mono(BODY - 1.0)));
                        ui.label(RichText::new(one_line(after, 60)).font(mono(BODY - 1.0)).color(theme.red));
                        ui.end_row();
                    }
                });
            });
        }
        split_header(ui, "What to do", |_| ());
        egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID;
            for line in &shown.advice {
                ui.horizontal_top(|ui| {
                    ui.label(RichText::new("•").color(theme.faint));
                    ui.add(egui::Label::new(line).wrap());
                });
            }
        });
    });
}
