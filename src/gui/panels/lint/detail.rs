//! What one rule or finding says: what, why, how to mend; its events, a page at a time; silencing it.

use egui::{Margin, RichText, ScrollArea, Ui};

use super::draw::color;
use super::model::page_words;
use crate::analysis::lints::{Finding, Lint, Silence};
use crate::app::Command;
use crate::app::command::{FilterCommand, LayoutCommand, LintCommand, SelectCommand};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::line_row::LineRow;
use crate::gui::panels::parts::preview::{named, one_line};
use crate::gui::theme::{BODY, GRID, SMALL, mono, strong};
use crate::gui::widgets::parts::{icon_button, link, split_header};
use crate::model::ids::EventIx;

/// Events on a page.
const PAGE: usize = 8;

#[derive(Default)]
pub struct Detail {
    /// The message that page and reason belong to.
    of: String,
    page: usize,
    reason: String,
    only_type: bool,
    silencing: bool,
}

impl Detail {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        lint: &Lint,
        finding: Option<&Finding>,
        out: &mut Vec<Command>,
    ) {
        let of = finding.map_or(lint.name, |finding| finding.message.as_str());
        if self.of != of {
            *self = Self { of: of.to_owned(), only_type: true, ..Self::default() };
        }
        let severity = finding.map_or(lint.severity, |finding| finding.severity);
        split_header(ui, lint.name, |ui| {
            ui.label(RichText::new(severity.label()).size(SMALL).color(color(severity, ctx.theme)));
        });
        ScrollArea::vertical().id_salt("detail").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = GRID;
                let title = finding.map_or_else(|| lint.what.to_owned(), |finding| one_line(&finding.message, 600));
                ui.add(egui::Label::new(strong(title)).wrap());
                for (name, words) in [("Why it matters", lint.why), ("How to mend it", lint.mend)] {
                    ui.label(RichText::new(name).size(SMALL).color(ctx.theme.muted));
                    ui.add(egui::Label::new(format!("{words}.")).wrap());
                }
                if let Some(finding) = finding {
                    ui.add_space(GRID);
                    self.events_ui(ui, ctx, finding, out);
                }
                ui.add_space(GRID);
                self.silence_ui(ui, ctx, lint, finding, out);
            });
        });
    }

    fn events_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, finding: &Finding, out: &mut Vec<Command>) {
        let pages = finding.examples.len().div_ceil(PAGE);
        self.page = self.page.min(pages.saturating_sub(1));
        let from = self.page * PAGE;
        let shown = finding.examples.get(from..).unwrap_or_default();
        let shown = shown.get(..PAGE.min(shown.len())).unwrap_or_default();
        ui.horizontal(|ui| {
            let words = page_words(from, from + shown.len(), finding);
            ui.label(RichText::new(format!("Events {words}")).size(SMALL).color(ctx.theme.muted));
            if pages > 1 {
                if icon_button(ui, "‹", "Events before").clicked() {
                    self.page = self.page.saturating_sub(1);
                }
                if icon_button(ui, "›", "Next events").clicked() {
                    self.page = (self.page + 1).min(pages - 1);
                }
            }
            if let Some(filter) = &finding.filter
                && ui.button("Show these events").on_hover_text(filter).clicked()
            {
                out.push(FilterCommand::Set(filter.clone()).into());
                out.push(LayoutCommand::Show("events").into());
            }
        });
        for event in shown {
            if link(ui, &line(ctx, *event), mono(BODY - 1.0), "Go to this event").clicked() {
                out.push(SelectCommand::Event(*event).into());
            }
        }
    }

    fn silence_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        lint: &Lint,
        finding: Option<&Finding>,
        out: &mut Vec<Command>,
    ) {
        let type_name = finding.and_then(|finding| finding.type_name.clone());
        let silences = &ctx.state.lint_config(ctx.snapshot).silences;
        let of = |silence: &&Silence| {
            silence.rule == lint.name && (silence.type_name.is_none() || silence.type_name == type_name)
        };
        if let Some(silence) = silences.iter().find(of) {
            let why = format!("Silenced{}: {}", scope(silence), one_line(&silence.reason, 200));
            ui.add(egui::Label::new(RichText::new(why).color(ctx.theme.muted)).wrap());
            if ui.button("Tell it again").clicked() {
                let (rule, type_name) = (silence.rule.clone(), silence.type_name.clone());
                out.push(LintCommand::Tell { rule, type_name }.into());
            }
            return;
        }
        if !self.silencing {
            self.silencing = ui.button("Silence…").on_hover_text("Leave it out of the list, with a reason").clicked();
            return;
        }
        if let Some(name) = &type_name {
            ui.horizontal_wrapped(|ui| {
                ui.radio_value(&mut self.only_type, true, format!("for {}", named(&one_line(name, 60))));
                ui.radio_value(&mut self.only_type, false, "for all types");
            });
        }
        let mut pressed = false;
        ui.horizontal(|ui| {
            let line = LineRow {
                label: "Reason",
                hint: "Reason, for who reads it later",
                button: "Silence",
                about: "",
                width: f32::INFINITY,
                beside: 88.0,
            };
            pressed = line.ui(ui, &mut self.reason, false);
        });
        if pressed {
            let reason = self.reason.trim().to_owned();
            let type_name = type_name.filter(|_| self.only_type);
            out.push(LintCommand::Silence { rule: lint.name.to_owned(), type_name, reason }.into());
            self.silencing = false;
        }
    }
}

/// ` for OrderPlaced`, or nothing where it is for all.
pub(super) fn scope(silence: &Silence) -> String {
    silence.type_name.as_ref().map_or_else(String::new, |name| format!(" for {}", one_line(name, 60)))
}

/// An event in a line: its number, type and time, from the columns.
fn line(ctx: &PanelCtx<'_>, event: EventIx) -> String {
    let name = named(&one_line(ctx.snapshot.type_name(ctx.snapshot.type_ix(event)), 48));
    let time =
        ctx.snapshot.time(event).map_or_else(String::new, |time| format!("  {}", ctx.state.settings.zone.format(time)));
    format!("#{}  {name}{time}", event.0)
}
