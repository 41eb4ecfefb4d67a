//! Columns and row order of the events table. Columns are kept between runs.

use super::change_view;
use crate::app::command::TableCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{State, default_columns};

pub(super) fn update(state: &mut State, command: TableCommand, effects: &mut Effects) {
    let before = state.view.table.columns.clone();
    change_view(state, "table", |view| {
        let table = &mut view.table;
        match command {
            TableCommand::Order(order) => table.order = order,
            TableCommand::Descending(on) => table.descending = on,
            TableCommand::ShowColumn(column, on) => {
                table.columns.iter_mut().filter(|c| c.column == column).for_each(|c| c.shown = on);
            }
            TableCommand::ResizeColumn(column, width) => {
                let width = width.clamp(24.0, 2_000.0);
                table.columns.iter_mut().filter(|c| c.column == column).for_each(|c| c.width = width);
            }
            TableCommand::MoveColumn(column, to) => {
                if let Some(from) = table.columns.iter().position(|c| c.column == column) {
                    let moved = table.columns.remove(from);
                    table.columns.insert(to.min(table.columns.len()), moved);
                }
            }
            TableCommand::ResetColumns => table.columns = default_columns(),
        }
    });
    if before != state.view.table.columns {
        state.settings.columns.clone_from(&state.view.table.columns);
        effects.push(Effect::SaveSettings);
    }
}
