//! The rules that the log's events show, each with its evidence and how sure it is.

use std::sync::Arc;

use egui::{CornerRadius, Margin, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use crate::analysis::state::reducers::infer::{Inferred, infer};
use crate::analysis::state::reducers::template::{Survey, survey};
use crate::app::jobs::Job;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, semibold};
use crate::gui::widgets::chip;
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::text::line;
use crate::model::ids::{KindIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Below this a rule is doubtful.
const DOUBTFUL: f32 = 0.6;

/// What the log says of a kind of entity.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub survey: Arc<Survey>,
    /// All rules.
    pub text: Arc<str>,
    blocks: Arc<[Block]>,
}

/// What one type of event does.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    event_type: String,
    lines: Vec<String>,
    confidence: f32,
    evidence: String,
}

/// Nothing when cancelled.
pub fn look_through(log: &Snapshot, kind: KindIx, job: &Job) -> Option<Known> {
    let survey = Arc::new(survey(log, kind, &job.cancel)?);
    let inferred = infer(log, kind, &job.cancel);
    let blocks = blocks(&inferred).into();
    (!job.cancel.is_cancelled()).then(|| Known { survey, text: inferred.text.into(), blocks })
}

/// The rules of each type without its comments, which say the same as the evidence.
fn blocks(inferred: &Inferred) -> Vec<Block> {
    let of = |rule: &crate::analysis::state::reducers::infer::InferredRule| {
        let inside = inferred.text.lines().skip(rule.line as usize);
        let inside = inside.take_while(|line| line.trim().is_empty() || line.starts_with(char::is_whitespace));
        let lines = inside.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let event_type = if rule.event_type == "*" { "all other types".to_owned() } else { rule.event_type.clone() };
        let lines = lines.map(str::to_owned).collect();
        Block { event_type, lines, confidence: rule.confidence, evidence: rule.evidence.clone() }
    };
    inferred.rules.iter().map(of).collect()
}

/// Returns whether the rules are to be edited.
pub fn inferred_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, kind: &str, known: Option<&Known>) -> bool {
    let Some(known) = known else {
        empty_state(ui, "Looking through the log for rules…", "", None);
        return false;
    };
    if known.blocks.is_empty() {
        let why = format!("The events of {} change nothing that could be recognised.", one_line(kind, 40));
        return empty_state(ui, "No rules found", &why, Some("Write rules"));
    }
    let mut edit = false;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal(|ui| {
            edit = ui.button("Edit these rules").on_hover_text("They become your own").clicked();
            let words = format!("Read off the events of {}; or paste a reducer here", plural_types(known.blocks.len()));
            ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(ctx.theme.muted)).truncate());
        });
    });
    ScrollArea::vertical().id_salt("rules").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for block in known.blocks.iter() {
            block_ui(ui, ctx, block);
        }
        ui.add_space(GRID * 2.0);
    });
    edit
}

fn plural_types(n: usize) -> String {
    plural(n as u64, "type", "types")
}

fn block_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, block: &Block) {
    let theme = ctx.theme;
    let width = ui.available_width();
    ui.add_space(GRID);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    let painter = ui.painter();
    let ix = ctx.snapshot.types().iter().position(|name| *name.name == *block.event_type);
    if let Some(ix) = ix.and_then(|ix| u16::try_from(ix).ok()) {
        let at = egui::pos2(rect.left() + 16.0, rect.center().y);
        chip::paint_look(painter, at, 8.0, ctx.looks.of_type(TypeIx(ix)), theme);
    }
    let name = line(painter, &one_line(&block.event_type, 80), semibold(BODY), theme.text, width - 132.0);
    painter.galley(egui::pos2(rect.left() + 28.0, rect.center().y - name.size().y * 0.5), name, theme.text);
    meter(painter, theme, rect, block.confidence);
    for rule in &block.lines {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
        let galley = line(ui.painter(), rule, mono(BODY - 1.0), theme.text, width - 40.0);
        ui.painter().galley(egui::pos2(rect.left() + 28.0, rect.top()), galley, theme.text);
    }
    let (below, under) = ui.allocate_exact_size(vec2(width, 15.0), Sense::hover());
    let color = if block.confidence < DOUBTFUL { theme.amber } else { theme.muted };
    let why =
        line(ui.painter(), &one_line(&block.evidence, 300), egui::FontId::proportional(SMALL), color, width - 40.0);
    ui.painter().galley(egui::pos2(below.left() + 28.0, below.top()), why, color);
    let words = format!("{:.0} % sure: {}", block.confidence * 100.0, block.evidence);
    let label = format!("{}: {}; {words}", block.event_type, block.lines.join(", "));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &label));
    response.on_hover_text(&words);
    under.on_hover_text(words);
}

/// A bar and a figure at the right.
fn meter(painter: &egui::Painter, theme: &Theme, row: Rect, share: f32) {
    let share = share.clamp(0.0, 1.0);
    let color = if share < DOUBTFUL { theme.amber } else { theme.bar };
    let words = line(painter, &format!("{:.0} %", share * 100.0), mono(SMALL), theme.muted, 48.0);
    let right = row.right() - 12.0;
    painter.galley(egui::pos2(right - words.size().x, row.center().y - words.size().y * 0.5), words, theme.muted);
    let track = Rect::from_center_size(egui::pos2(right - 56.0, row.center().y), vec2(32.0, 4.0));
    painter.rect_filled(track, CornerRadius::same(2), theme.line);
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, 4.0));
    painter.rect_filled(done, CornerRadius::same(2), color);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::reducers::infer::InferredRule;

    #[test]
    fn a_block_is_the_lines_of_its_type() {
        let rule = |event_type: &str, line| InferredRule {
            event_type: event_type.to_owned(),
            line,
            confidence: 0.9,
            evidence: "why".to_owned(),
        };
        let text = "# head\nstart n = 0\n\non A\n  # why\n  n += 1\n\n  m = 2\non *\n  merge .\n".to_owned();
        let found = blocks(&Inferred { text, rules: vec![rule("A", 4), rule("*", 9), rule("gone", 99)] });
        let shown: Vec<String> = found.iter().map(|b| format!("{} {}", b.event_type, b.lines.join("; "))).collect();
        assert_eq!(shown, ["A n += 1; m = 2", "all other types merge .", "gone "]);
    }
}
