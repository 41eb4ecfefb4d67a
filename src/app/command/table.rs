//! The events table: columns and row order.

use crate::app::state::{Column, RowOrder};

#[derive(Clone, Debug, PartialEq)]
pub enum TableCommand {
    Order(RowOrder),
    /// Turns the order round.
    Descending(bool),
    ShowColumn(Column, bool),
    /// Width in points.
    ResizeColumn(Column, f32),
    /// Moves a column to this place among all columns, hidden ones included.
    MoveColumn(Column, usize),
    ResetColumns,
}
