//! A run while it goes and how it ended, and systems that may be written to.

use std::time::Duration;

use egui::{Button, Margin, RichText, Ui, vec2};

use super::model::{tally, unlock_words};
use crate::app::Command;
use crate::app::command::RequeueCommand;
use crate::app::jobs::Running;
use crate::app::state::UNLOCKED_FOR;
use crate::base::text::{count, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, semibold};
use crate::requeue::journal::{Counts, Phase};
use crate::requeue::run::End;

/// How often a run's numbers are drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// `kafka://h · may be written to for 14 min · Lock`
pub fn unlocked_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, system: &str, left: Duration, out: &mut Vec<Command>) {
    let minutes = left.as_secs().div_ceil(60);
    let words = format!("{} may be written to for {minutes} min", one_line(system, 60));
    ui.label(RichText::new(words).size(SMALL).color(ctx.theme.accent));
    if ui.add(Button::new(RichText::new("Lock").size(SMALL)).small()).clicked() {
        out.push(RequeueCommand::Lock(system.to_owned()).into());
    }
    ui.ctx().request_repaint_after(Duration::from_secs(left.as_secs() % 60 + 1));
}

/// In place of what writes, while its system is locked.
pub fn unlock_ui(ui: &mut Ui, system: &str, out: &mut Vec<Command>) {
    let minutes = UNLOCKED_FOR.as_secs() / 60;
    let hint = format!("eventglass may write to {system} for {minutes} minutes");
    if ui.button(unlock_words(system)).on_hover_text(hint).clicked() {
        out.push(RequeueCommand::Unlock(system.to_owned()).into());
    }
}

/// Returns whether a person has seen the end.
pub fn run_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, running: &Running, out: &mut Vec<Command>) -> bool {
    let theme = ctx.theme;
    let (progress, end) = (running.control.progress(), running.end());
    let mut seen = false;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 12)).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID * 2.0);
        let (words, color) = headline(&progress.counts, end.as_ref(), &progress.doing, theme);
        ui.label(RichText::new(words).font(semibold(16.0)).color(color));
        ui.label(RichText::new(&running.system).font(mono(BODY - 1.0)).color(theme.muted));
        bar(ui, theme, &progress.counts);
        ui.horizontal_wrapped(|ui| {
            for (phase, words) in tally(&progress.counts) {
                ui.label(RichText::new(words).color(phase_color(theme, phase)));
            }
        });
        if !progress.guarantee.is_empty() {
            ui.label(RichText::new(format!("Guarantee here: {}", progress.guarantee)).size(SMALL).color(theme.muted));
        }
        for note in &progress.notes {
            ui.label(RichText::new(note).size(SMALL).color(theme.amber));
        }
        match &end {
            None => {
                ui.ctx().request_repaint_after(TICK);
                ui.horizontal(|ui| {
                    let paused = running.control.is_paused();
                    if ui.button(if paused { "Go on" } else { "Pause" }).clicked() {
                        out.push(RequeueCommand::Pause(!paused).into());
                    }
                    let hint = "After the batch that is on its way; the plan can be resumed";
                    if ui.button("Stop").on_hover_text(hint).clicked() {
                        out.push(RequeueCommand::Stop.into());
                    }
                });
            }
            Some(end) => {
                if let Err(error) = end {
                    ui.label(RichText::new(&error.details).color(theme.muted));
                    ui.label(&error.next_step);
                }
                if end.is_ok() && progress.counts.of(Phase::Ambiguous) > 0 {
                    let words = "What is in doubt is in the journal, with the reason and what can be done";
                    ui.label(RichText::new(words).color(theme.muted));
                }
                if let Ok(End::CameBack(places)) = end {
                    let list = places.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
                    ui.label(RichText::new(format!("They lie at {list}")).font(mono(12.0)).color(theme.muted));
                }
                ui.horizontal(|ui| {
                    seen = ui.button("Done").clicked();
                    if progress.counts.open() > 0 && ui.button("Resume").clicked() {
                        let (plan, system) = (running.plan.clone(), running.system.clone());
                        out.push(RequeueCommand::Resume { plan, system }.into());
                    }
                });
                if seen {
                    out.push(RequeueCommand::Forget.into());
                }
            }
        }
    });
    seen
}

type Ended = crate::model::error::Result<End>;

fn headline(counts: &Counts, end: Option<&Ended>, doing: &str, theme: &Theme) -> (String, egui::Color32) {
    let of = plural(counts.all(), "message", "messages");
    let put_back = count(counts.of(Phase::Settled));
    match end {
        None if doing.is_empty() => ("Starting…".to_owned(), theme.text),
        None => (format!("{put_back} of {of} put back · {doing}"), theme.text),
        Some(Ok(End::Done)) if counts.of(Phase::Settled) == counts.all() => (format!("{of} put back"), theme.text),
        Some(Ok(End::Done)) => (format!("{put_back} of {of} put back"), theme.amber),
        Some(Ok(End::Stopped)) => (format!("Stopped: {put_back} of {of} put back"), theme.text),
        Some(Ok(End::CameBack(places))) => {
            let back = plural(places.len() as u64, "message", "messages");
            (format!("Stopped: {back} failed again"), theme.red)
        }
        Some(Err(error)) => (error.to_string(), theme.red),
    }
}

pub fn phase_color(theme: &Theme, phase: Phase) -> egui::Color32 {
    match phase {
        Phase::Failed => theme.red,
        Phase::Ambiguous => theme.amber,
        Phase::Settled => theme.text,
        _ => theme.muted,
    }
}

/// Shares of the whole: put back, on the way, in doubt, failed.
fn bar(ui: &mut Ui, theme: &Theme, counts: &Counts) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(640.0), 6.0), egui::Sense::hover());
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, theme.line);
    let all = counts.all().max(1) as f32;
    let mut x = rect.left();
    for (phase, color) in [
        (Phase::Settled, theme.accent),
        (Phase::Confirmed, theme.bar),
        (Phase::Ambiguous, theme.amber),
        (Phase::Failed, theme.red),
    ] {
        let width = rect.width() * counts.of(phase) as f32 / all;
        let part = egui::Rect::from_min_size(egui::pos2(x, rect.top()), vec2(width, rect.height()));
        painter.rect_filled(part, 3.0, color);
        x += width;
    }
    let words = format!("{} of {} put back", counts.of(Phase::Settled), counts.all());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &words));
}
