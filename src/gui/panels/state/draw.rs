//! Puts the panel together. The state of the step before stays until the new one is there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Align, Layout, Margin, RichText, Ui};

use super::head::head_ui;
use super::model::{self, Folds, Row};
use super::plots::{self, Plots};
use super::scrub::{Drag, scrub_ui};
use super::transport::{GoTo, transport_ui};
use super::tree::tree_ui;
use super::why::Why;
use crate::app::Command;
use crate::app::command::{LayoutCommand, TravelCommand};
use crate::app::jobs::{At, Focus};
use crate::app::state::Show;
use crate::base::text::{count, plural};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{BODY, GRID, SMALL, mono, semibold};
use crate::gui::widgets::parts::{empty_state, link};

/// Least height of all parts together, in points.
const LEAST: f32 = 280.0;

#[derive(Default)]
pub struct StatePanel {
    go: GoTo,
    drag: Drag,
    folds: Folds,
    /// What `rows` were made of: an answer's address, the choice, a number that changes with folding.
    made_of: Option<(usize, Show, u64)>,
    folded: u64,
    rows: Vec<Row>,
    why: Why,
    /// Since when the state shown is not the cursor's.
    late: Option<Instant>,
    plots: Plots,
}

impl Panel for StatePanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "No state yet", "Open a log to see what its events add up to.", None);
            return;
        }
        if ctx.state.selection.entity.is_none() {
            let why = "Click an entity, a lane or an event: its state is rebuilt from its events.";
            if empty_state(ui, "No entity selected", why, Some("Show the entities")) {
                out.push(LayoutCommand::Show("entities").into());
            }
            return;
        }
        let travel = &ctx.jobs.travel;
        let Some(focus) = travel.focus_of(ctx.state) else {
            match travel.failed() {
                Some(why) => drop(empty_state(ui, "The history could not be folded", &why, None)),
                None => drop(empty_state(ui, "Finding the entity's events…", "", None)),
            }
            return;
        };
        if focus.history.is_empty() {
            empty_state(ui, "No events", "None of this entity's events could be decoded.", None);
            return;
        }
        if ui.available_height() < LEAST {
            // Too low for its parts: it scrolls as a whole.
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let size = egui::vec2(ui.available_width(), LEAST);
                ui.allocate_ui(size, |ui| {
                    ui.set_min_size(size);
                    self.parts_ui(ui, ctx, &focus, out);
                });
            });
        } else {
            self.parts_ui(ui, ctx, &focus, out);
        }
    }
}

impl StatePanel {
    fn parts_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, out: &mut Vec<Command>) {
        let travel = &ctx.jobs.travel;
        let step = ctx.state.step().unwrap_or(0);
        let bisected = travel.bisected(focus, ctx.state);
        let found = bisected.and_then(|b| Some(b.answer.as_ref().ok()?.first.as_ref()?.step));
        egui::Frame::new().inner_margin(Margin { left: 12, right: 12, top: 8, bottom: 4 }).show(ui, |ui| {
            head_ui(ui, ctx, focus, step, out);
            ui.add_space(GRID);
            if let Some(to) = scrub_ui(ui, ctx, focus, step, found, &mut self.drag) {
                out.push(TravelCommand::Step(to).into());
            }
            transport_ui(ui, ctx, focus, step, &mut self.go, out);
        });
        if let Some(error) = &focus.error {
            broken_ui(ui, ctx, error, out);
            return;
        }
        let answer = travel.at().filter(|a| a.value.entity == focus.entity);
        let Some(answer) = answer else {
            waiting_ui(ui, ctx, focus, out);
            return;
        };
        let at = &answer.value;
        self.make_rows(&answer, ctx.state.travel.show);
        bar_ui(ui, ctx, at, out);
        notices_ui(ui, ctx, focus, at, step, out);
        let plotted = plots::places(ctx, focus, focus.folded.as_ref().map_or(&at.after.value, |f| f.last()));
        if !plotted.0.is_empty() && ui.available_height() > 2.0 * plots::HEIGHT {
            let height = plots::height(plotted.0.len(), ui.available_height());
            let frame = egui::Frame::new().fill(ctx.theme.panel).inner_margin(Margin::symmetric(12, 4));
            egui::Panel::bottom("plots").exact_size(height).frame(frame).show(ui, |ui| {
                self.plots.ui(ui, ctx, focus, &plotted, step, out);
            });
        }
        self.tree(ui, ctx, focus, at, step, out);
    }

    fn make_rows(&mut self, answer: &Arc<crate::app::jobs::StateAnswer>, show: Show) {
        let made_of = (Arc::as_ptr(answer) as usize, show, self.folded);
        if self.made_of != Some(made_of) {
            self.made_of = Some(made_of);
            self.rows = model::rows(&answer.value, show, &self.folds);
        }
    }

    /// A state that is late for a moment is not dimmed: while the cursor is dragged each one is.
    fn is_stale(&mut self, ui: &Ui, late: bool) -> bool {
        const MOMENT: Duration = Duration::from_millis(200);
        if !late {
            self.late = None;
            return false;
        }
        let left = MOMENT.saturating_sub(self.late.get_or_insert_with(Instant::now).elapsed());
        if !left.is_zero() {
            ui.ctx().request_repaint_after(left);
        }
        left.is_zero()
    }

    fn tree(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        focus: &Arc<Focus>,
        at: &At,
        step: u32,
        out: &mut Vec<Command>,
    ) {
        let stale = self.is_stale(ui, !at.is_at(focus, Some(step)) || at.known < step);
        let shown = if ctx.state.travel.show == Show::Before { &at.before.value } else { &at.after.value };
        if self.rows.is_empty() || shown.is_null() && ctx.state.travel.show != Show::Diff {
            let (title, why) = match ctx.state.travel.show {
                Show::Diff => ("No change", "This event leaves the state as it was."),
                _ if shown.is_null() => ("No state", "The entity does not exist after this event."),
                _ => ("Empty", "There is nothing in this state."),
            };
            empty_state(ui, title, why, None);
            return;
        }
        let done = tree_ui(ui, ctx.theme, &self.rows, stale, &ctx.state.travel, &focus.kind, out);
        let told = if ctx.state.travel.show == Show::Before { at.known.saturating_sub(1) } else { at.known };
        if let Some((row, response)) = done.hovered.and_then(|(at, r)| Some((self.rows.get(at)?, r)))
            && row.kind != model::Kind::More
        {
            self.why.ask(ctx, focus, row, told);
            response.on_hover_ui(|ui| self.why.hint_ui(ui, ctx, focus, row, told));
        }
        if let Some(row) = done.toggled.and_then(|at| self.rows.get(at)) {
            if row.open.is_some() || row.kind == model::Kind::More {
                self.folds.toggle(row);
                self.folded += 1;
            } else if let Some(set) = self.why.step_of(focus, row, told) {
                out.push(TravelCommand::Step(set).into());
            }
        }
    }
}

/// Before, after or diff, and how much changed.
fn bar_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, at: &At, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), egui::Stroke::new(1.0, theme.line));
    egui::Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.horizontal(|ui| {
            for show in Show::ALL {
                let chosen = ctx.state.travel.show == show;
                if ui.add(egui::Button::selectable(chosen, show.label())).clicked() {
                    out.push(TravelCommand::Show(show).into());
                }
            }
            if ui.available_width() < 96.0 {
                return;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let n = model::told(at).count() as u64;
                let words = match (at.known, n, at.more_changes) {
                    (0, ..) => String::new(),
                    (_, 0, _) => "nothing changed".to_owned(),
                    (_, n, true) => format!("more than {} changes", count(n)),
                    (_, n, false) => plural(n, "change", "changes"),
                };
                ui.label(RichText::new(words).size(SMALL).color(theme.muted));
            });
        });
    });
}

/// What is wrong with this state, above it.
fn notices_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, at: &At, step: u32, out: &mut Vec<Command>) {
    let Some(folded) = &focus.folded else { return };
    let theme = ctx.theme;
    if folded.done() < step && folded.stopped().is_none() {
        progress_ui(ui, ctx, folded.done(), focus.history.len(), out);
    }
    let notice = |ui: &mut Ui, title: &str, event: u32, why: &str, out: &mut Vec<Command>| {
        egui::Frame::new()
            .outer_margin(Margin::symmetric(8, 2))
            .inner_margin(6)
            .fill(theme.red_soft)
            .corner_radius(4)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(title).font(semibold(BODY)).color(theme.red));
                ui.horizontal_wrapped(|ui| {
                    let words = format!("Event {}", count(event.into()));
                    if link(ui, &words, crate::gui::theme::sans(SMALL), "Go to this event").clicked() {
                        out.push(TravelCommand::Step(event).into());
                    }
                    ui.label(RichText::new(why).size(SMALL).color(theme.text));
                });
            });
    };
    if let Some(error) = &at.after.error {
        notice(ui, "This event could not be folded", at.known, &error.to_string(), out);
    } else if let Some(stopped) = folded.stopped().filter(|s| s.at <= step) {
        let title = format!("The reducer stopped: this is the state after event {}", count(at.known.into()));
        notice(ui, &title, stopped.at, &stopped.error.to_string(), out);
    } else if !at.complete
        && let Some((failed, error)) = folded.errors().first()
    {
        let n = folded.errors().iter().take_while(|(of, _)| *of <= step).count() as u64;
        let title = format!("Incomplete: {} before this could not be folded", plural(n, "event", "events"));
        notice(ui, &title, *failed, &error.to_string(), out);
    }
    if let Some((_, warning)) = folded.warnings().iter().find(|(of, _)| *of == at.known) {
        let words = RichText::new(warning.to_string()).size(SMALL).color(theme.amber);
        egui::Frame::new().outer_margin(Margin::symmetric(12, 2)).show(ui, |ui| ui.label(words));
    }
}

/// The reducer's text does not compile: what, where, and what mends it.
fn broken_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    error: &crate::analysis::state::reducer::CompileError,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    egui::Frame::new().outer_margin(12).inner_margin(10).fill(theme.red_soft).corner_radius(6).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new("The reducer's text has an error").font(semibold(BODY)).color(theme.red));
        let place = match (error.line, error.column) {
            (Some(line), Some(column)) => format!("Line {line}, column {column}"),
            (Some(line), None) => format!("Line {line}"),
            _ => String::new(),
        };
        if !place.is_empty() {
            ui.label(RichText::new(place).font(mono(12.0)).color(theme.muted));
        }
        ui.label(&error.message);
        ui.add_space(GRID);
        ui.horizontal(|ui| {
            if ui.button("Show the reducer").clicked() {
                out.push(LayoutCommand::Show("reducer").into());
            }
        });
    });
}

/// No state of this entity yet.
fn waiting_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, out: &mut Vec<Command>) {
    if let Some(why) = ctx.jobs.travel.failed() {
        if empty_state(ui, "The state could not be made", &why, Some("Fold again")) {
            out.push(TravelCommand::FoldAgain.into());
        }
        return;
    }
    let done = focus.folded.as_ref().map_or(0, |f| f.done());
    progress_ui(ui, ctx, done, focus.history.len(), out);
}

/// How far the fold is, and the button that stops it or lets it go on.
fn progress_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, done: u32, len: u32, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.horizontal(|ui| {
            let stopped = ctx.state.travel.stopped == ctx.state.selection.entity;
            let words = if stopped {
                format!("Stopped: this is the state after {} of {} events", count(done.into()), count(len.into()))
            } else {
                format!("Folding: {} of {} events", count(done.into()), count(len.into()))
            };
            ui.label(RichText::new(words).size(SMALL).color(theme.muted));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if stopped {
                    if ui.button("Go on").clicked() {
                        out.push(TravelCommand::FoldAgain.into());
                    }
                } else if ui.button("Stop").clicked() {
                    out.push(TravelCommand::StopFold.into());
                }
            });
        });
        let share = f64::from(done) / f64::from(len.max(1));
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 3.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 1.5, theme.line);
        let mut part = rect;
        part.set_width(rect.width() * share as f32);
        ui.painter().rect_filled(part, 1.5, theme.bar);
    });
}
