//! The panel: what the chain is, which of its four views, and what is missing.

use std::sync::Arc;

use egui::{Button, Margin, RichText, Ui};

use super::choice::choice_ui;
use super::constant::{Constant, constant_ui};
use super::export::Export;
use super::graph::GraphView;
use super::list::list_ui;
use super::model::Shown;
use super::sequence::SequenceView;
use super::span::Span;
use super::waterfall::WaterfallView;
use crate::analysis::trace::Graph;
use crate::app::Command;
use crate::app::command::{SelectCommand, ViewCommand};
use crate::app::jobs::{ChainAnswer, FlowsAnswer, FoundChain, WholeChain};
use crate::base::text::{count, plural};
use crate::gui::panels::parts::flags::Flags;
use crate::gui::panels::parts::pan_zoom::View;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::SMALL;
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::TableState;
use crate::model::ids::{EventIx, ServiceIx};
use crate::model::time::TimeNs;

/// What the four views draw.
pub struct Parts<'a> {
    pub shown: Shown<'a>,
    pub graph: &'a Graph,
    /// Set where a person wants times by one clock.
    pub clocks: Option<Arc<FlowsAnswer>>,
    /// Dead letters and findings.
    pub flags: Flags,
}

impl Parts<'_> {
    #[must_use]
    pub fn corrected(&self, service: ServiceIx, time: TimeNs) -> TimeNs {
        self.clocks.as_ref().map_or(time, |clocks| clocks.flows.offsets.corrected(service, time))
    }

    /// Of all events, by one clock where that is wanted.
    #[must_use]
    pub fn times(&self) -> Vec<Option<TimeNs>> {
        let links = self.shown.chain.links.iter();
        links.map(|link| link.time.map(|time| self.corrected(link.service_ix, time))).collect()
    }

    /// What is odd about an event, and what it is flagged with.
    #[must_use]
    pub fn notes(&self, at: usize) -> String {
        let odd = self.shown.notes(at);
        let flag = self.shown.chain.links.get(at).and_then(|link| self.flags.flag(link.event));
        match (odd.is_empty(), flag) {
            (_, None) => odd,
            (true, Some(flag)) => flag.word().to_owned(),
            (false, Some(flag)) => format!("{}, {odd}", flag.word()),
        }
    }

    /// Everything about an event, a line each.
    #[must_use]
    pub fn words(&self, at: usize) -> String {
        let mut words = self.shown.words(at);
        let flags = self.shown.chain.links.get(at).map(|link| self.flags.words(link.event)).unwrap_or_default();
        for flag in flags {
            words.push('\n');
            words.push_str(&flag);
        }
        words
    }

    /// The same for screen readers.
    #[must_use]
    pub fn label(&self, at: usize) -> String {
        self.words(at).replace('\n', ", ")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    List,
    Waterfall,
    Graph,
    Sequence,
}

const MODES: [(Mode, &str); 4] =
    [(Mode::List, "List"), (Mode::Waterfall, "Waterfall"), (Mode::Graph, "Graph"), (Mode::Sequence, "Sequence")];

#[derive(Default)]
pub struct ChainPanel {
    mode: Mode,
    list: TableState,
    constant: TableState,
    waterfall: WaterfallView,
    graph: GraphView,
    sequence: SequenceView,
    export: Export,
    missing_open: bool,
    /// The chain that the views were last fitted to.
    fitted: Option<EventIx>,
    /// The event that was last brought into sight, and where.
    revealed: Option<(Option<EventIx>, Mode)>,
}

impl Panel for ChainPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some(selected) = ctx.state.selection.event else {
            empty_state(ui, "No event selected", "Select one: its chain of causes and effects is shown here.", None);
            return;
        };
        let Some(answer) = ctx.jobs.chain.answer().filter(|answer| answer.has(selected) || ctx.jobs.chain.busy())
        else {
            empty_state(ui, "Following the chain…", "", None);
            return;
        };
        match &answer.found {
            FoundChain::Constant { id, rows } => {
                if answer.choices.len() > 1 {
                    ui.horizontal(|ui| {
                        ui.add_space(8.0);
                        choice_ui(ui, ctx, &answer, out);
                    });
                }
                constant_ui(ui, ctx, &mut self.constant, &Constant { id, rows }, out);
            }
            FoundChain::TooLarge { events } => {
                let why = format!("{} or more events are tied to it by their causes.", count(*events as u64));
                empty_state(ui, "Too large to be looked at", &why, None);
            }
            FoundChain::Chain(_) if !answer.is_chain() => {
                let why = "The event shares its correlation id with no other, and names no cause that is in the log.";
                empty_state(ui, "No chain", why, None);
            }
            FoundChain::Chain(whole) => {
                let WholeChain { chain, described, graph } = &**whole;
                let clocks = Some(ctx.state.view.correct_clocks).filter(|on| *on).and_then(|_| ctx.jobs.flows.answer());
                let flags = Flags::beside_chain(ctx);
                let parts = Parts { shown: Shown { chain, described }, graph, clocks, flags };
                self.chain_ui(ui, ctx, &answer, &parts, out);
            }
        }
    }
}

impl ChainPanel {
    fn chain_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: &Arc<ChainAnswer>,
        parts: &Parts<'_>,
        out: &mut Vec<Command>,
    ) {
        if self.fitted != Some(answer.start) {
            self.fitted = Some(answer.start);
            (self.waterfall.span, self.graph.view) = (Span::default(), View::default());
            self.missing_open = false;
        }
        // Each view brings a selection that was made elsewhere into sight, also when it is shown anew.
        let now = (ctx.state.selection.event, self.mode);
        let reveal = self.revealed != Some(now);
        self.revealed = Some(now);
        self.head_ui(ui, ctx, answer, parts, out);
        self.export.drawing = Some(ui.available_rect_before_wrap());
        let selected = ctx.state.selection.event.and_then(|event| parts.shown.chain.index_of(event));
        match self.mode {
            Mode::List => {
                if let Some(at) = selected.filter(|_| reveal) {
                    self.list.reveal(u64::from(at));
                }
                list_ui(ui, ctx, &mut self.list, parts, out);
            }
            Mode::Waterfall => self.waterfall.ui(ui, ctx, parts, selected.filter(|_| reveal), out),
            Mode::Graph => self.graph.ui(ui, ctx, parts, selected.filter(|_| reveal), out),
            Mode::Sequence => self.sequence.ui(ui, ctx, answer, parts, out),
        }
    }

    fn head_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: &Arc<ChainAnswer>,
        parts: &Parts<'_>,
        out: &mut Vec<Command>,
    ) {
        let small = |text: String| RichText::new(text).size(SMALL).color(ctx.theme.muted);
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for (mode, label) in MODES {
                    if ui.add(Button::selectable(self.mode == mode, label)).clicked() {
                        self.mode = mode;
                    }
                }
                ui.separator();
                self.export.menu_ui(ui, parts, self.mode, &self.sequence.folding, out);
                if matches!(self.mode, Mode::Waterfall) {
                    self.clocks_ui(ui, ctx, out);
                }
            });
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(parts.shown.summary()).size(SMALL));
                ui.label(small(parts.shown.ids()));
                choice_ui(ui, ctx, answer, out);
                if ctx.state.selection.event != Some(answer.start)
                    && ui
                        .small_button(RichText::new("Follow from here").size(SMALL))
                        .on_hover_text("The event may carry further ids")
                        .clicked()
                {
                    out.push(SelectCommand::Chain.into());
                }
                let missing = parts.shown.chain.missing.len() as u64;
                if missing > 0 {
                    let label = format!("{} not in this log", plural(missing, "cause is", "causes are"));
                    let label = RichText::new(label).size(SMALL).color(ctx.theme.amber);
                    if ui.add(Button::selectable(self.missing_open, label)).clicked() {
                        self.missing_open = !self.missing_open;
                    }
                }
            });
            if self.missing_open {
                missing_ui(ui, ctx, parts, out);
            }
            self.export.ui(ui, ctx, parts, self.mode, &self.sequence.folding, out);
        });
    }

    fn clocks_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let mut on = ctx.state.view.correct_clocks;
        let hint = "Moves the times of services whose clocks differ, as far as causes and effects tell";
        if ui.checkbox(&mut on, "Correct clocks").on_hover_text(hint).changed() {
            out.push(ViewCommand::CorrectClocks(on).into());
        }
        if on && ctx.jobs.flows.answer().is_some_and(|answer| answer.flows.offsets.list().is_empty()) {
            ui.label(RichText::new("they agree").size(SMALL).color(ctx.theme.muted));
        }
    }
}

/// More lines than these are counted.
const MOST: usize = 20;

fn missing_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, parts: &Parts<'_>, out: &mut Vec<Command>) {
    let missing = parts.shown.missing();
    for (id, wanted_by) in missing.iter().take(MOST) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(format!("{id}, named by")).size(SMALL).color(ctx.theme.muted));
            let Some(event) = parts.shown.described.events.get(*wanted_by as usize) else { return };
            if ui.small_button(crate::gui::panels::parts::preview::named(&event.type_name)).clicked() {
                out.push(SelectCommand::Event(event.ix).into());
            }
        });
    }
    if missing.len() > MOST {
        let more = plural((missing.len() - MOST) as u64, "more", "more");
        ui.label(RichText::new(more).size(SMALL).color(ctx.theme.muted));
    }
}
