//! The right side: the chosen group's explanation, or the chosen letter.

use egui::{CollapsingHeader, Grid, Label, Margin, RichText, ScrollArea, Ui};

use super::model::short_class;
use super::notes::{NoteLine, archive_button, is_archived};
use super::regroup::Sorting;
use super::target::TargetLine;
use super::view::{Fact, LetterView, Value, later_words};
use crate::analysis::dead_letters::Group;
use crate::analysis::query::term;
use crate::app::Command;
use crate::app::command::{FilterCommand, LayoutCommand, RequeueCommand, SelectCommand, WindowCommand};
use crate::base::text::{count, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::header::{HeaderLine, header_ui};
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, semibold};
use crate::gui::widgets::parts::link;
use crate::model::filter::NameKey;
use crate::model::ids::EventIx;
use crate::requeue::plan::Choice;

/// Entities and events that are listed; more are counted.
const LISTED: usize = 8;
/// Of the buttons that put letters back.
const REQUEUE_HINT: &str = "Shows what would be sent where; nothing is sent yet";
/// Width of the names.
const NAMES: f32 = 88.0;

fn scroll(ui: &mut Ui, salt: &str, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(salt).auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
            add(ui);
        });
    });
}

fn title(ui: &mut Ui, theme: &Theme, class: Option<&str>, message: &str) {
    if let Some(class) = class {
        let short = RichText::new(short_class(class)).font(semibold(16.0)).color(theme.red);
        ui.add(Label::new(short).truncate().show_tooltip_when_elided(false)).on_hover_text(class);
        if short_class(class) != class {
            ui.add(Label::new(RichText::new(class).font(mono(SMALL)).color(theme.muted)).truncate());
        }
    }
    if !message.is_empty() {
        ui.add(Label::new(RichText::new(message).size(BODY).color(theme.text)).wrap());
    }
}

fn name_ui(ui: &mut Ui, theme: &Theme, name: &str) {
    ui.label(RichText::new(name).size(SMALL).color(theme.muted));
}

fn heading(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.add_space(GRID * 2.0);
    ui.label(RichText::new(text).font(semibold(SMALL)).color(theme.muted));
}

fn grid(ui: &mut Ui, salt: &str, rows: impl FnOnce(&mut Ui)) {
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new(salt).num_columns(2).spacing([GRID * 3.0, GRID]).min_col_width(NAMES).show(ui, rows);
}

/// A group: how many, from where, whose, and why these are one group.
pub fn group_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    groups: &[Group],
    group: &Group,
    lines: &mut Lines,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    scroll(ui, "group", |ui| {
        let print = &group.fingerprint;
        if group.cause == print.cause() {
            title(ui, theme, print.class.as_deref(), &one_line(&print.shape, 600));
        } else {
            title(ui, theme, None, &one_line(&group.cause, 600));
        }
        ui.add_space(GRID);
        ui.horizontal_wrapped(|ui| {
            let label = format!("Requeue {}…", plural(group.count, "letter", "letters"));
            if ui.button(label).on_hover_text(REQUEUE_HINT).clicked() {
                out.push(RequeueCommand::Plan(Choice::Group(print.id.clone())).into());
            }
            lines.sorting.menu(ui, ctx, groups, group, out);
            archive_button(ui, ctx, &print.id, out);
        });
        lines.sorting.line(ui, ctx, Some(group), out);
        archived_ui(ui, ctx, &print.id);
        ui.add_space(GRID);
        grid(ui, "group facts", |ui| {
            name_ui(ui, theme, "letters");
            ui.label(RichText::new(count(group.count)).font(mono(12.0)));
            ui.end_row();
            for (name, at) in [("first", group.first), ("last", group.last)] {
                if let Some(at) = at {
                    name_ui(ui, theme, name);
                    let zone = ctx.state.settings.zone;
                    ui.label(RichText::new(format!("{} {}", zone.format(at), zone.name_at(at))).font(mono(12.0)));
                    ui.end_row();
                }
            }
            for (name, list) in
                [("from", &group.origins), ("consumers", &group.consumers), ("services", &group.services)]
            {
                if !list.is_empty() {
                    name_ui(ui, theme, name);
                    ui.add(Label::new(RichText::new(counted(list)).font(mono(12.0))).wrap());
                    ui.end_row();
                }
            }
            if !group.entities.is_empty() {
                name_ui(ui, theme, &plural(group.entities.len() as u64, "entity", "entities"));
                ui.horizontal_wrapped(|ui| {
                    for &(entity, _) in group.entities.iter().take(LISTED) {
                        let Some(label) = ctx.snapshot.entity_label(entity) else { continue };
                        let text = one_line(&label, 60);
                        if link(ui, &text, mono(12.0), "Select this entity").clicked() {
                            out.push(SelectCommand::Entity(entity).into());
                        }
                    }
                    let more = group.entities.len().saturating_sub(LISTED);
                    if more > 0 {
                        ui.label(RichText::new(format!("and {} more", count(more as u64))).color(theme.muted));
                    }
                });
                ui.end_row();
            }
            name_ui(ui, theme, "fingerprint");
            if link(ui, &print.id, mono(12.0), "Copy the fingerprint").clicked() {
                out.push(WindowCommand::Copy(print.id.clone()).into());
            }
            ui.end_row();
        });
        lines.note.ui(ui, ctx, &print.id, out);
        explained_ui(ui, theme, print.from, &print.stripped);
    });
}

/// What is being typed on the right side.
#[derive(Default)]
pub struct Lines {
    pub sorting: Sorting,
    note: NoteLine,
    target: TargetLine,
}

fn archived_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, subject: &str) {
    if is_archived(ctx, subject) {
        ui.label(RichText::new("Archived: out of sight until it is restored").size(SMALL).color(ctx.theme.muted));
    }
}

fn explained_ui(ui: &mut Ui, theme: &Theme, from: &str, stripped: &[(&'static str, String)]) {
    heading(ui, theme, "Why these are one group");
    let mut words = format!("They agree in the root cause's class and in {from}.");
    if !stripped.is_empty() {
        let parts = stripped.iter().take(LISTED).map(|(what, text)| format!("{} → {what}", one_line(text, 40)));
        words = format!("{words} Taken out: {}.", parts.collect::<Vec<_>>().join(", "));
    }
    ui.add(Label::new(RichText::new(words).size(SMALL).color(theme.muted)).wrap());
}

fn counted(list: &[(String, u64)]) -> String {
    let name = |name: &str| if name.is_empty() { "unknown".to_owned() } else { one_line(name, 60) };
    let mut parts: Vec<String> =
        list.iter().take(LISTED).map(|(of, n)| format!("{} {}", name(of), count(*n))).collect();
    if list.len() > LISTED {
        parts.push(format!("{} more", list.len() - LISTED));
    }
    parts.join(", ")
}

/// A letter: why, whence and whither, what happened around it, its headers.
pub fn letter_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    event: EventIx,
    view: &LetterView,
    lines: &mut Lines,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    scroll(ui, "letter", |ui| {
        title(ui, theme, view.class.as_deref(), &view.message);
        if let Some(warning) = &view.warning {
            egui::Frame::new().fill(theme.amber_soft).corner_radius(4).inner_margin(6).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(warning).color(theme.text));
            });
        }
        ui.add_space(GRID);
        let to = view.target.as_ref().map_or_else(|| "Requeue…".to_owned(), |target| format!("Requeue to {target}…"));
        ui.horizontal_wrapped(|ui| {
            if ui.button(to).on_hover_text(REQUEUE_HINT).clicked() {
                out.push(RequeueCommand::Plan(Choice::Events(vec![event])).into());
            }
            if let Some(subject) = &view.subject {
                archive_button(ui, ctx, subject, out);
            }
        });
        if let Some(subject) = &view.subject {
            archived_ui(ui, ctx, subject);
        }
        if let Some(of) = &view.without_origin {
            lines.target.ui(ui, ctx, of, out);
        }
        ui.add_space(GRID);
        grid(ui, "facts", |ui| {
            for fact in &view.facts {
                fact_ui(ui, ctx, fact);
                ui.end_row();
            }
        });
        if let Some(subject) = &view.subject {
            lines.note.ui(ui, ctx, subject, out);
        }
        around_ui(ui, ctx, view, out);
        headers_ui(ui, theme, "Added by dead-lettering", &view.added);
        headers_ui(ui, theme, "The message's own headers", &view.own);
        if !view.stack.is_empty() {
            stack_ui(ui, theme, view, out);
        }
        explained_ui(ui, theme, view.fingerprint.from, &view.fingerprint.stripped);
    });
}

fn fact_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, fact: &Fact) {
    let theme = ctx.theme;
    name_ui(ui, theme, fact.name);
    let color = if fact.doubtful { theme.amber } else { theme.text };
    let text = match &fact.value {
        Value::Text(text) => RichText::new(text),
        Value::Code(text) => RichText::new(text).font(mono(12.0)),
        Value::Time(at) => {
            let zone = ctx.state.settings.zone;
            RichText::new(format!("{} {}", zone.format(*at), zone.name_at(*at))).font(mono(12.0))
        }
    };
    ui.add(Label::new(text.color(color)).wrap());
}

/// The original, the state that the consumer met, and what came since.
fn around_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, view: &LetterView, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    if view.original.is_none() && view.around.is_empty() && view.correlation.is_none() {
        return;
    }
    heading(ui, theme, "Around it");
    grid(ui, "around", |ui| {
        if let Some((original, by, same)) = view.original {
            name_ui(ui, theme, "original");
            ui.horizontal(|ui| {
                let hint = format!("Go to the message before it failed, found by {by}");
                if link(ui, &format!("event {}", count(original.0)), mono(12.0), &hint).clicked() {
                    out.push(SelectCommand::Event(original).into());
                }
                let words = if same { "the same value" } else { "another value" };
                ui.label(RichText::new(words).size(SMALL).color(if same { theme.muted } else { theme.amber }));
            });
            ui.end_row();
        }
        if let Some(correlation) = &view.correlation {
            name_ui(ui, theme, "chain");
            if link(ui, &one_line(&correlation.value, 80), mono(12.0), "Show only the events of its chain").clicked() {
                out.push(FilterCommand::Set(term(NameKey::Correlation, &correlation.value)).into());
            }
            ui.end_row();
        }
        for around in view.around.iter().take(LISTED) {
            name_ui(ui, theme, &one_line(&around.name.kind, 24));
            ui.horizontal(|ui| {
                if link(ui, &one_line(&around.name.id, 60), mono(12.0), "Select this entity").clicked() {
                    out.push(SelectCommand::Entity(around.entity).into());
                }
                if let Some(before) = around.before
                    && link(
                        ui,
                        "state before it failed",
                        egui::FontId::proportional(SMALL),
                        "Show this entity's state as the consumer met it",
                    )
                    .clicked()
                {
                    out.push(SelectCommand::EventOf(before, around.entity).into());
                    out.push(LayoutCommand::Show("state").into());
                }
                let words = later_words(around);
                match around.first_later.first() {
                    Some(&first) => {
                        let hint = "Go to the entity's first event after the failure";
                        if link(ui, &words, egui::FontId::proportional(SMALL), hint).clicked() {
                            out.push(SelectCommand::EventOf(first, around.entity).into());
                        }
                    }
                    None => drop(ui.label(RichText::new(words).size(SMALL).color(theme.muted))),
                }
            });
            ui.end_row();
        }
    });
}

fn headers_ui(ui: &mut Ui, theme: &Theme, text: &str, headers: &[HeaderLine]) {
    if headers.is_empty() {
        return;
    }
    heading(ui, theme, text);
    let fits = (ui.available_width() * 0.4 / 6.8) as usize;
    grid(ui, text, |ui| {
        for header in headers {
            // Names of one producer differ at their ends.
            let name = middle_cut(&header.name, fits);
            let label = Label::new(RichText::new(name).font(mono(SMALL)).color(theme.muted)).extend();
            ui.add(label).on_hover_text(&header.name);
            header_ui(ui, theme, header);
            ui.end_row();
        }
    });
}

fn stack_ui(ui: &mut Ui, theme: &Theme, view: &LetterView, out: &mut Vec<Command>) {
    ui.add_space(GRID * 2.0);
    CollapsingHeader::new(RichText::new("Stack trace").font(semibold(SMALL)).color(theme.muted)).show(ui, |ui| {
        if ui.small_button("Copy").clicked() {
            out.push(WindowCommand::Copy(view.whole_stack.clone()).into());
        }
        for line in &view.stack {
            let color = if line.starts_with(' ') { theme.muted } else { theme.text };
            ui.add(Label::new(RichText::new(line).font(mono(SMALL)).color(color)).extend());
        }
        if view.more_stack > 0 {
            let words = format!("{} more; copying takes them all", plural(view.more_stack as u64, "line", "lines"));
            ui.label(RichText::new(words).size(SMALL).color(theme.muted));
        }
    });
}
