//! The panel: which of its four views, the search, and what it found.

use std::sync::Arc;

use egui::{Button, Margin, RichText, TextEdit, Ui};

use super::compare::Compare;
use super::histogram::histogram_ui;
use super::model::{summary, type_of};
use super::table::{ChainTable, List};
use super::usual::usual_ui;
use super::ways::ways_ui;
use crate::analysis::flows::{ChainQuery, histogram, search};
use crate::app::Command;
use crate::app::command::LayoutCommand;
use crate::app::jobs::{FlowsAnswer, Slot};
use crate::base::text::count;
use crate::gui::panels::parts::behind::behind_ui;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::TableState;
use crate::model::ids::TypeIx;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Chains,
    Ways,
    Usual,
    Compare,
}

const MODES: [(Mode, &str); 4] =
    [(Mode::Chains, "Chains"), (Mode::Ways, "Ways"), (Mode::Usual, "Usual"), (Mode::Compare, "Compare")];

/// Which survey, and what is looked for in it.
type Key = (u64, ChainQuery);

/// What was found, and the bars of those that would be there without a range of durations.
struct Found {
    of: Arc<FlowsAnswer>,
    rows: Arc<Vec<u32>>,
    bars: Vec<(i64, u64)>,
}

#[derive(Default)]
pub struct ChainsPanel {
    mode: Mode,
    query: ChainQuery,
    /// The way that chains have to go: its number changes from survey to survey.
    way: Option<Box<[TypeIx]>>,
    table: ChainTable,
    ways: TableState,
    compare: Compare,
    chosen: Option<u32>,
    /// The chain that others are compared with.
    first: Option<u32>,
    dragged_from: Option<usize>,
    found: Option<Slot<Key, Option<Found>>>,
}

impl Panel for ChainsPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "No chains", "The log has no events.", None);
            return;
        }
        self.ask(ctx);
        let Some(found) = self.found.as_ref().and_then(Slot::answer) else {
            let share = ctx.jobs.flows.progress().unwrap_or(0.0);
            empty_state(ui, "Looking at all chains…", &format!("{:.0} %", share * 100.0), None);
            return;
        };
        let Some(found) = &found.value else { return };
        if found.of.flows.chains.is_empty() && found.of.flows.constants.is_empty() {
            let why = "No event carries a correlation id or names a cause.";
            if empty_state(ui, "No chains", why, Some("Edit the field mapping")) {
                out.push(LayoutCommand::Show("mapping").into());
            }
            return;
        }
        self.tools_ui(ui, ctx, found);
        match self.mode {
            Mode::Chains => self.chains_ui(ui, ctx, found, out),
            Mode::Ways => {
                let way = ways_ui(ui, ctx, &mut self.ways, &found.of);
                if let Some(variant) = way.and_then(|at| found.of.flows.variants.get(at as usize)) {
                    self.way = Some(variant.types.clone());
                    self.mode = Mode::Chains;
                }
            }
            Mode::Usual => usual_ui(ui, ctx, &found.of, out),
            Mode::Compare => self.compare.ui(ui, ctx, &found.of, (self.first, self.chosen), out),
        }
    }

    fn badge(&self, _ctx: &PanelCtx<'_>) -> Option<String> {
        let answer = self.found.as_ref()?.answer()?;
        Some(count(answer.value.as_ref()?.of.flows.chains.len() as u64))
    }
}

impl ChainsPanel {
    fn ask(&mut self, ctx: &PanelCtx<'_>) {
        let Some(of) = ctx.jobs.flows.answer() else { return };
        let way = self.way.as_ref();
        self.query.variant = way.and_then(|way| {
            let at = of.flows.variants.iter().position(|variant| variant.types == *way)?;
            u32::try_from(at).ok()
        });
        let slot = self.found.get_or_insert_with(|| Slot::new("chain search", ctx.waker.clone()));
        let query = self.query.clone();
        slot.ask((of.snapshot.generation(), query.clone()), 0, move |job| {
            let rows = Arc::new(search(&of.snapshot, &of.flows, &query, &job.cancel)?);
            let bars = if query.duration_ns.is_none() {
                histogram(&of.flows, &rows)
            } else {
                // The bars stay where they are while a range is dragged over them.
                let all = ChainQuery { duration_ns: None, ..query };
                histogram(&of.flows, &search(&of.snapshot, &of.flows, &all, &job.cancel)?)
            };
            Some(Found { of, rows, bars })
        });
    }

    fn tools_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &Found) {
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for (mode, label) in MODES {
                    if ui.add(Button::selectable(self.mode == mode, label)).clicked() {
                        self.mode = mode;
                    }
                }
                if self.mode == Mode::Chains {
                    ui.separator();
                    self.search_ui(ui, ctx, found);
                }
                let words = summary(&found.of.flows, found.rows.len());
                ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
                behind_ui(ui, ctx);
            });
        });
    }

    fn search_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &Found) {
        for (text, hint, label) in [
            (&mut self.query.type_text, "Type…", "Chains with this type"),
            (&mut self.query.service_text, "Service…", "Chains through this service"),
        ] {
            let field = TextEdit::singleline(text).hint_text(hint).desired_width(112.0);
            ui.add(field).widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, label));
        }
        let mut toggle = |label: &str, on: &mut bool, hint: &str| {
            if ui.add(Button::selectable(*on, label)).on_hover_text(hint).clicked() {
                *on = !*on;
            }
        };
        toggle("Incomplete", &mut self.query.incomplete, "A cause, a usual effect or the usual end is missing");
        toggle("Failed", &mut self.query.error, "A type in it tells of a failure");
        if let Some(chosen) = self.chosen {
            if self.first == Some(chosen) {
                ui.label(RichText::new("Select the other one").size(SMALL).color(ctx.theme.muted));
            } else if self.first.is_some() {
                if ui.button("Compare both").clicked() {
                    self.mode = Mode::Compare;
                }
            } else if ui.button("Compare with this").clicked() {
                self.first = Some(chosen);
            }
        }
        let narrowed = ChainQuery { sort: self.query.sort, reversed: self.query.reversed, ..ChainQuery::default() };
        if (self.query != narrowed || self.first.is_some()) && ui.button("Clear").clicked() {
            (self.query, self.way, self.first) = (narrowed, None, None);
        }
        if let Some(way) = &self.way {
            let types: Vec<String> = way.iter().map(|&of| type_of(&found.of.snapshot, of)).collect();
            ui.label(RichText::new("one way").size(SMALL).color(ctx.theme.accent)).on_hover_text(types.join(" → "));
        }
    }

    fn chains_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &Found, out: &mut Vec<Command>) {
        histogram_ui(ui, ctx, &found.bars, &mut self.query.duration_ns, &mut self.dragged_from);
        ui.add_space(GRID);
        if found.rows.is_empty() {
            empty_state(ui, "No chain matches", "The search leaves none.", None);
            return;
        }
        let list = List { answer: &found.of, rows: &found.rows };
        self.table.ui(ui, ctx, &list, &mut self.query, &mut self.chosen, out);
    }
}
