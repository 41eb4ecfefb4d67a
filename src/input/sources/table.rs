//! Rows of a table that is no log: a read model, a list of processed events. Only ever read.

use std::ops::ControlFlow;

use super::address::{Address, expand};
use super::sqlite;
use super::stage::Context;
use crate::model::error::{Error, Place, Result};

/// Calls `each` with every row as a JSON object under the table's own column names, until it breaks.
///
/// # Errors
/// An address that names no table, and what the store says.
pub fn each_row(address: &str, context: &Context, each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<()> {
    let named = expand(&[address.to_owned()]).into_iter().next();
    match named.transpose()?.map(|target| target.address) {
        Some(Address::File { path, table: Some(table) }) => sqlite::each_row(&path, &table, context, each),
        Some(Address::File { path, table: None }) => {
            let place = Place::File { path: path.display().to_string(), offset: None };
            Err(Error::new("No table is named", place, "Name it: FILE?table=orders_view"))
        }
        _ => {
            let next_step = "Give a table of a SQLite file: FILE?table=orders_view";
            Err(Error::new("Tables cannot be read from there", Place::Nowhere, next_step).because(address))
        }
    }
}
