//! Two chains side by side, aligned by service and type: where did the good one and the bad one part?

use std::sync::Arc;

use egui::Ui;

use super::model::type_of;
use super::table::events;
use crate::analysis::flows::{Aligned, Comparison, compare};
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::app::jobs::{FlowsAnswer, Slot};
use crate::base::text::duration_ns;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// The moment of the log, and both chains.
type Key = (u64, u32, u32);

#[derive(Default)]
pub struct Compare {
    table: TableState,
    found: Option<Slot<Key, Comparison>>,
}

impl Compare {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: &Arc<FlowsAnswer>,
        pair: (Option<u32>, Option<u32>),
        out: &mut Vec<Command>,
    ) {
        let (Some(left), Some(right)) = pair else {
            let why = "Select a chain and press “Compare with this”; then select the other one.";
            empty_state(ui, "Two chains are needed", why, None);
            return;
        };
        let slot = self.found.get_or_insert_with(|| Slot::new("chain comparison", ctx.waker.clone()));
        let both = Arc::clone(answer);
        slot.ask((answer.snapshot.generation(), left, right), 0, move |_| {
            compare(&both.snapshot, &events(&both, left), &events(&both, right))
        });
        let Some(found) = slot.answer() else { return };
        let (log, found) = (&answer.snapshot, &found.value);
        ui.horizontal(|ui| {
            ui.add_space(GRID * 2.0);
            ui.label(egui::RichText::new(verdict(log, found)).size(SMALL).color(ctx.theme.muted));
        });
        self.table_ui(ui, ctx, log, found, out);
    }

    fn table_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        log: &Snapshot,
        found: &Comparison,
        out: &mut Vec<Command>,
    ) {
        let columns =
            [("After", 96.0, true), ("The first", 320.0, false), ("After", 96.0, true), ("The other", 320.0, false)]
                .map(|(title, width, mono)| table::Column { right: mono, ..table::Column::plain(title, width, mono) });
        let line = |row: u64| usize::try_from(row).ok().and_then(|at| Some((at, found.lines.get(at)?)));
        let table = Table {
            id: ui.scope_id().with("compared chains"),
            label: "Compared chains",
            columns: &columns,
            rows: found.lines.len() as u64,
            selected: ctx
                .state
                .selection
                .event
                .and_then(|event| {
                    found.lines.iter().position(|line| line.left == Some(event) || line.right == Some(event))
                })
                .map(|at| at as u64),
            hovered: None,
        };
        let done = table.show(ui, &mut self.table, |row, column| {
            let Some((at, line)) = line(row) else { return Cell::default() };
            let (event, after) =
                if column < 2 { (line.left, line.left_after_ns) } else { (line.right, line.right_after_ns) };
            if column % 2 == 0 {
                let slower = found.slower.is_some_and(|(slow, _)| slow == at) && column == 2;
                let color = if slower { ctx.theme.amber } else { ctx.theme.muted };
                return Cell::text(event.and(after).map_or_else(String::new, duration_ns)).color(color);
            }
            let alone = line.left.is_none() || line.right.is_none();
            let cell = Cell::text(event.map_or_else(String::new, |event| what(log, event)));
            if alone { cell.strong(found.parted == Some(at)).color(ctx.theme.accent) } else { cell }
        });
        if let Some((_, line)) = done.selected.and_then(line)
            && let Some(event) = line.right.or(line.left)
        {
            out.push(SelectCommand::Event(event).into());
        }
    }
}

fn what(log: &Snapshot, event: EventIx) -> String {
    let service = log.service_name(log.service_ix(event));
    let name = type_of(log, log.type_ix(event));
    if service.is_empty() { name } else { format!("{name}  ·  {service}") }
}

fn verdict(log: &Snapshot, found: &Comparison) -> String {
    let slower = found.slower.map(|(at, more)| {
        let event = found.lines.get(at).and_then(|line: &Aligned| line.right);
        let step = event.map_or_else(String::new, |event| type_of(log, log.type_ix(event)));
        let side = if more < 0 { "shorter" } else { "longer" };
        format!("before {step} the other waited {} {side}", duration_ns(more.saturating_abs()))
    });
    let slower = slower.map_or_else(String::new, |words| format!("; {words}"));
    match found.parted.and_then(|at| Some((at, found.lines.get(at)?))) {
        None => format!("Both go the same way{slower}"),
        Some((0, _)) => format!("They part at once{slower}"),
        Some((at, _)) => {
            let last = found.lines.get(at - 1).and_then(|line| line.left.or(line.right));
            let last = last.map_or_else(String::new, |event| type_of(log, log.type_ix(event)));
            format!("They part after {last}{slower}")
        }
    }
}
