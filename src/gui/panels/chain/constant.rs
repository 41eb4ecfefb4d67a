//! A correlation id that so many events share that it is no chain: its events as a list of any length,
//! in the order of the log.

use egui::{Margin, RichText, Ui};

use super::model::constant;
use crate::analysis::query::term;
use crate::analysis::rows::Rows;
use crate::app::Command;
use crate::app::command::{FilterCommand, LayoutCommand, SelectCommand};
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{named, one_line};
use crate::gui::theme::SMALL;
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::filter::NameKey;
use crate::model::ids::{EventIx, ServiceIx};

const TITLES: [(&str, f32, bool); 4] =
    [("#", 96.0, true), ("Time", 200.0, true), ("Event", 240.0, false), ("Service", 160.0, false)];

/// The id with its events.
pub struct Constant<'a> {
    pub id: &'a str,
    pub rows: &'a Rows,
}

pub fn constant_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    state: &mut TableState,
    shown: &Constant<'_>,
    out: &mut Vec<Command>,
) {
    egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(constant(shown.id, shown.rows.len())).size(SMALL));
        });
        ui.horizontal_wrapped(|ui| {
            if ui.button("Show only these events").clicked() {
                out.push(FilterCommand::And(term(NameKey::Correlation, shown.id)).into());
            }
            if ui.button("Edit the field mapping").clicked() {
                out.push(LayoutCommand::Show("mapping").into());
            }
        });
    });
    let columns: Vec<table::Column<'_>> = TITLES
        .iter()
        .map(|&(title, width, mono)| table::Column { right: title == "#", ..table::Column::plain(title, width, mono) })
        .collect();
    let place = |event: EventIx| shown.rows.contains(event).then(|| shown.rows.rank(event));
    let table = Table {
        id: ui.scope_id().with("constant"),
        label: "Events with this correlation id",
        columns: &columns,
        rows: shown.rows.len(),
        selected: ctx.state.selection.event.and_then(place),
        hovered: ctx.state.hover.and_then(place),
    };
    let (log, theme, zone) = (ctx.snapshot, ctx.theme, ctx.state.settings.zone);
    let done = table.show(ui, state, |row, column| {
        let Some(event) = shown.rows.nth(row) else { return Cell::default() };
        match column {
            0 => Cell::text(count(event.0 + 1)).color(theme.muted),
            1 => {
                let time = log.time(event).map(|time| zone.format_with(time, "%Y-%m-%d %H:%M:%S%.3f"));
                Cell::text(time.unwrap_or_else(|| "–".to_owned()))
            }
            2 => {
                let of = log.type_ix(event);
                Cell::text(named(log.type_name(of))).look(ctx.looks.of_type(of)).keeps_end()
            }
            _ => {
                let service = log.service_ix(event);
                let name = if service == ServiceIx::NONE { "" } else { log.service_name(service) };
                Cell::text(one_line(name, 80))
            }
        }
    });
    if let Some(event) = done.selected.and_then(|row| shown.rows.nth(row)) {
        out.push(SelectCommand::Event(event).into());
    }
}
