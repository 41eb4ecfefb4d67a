//! The chain in causal order: an event stands below its causes, further in the deeper it is.

use egui::Ui;

use super::draw::Parts;
use super::model::service_of;
use crate::app::Command;
use crate::app::command::{LayoutCommand, SelectCommand, WindowCommand};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{named, one_line};
use crate::gui::widgets::table::{self, Cell, Table, TableState};

const TITLES: [(&str, f32, bool); 7] = [
    // First, so that a narrow panel shows it.
    ("Event", 264.0, false),
    ("After", 96.0, true),
    ("Waited", 104.0, true),
    ("Service", 136.0, false),
    ("Notes", 176.0, false),
    ("Entities", 200.0, true),
    ("Id", 280.0, true),
];

/// Deeper events are no further in.
const MOST_INDENT: u32 = 12;

pub fn list_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, state: &mut TableState, parts: &Parts<'_>, out: &mut Vec<Command>) {
    let shown = &parts.shown;
    let columns: Vec<table::Column<'_>> = TITLES
        .iter()
        .map(|&(title, width, mono)| table::Column {
            right: matches!(title, "After" | "Waited"),
            ..table::Column::plain(title, width, mono)
        })
        .collect();
    let place = |wanted| shown.chain.index_of(wanted).map(u64::from);
    let table = Table {
        id: ui.scope_id().with("chain"),
        label: "Events of the chain",
        columns: &columns,
        rows: shown.chain.links.len() as u64,
        selected: ctx.state.selection.event.and_then(place),
        hovered: ctx.state.hover.and_then(place),
    };
    let done = table.show(ui, state, |row, column| {
        let at = row as usize;
        let (Some(link), Some(event)) = (shown.chain.links.get(at), shown.described.events.get(at)) else {
            return Cell::default();
        };
        match column {
            0 => {
                // En spaces are as wide in the heavier weight, so that depths compare.
                let indent = "\u{2002}".repeat(link.depth.min(MOST_INDENT) as usize);
                Cell::text(format!("{indent}{}", named(&event.type_name)))
                    .look(ctx.looks.of_type(link.type_ix))
                    .strong(shown.is_critical(at))
            }
            1 => Cell::text(shown.times(at).0).color(ctx.theme.muted),
            2 => {
                let early = link.before_cause;
                Cell::text(shown.times(at).1).color(if early { ctx.theme.amber } else { ctx.theme.muted })
            }
            3 => Cell::text(service_of(event)),
            4 => {
                let flag = parts.flags.flag(link.event);
                let color = flag.map_or(ctx.theme.amber, |flag| flag.color(ctx.theme));
                Cell::text(parts.notes(at)).color(color)
            }
            5 => Cell::text(one_line(&event.entities.join("  "), 120)),
            _ => Cell::text(one_line(event.id.as_deref().unwrap_or_default(), 120)).color(ctx.theme.muted),
        }
    });
    let event = |row: u64| usize::try_from(row).ok().and_then(|at| shown.chain.links.get(at)).map(|link| link.event);
    if let Some(event) = done.selected.and_then(event) {
        out.push(SelectCommand::Event(event).into());
    }
    if done.double_clicked.is_some() {
        out.push(LayoutCommand::Show("state").into());
    }
    if done.copy
        && let Some(at) = ctx.state.selection.event.and_then(|event| shown.chain.index_of(event))
        && let Some(event) = shown.described.events.get(at as usize)
    {
        out.push(WindowCommand::Copy(event.id.clone().unwrap_or_default()).into());
    }
}
