//! The rules that the log's events show, each with its evidence and how sure it is.

use std::sync::Arc;

use egui::{CornerRadius, Margin, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use super::infer_stub::{Inferred, infer};
use crate::analysis::state::reducers::template::{Survey, survey};
use crate::app::jobs::Job;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, semibold};
use crate::gui::widgets::parts::empty_state;
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;

/// Below this a rule is doubtful.
const DOUBTFUL: f32 = 0.6;

/// What the log says of a kind of entity.
#[derive(Clone)]
pub struct Known {
    pub survey: Survey,
    pub inferred: Arc<Inferred>,
}

impl Known {
    /// The rules as text.
    pub fn text(&self) -> String {
        self.inferred.text.to_string()
    }
}

/// Nothing when cancelled.
pub fn look_through(log: &Snapshot, kind: KindIx, job: &Job) -> Option<Known> {
    let survey = survey(log, kind, &job.cancel)?;
    let inferred = infer(log, kind, &job.cancel);
    (!job.cancel.is_cancelled()).then(|| Known { survey, inferred: Arc::new(inferred) })
}

/// Returns whether the rules are to be edited.
pub fn inferred_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, kind: &str, known: Option<&Known>) -> bool {
    let Some(known) = known else {
        empty_state(ui, "Looking through the log for rules…", "", None);
        return false;
    };
    let rules = &known.inferred.rules;
    if rules.is_empty() {
        let why = format!("The events of {} change nothing that could be recognised.", one_line(kind, 40));
        return empty_state(ui, "No rules found", &why, Some("Write rules"));
    }
    let mut edit = false;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal(|ui| {
            edit = ui.button("Edit these rules").on_hover_text("They become your own; paste works here too").clicked();
            let words = format!("{} rules found in the log", rules.len());
            ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
        });
    });
    ScrollArea::vertical().id_salt("rules").auto_shrink(false).show(ui, |ui| {
        let mut of = None;
        ui.spacing_mut().item_spacing.y = 2.0;
        for rule in rules {
            if of != Some(&rule.event_type) {
                of = Some(&rule.event_type);
                ui.add_space(GRID);
                heading_ui(ui, ctx, &rule.event_type);
            }
            rule_ui(ui, ctx.theme, &rule.line, rule.confidence, &rule.evidence);
        }
        ui.add_space(GRID * 2.0);
    });
    edit
}

fn heading_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, event_type: &str) {
    let ix = ctx.snapshot.types().iter().position(|name| *name.name == *event_type);
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        if let Some(ix) = ix.and_then(|ix| u16::try_from(ix).ok()) {
            let look = ctx.looks.of_type(crate::model::ids::TypeIx(ix));
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 14.0), Sense::hover());
            crate::gui::widgets::chip::paint_look(ui.painter(), rect.center(), 8.0, look, ctx.theme);
        }
        ui.label(RichText::new(one_line(event_type, 60)).font(semibold(BODY)).color(ctx.theme.text));
    });
}

fn rule_ui(ui: &mut Ui, theme: &Theme, line: &str, confidence: f32, evidence: &str) {
    let doubtful = confidence < DOUBTFUL;
    let response = ui.horizontal_top(|ui| {
        ui.add_space(30.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| {
                let room = (ui.available_width() - 92.0).max(60.0);
                let galley =
                    crate::gui::widgets::text::line(ui.painter(), line.trim(), mono(BODY - 1.0), theme.text, room);
                let (rect, response) = ui.allocate_exact_size(vec2(room, galley.size().y), Sense::hover());
                ui.painter().galley(rect.min, galley, theme.text);
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, line.trim()));
                meter(ui, theme, confidence);
            });
            let words = one_line(evidence, 200);
            let color = if doubtful { theme.amber } else { theme.faint };
            ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(color)).truncate());
        });
    });
    response.response.on_hover_ui(|ui| {
        ui.label(RichText::new(line.trim()).font(mono(BODY - 1.0)));
        ui.label(format!("{:.0} % sure: {evidence}", confidence * 100.0));
    });
}

/// A bar and a figure.
fn meter(ui: &mut Ui, theme: &Theme, share: f32) {
    let share = share.clamp(0.0, 1.0);
    let color = if share < DOUBTFUL { theme.amber } else { theme.bar };
    let (rect, _) = ui.allocate_exact_size(vec2(32.0, 14.0), Sense::hover());
    let track = Rect::from_center_size(rect.center(), vec2(32.0, 4.0));
    ui.painter().rect_filled(track, CornerRadius::same(2), theme.line);
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, 4.0));
    ui.painter().rect_filled(done, CornerRadius::same(2), color);
    ui.label(RichText::new(format!("{:.0} %", share * 100.0)).font(mono(SMALL)).color(theme.muted));
}
