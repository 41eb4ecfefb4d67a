//! What the journal says: plans that were run, and messages in doubt with what a person can decide.

use egui::{Label, Margin, RichText, ScrollArea, Ui};

use super::model::{tally, value_text};
use super::run::{phase_color, unlock_ui};
use crate::app::Command;
use crate::app::command::RequeueCommand;
use crate::app::jobs::Told;
use crate::app::zone::Zone;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{one_line, preview};
use crate::gui::theme::{BODY, GRID, SMALL, mono, semibold};
use crate::gui::widgets::parts::empty_state;
use crate::model::time::parse_text;
use crate::requeue::journal::{Decision, Entry, Phase, PlanInfo, Row};

/// Plans and messages that are listed; the command line has all.
const LISTED: usize = 50;

#[derive(Default)]
pub struct JournalView {
    /// The message whose value is shown.
    open: Option<String>,
}

impl JournalView {
    /// Returns whether a plan goes on.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) -> bool {
        let Some(answer) = ctx.jobs.requeue.told.answer() else {
            empty_state(ui, "Reading the journal…", "", None);
            return false;
        };
        let told = match &answer.value {
            Ok(told) => told,
            Err(error) => {
                if empty_state(ui, &error.to_string(), &error.next_step, Some("Read it again")) {
                    out.push(RequeueCommand::Look.into());
                }
                return false;
            }
        };
        if told.plans.is_empty() && told.moves.is_empty() {
            empty_state(
                ui,
                "Nothing was put back yet",
                "Each message that is sent is kept here with its letter.",
                None,
            );
            return false;
        }
        let mut goes_on = false;
        ScrollArea::vertical().id_salt("journal").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
                ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
                // Going on may settle doubts by itself, so it comes before them.
                let (unfinished, over): (Vec<_>, Vec<_>) = told.plans.iter().partition(|plan| plan.counts.open() > 0);
                if !unfinished.is_empty() {
                    goes_on |= plans(ui, ctx, "Not finished", &unfinished, out);
                    ui.add_space(GRID * 2.0);
                }
                if !told.doubtful.is_empty() {
                    self.doubtful(ui, ctx, told, out);
                }
                if !over.is_empty() {
                    goes_on |= plans(ui, ctx, "Plans", &over, out);
                    ui.add_space(GRID * 2.0);
                }
                if !told.moves.is_empty() {
                    moves(ui, ctx, &told.moves);
                }
            });
        });
        goes_on
    }

    fn doubtful(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, told: &Told, out: &mut Vec<Command>) {
        heading(ui, ctx, "In doubt: whether these arrived cannot be told");
        for entry in told.doubtful.iter().take(LISTED) {
            self.entry_ui(ui, ctx, entry, out);
        }
        more(ui, ctx, told.doubtful.len(), "more");
        ui.add_space(GRID * 2.0);
    }

    fn entry_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, entry: &Entry, out: &mut Vec<Command>) {
        let id = &entry.outgoing.requeue_id;
        let route = format!("{} → {}", entry.outgoing.letter.place, entry.outgoing.target);
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(one_line(&route, 120)).font(mono(BODY - 1.0)));
            // Queues have no positions, so that the route alone tells nothing apart.
            let value = preview(entry.outgoing.message.value.as_deref().unwrap_or_default(), 60);
            ui.label(RichText::new(value).font(mono(BODY - 1.0)).color(ctx.theme.muted));
        });
        let interrupted = "it was being sent when the program ended: Resume its plan, which looks for it first";
        let detail = if entry.phase == Phase::Sending { interrupted } else { &entry.detail };
        ui.add(Label::new(RichText::new(one_line(detail, 300)).color(ctx.theme.amber)).wrap());
        ui.horizontal_wrapped(|ui| {
            for (label, decision, hint) in [
                ("Send it again", Decision::Send, "With the same id; it is doubled if it arrived"),
                ("It arrived", Decision::Done, "Its letter is counted as put back"),
                ("Leave it", Decision::Discard, "Its letter stays where it is"),
            ] {
                if ui.button(label).on_hover_text(hint).clicked() {
                    out.push(RequeueCommand::Decide(id.clone(), decision).into());
                }
            }
            let open = self.open.as_ref() == Some(id);
            if ui.selectable_label(open, "Show the message").clicked() {
                self.open = (!open).then(|| id.clone());
            }
        });
        if self.open.as_ref() == Some(id) {
            let text = value_text(&entry.outgoing.message);
            ui.add(Label::new(RichText::new(text).font(mono(12.0)).color(ctx.theme.muted)).wrap());
        }
    }
}

/// Returns whether one of them goes on.
fn plans(ui: &mut Ui, ctx: &PanelCtx<'_>, title: &str, plans: &[&PlanInfo], out: &mut Vec<Command>) -> bool {
    heading(ui, ctx, title);
    let mut goes_on = false;
    for plan in plans.iter().take(LISTED) {
        goes_on |= plan_ui(ui, ctx, plan, out);
    }
    more(ui, ctx, plans.len(), "older ones");
    goes_on
}

/// Where more are there than are listed.
fn more(ui: &mut Ui, ctx: &PanelCtx<'_>, all: usize, words: &str) {
    if all > LISTED {
        let words = format!("and {} {words}: eventglass requeue --status", all - LISTED);
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
    }
}

/// Returns whether it goes on.
fn plan_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, plan: &PlanInfo, out: &mut Vec<Command>) -> bool {
    let (theme, mut goes_on) = (ctx.theme, false);
    ui.horizontal_wrapped(|ui| {
        let zone = ctx.state.settings.zone;
        ui.label(RichText::new(in_zone(zone, &plan.made_at)).font(mono(BODY - 1.0)));
        ui.label(RichText::new(one_line(&plan.system, 60)).font(mono(BODY - 1.0)).color(theme.muted));
        for (phase, words) in tally(&plan.counts) {
            ui.label(RichText::new(words).color(phase_color(theme, phase)));
        }
        if plan.came_back > 0 {
            ui.label(RichText::new(format!("{} came back", plan.came_back)).color(theme.red));
        }
        if plan.counts.open() == 0 || ctx.jobs.requeue.is_running() {
            return;
        }
        let is_file = plan.system.starts_with("file:");
        if is_file || ctx.state.requeue.unlocked_for(&plan.system).is_some() {
            let hint = "What was sent is looked for first; what was not is sent";
            if ui.button("Resume").on_hover_text(hint).clicked() {
                let (plan, system) = (plan.id.clone(), plan.system.clone());
                out.push(RequeueCommand::Resume { plan, system }.into());
                goes_on = true;
            }
        } else {
            unlock_ui(ui, &plan.system, out);
        }
    });
    goes_on
}

/// What a system was asked to move by itself; how far that is, is asked of the system.
fn moves(ui: &mut Ui, ctx: &PanelCtx<'_>, lines: &[Row]) {
    heading(ui, ctx, "Move tasks");
    for line in lines.iter().take(LISTED) {
        ui.horizontal_wrapped(|ui| {
            let at = in_zone(ctx.state.settings.zone, &line.at);
            ui.label(RichText::new(at).font(mono(BODY - 1.0)));
            let route = format!("{} → {}", one_line(&line.from, 90), one_line(&line.to, 90));
            ui.label(RichText::new(route).font(mono(BODY - 1.0)).color(ctx.theme.muted));
            ui.label(line.phase.trim_start_matches("move_").replace('_', " ")).on_hover_text(&line.detail);
        });
    }
    more(ui, ctx, lines.len(), "older lines");
}

fn in_zone(zone: Zone, at: &str) -> String {
    parse_text(at.as_bytes(), 0).map_or_else(|| at.to_owned(), |at| zone.format_with(at, "%Y-%m-%d %H:%M:%S"))
}

fn heading(ui: &mut Ui, ctx: &PanelCtx<'_>, text: &str) {
    ui.label(RichText::new(text).font(semibold(SMALL)).color(ctx.theme.muted));
}
