//! Thresholds and silences of this log; as a file for the command line, and from one.

use egui::{DragValue, Margin, RichText, ScrollArea, Ui};

use super::detail::scope;
use crate::analysis::lints::{Config, THRESHOLDS, Threshold, Unit};
use crate::app::Command;
use crate::app::command::{LintCommand, WindowCommand};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::path_row::{Done, PathRow};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{GRID, SMALL, mono};
use crate::gui::widgets::parts::split_header;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    Export,
    Open,
}

#[derive(Default)]
pub struct Thresholds {
    /// A value while it is dragged or typed: the rules look again when it rests.
    draft: Option<(&'static str, f64)>,
    naming: Option<(Naming, PathRow)>,
}

impl Thresholds {
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let config = ctx.state.lint_config(ctx.snapshot);
        split_header(ui, "Thresholds for this log", |ui| {
            if ui.small_button("Defaults").clicked() {
                out.push(LintCommand::DefaultThresholds.into());
            }
        });
        ScrollArea::vertical().id_salt("thresholds").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = GRID;
                self.file_ui(ui, ctx, config, out);
                egui::Grid::new("thresholds").num_columns(3).spacing([8.0, GRID]).show(ui, |ui| {
                    for threshold in THRESHOLDS {
                        self.field_ui(ui, ctx, threshold, config, out);
                        ui.end_row();
                    }
                });
                if !config.silences.is_empty() {
                    ui.add_space(GRID);
                    ui.label(RichText::new("Silenced").size(SMALL).color(ctx.theme.muted));
                }
                for silence in &config.silences {
                    ui.horizontal_wrapped(|ui| {
                        ui.label(RichText::new(format!("{}{}", silence.rule, scope(silence))).font(mono(SMALL)));
                        ui.label(one_line(&silence.reason, 200));
                        if ui.small_button("Tell it again").clicked() {
                            let (rule, type_name) = (silence.rule.clone(), silence.type_name.clone());
                            out.push(LintCommand::Tell { rule, type_name }.into());
                        }
                    });
                }
            });
        });
    }

    fn field_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        threshold: &'static Threshold,
        config: &Config,
        out: &mut Vec<Command>,
    ) {
        let rule = RichText::new(threshold.rule).font(mono(SMALL)).color(ctx.theme.muted);
        ui.label(rule).on_hover_text(threshold.name);
        let set = (threshold.get)(config);
        let draft = self.draft.filter(|(name, _)| *name == threshold.name).map(|(_, value)| value);
        let mut value = draft.unwrap_or(set);
        let field = match threshold.unit {
            Unit::Share => DragValue::new(&mut value).speed(0.01).max_decimals(2).range(0.0..=1.0),
            Unit::Bytes => DragValue::new(&mut value).speed(64.0).max_decimals(0).suffix(" B"),
            Unit::Count => DragValue::new(&mut value).speed(1.0).max_decimals(0),
            Unit::Millis => DragValue::new(&mut value).speed(10.0).max_decimals(0).suffix(" ms"),
        };
        let response = ui.add(field).accessible_name(threshold.name);
        let words = RichText::new(threshold.what).size(SMALL);
        let changed = set.to_bits() != (threshold.get)(&Config::default()).to_bits();
        let words = if changed { words.strong() } else { words.color(ctx.theme.muted) };
        ui.label(words);
        if response.changed() {
            self.draft = Some((threshold.name, threshold.bounded(value)));
        }
        let rests = !response.dragged() && !response.has_focus();
        if let Some((name, value)) = self.draft.filter(|(name, _)| *name == threshold.name && rests) {
            self.draft = None;
            out.push(LintCommand::Threshold(name, value).into());
        }
    }

    fn file_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, config: &Config, out: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            for (naming, label, hint) in [
                (Naming::Export, "Export…", "As a file for eventglass lint --config"),
                (Naming::Open, "Open…", "Takes thresholds and silences from such a file"),
            ] {
                if ui.button(label).on_hover_text(hint).clicked() {
                    self.naming = Some((naming, PathRow::new("lint.json".to_owned())));
                }
            }
        });
        let Some((naming, row)) = &mut self.naming else { return };
        let naming = *naming;
        let occupied = naming == Naming::Export && ctx.state.occupied.as_deref() == Some(row.trimmed());
        let (label, button) = match naming {
            Naming::Export if occupied => ("Path of the configuration", "Replace it"),
            Naming::Export => ("Path of the configuration", "Save"),
            Naming::Open => ("Path of a configuration", "Open"),
        };
        let mut done = None;
        ui.horizontal(|ui| done = row.ui(ui, label, button));
        if occupied {
            ui.label(RichText::new("There is a file of this name.").size(SMALL).color(ctx.theme.amber));
        }
        let path = row.trimmed().to_owned();
        match done {
            Some(Done::Go) if naming == Naming::Export => {
                out.push(WindowCommand::Save { path, text: config.to_file().into(), replace: occupied }.into());
            }
            Some(Done::Go) => {
                out.push(LintCommand::Open(path).into());
                self.naming = None;
            }
            Some(Done::Close) => self.naming = None,
            None => {}
        }
    }
}
