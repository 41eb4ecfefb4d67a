//! Rows of a table that is no log.

use std::ops::ControlFlow;

use super::super::broker::{Url, place};
use super::super::stage::Context;
use super::cells::Cells;
use super::connect::{Connection, connect};
use super::pages::PAGE;
use super::plan::Plan;
use super::settings::Settings;
use crate::model::error::{Error, Result};

/// Calls `each` with every row of the table that `url` names, by a cursor, until it breaks or a person cancels.
///
/// # Errors
/// An address without a table, and what the server says.
pub fn each_row(url: &Url, context: &Context, each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<()> {
    let settings = Settings::read(url)?;
    if settings.table.is_none() {
        return Err(Error::new("No table is named", place(url), "Name it: …/database?table=orders_view"));
    }
    let mut connection = connect(&settings)?;
    let cancel = context.cancel.clone();
    connection.stop_when(move || cancel.is_cancelled());
    match read(&mut connection, &settings, context, each) {
        // The server was told to stop, and says so.
        Err(_) if context.cancel.is_cancelled() => Ok(()),
        read => read,
    }
}

fn read(
    connection: &mut Connection,
    settings: &Settings,
    context: &Context,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<()> {
    let plan = Plan::make(connection, settings)?;
    let mut object = Vec::new();
    for part in &plan.parts {
        let shape = part.shape(None, false);
        connection.declare(&part.all())?;
        loop {
            let rows = connection.fetch(PAGE)?;
            let mut cells = Cells::of(&part.kinds);
            for row in &rows {
                cells.take(row);
                object.clear();
                shape.object(&mut object, &|ix| cells.get(ix));
                if context.cancel.is_cancelled() || each(&object).is_break() {
                    return Ok(());
                }
            }
            if rows.len() < PAGE {
                break;
            }
        }
        connection.end()?;
    }
    Ok(())
}
