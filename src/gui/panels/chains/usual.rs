//! What usually follows what, what chains usually end with, and how clocks differ.

use egui::{Label, RichText, ScrollArea, Ui};

use super::model::{kind, rule};
use crate::app::Command;
use crate::app::command::ViewCommand;
use crate::app::jobs::FlowsAnswer;
use crate::base::text::{duration_ns, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::named;
use crate::gui::theme::{GRID, SMALL, strong};

/// More than these are counted.
const MOST: usize = 200;

pub fn usual_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, answer: &FlowsAnswer, out: &mut Vec<Command>) {
    let (log, flows) = (&answer.snapshot, &answer.flows);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 4)).show(ui, |ui| {
            let mut follows: Vec<_> = flows.follows.iter().collect();
            follows.sort_by_key(|rule| std::cmp::Reverse(rule.lacking));
            let none = "Nothing follows another type often enough to be usual (95 % of at least 20).";
            let lines: Vec<(String, String, bool)> = follows
                .iter()
                .map(|follow| {
                    let (what, told) = rule(log, follow);
                    (what, told, follow.lacking > 0)
                })
                .collect();
            part_ui(ui, ctx, "What usually follows", none, &lines);
            let lines: Vec<(String, String, bool)> = flows
                .kinds
                .iter()
                .map(|of| {
                    let (what, told) = kind(log, of);
                    (what, told, of.unfinished > 0)
                })
                .collect();
            part_ui(ui, ctx, "How chains end", "There are no chains.", &lines);
            let lines: Vec<(String, String, bool)> = flows
                .offsets
                .list()
                .iter()
                .map(|offset| {
                    let side = if offset.ahead_ns < 0 { "behind" } else { "ahead" };
                    let service = named(log.service_name(offset.service));
                    let by = duration_ns(offset.ahead_ns.saturating_abs());
                    let pairs = plural(offset.pairs, "pair of cause and effect", "pairs of cause and effect");
                    (format!("The clock of {service} is {by} {side}"), format!("by {pairs}"), true)
                })
                .collect();
            part_ui(ui, ctx, "Clocks", "No pair of cause and effect speaks for clocks that differ.", &lines);
            if !lines.is_empty() {
                let mut on = ctx.state.view.correct_clocks;
                if ui.checkbox(&mut on, "Correct clocks where chains are shown").changed() {
                    out.push(ViewCommand::CorrectClocks(on).into());
                }
            }
        });
    });
}

/// Lines with what is doubtful in amber.
fn part_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, title: &str, none: &str, lines: &[(String, String, bool)]) {
    ui.add_space(GRID);
    ui.label(strong(title));
    if lines.is_empty() {
        ui.label(RichText::new(none).size(SMALL).color(ctx.theme.muted));
    }
    for (what, told, doubtful) in lines.iter().take(MOST) {
        ui.horizontal_wrapped(|ui| {
            ui.add(Label::new(what).wrap());
            let color = if *doubtful { ctx.theme.amber } else { ctx.theme.muted };
            ui.label(RichText::new(told).size(SMALL).color(color));
        });
    }
    if lines.len() > MOST {
        let more = plural((lines.len() - MOST) as u64, "more is", "more are");
        ui.label(RichText::new(format!("{more} not listed")).size(SMALL).color(ctx.theme.muted));
    }
    ui.add_space(GRID);
}
