//! The ways that chains go, the most frequent first; a click shows the chains that go it.

use egui::Ui;

use super::model::way;
use crate::app::jobs::FlowsAnswer;
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::widgets::table::{self, Cell, Table, TableState};

const TITLES: [(&str, f32, bool); 4] =
    [("Chains", 88.0, true), ("Share", 64.0, true), ("", 48.0, false), ("Way", 900.0, false)];

/// Types of a way that are shown in one line.
const SHOWN: usize = 8;

/// Gives the way whose chains are wanted.
pub fn ways_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, state: &mut TableState, answer: &FlowsAnswer) -> Option<u32> {
    let flows = &answer.flows;
    let columns: Vec<table::Column<'_>> = TITLES
        .iter()
        .map(|&(title, width, mono)| table::Column { right: mono, ..table::Column::plain(title, width, mono) })
        .collect();
    let table = Table {
        id: ui.scope_id().with("ways"),
        label: "Ways",
        columns: &columns,
        rows: flows.variants.len() as u64,
        selected: None,
        hovered: None,
    };
    let all = flows.chains.len().max(1) as f64;
    let done = table.show(ui, state, |row, column| {
        let Some(variant) = usize::try_from(row).ok().and_then(|at| flows.variants.get(at)) else {
            return Cell::default();
        };
        match column {
            0 => Cell::text(count(variant.chains)),
            1 => Cell::text(format!("{:.1} %", variant.chains as f64 / all * 100.0)).color(ctx.theme.muted),
            2 if flows.is_rare(variant) => Cell::text("rare").color(ctx.theme.amber),
            2 => Cell::default(),
            _ => Cell::text(way(&answer.snapshot, variant, SHOWN)),
        }
    });
    done.selected.and_then(|row| u32::try_from(row).ok())
}
