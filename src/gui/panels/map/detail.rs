//! Beside the map: all arrows as a list, or what is known of the chosen one.

use egui::{Label, RichText, ScrollArea, Ui};

use super::canvas::words;
use super::draw::{Chosen, Drawn};
use crate::analysis::flows::{MapEdge, NodeIs, PairOfTypes};
use crate::analysis::query::term;
use crate::app::Command;
use crate::app::command::{FilterCommand, LayoutCommand, SelectCommand};
use crate::base::text::{count, duration_ns};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, named};
use crate::gui::theme::{GRID, SMALL, strong};
use crate::model::filter::NameKey;

pub fn detail_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, drawn: &Drawn, chosen: &mut Option<Chosen>, out: &mut Vec<Command>) {
    if let Some(at) = *chosen {
        ui.horizontal(|ui| {
            if ui.button("All arrows").clicked() {
                *chosen = None;
            }
            if ui.button("Show its events").on_hover_text("Adds a condition to the filter").clicked() {
                out.push(FilterCommand::And(filter(drawn, at)).into());
                out.push(LayoutCommand::Show("events").into());
            }
        });
        ui.add_space(GRID);
        ui.add(Label::new(RichText::new(words(drawn, at)).size(SMALL)).wrap());
        ui.add_space(GRID);
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| match *chosen {
        Some(Chosen::Edge(at)) => {
            let pairs = drawn.map.edges.get(at).map_or(&[][..], |edge| &edge.types);
            pairs.iter().take(MOST).for_each(|pair| pair_ui(ui, ctx, pair, out));
            more_ui(ui, ctx, pairs.len());
        }
        Some(Chosen::Node(node)) => {
            let of_node = |edge: &MapEdge| edge.from == node || edge.to == node;
            list_ui(ui, ctx, drawn, of_node, chosen);
        }
        None => list_ui(ui, ctx, drawn, |_| true, chosen),
    });
}

/// More rows than anybody reads are counted.
const MOST: usize = 100;

fn list_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    drawn: &Drawn,
    wanted: impl Fn(&MapEdge) -> bool,
    chosen: &mut Option<Chosen>,
) {
    let name = |at: usize| drawn.map.nodes.get(at).map_or("", |node| &node.name);
    let found: Vec<(usize, &MapEdge)> = drawn.map.edges.iter().enumerate().filter(|(_, edge)| wanted(edge)).collect();
    for (at, edge) in found.iter().take(MOST) {
        let ends = format!("{} → {}", middle_cut(name(edge.from), 20), middle_cut(name(edge.to), 20));
        let half = edge.p50_ms.map_or_else(String::new, |ms| format!(" · {}", duration_ns((ms * 1e6) as i64)));
        let label = format!("{ends}\n{}{half}", count(edge.count));
        let button = egui::Button::selectable(false, RichText::new(label).size(SMALL))
            .min_size([ui.available_width(), 0.0].into());
        if ui.add(button).on_hover_text(words(drawn, Chosen::Edge(*at))).clicked() {
            *chosen = Some(Chosen::Edge(*at));
        }
    }
    more_ui(ui, ctx, found.len());
}

fn more_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, len: usize) {
    if len > MOST {
        let words = format!("and {} more", count((len - MOST) as u64));
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
    }
}

fn pair_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, pair: &PairOfTypes, out: &mut Vec<Command>) {
    ui.label(strong(format!("{} → {}", named(&pair.cause), named(&pair.effect))).size(SMALL));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{} ·", count(pair.count))).size(SMALL).color(ctx.theme.muted));
        for event in &pair.examples {
            let label = RichText::new(format!("event {}", count(event.0))).size(SMALL);
            if ui.add(egui::Button::new(label).small()).on_hover_text("Selects this effect").clicked() {
                out.push(SelectCommand::Event(*event).into());
            }
        }
    });
    ui.add_space(GRID);
}

/// The events of a box, or the effects of an arrow.
fn filter(drawn: &Drawn, at: Chosen) -> String {
    let (node, types) = match at {
        Chosen::Node(at) => (at, Vec::new()),
        Chosen::Edge(at) => {
            let edge = drawn.map.edges.get(at);
            let mut types: Vec<&str> =
                edge.map_or(&[][..], |edge| &edge.types).iter().map(|pair| &*pair.effect).collect();
            types.sort_unstable();
            types.dedup();
            (edge.map_or(0, |edge| edge.to), types)
        }
    };
    let Some(node) = drawn.map.nodes.get(node) else { return String::new() };
    let own = match node.is {
        NodeIs::Service(_) => term(NameKey::Service, &node.name),
        NodeIs::Type(_) => term(NameKey::Type, &node.name),
    };
    let types: Vec<String> = types.into_iter().map(|name| term(NameKey::Type, name)).collect();
    match types.len() {
        0 => own,
        1 => format!("{own} {}", types[0]),
        _ => format!("{own} ({})", types.join(" or ")),
    }
}
