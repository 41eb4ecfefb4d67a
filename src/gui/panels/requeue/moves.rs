//! A whole queue moved by SQS itself: what that means, told before it is started, and how far it is. SQS is asked for
//! its tasks, so they are here again after eventglass was closed.

use std::time::{Duration, Instant};

use egui::{Button, Label, Margin, RichText, ScrollArea, Stroke, TextEdit, Ui, UiBuilder, Widget as _, vec2};

use super::draw::FORM;
use super::model::{move_action, task_details, task_outcome};
use super::run::unlock_ui;
use crate::app::Command;
use crate::app::command::RequeueCommand;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, semibold};
use crate::gui::widgets::parts::empty_state;
use crate::model::error::Error;
use crate::model::time::TimeNs;
use crate::requeue::moves::{Change, MoveStatus, MoveTask, Moves, Source, source};

/// How often SQS is asked while a task runs; its numbers are approximate anyway.
const EVERY: Duration = Duration::from_secs(2);

/// Widest line of text that is read with ease.
const WIDEST: f32 = 720.0;

/// What is being typed, and what was asked when.
#[derive(Default)]
pub struct MovesView {
    /// Where the log has several queues.
    chosen: Option<String>,
    to: String,
    rate: String,
    asked: Option<Instant>,
    /// The change whose end was seen, by its number.
    seen: u64,
}

/// Whether the log has a queue that its system may move by itself.
pub fn has_queues(ctx: &PanelCtx<'_>) -> bool {
    ctx.snapshot.sources().iter().any(|of| source(&of.address).is_some())
}

impl MovesView {
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let sources: Vec<Source> = ctx.snapshot.sources().iter().filter_map(|of| source(&of.address)).collect();
        let chosen = sources.iter().find(|of| Some(&of.address) == self.chosen.as_ref()).or(sources.first());
        let Some(of) = chosen else { return };
        if sources.len() > 1 {
            self.choice(ui, &sources, of);
        }
        let answer = ctx.jobs.requeue.moves.looked.answer().filter(|answer| answer.key == of.address);
        let moves = answer.as_ref().map(|answer| answer.value.as_ref());
        self.keep_asking(ui, ctx, of, moves.as_ref().and_then(|moves| moves.as_ref().ok()).copied(), out);
        match moves {
            None => {
                let title = ctx.jobs.requeue.moves.looked.failed();
                empty_state(ui, title.as_deref().unwrap_or("Asking SQS for its tasks…"), "", None);
            }
            Some(Err(error)) => {
                let why = [&error.details, &error.next_step].map(String::as_str).join("\n");
                if empty_state(ui, &error.to_string(), why.trim(), Some("Ask again")) {
                    out.push(RequeueCommand::LookAtMoves(of.address.clone()).into());
                }
            }
            Some(Ok(moves)) => match moves.running() {
                Some(task) => running(ui, ctx, of, moves, task, out),
                None => self.offer(ui, ctx, of, moves, out),
            },
        }
    }

    fn choice(&mut self, ui: &mut Ui, sources: &[Source], chosen: &Source) {
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(GRID, GRID);
                for of in sources {
                    let name = RichText::new(middle_cut(&one_line(&of.queue, 200), 40)).font(mono(BODY - 1.0));
                    if ui.add(Button::selectable(of == chosen, name)).on_hover_text(&of.address).clicked() {
                        self.chosen = Some(of.address.clone());
                    }
                }
            });
        });
    }

    /// Once where it was not asked for, again after a change and while a task runs.
    fn keep_asking(&mut self, ui: &Ui, ctx: &PanelCtx<'_>, of: &Source, moves: Option<&Moves>, out: &mut Vec<Command>) {
        let jobs = &ctx.jobs.requeue.moves;
        let asked = ctx.state.requeue.moves.as_ref().is_some_and(|(address, _)| *address == of.address);
        let changed = jobs.changed.answer().filter(|answer| answer.key != self.seen);
        if let Some(changed) = &changed {
            self.seen = changed.key;
            out.push(RequeueCommand::Look.into());
        }
        let waited = self.asked.is_none_or(|at| at.elapsed() >= EVERY) && !jobs.looked.busy();
        let runs = moves.is_some_and(|moves| moves.running().is_some());
        if !asked || changed.is_some() || runs && waited {
            self.asked = Some(Instant::now());
            out.push(RequeueCommand::LookAtMoves(of.address.clone()).into());
        }
        if runs {
            ui.ctx().request_repaint_after(EVERY);
        }
    }

    /// What is to be known of a task on the right, what can be said of it on the left.
    fn offer(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, of: &Source, moves: &Moves, out: &mut Vec<Command>) {
        let full = ui.available_rect_before_wrap();
        let (left, rest) = full.split_left_right_at_x(full.left() + FORM.min(full.width() * 0.4));
        self.form(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, of, moves, out);
        ui.painter().vline(rest.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let rest = rest.with_min_x(rest.left() + 1.0);
        page(&mut ui.new_child(UiBuilder::new().max_rect(rest)), |ui| {
            headline(ui, "Let SQS move the whole queue", ctx.theme.text);
            about(ui, ctx.theme, moves);
            changed(ui, ctx);
            if let Some(why) = &moves.refused {
                ui.add(Label::new(RichText::new(why).color(ctx.theme.amber)).wrap());
            }
            limits(ui, ctx, moves);
            tasks(ui, ctx, moves);
        });
        ui.advance_cursor_after_rect(full);
    }

    fn form(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, of: &Source, moves: &Moves, out: &mut Vec<Command>) {
        let wish = Change::start(of, &self.to, &self.rate);
        // Always in sight, as where a plan is sent.
        let frame = egui::Frame::new().inner_margin(Margin::symmetric(12, 8));
        egui::Panel::bottom("moving").resizable(false).frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID);
            if let Err(Error { summary, next_step, .. }) = &wish {
                ui.add(Label::new(RichText::new(format!("{summary}. {next_step}")).color(ctx.theme.red)).wrap());
            }
            if let Some(why) = unwritable(ctx) {
                let words = format!("The journal cannot be written, so nothing is moved: {why}");
                ui.add(Label::new(RichText::new(words).size(SMALL).color(ctx.theme.red)).wrap());
            }
            let text = RichText::new(move_action(moves)).font(semibold(BODY)).color(ctx.theme.on_accent);
            let ready = moves.refused.is_none() && wish.is_ok();
            let button = Button::new(text).fill(ctx.theme.accent);
            if write(ui, ctx, of, button, "It cannot be undone", ready, out)
                && let Ok(change) = wish
            {
                out.push(RequeueCommand::ChangeMoves { address: of.address.clone(), change }.into());
            }
        });
        ScrollArea::vertical().id_salt("move form").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID);
                ui.label(RichText::new("To").size(SMALL).color(ctx.theme.muted));
                let edit = TextEdit::singleline(&mut self.to).hint_text("where each came from").font(mono(BODY - 1.0));
                let to = edit.desired_width(f32::INFINITY).ui(ui).accessible_name("To");
                to.on_hover_text("A queue of the same account, region and kind: its name, ARN or address");
                ui.label(RichText::new("A second, 1 to 500").size(SMALL).color(ctx.theme.muted));
                let edit = TextEdit::singleline(&mut self.rate).hint_text("as SQS sees fit").font(mono(BODY - 1.0));
                edit.desired_width(120.0).ui(ui).accessible_name("A second");
            });
        });
    }
}

/// A task that goes on, with what stops it.
fn running(ui: &mut Ui, ctx: &PanelCtx<'_>, of: &Source, moves: &Moves, task: &MoveTask, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    page(ui, |ui| {
        let cancelling = task.status == MoveStatus::Cancelling;
        let doing = if cancelling { "Being cancelled" } else { "SQS moves the whole queue" };
        headline(ui, &format!("{doing}: {}", task.progress()), theme.text);
        about(ui, theme, moves);
        bar(ui, theme, task);
        let details = format!("since {} · {}", started(ctx, task), task_details(task));
        ui.add(Label::new(RichText::new(details).color(theme.muted)).wrap());
        let words =
            "It goes on when eventglass is closed, and is here again afterwards. Cancelling brings nothing back.";
        ui.add(Label::new(RichText::new(words).size(SMALL).color(theme.muted)).wrap());
        changed(ui, ctx);
        if let (Some(handle), false) = (&task.handle, cancelling)
            && write(ui, ctx, of, Button::new("Cancel the task"), "What was moved stays moved", true, out)
        {
            let change = Change::Cancel { handle: handle.clone() };
            out.push(RequeueCommand::ChangeMoves { address: of.address.clone(), change }.into());
        }
        tasks(ui, ctx, moves);
        limits(ui, ctx, moves);
    });
}

/// What writes, or unlocks before that. Returns whether it was pressed.
fn write(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    of: &Source,
    button: Button<'_>,
    hint: &str,
    ready: bool,
    out: &mut Vec<Command>,
) -> bool {
    if ctx.state.requeue.unlocked_for(&of.system).is_some() {
        let enabled = ready && unwritable(ctx).is_none() && !ctx.jobs.requeue.moves.changed.busy();
        return ui.add_enabled(enabled, button).on_hover_text(hint).clicked();
    }
    unlock_ui(ui, &of.system, out);
    false
}

/// Why nothing can be written down, and so nothing be asked for.
fn unwritable(ctx: &PanelCtx<'_>) -> Option<String> {
    let told = ctx.jobs.requeue.told.answer()?;
    match &told.value {
        Ok(told) => told.read_only.clone(),
        Err(error) => Some(error.to_string()),
    }
}

fn page(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt("move task").auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::symmetric(12, 12)).show(ui, |ui| {
            ui.set_width(ui.available_width().min(WIDEST));
            ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID * 1.5);
            add(ui);
        });
    });
}

fn headline(ui: &mut Ui, words: &str, color: egui::Color32) {
    ui.add(Label::new(RichText::new(words).font(semibold(16.0)).color(color)).wrap());
}

/// The queue, and what lies there.
fn about(ui: &mut Ui, theme: &Theme, moves: &Moves) {
    let name = RichText::new(middle_cut(&one_line(&moves.queue, 200), 80)).font(mono(BODY - 1.0));
    ui.label(name).on_hover_text(&moves.queue);
    let mut words = vec![format!("about {}", plural(moves.messages, "message", "messages"))];
    if moves.held > 0 {
        words.push(plural(moves.held, "more held by a consumer", "more held by consumers"));
    }
    if !moves.sources.is_empty() {
        words.push(format!("dead letters of {}", one_line(&moves.sources.join(", "), 200)));
    }
    ui.add(Label::new(RichText::new(words.join(" · ")).color(theme.muted)).wrap());
}

/// What came of the last change.
fn changed(ui: &mut Ui, ctx: &PanelCtx<'_>) {
    let jobs = &ctx.jobs.requeue.moves.changed;
    if jobs.busy() {
        ui.label(RichText::new("SQS is asked…").color(ctx.theme.muted));
        return;
    }
    if let Some(broke) = jobs.failed() {
        ui.label(RichText::new(broke).color(ctx.theme.red));
    }
    let Some(answer) = jobs.answer() else { return };
    match &answer.value {
        // That it runs is seen.
        Ok(said) if said == "Started" => {}
        Ok(said) => {
            ui.label(RichText::new(said).color(ctx.theme.muted));
        }
        Err(error) => {
            ui.add(Label::new(RichText::new(error.summary.as_str()).color(ctx.theme.red)).wrap());
            for more in [&error.details, &error.next_step].into_iter().filter(|more| !more.is_empty()) {
                ui.add(Label::new(RichText::new(more).size(SMALL).color(ctx.theme.muted)).wrap());
            }
        }
    }
}

fn limits(ui: &mut Ui, ctx: &PanelCtx<'_>, moves: &Moves) {
    heading(ui, ctx, "What such a task does, and cannot do");
    for limit in &moves.limits {
        point(ui, ctx.theme, limit);
    }
}

/// A line of a list; its second line begins below its first.
fn point(ui: &mut Ui, theme: &Theme, words: &str) {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(GRID * 1.5, BODY + GRID), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 1.75, theme.muted);
        ui.add(Label::new(words).wrap());
    });
}

/// Those that SQS remembers, but for one that runs.
fn tasks(ui: &mut Ui, ctx: &PanelCtx<'_>, moves: &Moves) {
    let over: Vec<&MoveTask> = moves.tasks.iter().filter(|task| !task.status.is_open()).collect();
    if over.is_empty() {
        return;
    }
    heading(ui, ctx, "Tasks before, as SQS tells them");
    for task in over {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(started(ctx, task)).font(mono(BODY - 1.0)));
                let color = if task.status == MoveStatus::Failed { ctx.theme.red } else { ctx.theme.text };
                ui.label(RichText::new(task_outcome(task)).color(color));
            });
            // Below it: names of queues may be long.
            let details = RichText::new(task_details(task)).size(SMALL).color(ctx.theme.muted);
            ui.add(Label::new(details).wrap());
        });
    }
}

fn started(ctx: &PanelCtx<'_>, task: &MoveTask) -> String {
    let at = TimeNs(task.started_ms.saturating_mul(1_000_000));
    ctx.state.settings.zone.format_with(at, "%Y-%m-%d %H:%M:%S")
}

fn heading(ui: &mut Ui, ctx: &PanelCtx<'_>, text: &str) {
    ui.add_space(GRID * 2.0);
    ui.label(RichText::new(text).font(semibold(SMALL)).color(ctx.theme.muted));
}

/// The share that was moved, as far as that is known.
fn bar(ui: &mut Ui, theme: &Theme, task: &MoveTask) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(640.0), 6.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 3.0, theme.line);
    if let Some(all) = task.to_move.filter(|all| *all > 0) {
        let share = (task.moved as f32 / all as f32).min(1.0);
        let part = egui::Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
        ui.painter().rect_filled(part, 3.0, theme.accent);
    }
    let words = format!("{} moved", task.progress());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &words));
}
